// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system like RHEL 9, whose `/boot` is XFS with `mkfs.xfs`' defaults there, starts from its own volume.

use lamboot_fixtures::tools::uuid;
use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_xfs_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let image = disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?;
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        boot.comes_up(&mut vm)?;
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.outcome == "handed_over", "{:?}", records.report);
        let told = &records.report.volume;
        anyhow::ensure!(told.file_system.as_deref() == Some("xfs"), "{told:?}");
        anyhow::ensure!(told.uuid == Some(uuid(&volume)?), "{told:?}");
        anyhow::ensure!(told.partition_guid.is_some(), "{told:?}");
        let attempt = records.first(Event::BootAttempt)?;
        anyhow::ensure!(attempt.volume == Some(told.to_string()), "{attempt:?}");
        Ok(())
    })
}
