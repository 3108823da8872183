// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system whose `/boot` is an extended boot loader partition with FAT starts (UAPI.1, "The Partitions"),
//! whichever kind of FAT its owner has made; in a logical volume, LamBoot's own reader reads it.

use lamboot_fixtures::tools::uuid;
use lamboot_fixtures::{fat, lvm};
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_fat_xbootldr() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        for (name, options, in_volume) in
            [("fat16", "-F 16", false), ("fat32", "-F 32 -s 1", false), ("own-reader", "-F 16", true)]
        {
            let boot = BootFolder::new(lab, &built, name)?;
            let volume = lab.folder().join(name).with_extension("fat");
            fat::make_with_files(options, 128, boot.path(), &volume)?;
            let image = disk_with_lamboot(&built)?.policy(HIDDEN_MENU);
            let image = if in_volume {
                let physical = lab.folder().join("pv");
                lvm::make("vg", &[("boot", &volume)], &physical)?;
                image.partition(&physical)?
            } else {
                image.xbootldr_image(&volume)?
            };
            let disk = lab.disk(image)?;
            let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
            boot.comes_up(&mut vm)?;
            // By whoever reads it.
            let told = Records::read(&disk)?.report.volume;
            anyhow::ensure!(told.file_system.as_deref() == Some("vfat"), "{told:?}");
            anyhow::ensure!(told.uuid == Some(uuid(&volume)?), "{told:?}");
        }
        Ok(())
    })
}
