// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system on an NVMe drive starts, with `/boot` on XFS.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, DiskBus, scenario};

#[test]
fn boots_nvme_disk() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "nvme")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).bus(DiskBus::Nvme).disk(&disk).cold()?;
        boot.comes_up(&mut vm)?;
        Ok(())
    })
}
