// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system whose `/boot` is ext4 starts from its own volume: with the features of today, and with the inodes of
//! 128 bytes that small file systems had until 2021.

use lamboot_fixtures::ext;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_ext4_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        for (name, options) in [("today", "-t ext4"), ("small", "-t ext4 -I 128 -O ^metadata_csum,^64bit")] {
            let boot = BootFolder::new(lab, &built, name)?;
            let volume = lab.folder().join(name).with_extension("ext4");
            ext::make_with_files(options, 320, boot.path(), &volume)?;
            let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
            let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
            boot.comes_up(&mut vm)?;
        }
        Ok(())
    })
}
