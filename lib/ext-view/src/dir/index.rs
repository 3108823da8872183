// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of an index: hashes of names, and the directory's blocks that have them ("Hash Tree
//! Directories").

use crate::bytes::{byte, le16, le32, record};
use crate::error::Fault;
use view_parts::Crc;

/// Bytes of a record.
const RECORD: usize = 8;
/// Where the root says how names are hashed, and how many levels there are below it.
const INFO: usize = 24;
const INFO_LENGTH: u8 = 8;
/// Where records begin: behind `.`, `..` and the root's own fields, or behind one empty entry.
const ROOT_RECORDS: usize = 32;
const NODE_RECORDS: usize = 8;
/// The bits of a block's number; the others are kept for other uses.
const BLOCK: u32 = 0x0FFF_FFFF;

/// A block of an index. The hash of its first record is that of the record above it, and not stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index<'b> {
    block: &'b [u8],
    start: usize,
    count: usize,
    most: usize,
    /// How names are hashed, and the levels below; in the root.
    pub(super) version: u8,
    pub(super) levels: u8,
}

impl<'b> Index<'b> {
    /// The root, which is in the directory's first block. With checksums it has room for one record less.
    pub(super) fn root(block: &'b [u8], sums: bool) -> Result<Self, Fault> {
        let field = |at: usize| byte(block, INFO.saturating_add(at)).ok_or(Fault::Bounds);
        if le32(block, INFO) != Some(0) || field(5)? != INFO_LENGTH {
            return Err(Fault::Value);
        }
        let (version, levels) = (field(4)?, field(6)?);
        Ok(Self { version, levels, ..Self::read(block, ROOT_RECORDS, sums)? })
    }

    /// A block below the root.
    pub(super) fn node(block: &'b [u8], sums: bool) -> Result<Self, Fault> {
        if le32(block, 0) != Some(0) || byte(block, 6) != Some(0) {
            return Err(Fault::Magic);
        }
        Self::read(block, NODE_RECORDS, sums)
    }

    fn read(block: &'b [u8], start: usize, sums: bool) -> Result<Self, Fault> {
        let room = block.len().saturating_sub(start) / RECORD;
        let most = room.saturating_sub(usize::from(sums));
        let field = |at| le16(block, at).map(usize::from).ok_or(Fault::Bounds);
        let count = field(start.saturating_add(2))?;
        if field(start)? != most || !(1..=most).contains(&count) {
            return Err(Fault::Value);
        }
        Ok(Self { block, start, count, most, version: 0, levels: 0 })
    }

    /// Checks the checksum, which is behind the room for records and leaves out those that are not used.
    pub(super) fn check_sum(&self, seed: Crc) -> Result<(), Fault> {
        let end = |count: usize| count.saturating_mul(RECORD).saturating_add(self.start);
        let tail = self.block.get(end(self.most)..).unwrap_or_default();
        let used = self.block.get(..end(self.count)).unwrap_or_default();
        let value = seed.with(used).with(tail.get(..4).unwrap_or_default()).with(&[0; 4]).state();
        if le32(tail, 4) == Some(value) { Ok(()) } else { Err(Fault::Checksum) }
    }

    fn record(&self, index: usize) -> Option<&'b [u8]> {
        let records = self.block.get(self.start..)?;
        record(records, index, RECORD).filter(|_| index < self.count)
    }

    /// The hash of a record. With its lowest bit, the block before it may have the same hash.
    pub(super) fn hash(&self, index: usize) -> Option<u32> {
        le32(self.record(index)?, 0)
    }

    /// The directory's block that a record leads to.
    pub(super) fn block(&self, index: usize) -> Option<u64> {
        Some((le32(self.record(index)?, 4)? & BLOCK).into())
    }

    /// The record that should lead to `hash`: the last that is not above it.
    pub(super) fn find(&self, hash: u32) -> usize {
        let (mut low, mut high) = (1_usize, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.hash(middle).is_some_and(|found| found <= hash) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        low.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn node(records: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        bytes[4..6].copy_from_slice(&1024_u16.to_le_bytes());
        for (place, (hash, block)) in bytes[8..].chunks_mut(8).zip(records) {
            place[..4].copy_from_slice(&hash.to_le_bytes());
            place[4..].copy_from_slice(&block.to_le_bytes());
        }
        bytes[8..10].copy_from_slice(&127_u16.to_le_bytes());
        bytes[10..12].copy_from_slice(&(records.len() as u16).to_le_bytes());
        bytes
    }

    #[test]
    fn the_last_record_that_is_not_above() {
        let bytes = node(&[(0, 1), (100, 2), (201, 3)]);
        let index = Index::node(&bytes, false).unwrap();
        for (hash, record) in [(0, 0), (98, 0), (100, 1), (200, 1), (202, 2), (u32::MAX, 2)] {
            assert_eq!(index.find(hash), record, "{hash}");
        }
        assert_eq!((index.block(2), index.block(3)), (Some(3), None));
    }

    #[test]
    fn room_is_what_a_block_has() {
        let bytes = node(&[(0, 1)]);
        assert_eq!(Index::node(&bytes, true).map(|index| index.count), Err(Fault::Value));
        assert_eq!(Index::node(&node(&[]), false).map(|index| index.count), Err(Fault::Value));
        assert_eq!(Index::root(&bytes, false).map(|index| index.count), Err(Fault::Value));
    }

    proptest! {
        #[test]
        fn any_block_does_no_harm(mut bytes in prop::collection::vec(any::<u8>(), 1024), hash in any::<u32>()) {
            let (_, _) = (Index::root(&bytes, true).map(|it| it.find(hash)), Index::node(&bytes, true).map(|it| it.find(hash)));
            bytes[..12].copy_from_slice(&node(&[(0, 1)])[..12]);
            bytes[11] = 0;
            if let Ok(index) = Index::node(&bytes, false) {
                prop_assert!(index.block(index.find(hash)).is_some());
                let _ = index.check_sum(Crc::new());
            }
        }
    }
}
