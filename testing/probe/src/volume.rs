// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding the volume under test and its plan.

use alloc::{string::String, vec::Vec};

use uefi::{
    CStr16, CString16, Handle, boot, cstr16,
    proto::media::{
        file::{File, FileAttribute, FileMode, RegularFile},
        fs::SimpleFileSystem,
    },
};

use crate::protocols;

const PLAN: &CStr16 = cstr16!(r"\lamboot-test\plan.txt");
/// What firmware starts from a removable disk (UEFI 2.10, section 3.5.1.1).
#[cfg(target_arch = "x86_64")]
pub const REMOVABLE: &str = r"\EFI\BOOT\BOOTX64.EFI";
/// What firmware starts from a removable disk (UEFI 2.10, section 3.5.1.1).
#[cfg(target_arch = "aarch64")]
pub const REMOVABLE: &str = r"\EFI\BOOT\BOOTAA64.EFI";

/// The volume with a plan, or else the first one with a program at the removable path.
pub fn find() -> Option<(Handle, String)> {
    let volumes = boot::find_handles::<SimpleFileSystem>().ok()?;
    let planned = volumes.iter().find_map(|&volume| {
        let plan = read_file(volume, PLAN)?;
        Some((volume, String::from_utf8_lossy(&plan).into_owned()))
    });
    let removable = CString16::try_from(REMOVABLE).ok()?;
    planned.or_else(|| {
        let volume = volumes.iter().copied().find(|&volume| open_file(volume, &removable).is_some())?;
        Some((volume, String::new()))
    })
}

fn open_file(volume: Handle, path: &CStr16) -> Option<RegularFile> {
    let mut volume = protocols::open::<SimpleFileSystem>(volume).ok()?;
    let mut root = volume.open_volume().ok()?;
    root.open(path, FileMode::Read, FileAttribute::empty()).ok()?.into_regular_file()
}

fn read_file(volume: Handle, path: &CStr16) -> Option<Vec<u8>> {
    let mut file = open_file(volume, path)?;
    let mut bytes = Vec::new();
    let mut piece = [0; 512];
    loop {
        let count = file.read(&mut piece).ok()?;
        if count == 0 {
            return Some(bytes);
        }
        bytes.extend_from_slice(piece.get(..count)?);
    }
}
