// SPDX-License-Identifier: MIT OR Apache-2.0
//! An MBR, and logical partitions behind it (UEFI 2.10, section 5.2).
//!
//! The first partition is the EFI system partition; each further one is logical, with its own record in the
//! MiB before it.

use std::{fs::File, io, os::unix::fs::FileExt as _};

use super::{MIB, SECTOR};

/// An EFI system partition (UEFI 2.10, section 5.2.2).
const EFI_SYSTEM: u8 = 0xef;
/// An extended partition that is addressed by sector numbers.
const EXTENDED: u8 = 0x0f;
/// Linux' own files.
const LINUX: u8 = 0x83;
/// By which the disk is known.
const SIGNATURE: [u8; 4] = *b"LAMB";

/// Where a partition is, in bytes.
pub(super) struct Place {
    pub(super) start: u64,
    pub(super) bytes: u64,
}

/// Writes the table of a disk with these partitions, of which all but the first are logical.
pub(super) fn write(file: &File, disk_bytes: u64, places: &[Place]) -> io::Result<()> {
    let Some((esp, logical)) = places.split_first() else { return Ok(()) };
    let mut entries = vec![entry(EFI_SYSTEM, esp.start, esp.bytes)];
    let extended = logical.first().map(|first| first.start - MIB);
    entries.extend(extended.map(|start| entry(EXTENDED, start, disk_bytes - start)));
    write_record(file, 0, &entries)?;
    for (number, place) in logical.iter().enumerate() {
        let record = place.start - MIB;
        let mut entries = vec![entry(LINUX, place.start - record, place.bytes)];
        // The next record, counted from the extended partition.
        let next = logical.get(number + 1).zip(extended);
        entries.extend(
            next.map(|(next, extended)| entry(EXTENDED, next.start - MIB - extended, next.bytes + MIB)),
        );
        write_record(file, record, &entries)?;
    }
    Ok(())
}

fn write_record(file: &File, at: u64, entries: &[[u8; 16]]) -> io::Result<()> {
    let mut sector = [0; SECTOR as usize];
    if at == 0 {
        sector[440..444].copy_from_slice(&SIGNATURE);
    }
    for (number, entry) in entries.iter().enumerate() {
        sector[446 + 16 * number..][..16].copy_from_slice(entry);
    }
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    file.write_all_at(&sector, at)
}

/// One of the four entries of a record. Addresses by cylinder say that they are not to be used.
fn entry(kind: u8, start: u64, bytes: u64) -> [u8; 16] {
    let mut entry = [0, 0xfe, 0xff, 0xff, kind, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
    let sectors = |bytes: u64| u32::try_from(bytes / SECTOR).unwrap_or(u32::MAX).to_le_bytes();
    entry[8..12].copy_from_slice(&sectors(start));
    entry[12..].copy_from_slice(&sectors(bytes));
    entry
}
