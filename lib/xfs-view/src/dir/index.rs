// SPDX-License-Identifier: MIT OR Apache-2.0
//! A directory's index: hashes of names, sorted, with the places of the names; and the nodes above
//! them (XFS Algorithms & Data Structures, "Leaf Directories", "Node Directories").

use crate::bytes::{be16, be32, index, record};
use crate::error::Fault;
use crate::extent::partition;
use crate::geometry::Geometry;

/// The most levels of an index ("Node Directories").
pub(super) const LEVELS_MAX: u16 = 5;

/// Sorted hashes with addresses of names. Several names may have one hash, and an address of 0 is of
/// a name that was removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hashes<'b>(&'b [u8]);

impl<'b> Hashes<'b> {
    pub(super) const RECORD: usize = 8;

    pub(super) fn new(records: &'b [u8]) -> Self {
        Self(records)
    }

    fn len(self) -> usize {
        self.0.len() / Self::RECORD
    }

    fn hash(self, index: usize) -> Option<u32> {
        be32(record(self.0, index, Self::RECORD)?, 0)
    }

    fn address(self, index: usize) -> Option<u32> {
        be32(record(self.0, index, Self::RECORD)?, 4)
    }

    /// Whether the hashes are sorted.
    ///
    /// # Errors
    ///
    /// They are not.
    pub(super) fn check(self) -> Result<(), Fault> {
        let sorted = (1..self.len()).all(|index| self.hash(index.saturating_sub(1)) <= self.hash(index));
        sorted.then_some(()).ok_or(Fault::Order)
    }

    pub(super) fn last(self) -> Option<u32> {
        self.hash(self.len().checked_sub(1)?)
    }

    /// The addresses of the names with `hash`, in units of 8 bytes of the directory's space.
    pub(super) fn with(self, hash: u32) -> impl Iterator<Item = u32> {
        let first = partition(self.len(), |index| self.hash(index) < Some(hash));
        let same = (first..self.len()).take_while(move |&index| self.hash(index) == Some(hash));
        same.filter_map(move |index| self.address(index)).filter(|&address| address != 0)
    }
}

/// A block of the index.
#[derive(Clone, Copy, Debug)]
pub(super) enum Index<'b> {
    /// Hashes, and the block of the file with the next ones; 0 if there are none.
    Leaf(Hashes<'b>, u32),
    /// A node, and its level above the leaves.
    Node(Nodes<'b>, u16),
}

/// The children of a node: the highest hash of each, and its block of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nodes<'b>(Hashes<'b>);

impl Nodes<'_> {
    /// The block of the first child that may have `hash`; none if it is above all.
    pub(super) fn with(self, hash: u32) -> Option<u32> {
        self.0.address(partition(self.0.len(), |index| self.0.hash(index) < Some(hash)))
    }
}

impl<'b> Index<'b> {
    /// Reads a block, whose hashes were [checked](Index::check) before.
    ///
    /// # Errors
    ///
    /// It is none, or has more records than room.
    pub(super) fn read(block: &'b [u8], geometry: &Geometry) -> Result<Self, Fault> {
        let (info, header) = if geometry.v5 { (56, 64) } else { (12, 16) };
        let count = be16(block, info).map(usize::from).ok_or(Fault::Value)?;
        let magic = be16(block, 8).ok_or(Fault::Magic)?;
        let room = match (magic, geometry.v5) {
            // With room for the best free stretch of each block of names behind them.
            (0xD2F1, false) | (0x3DF1, true) => room_before_bests(block, header),
            (0xD2FF, false) | (0x3DFF, true) | (0xFEBE, false) | (0x3EBE, true) => block.get(header..),
            _ => return Err(Fault::Magic),
        };
        let length = count.checked_mul(Hashes::RECORD);
        let records = room.zip(length).and_then(|(room, length)| room.get(..length)).ok_or(Fault::Value)?;
        let hashes = Hashes(records);
        if !matches!(magic, 0xFEBE | 0x3EBE) {
            return Ok(Self::Leaf(hashes, be32(block, 0).ok_or(Fault::Value)?));
        }
        let level = be16(block, info.saturating_add(2)).filter(|level| (1..=LEVELS_MAX).contains(level));
        level.filter(|_| count > 0).map(|level| Self::Node(Nodes(hashes), level)).ok_or(Fault::Value)
    }

