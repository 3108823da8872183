// SPDX-License-Identifier: MIT OR Apache-2.0
//! A GPT: header and entries (UEFI, section 5.3).

use crate::bytes::{array, crc32, le16, le32, le64, narrow, wide};
use crate::disk::Disk;
use crate::finding::{EntryFault, Finding, HeaderFault};
use crate::guid::Guid;
use crate::partition::{Entry, Partition};
use alloc::string::String;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most bytes of all entries. The specification asks for 16 KiB at least.
pub const ENTRIES_BYTES_MAX: usize = 1 << 20;
/// The fewest bytes of a header, and of an entry.
const HEADER: usize = 92;
const ENTRY: u32 = 128;

/// A header that is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Where the other one is.
    pub(crate) other: u64,
    pub(crate) first_usable: u64,
    pub(crate) last_usable: u64,
    pub(crate) disk_guid: Guid,
    entries: u64,
    count: u32,
    entry_size: u32,
    /// Of the entries.
    pub(crate) checksum: u32,
}

impl Header {
    /// The header in `bytes`, a sector that is on `place` (section 5.3.2).
    pub(crate) fn parse(bytes: &[u8], place: u64) -> Result<Self, HeaderFault> {
        if !bytes.starts_with(b"EFI PART") {
            return Err(HeaderFault::Signature);
        }
        if le16(bytes, 10) != 1 {
            return Err(HeaderFault::Revision);
        }
        let size = narrow(le32(bytes, 12).into());
        let header = bytes.get(..size).filter(|header| header.len() >= HEADER).ok_or(HeaderFault::Value)?;
        // Its own checksum counts as zeros.
        let (start, rest) = header.split_at(16);
        let sum = crc32(crc32(crc32(0, start), &[0; 4]), rest.get(4..).unwrap_or_default());
        if sum != le32(bytes, 16) {
            return Err(HeaderFault::Checksum);
        }
        if le64(bytes, 24) != place {
            return Err(HeaderFault::Place);
        }
        let header = Self {
            other: le64(bytes, 32),
            first_usable: le64(bytes, 40),
            last_usable: le64(bytes, 48),
            disk_guid: Guid(array(bytes, 56)),
            entries: le64(bytes, 72),
            count: le32(bytes, 80),
            entry_size: le32(bytes, 84),
            checksum: le32(bytes, 88),
        };
        if header.is_possible() { Ok(header) } else { Err(HeaderFault::Value) }
    }

    fn is_possible(&self) -> bool {
        let entry = self.entry_size >= ENTRY && self.entry_size.is_power_of_two();
        entry && self.entries_bytes() <= ENTRIES_BYTES_MAX && self.first_usable <= self.last_usable
    }

    fn entries_bytes(&self) -> usize {
        narrow(u64::from(self.count).saturating_mul(self.entry_size.into()))
    }

    /// Reads the entries, and checks them.
    pub(crate) fn read_entries<R: ReadAt>(&self, reader: &mut R, disk: Disk) -> Result<Vec<u8>, HeaderFault> {
        let place = self.entries.checked_mul(disk.sector_size.into()).ok_or(HeaderFault::Value)?;
        let length = self.entries_bytes();
        let end = place.checked_add(wide(length)).ok_or(HeaderFault::Value)?;
        if end > disk.bytes() {
            return Err(HeaderFault::Value);
        }
        let mut bytes = alloc::vec![0; length];
        reader.read_at(place, &mut bytes).map_err(|_| HeaderFault::Unreadable)?;
        if crc32(0, &bytes) == self.checksum { Ok(bytes) } else { Err(HeaderFault::EntriesChecksum) }
    }

    /// The entries that are in use, by number.
    pub(crate) fn used<'b>(&self, entries: &'b [u8]) -> impl Iterator<Item = (u32, &'b [u8])> + use<'b> {
        let size = narrow(self.entry_size.into()).max(1);
        let numbered = (1_u32..).zip(entries.chunks_exact(size));
        numbered.filter(|(_, entry)| Guid(array(entry, 0)) != Guid::UNUSED)
    }

    /// The partition of an entry (section 5.3.3), or why it is none.
    pub(crate) fn partition(&self, number: u32, entry: &[u8], disk: Disk) -> Result<Partition, Finding> {
        let (first, last) = (le64(entry, 32), le64(entry, 40));
        let bad = |fault| Err(Finding::BadEntry(number, fault));
        if last < first {
            return bad(EntryFault::Reversed);
        }
        if first < self.first_usable || last > self.last_usable || last >= disk.sectors {
            return bad(EntryFault::OutOfRange);
        }
        Ok(Partition {
            number,
            first,
            sectors: last.saturating_sub(first).saturating_add(1),
            entry: Entry::Gpt {
                type_guid: Guid(array(entry, 0)),
                guid: Guid(array(entry, 16)),
                attributes: le64(entry, 48),
                name: name(entry.get(56..128).unwrap_or_default()),
            },
        })
    }
}

/// 36 units of UTF-16, until the first zero.
fn name(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|unit| le16(unit, 0)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
