// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths: as firmware strings, and as device paths.

use alloc::string::String;
use alloc::vec::Vec;
use uefi::proto::device_path::build::{self, DevicePathBuilder};
use uefi::proto::device_path::media::{FilePath, HardDrive, PartitionSignature};
use uefi::proto::device_path::{DevicePath, DevicePathNode};
use uefi::{CString16, Status};

/// The longest path that is handed to firmware, in UTF-16 units. FAT allows 260; other file
/// systems that firmware may have drivers for allow more.
const MAX_UNITS: usize = 1024;

/// A path for firmware. One that cannot be expressed in UCS-2 names nothing that could be found.
pub(crate) fn firmware_path(path: &str) -> Result<CString16, Status> {
    if path.len() > MAX_UNITS {
        return Err(Status::NOT_FOUND);
    }
    CString16::try_from(path).map_err(|_| Status::NOT_FOUND)
}

/// The directories above a file, from the root down, without the root itself.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('\\').filter(|(at, _)| *at > 0).filter_map(|(at, _)| path.get(..at))
}

/// Another name in the same directory.
pub(crate) fn sibling(path: &str, name: &str) -> String {
    let directory = path.rfind('\\').and_then(|at| path.get(..=at)).unwrap_or("\\");
    alloc::format!("{directory}{name}")
}

/// The full device path of a file: the path of its device, then the file's own.
///
/// The bytes go to `storage`, which the result borrows.
pub(crate) fn full_path<'s>(
    device: &DevicePath,
    path: &str,
    storage: &'s mut Vec<u8>,
) -> Result<&'s DevicePath, Status> {
    let path_name = &*firmware_path(path)?;
    let mut builder = DevicePathBuilder::with_vec(storage);
    for node in device.node_iter() {
        builder = builder.push(&node).map_err(|_| Status::INVALID_PARAMETER)?;
    }
    let builder = builder.push(&build::media::FilePath { path_name });
    builder.and_then(DevicePathBuilder::finalize).map_err(|_| Status::INVALID_PARAMETER)
}

/// The partition GUID in a device path, lower case; `None` when no node names a GPT partition.
pub(crate) fn partition_guid(device: &DevicePath) -> Option<String> {
    device.node_iter().find_map(|node| {
        let drive: &HardDrive = node.try_into().ok()?;
        match drive.partition_signature() {
            PartitionSignature::Guid(guid) => Some(alloc::format!("{guid}")),
            _ => None,
        }
    })
}

/// The file that the file path nodes of a device path name together, with a leading backslash.
pub(crate) fn file_path(path: &DevicePath) -> Option<String> {
    let mut text = String::new();
    for node in path.node_iter() {
        let part = node_text(node).unwrap_or_default();
        if !part.is_empty() && !part.starts_with('\\') && !text.ends_with('\\') {
            text.push('\\');
        }
        text.push_str(&part);
    }
    (!text.is_empty()).then_some(text)
}

fn node_text(node: &DevicePathNode) -> Option<String> {
    let node: &FilePath = node.try_into().ok()?;
    let units = node.path_name().into_iter().take_while(|unit| *unit != 0);
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uefi::proto::device_path::media::PartitionFormat;
    use uefi::{cstr16, guid};

    fn disk(storage: &mut Vec<u8>) -> &DevicePath {
        let drive = build::media::HardDrive {
            partition_number: 1,
            partition_start: 2048,
            partition_size: 4096,
            partition_signature: PartitionSignature::Guid(guid!("ABCDEF00-1122-3344-5566-778899AABBCC")),
            partition_format: PartitionFormat::GPT,
        };
        let builder = DevicePathBuilder::with_vec(storage).push(&drive);
        builder.and_then(DevicePathBuilder::finalize).expect("a device path")
    }

    #[test]
    fn a_file_keeps_its_device() {
        let (mut device, mut full) = (Vec::new(), Vec::new());
        let path = full_path(disk(&mut device), r"\EFI\Linux\a.efi", &mut full).expect("a path");
        assert_eq!(partition_guid(path).as_deref(), Some("abcdef00-1122-3344-5566-778899aabbcc"));
        assert_eq!(file_path(path).as_deref(), Some(r"\EFI\Linux\a.efi"));
    }

    #[test]
    fn a_path_may_come_in_several_nodes() {
        let mut storage = Vec::new();
        let path = DevicePathBuilder::with_vec(&mut storage)
            .push(&build::media::FilePath { path_name: cstr16!("EFI") })
            .and_then(|path| path.push(&build::media::FilePath { path_name: cstr16!("BOOT\\A.EFI") }))
            .and_then(DevicePathBuilder::finalize)
            .expect("a path");
        assert_eq!(file_path(path).as_deref(), Some(r"\EFI\BOOT\A.EFI"));
        assert_eq!(partition_guid(path), None);
    }

    #[test]
    fn parents_are_made_from_the_root_down() {
        let parents: Vec<&str> = parents(r"\loader\lamboot\history\a.log").collect();
        assert_eq!(parents, [r"\loader", r"\loader\lamboot", r"\loader\lamboot\history"]);
        assert_eq!(super::parents(r"\a").count(), 0);
    }

    #[test]
    fn a_sibling_stays_in_the_directory() {
        assert_eq!(sibling(r"\loader\entries\a+3.conf", "a+2-1.conf"), r"\loader\entries\a+2-1.conf");
        assert_eq!(sibling(r"\a", "b"), r"\b");
    }

    #[test]
    fn what_ucs_2_cannot_say_is_not_found() {
        assert!(firmware_path("\\a\0b").is_err());
        assert!(firmware_path("\\\u{1F600}").is_err());
        assert!(firmware_path(&"a".repeat(5000)).is_err());
    }
}
