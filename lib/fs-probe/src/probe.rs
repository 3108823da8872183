// SPDX-License-Identifier: MIT OR Apache-2.0
//! All formats, one after another.

use crate::bytes::{narrow, wide};
use crate::found::{Found, Kind};
use crate::{disc, linux, windows};
use alloc::string::ToString as _;
use alloc::vec::Vec;
use fat_view::{Fat, FatType};
use read_at::ReadAt;
use volume_view::luks::Luks;
use volume_view::lvm::PhysicalVolume;
use volume_view::md::{Member, Version};
use volume_view::{Error, Structure};

/// The bytes from the beginning that are looked at: until behind the superblock of btrfs.
const START: u64 = 68 * 1024;

/// Everything that the volume of `size` bytes that `reader` has is, by its superblocks.
///
/// What contains something comes before what may be in it: the beginning of a member of a mirror looks
/// like the file system on the mirror. So the first is what to open, and what follows is a reason to ask.
///
/// # Errors
///
/// The beginning could not be read.
pub fn probe<R: ReadAt>(mut reader: R, size: u64) -> Result<Vec<Found>, R::Error> {
    let mut start = alloc::vec![0; narrow(size.min(START))];
    reader.read_at(0, &mut start)?;
    let mut found = Vec::new();
    found.extend(md(&mut reader, size));
    found.extend(lvm(&mut reader, size));
    found.extend(luks(&start));
    found.extend(linux::zfs(&mut reader, size));
    let windows = windows::find(&mut reader, &start);
    // FAT has no magic number, and what Windows locks or formats otherwise begins as it does.
    let fat = if windows.is_none() { fat(&mut reader, &start) } else { None };
    found.extend(windows);
    found.extend(linux::find(&start));
    found.extend(disc::find(&start));
    found.extend(fat);
    Ok(found)
}

fn md<R: ReadAt>(reader: &mut R, size: u64) -> Option<Found> {
    let member = Member::find(reader, size).ok()??;
    let mut uuid = member.uuid;
    if member.version == Version::V0_90 {
        // Four numbers, which are shown the largest byte first.
        uuid.chunks_exact_mut(4).for_each(<[u8]>::reverse);
    }
    Some(Found::new(Kind::MdMember).uuid(uuid).label(&member.name))
}

fn lvm<R: ReadAt>(reader: &mut R, size: u64) -> Option<Found> {
    if size < 2048 {
        return None;
    }
    let found = Found::new(Kind::LvmPv);
    match PhysicalVolume::open(reader) {
        Ok(physical) => Some(found.id(physical.uuid().to_string())),
        // The label is well, so it is one, and no file system.
        Err(Error::Damaged(damage)) if damage.structure == Structure::MetadataArea => Some(found),
        Err(_) => None,
    }
}

fn luks(start: &[u8]) -> Option<Found> {
    let luks = Luks::parse(start)?;
    let kind = if luks.version == 1 { Kind::Luks1 } else { Kind::Luks2 };
    let found = Found::new(kind).label(&luks.label);
    let uuid = core::str::from_utf8(&luks.uuid).ok().filter(|uuid| !uuid.is_empty());
    Some(uuid.map_or(found.clone(), |uuid| found.id(uuid.to_string())))
}

/// Begins with a jump, as the specification says (section 3.1).
fn fat<R: ReadAt>(reader: &mut R, start: &[u8]) -> Option<Found> {
    if !matches!(start.first(), Some(0xEB | 0xE9)) || wide(start.len()) < 512 {
        return None;
    }
    let fat = Fat::open(reader).ok()?;
    let kind = match fat.boot_sector().fat_type() {
        FatType::Fat12 => Kind::Fat12,
        FatType::Fat16 => Kind::Fat16,
        FatType::Fat32 => Kind::Fat32,
    };
    let label = fat.label().ok().flatten().unwrap_or_default();
    let found = Found::new(kind).label(&label);
    Some(match fat.boot_sector().volume_id() {
        Some(id) => found.id(alloc::format!("{:04X}-{:04X}", id >> 16, id & 0xFFFF)),
        None => found,
    })
}
