// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system like RHEL 9, whose `/boot` is XFS with `mkfs.xfs`' defaults there, starts from its own volume.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, Ending, scenario};

/// What RHEL 9's `mkfs.xfs` does without being told.
const RHEL_9: &str = "-m crc=1,finobt=1,reflink=1,bigtime=1,inobtcount=1,rmapbt=0 -i sparse=1,nrext64=0";

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
        vm.serial().wait_for(boot.marker())?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.outcome == "handed_over", "{:?}", records.report);
        Ok(())
    })
}
