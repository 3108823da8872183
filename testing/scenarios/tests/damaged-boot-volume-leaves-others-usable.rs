// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume whose superblock is damaged is named with the reason, and the entries of others start.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};
use std::os::unix::fs::FileExt as _;

/// Within the superblock's UUID (XFS Algorithms & Data Structures, "Superblocks").
const PLACE: u64 = 35;

#[test]
fn damaged_boot_volume_leaves_others_usable() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let file = std::fs::File::options().read(true).write(true).open(&volume)?;
        let mut byte = [0];
        file.read_exact_at(&mut byte, PLACE)?;
        file.write_all_at(&[byte[0] ^ 0x10], PLACE)?;
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .partition(&volume)?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        expect_started(&mut vm, "1")?;
        let records = Records::read(&disk)?;
        let record = records.first(Event::VolumeUnreadable)?;
        let note = record.note.clone().unwrap_or_default();
        anyhow::ensure!(record.path == "disk 1, partition 2", "{record:?}");
        anyhow::ensure!(note.contains("the superblock") && note.contains("wrong checksum"), "{note}");
        Ok(())
    })
}
