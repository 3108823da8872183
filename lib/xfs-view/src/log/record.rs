// SPDX-License-Identifier: MIT OR Apache-2.0
//! The headers of log records, and of the operations in them (XFS Algorithms & Data Structures, "Log
//! Records", "Log Operations").

use super::transaction::Operations;
use crate::bytes::{array, be32, be64, byte, index};
use alloc::vec::Vec;
use view_parts::Crc;

/// A block of the log in bytes.
pub(super) const BLOCK: u64 = 512;
const MAGIC: u32 = 0xFEED_BABE;
/// The bytes of a record that one header has the first words of the blocks for.
const PER_HEADER: u32 = 32 * 1024;
/// The most bytes of a record, and of its blocks of headers.
pub(super) const RECORD_MAX: u32 = 256 * 1024;
/// Version 2 of the log: records of more than one block of header.
const VERSION_2: u32 = 2;
/// The flag of an operation: the file system was unmounted.
const UNMOUNT: u8 = 0x20;
/// Where the checksum is, and the first words of blocks: in the first header, and in the others.
const CHECKSUM: usize = 32;
const FIRST_WORDS: usize = 44;
const LATER_WORDS: usize = 4;
/// Words in a header.
const WORDS: usize = 64;
const SIZE: usize = 512;

/// A place in the log, and in which round it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lsn {
    pub(super) cycle: u32,
    pub(super) block: u32,
}

impl Lsn {
    pub(super) fn decode(stored: u64) -> Self {
        let [a, b, c, d, block @ ..] = stored.to_be_bytes();
        Self { cycle: u32::from_be_bytes([a, b, c, d]), block: u32::from_be_bytes(block) }
    }
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) lsn: Lsn,
    /// Where the log begins that is not in place, as of this record.
    pub(super) tail: Lsn,
    /// The bytes after the header.
    pub(super) length: u32,
    pub(super) operations: u32,
    /// How many blocks are before those bytes.
    pub(super) header_blocks: u32,
    /// The byte order of its items: 1 for little-endian.
    format: u32,
}

impl Header {
    /// Reads the header in the block `bytes`, if it is one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        be32(bytes, 0).filter(|&magic| magic == MAGIC)?;
        let (cycle, version) = (be32(bytes, 4)?, be32(bytes, 8)?);
        let size = be32(bytes, 320).filter(|&size| size <= RECORD_MAX)?;
        let lsn = Lsn::decode(be64(bytes, 16)?);
        let blocks = if version & VERSION_2 != 0 { size.div_ceil(PER_HEADER).max(1) } else { 1 };
        let header = Self {
            lsn,
            tail: Lsn::decode(be64(bytes, 24)?),
            length: be32(bytes, 12).filter(|&length| length <= RECORD_MAX)?,
            operations: be32(bytes, 40)?,
            header_blocks: blocks,
            format: be32(bytes, 300)?,
        };
        (lsn.cycle == cycle && (1..=3).contains(&version)).then_some(header)
    }

    /// The blocks of the whole record.
    pub(super) fn blocks(&self) -> u32 {
        self.header_blocks.saturating_add(self.length.div_ceil(512))
    }

    pub(super) fn is_little_endian(&self) -> bool {
        self.format == 1
    }

    /// Whether the checksum of the whole `record` holds. The header has two lengths, by the alignment of
    /// the machine that wrote it.
    fn holds(&self, record: &[u8]) -> bool {
        let stored = array(record, CHECKSUM).map(u32::from_le_bytes);
        [328, 324].into_iter().any(|length| self.value(record, length) == stored)
    }

    fn value(&self, record: &[u8], length: usize) -> Option<u32> {
        let data = index(self.header_blocks).checked_mul(SIZE)?;
        let after = CHECKSUM.checked_add(4)?;
        let mut crc = Crc::new().with(record.get(..CHECKSUM)?).with(&[0; 4]).with(record.get(after..length)?);
        let used = self.length.div_ceil(PER_HEADER).min(self.header_blocks);
        for extra in 1..index(used) {
            crc = crc.with(record.get(extra.checked_mul(SIZE)?..)?.get(..260)?);
        }
        Some(crc.with(record.get(data..)?.get(..index(self.length))?).value())
    }

    /// Puts back the first words of blocks, which the cycle stands in place of.
    fn restore(&self, record: &mut [u8]) {
        let headers = index(self.header_blocks);
        let (head, data) = record.split_at_mut(headers.saturating_mul(SIZE).min(record.len()));
        for (number, block) in data.chunks_mut(SIZE).enumerate() {
            let (header, at) = (number / WORDS, number % WORDS);
            let words = if header == 0 { FIRST_WORDS } else { LATER_WORDS };
            let place =
                header.saturating_mul(SIZE).saturating_add(words).saturating_add(at.saturating_mul(4));
            let word = array::<4>(head, place);
            if let (Some(word), Some(to)) = (word, block.first_chunk_mut()) {
                *to = word;
            }
        }
    }

    /// Whether the record, whose first block after the header is `data`, says that the file system was
    /// unmounted.
    pub(super) fn is_unmount(&self, data: &[u8]) -> bool {
        self.operations == 1 && byte(data, 9).is_some_and(|flags| flags & UNMOUNT != 0)
    }
}

