// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which disk and which partition is this, and what is it for?

use crate::services::interface;
use crate::volume::device_path;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ptr::NonNull;
use lamboot_core::ports::VolumeRole;
use lamboot_fs::Entry;
use uefi::proto::device_path::media::HardDrive;
use uefi::proto::device_path::{DevicePath, DevicePathNode};
use uefi::proto::media::block::BlockIO;
use uefi::proto::media::partition::PartitionInfo;
use uefi::{Guid, Handle, Identify, guid};

/// Partition type of an EFI System Partition (UAPI.2).
const ESP: Guid = guid!("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
/// Partition type of an extended boot loader partition (UAPI.2).
const XBOOTLDR: Guid = guid!("bc13c2ff-59e6-4262-a352-b275fd6f7172");
/// The same on disks without GPT (UAPI.1, UEFI 2.10, section 5.2.2).
const MBR_XBOOTLDR: u8 = 0xEA;
const MBR_ESP: u8 = 0xEF;

/// What a medium says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Medium {
    pub(crate) removable: bool,
    pub(crate) read_only: bool,
}

/// What the medium of a device says of itself. The file system's own answer is not asked for: to
/// give it, firmware's FAT driver counts the free clusters of the whole volume.
pub(crate) fn of(device: Handle) -> Medium {
    let Ok(device) = interface(device, &BlockIO::GUID) else { return Medium::default() };
    // SAFETY: UEFI 2.10, section 13.9: the interface is a Block I/O protocol of a live handle.
    let device = unsafe { device.cast::<BlockIO>().as_ref() };
    let media = device.media();
    Medium { removable: media.is_removable_media(), read_only: media.is_read_only() }
}

/// Whether a device is a partition of another one.
pub(crate) fn is_partition(device: Handle) -> bool {
    let Ok(device) = interface(device, &BlockIO::GUID) else { return false };
    // SAFETY: as in `of`.
    unsafe { device.cast::<BlockIO>().as_ref() }.media().is_logical_partition()
}

/// Whether a device is a disk that others of these are partitions of.
pub(crate) fn is_divided(device: Handle, others: &[Handle]) -> bool {
    let Ok(path) = device_path(device) else { return false };
    !is_partition(device)
        && others
            .iter()
            .any(|other| *other != device && device_path(*other).is_ok_and(|other| is_inside(other, path)))
}

/// Whether one device path goes on where the other one ends.
fn is_inside(path: &DevicePath, of: &DevicePath) -> bool {
    let mut nodes = path.node_iter();
    of.node_iter().all(|node| nodes.next() == Some(node)) && nodes.next().is_some()
}

/// What a partition is for, by its type, where firmware tells it (UEFI 2.10, section 13.18).
pub(crate) fn role(device: Handle) -> VolumeRole {
    let Ok(info) = interface(device, &PartitionInfo::GUID) else { return VolumeRole::Other };
    let info: NonNull<PartitionInfo> = info.cast();
    // SAFETY: the interface is a Partition Information protocol of a live handle.
    let info = unsafe { info.as_ref() };
    let by_gpt = info.gpt_partition_entry().map(|entry| entry.partition_type_guid.0);
    let by_mbr = info.mbr_partition_record().map(|record| record.os_type.0);
    by_gpt.map(by_guid).or(by_mbr.map(by_byte)).unwrap_or(VolumeRole::Other)
}

/// GUID and purpose of a partition that LamBoot's own reader of tables found.
pub(crate) fn entry(entry: &Entry) -> (Option<String>, VolumeRole) {
    match entry {
        Entry::Gpt { type_guid, guid, .. } => {
            (Some(guid.to_string()), by_guid(Guid::from_bytes(type_guid.0)))
        }
        Entry::Mbr { type_byte, .. } => (None, by_byte(*type_byte)),
        _ => (None, VolumeRole::Other),
    }
}

const fn by_guid(kind: Guid) -> VolumeRole {
    match kind {
        ESP => VolumeRole::Esp,
        XBOOTLDR => VolumeRole::Xbootldr,
        _ => VolumeRole::Other,
    }
}

const fn by_byte(kind: u8) -> VolumeRole {
    match kind {
        MBR_ESP => VolumeRole::Esp,
        MBR_XBOOTLDR => VolumeRole::Xbootldr,
        _ => VolumeRole::Other,
    }
}

/// Where a volume is, in numbers for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    disk: usize,
    partition: Option<u32>,
}

impl Place {
    /// The place of a partition of this disk that firmware did not make.
    pub(crate) fn part(self, partition: Option<u32>) -> Self {
        Self { partition: self.partition.or(partition), ..self }
    }

    pub(crate) fn name(self) -> String {
        match self.partition {
            Some(partition) => format!("disk {}, partition {partition}", self.disk),
            None => format!("disk {}", self.disk),
        }
    }
}

/// The bytes of a device path up to the partition: what names the disk.
pub(crate) fn disk(path: &DevicePath) -> &[u8] {
    let bytes = path.as_bytes();
    let nodes = path.node_iter().take_while(|node| hard_drive(node).is_none());
    let length = nodes.map(|node| usize::from(node.length())).sum();
    bytes.get(..length).unwrap_or(bytes)
}

/// Counts disks and tells which one this is on, from 1.
pub(crate) fn place<'p>(path: &'p DevicePath, disks: &mut Vec<&'p [u8]>) -> Place {
    let own = disk(path);
    let known = disks.iter().position(|disk| *disk == own);
    let index = known.unwrap_or_else(|| {
        disks.push(own);
        disks.len() - 1
    });
    let partition = path.node_iter().find_map(|node| hard_drive(node).map(HardDrive::partition_number));
    Place { disk: index + 1, partition }
}

fn hard_drive(node: &DevicePathNode) -> Option<&HardDrive> {
    node.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uefi::proto::device_path::build::{self, DevicePathBuilder};
    use uefi::proto::device_path::media::{PartitionFormat, PartitionSignature};

    fn partition(bus: u8, number: u32, storage: &mut Vec<u8>) -> &DevicePath {
        let drive = build::media::HardDrive {
            partition_number: number,
            partition_start: 2048,
            partition_size: 4096,
            partition_signature: PartitionSignature::None,
            partition_format: PartitionFormat::GPT,
        };
        let pci = build::hardware::Pci { function: 0, device: bus };
        let builder = DevicePathBuilder::with_vec(storage).push(&pci).and_then(|path| path.push(&drive));
        builder.and_then(DevicePathBuilder::finalize).expect("a device path")
    }

    #[test]
    fn partitions_of_one_disk_are_on_one_disk() {
        let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
        let first = partition(1, 1, &mut a);
        let second = partition(1, 2, &mut b);
        let other = partition(2, 1, &mut c);
        assert!(disk(first) == disk(second) && disk(first) != disk(other));
        let mut disks = Vec::new();
        let names: Vec<String> = [first, second, other].map(|path| place(path, &mut disks).name()).into();
        assert_eq!(names, ["disk 1, partition 1", "disk 1, partition 2", "disk 2, partition 1"]);
    }
}
