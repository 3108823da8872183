// SPDX-License-Identifier: MIT OR Apache-2.0
//! File systems of Windows that are no FAT.

use crate::bytes::{array, le16, le32, le64, narrow, part, utf16, wide};
use crate::found::{Found, Kind};
use alloc::format;
use alloc::vec::Vec;
use read_at::ReadAt;

pub(crate) fn find<R: ReadAt>(reader: &mut R, start: &[u8]) -> Option<Found> {
    match part(start, 3, 8) {
        b"-FVE-FS-" => Some(Found::new(Kind::BitLocker)),
        b"NTFS    " => Some(ntfs(reader, start)),
        b"EXFAT   " => Some(exfat(reader, start)),
        _ => None,
    }
}

/// The number of NTFS is in the first sector; the label is an attribute of the fourth record of the table
/// of files.
fn ntfs<R: ReadAt>(reader: &mut R, start: &[u8]) -> Found {
    let found = Found::new(Kind::Ntfs).id(format!("{:016X}", le64(start, 72)));
    let label = ntfs_label(reader, start).unwrap_or_default();
    found.label(&label)
}

fn ntfs_label<R: ReadAt>(reader: &mut R, start: &[u8]) -> Option<Vec<u8>> {
    let [sectors] = array(start, 13);
    let cluster = u64::from(le16(start, 11)).checked_mul(sectors.into())?;
    let [record] = array(start, 64);
    // A negative number is the exponent of a size in bytes.
    let size = match i8::from_le_bytes([record]) {
        clusters if clusters > 0 => cluster.checked_mul(clusters.unsigned_abs().into())?,
        exponent => 1_u64.checked_shl(exponent.unsigned_abs().into())?,
    };
    let size = Some(size).filter(|size| (512..=4096).contains(size))?;
    let table = le64(start, 48).checked_mul(cluster)?;
    let mut record = alloc::vec![0; narrow(size)];
    reader.read_at(table.checked_add(size.checked_mul(3)?)?, &mut record).ok()?;
    ntfs_name(&record)
}

/// The name of the volume in its record. At the end of each sector of a record are other bytes, which a
/// name of 32 characters does not reach.
fn ntfs_name(record: &[u8]) -> Option<Vec<u8>> {
    const NAME: u32 = 0x60;
    if !record.starts_with(b"FILE") {
        return None;
    }
    let mut at = usize::from(le16(record, 20));
    while let Some(attribute) = record.get(at..).filter(|rest| rest.len() > 24) {
        let length = narrow(le32(attribute, 4).into());
        let [is_elsewhere] = array(attribute, 8);
        if le32(attribute, 0) == NAME && is_elsewhere == 0 {
            let (size, place) = (narrow(le32(attribute, 16).into()), usize::from(le16(attribute, 20)));
            return Some(utf16(part(attribute, place, size.min(256))));
        }
        if length < 16 {
            return None;
        }
        at = at.checked_add(length)?;
    }
    None
}

/// exFAT File System Specification, sections 3.1 and 7.3: the label is one of the first entries of the root
/// directory.
fn exfat<R: ReadAt>(reader: &mut R, start: &[u8]) -> Found {
    let id = le32(start, 100);
    let found = Found::new(Kind::ExFat).id(format!("{:04X}-{:04X}", id >> 16, id & 0xFFFF));
    let label = exfat_label(reader, start).unwrap_or_default();
    found.label(&label)
}

fn exfat_label<R: ReadAt>(reader: &mut R, start: &[u8]) -> Option<Vec<u8>> {
    let [sector, cluster] = array(start, 108);
    let sector = 1_u64.checked_shl(sector.into())?;
    let cluster = sector.checked_mul(1_u64.checked_shl(cluster.into())?)?;
    let index = u64::from(le32(start, 96).checked_sub(2)?);
    let heap = u64::from(le32(start, 88)).checked_mul(sector)?;
    let root = heap.checked_add(index.checked_mul(cluster)?)?;
    let mut entries = alloc::vec![0; narrow(cluster.min(wide(4096)))];
    reader.read_at(root, &mut entries).ok()?;
    let entry = entries.chunks_exact(32).find(|entry| entry.first() == Some(&0x83))?;
    let [characters] = array(entry, 1);
    Some(utf16(part(entry, 2, usize::from(characters.min(11)).saturating_mul(2))))
}
