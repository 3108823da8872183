// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk as RHEL 9 and its kin lay it out, with `/boot` on XFS and the root on XFS in a logical volume, starts
//! by the entry in `/boot` alone; what was started is measured and told in the records.

use anyhow::ensure;
use lamboot_fixtures::{lvm, xfs};
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_schema::trust_log::{Event, Status};
use lamboot_vm::{Arch, scenario};
use std::fs;

#[test]
fn boots_as_rhel_9_is_installed() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let boot_volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &boot_volume)?;
        let root = lab.folder().join("root.xfs");
        fs::create_dir_all(lab.folder().join("root/boot"))?;
        xfs::make_with_files(RHEL_9, 320, &lab.folder().join("root"), &root)?;
        let physical = lab.folder().join("pv");
        lvm::make("rl", &[("root", &root)], &physical)?;
        let image = disk_with_lamboot(&built)?.policy(HIDDEN_MENU);
        let disk = lab.disk(image.partition(&boot_volume)?.partition(&physical)?)?;
        let mut vm = lab.machine(Arch::X86_64).tpm().disk(&disk).cold()?;
        boot.comes_up(&mut vm)?;
        let records = Records::read(&disk)?;
        ensure!(records.report.outcome == "handed_over", "{:?}", records.report);
        ensure!(records.report.rejected.is_empty(), "{:?}", records.report.rejected);
        ensure!(boot.marker().ends_with(&records.report.command_line), "{}", records.report.command_line);
        let measured = records.first(Event::CmdlineMeasured)?;
        ensure!(measured.status == Status::Success, "{measured:?}");
        Ok(())
    })
}
