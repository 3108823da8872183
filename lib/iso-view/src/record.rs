// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directory records (ECMA-119, 9.1).

use crate::BLOCK;
use crate::bytes::{byte, u32_le, wide};
use crate::error::Damage;
use crate::node::Extent;

/// The bytes before the name.
const FIXED: usize = 33;
/// File flags (ECMA-119, 9.1.6).
const DIRECTORY: u8 = 1 << 1;
const ASSOCIATED: u8 = 1 << 2;
const MULTI_EXTENT: u8 = 1 << 7;

/// One record: an extent of a file, and its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'b> {
    block: u32,
    attribute_blocks: u8,
    length: u32,
    flags: u8,
    interleaved: bool,
    /// The name as it is stored.
    pub(crate) identifier: &'b [u8],
    /// What follows the name.
    pub(crate) system_use: &'b [u8],
}

impl<'b> Record<'b> {
    /// Reads the record that `bytes` are, from its length on; what comes after it is not looked at.
    ///
    /// # Errors
    ///
    /// It is longer than `bytes`, or shorter than its name.
    pub(crate) fn parse(bytes: &'b [u8]) -> Result<Self, Damage> {
        Self::fields(bytes).ok_or(Damage::Record)
    }

    fn fields(bytes: &'b [u8]) -> Option<Self> {
        let bytes = bytes.get(..usize::from(byte(bytes, 0)?))?;
        let (fixed, rest) = bytes.split_at_checked(FIXED)?;
        let (identifier, rest) = rest.split_at_checked(usize::from(byte(fixed, 32)?))?;
        // A byte of padding makes the length of what is before even.
        let padding = usize::from(identifier.len().is_multiple_of(2));
        Some(Self {
            block: u32_le(fixed, 2)?,
            attribute_blocks: byte(fixed, 1)?,
            length: u32_le(fixed, 10)?,
            flags: byte(fixed, 25)?,
            interleaved: byte(fixed, 26)? != 0 || byte(fixed, 27)? != 0,
            identifier,
            system_use: rest.get(padding..).unwrap_or_default(),
        })
    }

    /// The folder itself, and the one above it, are not listed (ECMA-119, 7.6.2).
    pub(crate) fn is_dot(&self) -> bool {
        matches!(self.identifier, [0 | 1])
    }

    pub(crate) fn is_directory(&self) -> bool {
        self.flags & DIRECTORY != 0
    }

    /// Not the file itself, but something that goes with it.
    pub(crate) fn is_associated(&self) -> bool {
        self.flags & ASSOCIATED != 0
    }

    pub(crate) fn is_interleaved(&self) -> bool {
        self.interleaved
    }

    /// Whether the next record is of the same file.
    pub(crate) fn continues(&self) -> bool {
        self.flags & MULTI_EXTENT != 0
    }

    /// Where the file's bytes are. An extended attribute record comes before them.
    pub(crate) fn extent(&self) -> Extent {
        let block = u64::from(self.block).saturating_add(u64::from(self.attribute_blocks));
        Extent { offset: block.saturating_mul(wide(BLOCK)), length: u64::from(self.length) }
    }
}

/// The records of one block of a folder. They never go beyond it; zeros fill its end
/// (ECMA-119, 6.8.1).
pub(crate) struct Records<'b> {
    rest: &'b [u8],
}

pub(crate) fn records(block: &[u8]) -> Records<'_> {
    Records { rest: block }
}

impl<'b> Iterator for Records<'b> {
    type Item = Result<Record<'b>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(byte(self.rest, 0)?);
        if length == 0 {
            return None;
        }
        let record = Record::parse(self.rest);
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(identifier: &[u8], system_use: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[1] = 1;
        bytes[2..6].copy_from_slice(&7_u32.to_le_bytes());
        bytes[10..14].copy_from_slice(&5_u32.to_le_bytes());
        bytes[32] = identifier.len() as u8;
        bytes.extend(identifier);
        if identifier.len().is_multiple_of(2) {
            bytes.push(0);
        }
        bytes.extend(system_use);
        bytes[0] = bytes.len() as u8;
        bytes
    }

    #[test]
    fn name_and_system_use_are_told_apart() {
        for (identifier, system_use) in [("AB", "xy"), ("ABC", "xyz"), ("A", "")] {
            let bytes = bytes(identifier.as_bytes(), system_use.as_bytes());
            let record = Record::parse(&bytes).unwrap();
            assert_eq!(record.identifier, identifier.as_bytes());
            assert_eq!(record.system_use, system_use.as_bytes());
            assert_eq!(record.extent(), Extent { offset: 8 * 2048, length: 5 });
        }
    }

    #[test]
    fn cut_off_records() {
        let whole = bytes(b"ABC", b"");
        for length in 0..whole.len() {
            assert_eq!(Record::parse(&whole[..length]).unwrap_err(), Damage::Record);
        }
        let mut long_name = whole.clone();
        long_name[32] = 4;
        assert_eq!(Record::parse(&long_name).unwrap_err(), Damage::Record);
    }

    #[test]
    fn a_block_ends_at_a_zero_or_its_end() {
        let two = [bytes(b"A", b""), bytes(b"B", b"")].concat();
        assert_eq!(records(&two).count(), 2);
        assert_eq!(records(&[two.clone(), vec![0; 9]].concat()).count(), 2);
        assert!(records(&two[..two.len() - 1]).last().unwrap().is_err());
    }
}
