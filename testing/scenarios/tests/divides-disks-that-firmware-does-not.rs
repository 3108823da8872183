// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where one partition of an MBR reaches beyond the end of its disk, as on a clone on a smaller one, EDK2 takes no
//! partition of it. Linux has the others, and so has LamBoot.

use anyhow::ensure;
use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, Disk, DiskImage, scenario};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;

/// Adds the fourth record to an MBR (UEFI 2.10, section 5.2.1): a partition for Linux that begins on the disk and ends
/// behind it.
fn add_too_large(disk: &Disk) -> anyhow::Result<()> {
    let sectors = u32::try_from(disk.size_bytes() / 512)?;
    let [first, count] = [sectors - 100, 1 << 20].map(u32::to_le_bytes);
    let record = [&[0, 0, 0, 0, 0x83, 0, 0, 0][..], &first, &count].concat();
    Ok(OpenOptions::new().write(true).open(disk.path())?.write_all_at(&record, 446 + 3 * 16)?)
}

#[test]
fn divides_disks_that_firmware_does_not() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
        let own = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU))?;
        let other = lab.disk(DiskImage::gpt().mbr().partition(&volume)?)?;
        add_too_large(&other)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&own).disk(&other).cold()?;
        boot.comes_up(&mut vm)?;
        let told = Records::read(&own)?.report.volume;
        ensure!(told.name == "disk 2, partition 5", "{told:?}");
        Ok(())
    })
}
