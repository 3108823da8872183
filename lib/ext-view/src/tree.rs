// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes of the tree of a file's extents (ext4 Data Structures and Algorithms, "Extent Tree").

use crate::bytes::{index, join, le16, le32, record};
use crate::error::Fault;
use crate::geometry::Geometry;
use view_parts::Crc;

const MAGIC: u16 = 0xF30A;
/// Bytes of the header, and of each record.
const RECORD: usize = 12;
/// The most levels below the root.
pub(crate) const DEPTH_MAX: u16 = 5;
/// The most blocks of a run. One that nobody wrote to has its number and this.
const RUN_MAX: u16 = 32_768;

/// A node: leaves have extents, others have children. Sorted by the file's blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'b> {
    records: &'b [u8],
    count: usize,
    pub(crate) depth: u16,
    /// Where the checksum is, in a block.
    tail: usize,
}

/// A run of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) file: u32,
    pub(crate) count: u16,
    pub(crate) start: u64,
    pub(crate) unwritten: bool,
}

/// A node below, and the first of the file's blocks that it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) file: u32,
    pub(crate) block: u64,
}

impl<'b> Node<'b> {
    /// Reads the node in `bytes`.
    ///
    /// # Errors
    ///
    /// It is none, or has more than fits in.
    pub(crate) fn read(bytes: &'b [u8]) -> Result<Self, Fault> {
        let field = |at| le16(bytes, at).ok_or(Fault::Bounds);
        if field(0)? != MAGIC {
            return Err(Fault::Magic);
        }
        let (count, most, depth) = (usize::from(field(2)?), usize::from(field(4)?), field(6)?);
        let tail = most.saturating_mul(RECORD).saturating_add(RECORD);
        if count > most || tail > bytes.len() || depth > DEPTH_MAX || (count == 0 && depth > 0) {
            return Err(Fault::Value);
        }
        let end = count.saturating_mul(RECORD).saturating_add(RECORD);
        let records = bytes.get(RECORD..end).ok_or(Fault::Bounds)?;
        Ok(Self { records, count, depth, tail })
    }

    /// Checks the checksum of the node, which is in `block`: behind the room for records.
    pub(crate) fn check_sum(&self, block: &[u8], seed: Crc) -> Result<(), Fault> {
        let stored = le32(block, self.tail).ok_or(Fault::Missing)?;
        let value = seed.with(block.get(..self.tail).unwrap_or_default()).state();
        if stored == value { Ok(()) } else { Err(Fault::Checksum) }
    }

    /// Checks that records are in order, none covers another, and all lead into the volume.
    pub(crate) fn check(&self, geometry: &Geometry) -> Result<(), Fault> {
        let mut end = 0;
        for index in 0..self.count {
            let (file, next, inside) = if self.depth == 0 {
                let extent = self.extent(index).ok_or(Fault::Value)?;
                (extent.file, extent.end(), geometry.run(extent.start, extent.count.into()))
            } else {
                let child = self.child(index).ok_or(Fault::Value)?;
                (child.file, u64::from(child.file).saturating_add(1), geometry.run(child.block, 1))
            };
            if u64::from(file) < end || next <= file.into() {
                return Err(Fault::Order);
            }
            inside.ok_or(Fault::Bounds)?;
            end = next;
        }
        Ok(())
    }

    /// Whether all of its records are between the file's blocks `from` and `until`.
    pub(crate) fn is_within(&self, from: u32, until: Option<u32>) -> bool {
        let last = self.count.saturating_sub(1);
        let end = match self.depth {
            0 => self.extent(last).map(|extent| extent.end()),
            _ => self.file(last).map(|file| u64::from(file).saturating_add(1)),
        };
        let begins = self.file(0).is_none_or(|first| first >= from);
        begins && until.is_none_or(|until| end.is_none_or(|end| end <= u64::from(until)))
    }

    fn file(&self, index: usize) -> Option<u32> {
        le32(record(self.records, index, RECORD)?, 0)
    }

    /// The last record that begins at the file's block `at` or before, and where the next one begins.
    pub(crate) fn find(&self, at: u32) -> (Option<usize>, Option<u32>) {
        let (mut low, mut high) = (0_usize, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.file(middle).is_some_and(|file| file <= at) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        (low.checked_sub(1), self.file(low))
    }

    pub(crate) fn extent(&self, index: usize) -> Option<Extent> {
        let bytes = record(self.records, index, RECORD)?;
        let length = le16(bytes, 4)?;
        let unwritten = length > RUN_MAX;
        let count = if unwritten { length.saturating_sub(RUN_MAX) } else { length };
        let start = join(le16(bytes, 6)?.into(), le32(bytes, 8)?);
        Some(Extent { file: le32(bytes, 0)?, count, start, unwritten })
    }

    pub(crate) fn child(&self, index: usize) -> Option<Child> {
        let bytes = record(self.records, index, RECORD)?;
        Some(Child { file: le32(bytes, 0)?, block: join(le16(bytes, 8)?.into(), le32(bytes, 4)?) })
    }
}

impl Extent {
    /// The file's block behind it.
    pub(crate) fn end(&self) -> u64 {
        u64::from(self.file).saturating_add(self.count.into())
    }
}

/// The 32-bit numbers in a block of a map ("Direct/Indirect Block Addressing").
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pointers<'b>(pub(crate) &'b [u8]);