    /// Whether the hashes are sorted.
    ///
    /// # Errors
    ///
    /// They are not.
    pub(super) fn check(self) -> Result<(), Fault> {
        match self {
            Self::Leaf(hashes, _) | Self::Node(Nodes(hashes), _) => hashes.check(),
        }
    }
}

/// What is between the header of the only leaf of a directory and what it has at its end: two bytes
/// for each block of names, and how many those are.
fn room_before_bests(block: &[u8], header: usize) -> Option<&[u8]> {
    let tail = block.len().checked_sub(4)?;
    let bests = index(be32(block, tail)?).checked_mul(2)?;
    block.get(header..tail.checked_sub(bests)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::tests::sample;
    use proptest::prelude::*;

    fn encode(records: &[(u32, u32)]) -> Vec<u8> {
        records
            .iter()
            .flat_map(|(hash, address)| [hash.to_be_bytes(), address.to_be_bytes()])
            .flatten()
            .collect()
    }

    fn block(magic: u16, count: u16, level: u16, records: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 1024];
        block[3] = 9;
        block[8..10].copy_from_slice(&magic.to_be_bytes());
        block[56..58].copy_from_slice(&count.to_be_bytes());
        block[58..60].copy_from_slice(&level.to_be_bytes());
        block[64..64 + records.len()].copy_from_slice(records);
        block
    }

    proptest! {
        #[test]
        fn every_name_with_a_hash_is_found(mut records in prop::collection::vec((0_u32..20, 0_u32..5), 0..40), hash in 0_u32..21) {
            records.sort_by_key(|record| record.0);
            let bytes = encode(&records);
            let hashes = Hashes::new(&bytes);
            prop_assert_eq!(hashes.check(), Ok(()));
            let found: Vec<u32> = hashes.with(hash).collect();
            let all = records.iter().filter(|record| record.0 == hash && record.1 != 0).map(|record| record.1);
            prop_assert_eq!(found, all.collect::<Vec<_>>());
            let first = records.iter().find(|record| record.0 >= hash).map(|record| record.1);
            prop_assert_eq!(Nodes(hashes).with(hash), first);
        }

        #[test]
        fn any_block_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in prop::sample::select(vec![0x3DF1, 0x3DFF, 0x3EBE, 0]), count in 0_u16..200) {
            let block = block(magic, count, 1, &bytes);
            if let Ok(index) = Index::read(&block, &sample()) {
                let _ = index.check();
            }
            let _ = Index::read(&bytes, &sample());
        }
    }

    #[test]
    fn blocks_of_each_kind() {
        let geometry = sample();
        let records = encode(&[(5, 1), (7, 2)]);
        let read = |block: &[u8]| match Index::read(block, &geometry) {
            Ok(Index::Leaf(hashes, next)) => format!("leaf {} {next}", hashes.len()),
            Ok(Index::Node(nodes, level)) => format!("node {} {level}", nodes.0.len()),
            Err(fault) => fault.token().to_owned(),
        };
        assert_eq!(read(&block(0x3DFF, 2, 0, &records)), "leaf 2 9");
        assert_eq!(read(&block(0x3DF1, 2, 0, &records)), "leaf 2 9");
        assert_eq!(read(&block(0x3EBE, 2, 3, &records)), "node 2 3");
        assert_eq!(read(&block(0x3EBE, 2, 6, &records)), "value");
        assert_eq!(read(&block(0x3EBE, 0, 1, &records)), "value");
        assert_eq!(read(&block(0x3DFF, 121, 0, &records)), "value");
        assert_eq!(read(&block(0xD2FF, 2, 0, &records)), "magic");
        let mut with_bests = block(0x3DF1, 118, 0, &records);
        assert_eq!(read(&with_bests), "leaf 118 9");
        with_bests[1023] = 10;
        assert_eq!(read(&with_bests), "value");
        let wrong = encode(&[(7, 1), (5, 2)]);
        let block = block(0x3DFF, 2, 0, &wrong);
        assert_eq!(Index::read(&block, &geometry).unwrap().check(), Err(Fault::Order));
    }
}
