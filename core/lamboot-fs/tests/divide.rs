// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks that nobody has divided.

use lamboot_fs::{DIVIDED_MAX, Device, Follow, assemble, divide};
use lamboot_packed::{Image, SECTOR};

/// Where the first record of an MBR is (UEFI 2.10, section 5.2.1).
const RECORDS: u64 = 446;
/// Sectors before the file system.
const START: u32 = 2048;

fn ext4() -> Image {
    Image::unpack(include_bytes!("../../../lib/ext-view/tests/images/small-ext4.packed"))
}

/// A disk with the file system in its second partition.
fn disk(others: &[(u32, u32)]) -> Image {
    let volume = ext4();
    let length = u32::try_from(volume.size()).unwrap() / SECTOR as u32;
    let mut disk = Image::default();
    disk.resize(u64::from(START + length + 100) * SECTOR as u64);
    for (place, bytes) in volume.sectors() {
        disk.put(u64::from(START) * SECTOR as u64 + place, bytes);
    }
    let own = (START, length);
    let records = others.first().into_iter().chain([&own]).chain(others.iter().skip(1));
    for (number, (first, count)) in (0..).zip(records) {
        let record = [&[0, 0, 0, 0, 0x83, 0, 0, 0][..], &first.to_le_bytes(), &count.to_le_bytes()].concat();
        disk.put(RECORDS + number * 16, &record);
    }
    disk.put(510, &[0x55, 0xAA]);
    disk
}

fn open(image: Image) -> Device {
    let size = image.size();
    Device::new(image, size).unwrap()
}

#[test]
fn a_partition_is_a_device() {
    let parts = divide(&open(disk(&[(34, 100)])), 512);
    let numbers: Vec<u32> = parts.iter().map(|(partition, _)| partition.number).collect();
    assert_eq!(numbers, [1, 2]);
    let volumes = assemble(parts.into_iter().map(|(_, device)| device).collect());
    let system = volumes.into_iter().find_map(|volume| volume.system.ok()).unwrap();
    assert_eq!(system.name(), "ext4");
    assert!(system.metadata(b"/names-20", Follow::All).is_ok());
}

/// EDK2 takes none of them then.
#[test]
fn a_partition_that_is_too_large_takes_no_other_along() {
    let parts = divide(&open(disk(&[(34, 100), (3000, u32::MAX)])), 512);
    assert!(parts.iter().any(|(partition, _)| partition.number == 2), "{parts:?}");
}

#[test]
fn what_is_a_volume_as_a_whole_or_nothing_is_not_divided() {
    let mut both = ext4();
    // A record in the sectors that an ext4 leaves to a boot loader.
    both.put(RECORDS + 4, &[0x83, 0, 0, 0, 0, 8, 0, 0, 100, 0, 0, 0]);
    both.put(510, &[0x55, 0xAA]);
    assert!(divide(&open(both), 512).is_empty());
    assert!(divide(&open(Image::of(&[0; 1 << 20])), 512).is_empty());
    for sector_size in [0, 1, 511, u32::MAX] {
        assert!(divide(&open(disk(&[])), sector_size).is_empty(), "{sector_size}");
    }
}

#[test]
fn a_table_without_end_is_bounded() {
    // Each logical partition leads to the next, and the last to the first.
    let mut disk = disk(&[]);
    disk.put(RECORDS + 4, &[0x05]);
    let first = u64::from(START) * SECTOR as u64;
    disk.put(first + RECORDS, &[0, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0]);
    disk.put(first + RECORDS + 16, &[0, 0, 0, 0, 0x05, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0]);
    disk.put(first + 510, &[0x55, 0xAA]);
    assert!(divide(&open(disk), 512).len() <= DIVIDED_MAX);
}
