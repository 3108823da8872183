// SPDX-License-Identifier: MIT OR Apache-2.0
//! A directory's blocks with names (XFS Algorithms & Data Structures, "Block Directories", "Leaf
//! Directories").

use super::index::Hashes;
use super::{Entry, is_name};
use crate::bytes::{array, be16, be32, be64, byte, index};
use crate::error::Fault;
use crate::geometry::Geometry;
use crate::metadata::FileType;

/// What entries are aligned to, and what addresses of entries count.
pub(super) const ALIGN: usize = 8;
/// In place of an entry's inode number: that a stretch of the block is free.
const FREE: u16 = 0xFFFF;
/// Before a name: inode number and length.
const BEFORE_NAME: usize = 9;
/// The entry's own offset, its last two bytes.
const TAG: usize = 2;
/// At the end of a block that has hashes, too: how many, and how many of those are stale.
const TAIL: usize = 8;

/// A block with names, which was [checked](Data::check).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data<'b> {
    block: &'b [u8],
    /// Where entries begin, and where they end.
    start: usize,
    end: usize,
    ftype: bool,
    /// The hashes of the names, where they are in the same block.
    pub(super) hashes: Option<Hashes<'b>>,
}

impl<'b> Data<'b> {
    /// Reads a block, by its first bytes one with hashes or without.
    ///
    /// # Errors
    ///
    /// It is neither, or its hashes are more than it has room for.
    pub(crate) fn read(block: &'b [u8], geometry: &Geometry) -> Result<Self, Fault> {
        let start = if geometry.v5 { 64 } else { 16 };
        let data = Self { block, start, end: block.len(), ftype: geometry.ftype, hashes: None };
        match (array(block, 0).as_ref(), geometry.v5) {
            (Some(b"XD2D"), false) | (Some(b"XDD3"), true) => Ok(data),
            (Some(b"XD2B"), false) | (Some(b"XDB3"), true) => data.with_hashes().ok_or(Fault::Value),
            _ => Err(Fault::Magic),
        }
    }

    fn with_hashes(self) -> Option<Self> {
        let tail = self.block.len().checked_sub(TAIL)?;
        let length = index(be32(self.block, tail)?).checked_mul(Hashes::RECORD)?;
        let end = tail.checked_sub(length).filter(|&end| end >= self.start)?;
        let hashes = Hashes::new(self.block.get(end..tail)?);
        Some(Self { end, hashes: Some(hashes), ..self })
    }

