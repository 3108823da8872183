// SPDX-License-Identifier: MIT OR Apache-2.0
//! A firmware in a hurry gives drivers to the disk that it boots from alone. A system on another one is found and
//! starts all the same.

use anyhow::ensure;
use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, DiskBus, DiskImage, scenario};

#[test]
fn finds_disks_that_firmware_left_alone() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let own = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU))?;
        for bus in [DiskBus::Virtio, DiskBus::Nvme] {
            let other = lab.disk(DiskImage::gpt().partition(&volume)?)?;
            let mut vm = lab.machine(Arch::X86_64).disk(&own).bus(bus).unlisted_disk(&other).cold()?;
            boot.comes_up(&mut vm)?;
            let told = Records::read(&own)?.report.volume;
            ensure!(
                told.name.starts_with("disk 2") && told.file_system.as_deref() == Some("xfs"),
                "{told:?}"
            );
        }
        Ok(())
    })
}