/// A record that is whole.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) header: Header,
    /// With its headers.
    bytes: Vec<u8>,
}

impl Record {
    /// The record whose blocks are `bytes`; none if its checksum does not hold.
    pub(super) fn open(header: Header, mut bytes: Vec<u8>) -> Option<Self> {
        if !header.holds(&bytes) {
            return None;
        }
        header.restore(&mut bytes);
        Some(Self { header, bytes })
    }

    /// All of its operations.
    pub(super) fn operations(&self) -> Operations<'_> {
        let start = index(self.header.header_blocks).saturating_mul(SIZE);
        let bytes = self.bytes.get(start..).and_then(|bytes| bytes.get(..index(self.header.length)));
        Operations::new(bytes.unwrap_or_default(), self.header.operations)
    }
}

/// In which round a block was written.
pub(super) fn cycle(block: &[u8]) -> Option<u32> {
    let first = be32(block, 0)?;
    if first == MAGIC { be32(block, 4) } else { Some(first) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn encode(lsn: u64, tail: u64, length: u32, operations: u32, size: u32) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC.to_be_bytes());
        put(4, &lsn.to_be_bytes()[..4]);
        put(8, &2_u32.to_be_bytes());
        put(12, &length.to_be_bytes());
        put(16, &lsn.to_be_bytes());
        put(24, &tail.to_be_bytes());
        put(40, &operations.to_be_bytes());
        put(320, &size.to_be_bytes());
        block
    }

    proptest! {
        #[test]
        fn a_header_is_read_as_it_was_written(lsn: u64, tail: u64, length in 0..=RECORD_MAX, operations: u32, size in 0..=RECORD_MAX) {
            let header = Header::parse(&encode(lsn, tail, length, operations, size)).unwrap();
            prop_assert_eq!((header.lsn, header.tail), (Lsn::decode(lsn), Lsn::decode(tail)));
            prop_assert_eq!((header.length, header.operations), (length, operations));
            prop_assert!(header.header_blocks >= 1 && header.header_blocks <= 8);
            prop_assert!(header.blocks() <= 8 + 512);
        }
    }

    #[test]
    fn what_is_no_header() {
        let good = encode(5 << 32, 0, 512, 1, 32768);
        assert_eq!(Header::parse(&good).map(|header| header.blocks()), Some(2));
        for (at, value) in [(0, 0), (4, 1), (8, 1), (12, 1), (320, 1)] {
            let mut wrong = good;
            wrong[at] = value;
            assert_eq!(Header::parse(&wrong), None, "{at}");
        }
        assert_eq!(Header::parse(&good[..100]), None);
        assert_eq!((cycle(&good), cycle(&[0, 0, 0, 7]), cycle(&[0])), (Some(5), Some(7), None));
    }
}
