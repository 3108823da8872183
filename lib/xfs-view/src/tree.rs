// SPDX-License-Identifier: MIT OR Apache-2.0
//! The B+tree of a file's extents, whose root is in the inode (XFS Algorithms & Data Structures,
//! "B+tree Extent List").

use crate::bytes::{be16, be64, narrow, record};
use crate::error::Fault;
use crate::extent::{RECORD, Records, partition};
use crate::geometry::Geometry;

/// The most levels above the leaves. A tree of the smallest blocks that has every extent of the
/// largest file needs fewer.
pub(crate) const LEVELS_MAX: u16 = 16;
const MAGIC_V4: &[u8; 4] = b"BMAP";
const MAGIC_V5: &[u8; 4] = b"BMA3";
/// The bytes of a key, and of a pointer.
const WORD: usize = 8;
/// The bytes before the keys of a root: level and count.
const ROOT_HEADER: usize = 4;

/// The keys and pointers of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Children<'b> {
    /// The first of the file's blocks that each child has.
    keys: &'b [u8],
    pointers: &'b [u8],
}

impl<'b> Children<'b> {
    /// In `room`, which has keys for as many as fit, then the pointers.
    fn read(room: &'b [u8], count: usize) -> Option<Self> {
        let most = room.len() / RECORD;
        let (keys, pointers) = room.split_at_checked(most.checked_mul(WORD)?)?;
        let used = count.checked_mul(WORD).filter(|_| count > 0)?;
        Some(Self { keys: keys.get(..used)?, pointers: pointers.get(..used)? })
    }

    pub(crate) fn len(self) -> usize {
        self.keys.len() / WORD
    }

    pub(crate) fn key(self, index: usize) -> Option<u64> {
        be64(record(self.keys, index, WORD)?, 0)
    }

    pub(crate) fn pointer(self, index: usize) -> Option<u64> {
        be64(record(self.pointers, index, WORD)?, 0)
    }

    /// The child that has the file's block `at`, if any has.
    pub(crate) fn with(self, at: u64) -> usize {
        partition(self.len(), |index| self.key(index).is_some_and(|key| key <= at)).saturating_sub(1)
    }

    fn check(self, geometry: &Geometry) -> Result<(), Fault> {
        let mut before = None;
        for index in 0..self.len() {
            let key = self.key(index);
            if before.is_some() && key <= before {
                return Err(Fault::Order);
            }
            let pointer = self.pointer(index).ok_or(Fault::Value)?;
            geometry.run(pointer, 1).ok_or(Fault::Bounds)?;
            before = key;
        }
        Ok(())
    }
}

/// The root, in an inode.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root<'b> {
    /// How many levels are below it.
    pub(crate) level: u16,
    pub(crate) children: Children<'b>,
}

impl<'b> Root<'b> {
    pub(crate) fn read(fork: &'b [u8]) -> Option<Self> {
        let level = be16(fork, 0).filter(|level| (1..=LEVELS_MAX).contains(level))?;
        let children = Children::read(fork.get(ROOT_HEADER..)?, be16(fork, 2)?.into())?;
        Some(Self { level, children })
    }

    /// Whether the keys are in order and the pointers inside of the volume.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(crate) fn check(self, geometry: &Geometry) -> Result<(), Fault> {
        self.children.check(geometry)
    }
}

/// A block of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'b> {
    Inner(Children<'b>),
    Leaf(Records<'b>),
}

impl<'b> Node<'b> {
    /// Reads the block of `level`, whose records were [checked](Node::check) before.
    pub(crate) fn read(block: &'b [u8], level: u16, geometry: &Geometry) -> Result<Self, Fault> {
        let (magic, header) = if geometry.v5 { (MAGIC_V5, 72) } else { (MAGIC_V4, 24) };
        if block.get(..magic.len()) != Some(magic) {
            return Err(Fault::Magic);
        }
        if be16(block, 4) != Some(level) {
            return Err(Fault::Level);
        }
        let count = be16(block, 6).filter(|&count| (1..=geometry.tree_records()).contains(&u64::from(count)));
        let count = usize::from(count.ok_or(Fault::Value)?);
        let room = block.get(header..).ok_or(Fault::Value)?;
        if level > 0 {
            return Children::read(room, count).map(Self::Inner).ok_or(Fault::Value);
        }
        room.get(..count.saturating_mul(RECORD))
            .map(|records| Self::Leaf(Records::new(records)))
            .ok_or(Fault::Value)
    }

    /// Whether the block's records are in order and inside of the volume.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(crate) fn check(self, geometry: &Geometry) -> Result<(), Fault> {
        match self {
            Self::Inner(children) => children.check(geometry),
            Self::Leaf(records) => records.check(geometry),
        }
    }

    /// Whether the block has nothing that is outside of `from..until`.
    pub(crate) fn is_within(self, from: u64, until: Option<u64>) -> bool {
        let (first, last) = match self {
            Self::Inner(children) => (children.key(0), children.key(children.len().saturating_sub(1))),
            Self::Leaf(records) => (records.first(), records.end().map(|end| end.saturating_sub(1))),
        };
        first.is_some_and(|first| first >= from)
            && until.is_none_or(|until| last.is_some_and(|last| last < until))
    }
}