    /// Whether entries and free stretches fill the block, and hashes are in order.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(crate) fn check(self) -> Result<(), Fault> {
        let mut at = self.start;
        while at < self.end {
            at = self.after(at).ok_or(Fault::Value)?.1;
        }
        self.hashes.map_or(Ok(()), Hashes::check)
    }

    /// The entry at the byte `at`, none if that is free, and where the next one is.
    fn after(self, at: usize) -> Option<(Option<Entry<'b>>, usize)> {
        if be16(self.block, at)? == FREE {
            let length = usize::from(be16(self.block, at.checked_add(2)?)?);
            let next = at.checked_add(length).filter(|_| length > 0 && length.is_multiple_of(ALIGN))?;
            return self.is_tagged(at, next).then_some((None, next));
        }
        let (entry, next) = self.entry(at)?;
        Some((Some(entry), next))
    }

    /// Whether what is at `at` ends at `next` with its own offset.
    fn is_tagged(self, at: usize, next: usize) -> bool {
        let tag = next.checked_sub(TAG).and_then(|place| be16(self.block, place));
        next <= self.end && tag.map(usize::from) == Some(at)
    }

    /// The entry at the byte `at`.
    fn entry(self, at: usize) -> Option<(Entry<'b>, usize)> {
        let bytes = self.block.get(at..self.end)?;
        let length = usize::from(byte(bytes, 8)?);
        let end = BEFORE_NAME.checked_add(length)?;
        let name = bytes.get(BEFORE_NAME..end).filter(|name| is_name(name))?;
        let file_type = if self.ftype { FileType::of_entry(byte(bytes, end)?) } else { None };
        let size = end.checked_add(usize::from(self.ftype))?.checked_add(TAG)?.next_multiple_of(ALIGN);
        let next = at.checked_add(size).filter(|&next| self.is_tagged(at, next))?;
        Some((Entry { name, inode: be64(bytes, 0)?, file_type }, next))
    }

    /// The entry that an index says is at the byte `at`.
    pub(super) fn at(self, at: usize) -> Option<Entry<'b>> {
        if at < self.start || !at.is_multiple_of(ALIGN) || be16(self.block, at)? == FREE {
            return None;
        }
        self.entry(at).map(|(entry, _)| entry)
    }

    /// The next entry from the byte `at` on (0 for the first), and where to go on.
    pub(super) fn next(self, at: usize) -> Option<(Entry<'b>, usize)> {
        let mut at = at.max(self.start);
        while at < self.end {
            let (entry, next) = self.after(at)?;
            if let Some(entry) = entry {
                return Some((entry, next));
            }
            at = next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::tests::sample;
    use proptest::prelude::*;

    /// What a block has, in order.
    #[derive(Clone, Debug)]
    enum Part {
        Entry(Vec<u8>, u64, u8),
        Free(usize),
    }

    fn encode(magic: &[u8; 4], parts: &[Part], ftype: bool) -> Vec<u8> {
        let mut block = vec![0; 1024];
        block[..4].copy_from_slice(magic);
        let mut at = if magic.ends_with(b"3") { 64 } else { 16 };
        for part in parts {
            let size = match part {
                Part::Entry(name, ..) => (11 + name.len() + usize::from(ftype)).next_multiple_of(8),
                Part::Free(size) => *size,
            };
            if at + size > block.len() {
                break;
            }
            match part {
                Part::Entry(name, inode, code) => {
                    block[at..at + 8].copy_from_slice(&inode.to_be_bytes());
                    block[at + 8] = name.len() as u8;
                    block[at + 9..at + 9 + name.len()].copy_from_slice(name);
                    if ftype {
                        block[at + 9 + name.len()] = *code;
                    }
                }
                Part::Free(size) => {
                    block[at..at + 4].copy_from_slice(&(0xFFFF_0000 | *size as u32).to_be_bytes());
                }
            }
            block[at + size - 2..at + size].copy_from_slice(&(at as u16).to_be_bytes());
            at += size;
        }
        let rest = block.len() - at;
        if rest > 0 {
            block[at..at + 4].copy_from_slice(&(0xFFFF_0000 | rest as u32).to_be_bytes());
            block[1022..].copy_from_slice(&(at as u16).to_be_bytes());
        }
        block
    }

    fn parts() -> impl Strategy<Value = Vec<Part>> {
        let entry = ("[a-z]{1,40}", 1..u64::MAX >> 16, 0_u8..9)
            .prop_map(|(name, inode, code)| Part::Entry(name.into_bytes(), inode, code));
        prop::collection::vec(
            prop_oneof![3 => entry, 1 => (1_usize..9).prop_map(|n| Part::Free(n * 8))],
            0..15,
        )
    }

    fn entries(data: Data<'_>) -> Vec<(Vec<u8>, u64)> {
        let mut at = 0;
        let next = || {
            data.next(at).map(|(entry, next)| {
                at = next;
                (entry.name.to_vec(), entry.inode)
            })
        };
        std::iter::from_fn(next).collect()
    }

    proptest! {
        #[test]
        fn names_are_read_as_they_were_stored(parts in parts(), ftype: bool, v5: bool) {
            let geometry = Geometry { ftype, v5, ..sample() };
            let block = encode(if v5 { b"XDD3" } else { b"XD2D" }, &parts, ftype);
            let data = Data::read(&block, &geometry).unwrap();
            prop_assert_eq!(data.check(), Ok(()));
            let mut stored = parts.iter().filter_map(|part| match part {
                Part::Entry(name, inode, _) => Some((name.clone(), *inode)),
                Part::Free(_) => None,
            });
            // The block may have had no room for the last ones.
            for entry in entries(data) {
                prop_assert_eq!(Some(entry), stored.next());
            }
        }

        #[test]
        fn any_block_does_no_harm(parts in parts(), changes in prop::collection::vec((4_usize..1024, any::<u8>()), 0..20), hashes: bool) {
            let mut block = encode(if hashes { b"XDB3" } else { b"XDD3" }, &parts, true);
            for (at, value) in changes {
                block[at] = value;
            }
            if let Ok(data) = Data::read(&block, &sample()) {
                let _ = data.check();
                prop_assert!(entries(data).len() < 128);
                for at in 0..1100 {
                    let _ = data.at(at);
                }
            }
        }
    }

    #[test]
    fn blocks_that_are_wrong() {
        let geometry = sample();
        let check = |block: &[u8]| Data::read(block, &geometry).and_then(Data::check);
        let good = encode(b"XDD3", &[Part::Entry(b"name".to_vec(), 5, 1), Part::Free(16)], true);
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&[]), Err(Fault::Magic));
        let mut of_v4 = good.clone();
        of_v4[..4].copy_from_slice(b"XD2D");
        assert_eq!(check(&of_v4), Err(Fault::Magic));
        for (at, value) in [(72, 0), (72, 200), (73, b'/'), (79, 1), (83, 0), (83, 12), (95, 1)] {
            let mut wrong = good.clone();
            wrong[at] = value;
            assert_eq!(check(&wrong), Err(Fault::Value), "{at}");
        }
        let mut block = encode(b"XDB3", &[], true);
        block[1016..1020].copy_from_slice(&1000_u32.to_be_bytes());
        assert_eq!(check(&block), Err(Fault::Value));
    }
}