impl Pointers<'_> {
    pub(crate) fn get(self, at: usize) -> Option<u32> {
        le32(self.0, at.checked_mul(4)?)
    }

    /// How many from `at` on are 0.
    pub(crate) fn zeros(self, at: usize) -> usize {
        self.while_is(at, |_| 0)
    }

    /// How many from `at` on lead to blocks that follow each other.
    pub(crate) fn row(self, at: usize) -> usize {
        let first = self.get(at).unwrap_or_default();
        self.while_is(at, |step| first.saturating_add(step))
    }

    fn while_is(self, at: usize, expected: impl Fn(u32) -> u32) -> usize {
        let matching = (0..u32::MAX)
            .take_while(|&step| self.get(at.saturating_add(index(step))) == Some(expected(step)));
        matching.count().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::tests::sample;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn node(depth: u16, most: u16, records: &[(u32, u16, u64)]) -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        bytes[..2].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[2..4].copy_from_slice(&(records.len() as u16).to_le_bytes());
        bytes[4..6].copy_from_slice(&most.to_le_bytes());
        bytes[6..8].copy_from_slice(&depth.to_le_bytes());
        for (record, (file, length, start)) in bytes[12..].chunks_mut(12).zip(records) {
            record[..4].copy_from_slice(&file.to_le_bytes());
            let (high, low) = ((start >> 32) as u16, *start as u32);
            if depth == 0 {
                record[4..6].copy_from_slice(&length.to_le_bytes());
                record[6..8].copy_from_slice(&high.to_le_bytes());
                record[8..12].copy_from_slice(&low.to_le_bytes());
            } else {
                record[4..8].copy_from_slice(&low.to_le_bytes());
                record[8..10].copy_from_slice(&high.to_le_bytes());
            }
        }
        bytes
    }

    fn check(depth: u16, records: &[(u32, u16, u64)]) -> Result<(), Fault> {
        Node::read(&node(depth, 84, records)).and_then(|node| node.check(&sample()))
    }

    #[test]
    fn extents_by_the_files_blocks() {
        let bytes = node(0, 84, &[(0, 5, 100), (5, 32_768 + 7, 200), (20, 32_768, 300)]);
        let node = Node::read(&bytes).unwrap();
        assert_eq!(node.check(&sample()), Ok(()));
        let found = |at| node.find(at).0.and_then(|index| node.extent(index));
        let extent = |file, count, start, unwritten| Some(Extent { file, count, start, unwritten });
        assert_eq!(found(4), extent(0, 5, 100, false));
        assert_eq!(found(15), extent(5, 7, 200, true));
        assert_eq!(found(20), extent(20, 32_768, 300, false));
        assert_eq!(node.find(15).1, Some(20));
        assert!(node.is_within(0, None) && !node.is_within(1, None) && !node.is_within(0, Some(30)));
    }

    #[test]
    fn what_a_node_cannot_be() {
        assert_eq!(check(0, &[(0, 5, 100), (4, 1, 200)]), Err(Fault::Order));
        assert_eq!(check(0, &[(0, 0, 100)]), Err(Fault::Order));
        assert_eq!(check(0, &[(0, 5, 65_534)]), Err(Fault::Bounds));
        assert_eq!(check(0, &[(0, 5, 1 << 40)]), Err(Fault::Bounds));
        assert_eq!(check(1, &[(9, 0, 100), (9, 0, 101)]), Err(Fault::Order));
        assert_eq!(check(1, &[(9, 0, 0)]), Err(Fault::Bounds));
        assert_eq!(check(6, &[(9, 0, 100)]), Err(Fault::Value));
        assert_eq!(check(1, &[]), Err(Fault::Value));
        assert_eq!(Node::read(&node(0, 85, &[])).map(|node| node.count), Err(Fault::Value));
        assert_eq!(Node::read(&[0; 60]).map(|node| node.count), Err(Fault::Magic));
    }

    #[test]
    fn pointers_in_a_row_and_zeros() {
        let bytes: Vec<u8> = [7_u32, 8, 9, 11, 0, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
        let pointers = Pointers(&bytes);
        assert_eq!((pointers.row(0), pointers.row(3), pointers.zeros(4)), (3, 1, 2));
        assert_eq!(pointers.get(6), None);
    }

    proptest! {
        #[test]
        fn any_node_does_no_harm(mut bytes in prop::collection::vec(any::<u8>(), 8..300), at in any::<u32>()) {
            bytes[..2].copy_from_slice(&MAGIC.to_le_bytes());
            (bytes[3], bytes[5], bytes[7]) = (0, 0, 0);
            if let Ok(node) = Node::read(&bytes) {
                let _ = (node.check(&sample()), node.find(at), node.is_within(0, Some(at)));
            }
        }
    }
}
