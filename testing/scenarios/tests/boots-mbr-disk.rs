// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system on a disk with an MBR starts: the EFI system partition is a primary one, `/boot` with ext4 the
//! second of two logical ones.

use lamboot_fixtures::ext;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_mbr_disk() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "logical")?;
        let volume = lab.folder().join("boot.ext4");
        ext::make_with_files("-t ext4", 320, boot.path(), &volume)?;
        let swap = lab.folder().join("swap");
        std::fs::write(&swap, vec![0x55; 5 << 20])?;
        let image = disk_with_lamboot(&built)?.policy(HIDDEN_MENU).mbr();
        let disk = lab.disk(image.partition(&swap)?.partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).cold()?;
        boot.comes_up(&mut vm)?;
        Ok(())
    })
}
