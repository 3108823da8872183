// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system without a volume for `/boot` starts from that folder of its root.

use lamboot_fixtures::ext;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_root_ext4_without_separate_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::in_root(lab, &built, "root")?;
        let volume = lab.folder().join("root.ext4");
        ext::make_with_files("-t ext4", 320, boot.path(), &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        boot.comes_up(&mut vm)?;
        Ok(())
    })
}