/// The number of levels as an index.
pub(crate) fn levels() -> usize {
    narrow(u64::from(LEVELS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::{Run, tests::encode};
    use crate::geometry::tests::sample;
    use proptest::prelude::*;

    fn node(level: u16, count: u16, room: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 4096];
        block[..4].copy_from_slice(MAGIC_V5);
        block[4..6].copy_from_slice(&level.to_be_bytes());
        block[6..8].copy_from_slice(&count.to_be_bytes());
        block[72..72 + room.len()].copy_from_slice(room);
        block
    }

    fn children(keys: &[u64], pointer: u64, most: usize) -> Vec<u8> {
        let mut room = vec![0; most * 16];
        for (index, key) in keys.iter().enumerate() {
            room[index * 8..][..8].copy_from_slice(&key.to_be_bytes());
            room[(most + index) * 8..][..8].copy_from_slice(&pointer.to_be_bytes());
        }
        room
    }

    #[test]
    fn the_child_that_has_a_block() {
        let room = children(&[0, 10, 20], 77, 5);
        let children = Children::read(&room, 3).unwrap();
        for (at, index) in [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (u64::MAX, 2)] {
            assert_eq!(children.with(at), index, "{at}");
        }
        assert_eq!((children.key(1), children.pointer(2), children.key(3)), (Some(10), Some(77), None));
        assert!(Children::read(&room, 6).is_none() && Children::read(&room, 0).is_none());
    }

    #[test]
    fn nodes_that_are_wrong() {
        let geometry = sample();
        let check =
            |block: &[u8], level| Node::read(block, level, &geometry).and_then(|node| node.check(&geometry));
        let good = node(1, 3, &children(&[0, 10, 20], 77, 251));
        assert_eq!(check(&good, 1), Ok(()));
        assert_eq!(check(&good, 2), Err(Fault::Level));
        assert_eq!(check(&node(1, 252, &[]), 1), Err(Fault::Value));
        assert_eq!(check(&node(1, 0, &[]), 1), Err(Fault::Value));
        assert_eq!(check(&node(1, 2, &children(&[10, 10], 77, 251)), 1), Err(Fault::Order));
        assert_eq!(check(&node(1, 2, &children(&[0, 10], 1001, 251)), 1), Err(Fault::Bounds));
        assert_eq!(check(&good[..100], 1), Err(Fault::Value));
        let mut wrong = good;
        wrong[3] = b'P';
        assert_eq!(check(&wrong, 1), Err(Fault::Magic));
    }

    #[test]
    fn what_a_parent_promised() {
        let geometry = sample();
        let run = Run { file: 10, start: 20, count: 5, unwritten: false };
        let block = node(0, 1, &encode(&run));
        let leaf = Node::read(&block, 0, &geometry).unwrap();
        assert!(leaf.is_within(10, Some(15)) && leaf.is_within(0, None));
        assert!(!leaf.is_within(11, None) && !leaf.is_within(10, Some(14)));
    }

    proptest! {
        #[test]
        fn any_block_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..1024), level in 0_u16..3, count in 0_u16..300) {
            let geometry = sample();
            let block = node(level, count, &bytes);
            if let Ok(node) = Node::read(&block, level, &geometry) {
                let _ = node.check(&geometry);
                let _ = node.is_within(5, Some(9));
            }
            let _ = Root::read(&bytes).map(|root| root.check(&geometry));
        }
    }
}
