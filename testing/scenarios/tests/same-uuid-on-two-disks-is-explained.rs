// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of two copies of a volume, the one on LamBoot's own disk is used, and the other is told with its UUID.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, DiskImage, scenario};

#[test]
fn same_uuid_on_two_disks_is_explained() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let copy = lab.disk(DiskImage::gpt().partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).disk(&copy).cold()?;
        boot.comes_up(&mut vm)?;
        let records = Records::read(&disk)?;
        let record = records.first(Event::VolumeUnreadable)?;
        let note = record.note.clone().unwrap_or_default();
        anyhow::ensure!(note.contains("UUID") && note.contains("is on disk"), "{record:?}");
        Ok(())
    })
}
