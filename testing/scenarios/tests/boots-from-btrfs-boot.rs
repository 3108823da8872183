// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system whose root with `/boot` in it is btrfs starts from its own volume.

use lamboot_fixtures::btrfs;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_btrfs_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::in_root(lab, &built, "root")?;
        let volume = lab.folder().join("root.btrfs");
        btrfs::make_with_files("--csum xxhash", 512, boot.path(), &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        boot.comes_up(&mut vm)?;
        Ok(())
    })
}
