// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names in a list: a block of a directory, or a part of an inode ("Linear Directories").

use super::{Entry, is_name};
use crate::bytes::{byte, index, le16, le32};
use crate::error::Fault;
use crate::metadata::FileType;
use crate::superblock::Superblock;
use view_parts::Crc;

/// The bytes of an entry before its name.
const HEADER: usize = 8;
/// The bytes of the last entry of a block with a checksum, which has no name.
const TAIL: usize = 12;
/// What this entry has in place of a type.
const TAIL_TYPE: u8 = 0xDE;

/// A list of names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data<'b> {
    bytes: &'b [u8],
    /// Whether entries say of which type a file is.
    types: bool,
    inodes: u32,
}

/// An entry as it is stored, used or not.
struct Raw<'b> {
    entry: Entry<'b>,
    end: usize,
}

impl<'b> Data<'b> {
    pub(super) fn new(bytes: &'b [u8], superblock: &Superblock) -> Self {
        Self { bytes, types: superblock.features().has_filetype(), inodes: superblock.inodes() }
    }

    fn raw(&self, at: usize) -> Option<Raw<'b>> {
        let field = |offset: usize| at.saturating_add(offset);
        let length = length(le16(self.bytes, field(4))?, self.bytes.len());
        let name_length = usize::from(byte(self.bytes, field(6))?);
        let end = at.checked_add(length).filter(|&end| end <= self.bytes.len())?;
        let name = self.bytes.get(field(HEADER)..field(HEADER).saturating_add(name_length))?;
        let fits =
            length.is_multiple_of(4) && length >= HEADER && HEADER.saturating_add(name_length) <= length;
        fits.then_some(())?;
        let code = byte(self.bytes, field(7)).filter(|_| self.types);
        let file_type = code.and_then(FileType::of_entry);
        Some(Raw { entry: Entry { name, inode: le32(self.bytes, at)?, file_type }, end })
    }

    /// Checks that entries follow each other to the end, and that those in use have names and inodes.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let mut at = 0;
        while at < self.bytes.len() {
            let raw = self.raw(at).ok_or(Fault::Bounds)?;
            let entry = raw.entry;
            if entry.inode > self.inodes || (entry.inode != 0 && !is_name(entry.name)) {
                return Err(Fault::Value);
            }
            at = raw.end;
        }
        Ok(())
    }

    /// Whether it is one entry without a name: how a block of an index looks to who does not know it.
    pub(super) fn is_blank(&self) -> bool {
        self.raw(0).is_some_and(|raw| raw.entry.inode == 0 && raw.end == self.bytes.len())
    }

    /// Checks the checksum at the block's end.
    pub(super) fn check_sum(&self, seed: Crc) -> Result<(), Fault> {
        let at = self.bytes.len().saturating_sub(TAIL);
        let (names, tail) = self.bytes.split_at_checked(at).ok_or(Fault::Missing)?;
        let is_tail = le32(tail, 0) == Some(0)
            && le16(tail, 4).map(usize::from) == Some(TAIL)
            && byte(tail, 6) == Some(0)
            && byte(tail, 7) == Some(TAIL_TYPE);
        if !is_tail {
            return Err(Fault::Missing);
        }
        if le32(tail, 8) == Some(seed.with(names).state()) { Ok(()) } else { Err(Fault::Checksum) }
    }

    /// The next entry in use from `at` on, and where to go on after it.
    pub(super) fn after(&self, at: usize) -> Option<(Entry<'b>, usize)> {
        let mut at = at;
        loop {
            let raw = self.raw(at)?;
            if raw.entry.inode != 0 {
                return Some((raw.entry, raw.end));
            }
            at = raw.end;
        }
    }

    /// The entries in use.
    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'b>> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let (entry, next) = self.after(at)?;
            at = next;
            Some(entry)
        })
    }
}

/// The length of an entry. In blocks of 64 KiB the lowest two bits go on above the highest, and the whole
/// block has two numbers of its own.
fn length(stored: u16, size: usize) -> usize {
    let stored = u32::from(stored);
    if size < 65_536 {
        return index(stored);
    }
    match stored {
        0 | 0xFFFF => size,
        _ => index((stored & 0xFFFC) | ((stored & 3) << 16)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn list(size: usize, entries: &[(u32, &[u8], usize)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (inode, name, length) in entries {
            let start = bytes.len();
            bytes.extend(inode.to_le_bytes());
            bytes.extend((*length as u16).to_le_bytes());
            bytes.extend([name.len() as u8, 1]);
            bytes.extend(*name);
            bytes.resize(start + length, 0);
        }
        bytes.resize(size, 0);
        bytes
    }

    fn data(bytes: &[u8]) -> Data<'_> {
        Data { bytes, types: true, inodes: 100 }
    }

    #[test]
    fn names_that_are_used() {
        let bytes = list(64, &[(5, b"one", 16), (0, b"gone", 16), (7, b"two", 32)]);
        assert_eq!(data(&bytes).check(), Ok(()));
        let names: Vec<_> = data(&bytes).entries().map(|entry| (entry.name, entry.inode)).collect();
        assert_eq!(names, [(&b"one"[..], 5), (b"two", 7)]);
        let untyped = Data { types: false, ..data(&bytes) };
        assert_eq!(untyped.entries().next().unwrap().file_type, None);
    }

    #[test]
    fn what_a_list_cannot_be() {
        for (entries, fault) in [
            (&[(5, &b"one"[..], 16)][..], Fault::Bounds), // nothing follows
            (&[(5, b"one", 16), (6, b"two", 52)], Fault::Bounds), // it leads out
            (&[(5, b"seven77", 12), (6, b"two", 52)], Fault::Bounds),
            (&[(5, b"one", 14), (6, b"two", 50)], Fault::Bounds),
            (&[(101, b"one", 64)], Fault::Value),
            (&[(5, b"", 64)], Fault::Value),
            (&[(5, b"a/b", 64)], Fault::Value),
        ] {
            assert_eq!(data(&list(64, entries)).check(), Err(fault), "{entries:?}");
        }
    }

    #[test]
    fn lengths_in_the_largest_blocks() {
        for (stored, expected) in [(0xFFFF, 65_536), (0, 65_536), (12, 12), (65_524, 65_524)] {
            assert_eq!(length(stored, 65_536), expected);
        }
        assert_eq!(length(0xFFFC, 32_768), 0xFFFC);
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..300) {
            let _ = (data(&bytes).check(), data(&bytes).after(at), data(&bytes).check_sum(Crc::new()));
            prop_assert!(data(&bytes).entries().count() <= 25);
        }
    }
}
