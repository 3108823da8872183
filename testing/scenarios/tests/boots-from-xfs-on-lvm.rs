// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system whose root with `/boot` in it is XFS on a logical volume starts from there.

use lamboot_fixtures::tools::uuid;
use lamboot_fixtures::{lvm, xfs};
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_xfs_on_lvm() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::in_root(lab, &built, "root")?;
        let root = lab.folder().join("root.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &root)?;
        let swap = lab.folder().join("swap");
        std::fs::write(&swap, vec![0x55; 5 << 20])?;
        let volume = lab.folder().join("pv");
        lvm::make("rl", &[("swap", &swap), ("root", &root)], &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        boot.comes_up(&mut vm)?;
        let told = Records::read(&disk)?.report.volume;
        anyhow::ensure!(told.logical_volume.as_deref() == Some("rl/root"), "{told:?}");
        anyhow::ensure!(told.uuid == Some(uuid(&root)?), "{told:?}");
        Ok(())
    })
}
