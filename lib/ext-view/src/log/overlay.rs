// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the journal changes of the device: where it has the newest form of each block.

use super::REPLAY_MAX;
use super::record::MAGIC;
use crate::Extent;
use crate::bytes::{narrow, wide};
use alloc::vec::Vec;
use view_parts::sorted_by_key;

/// A block that is read from another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    /// Where it belongs, in bytes.
    home: u64,
    /// Where the journal has it.
    place: u64,
    /// Whether its first bytes are the journal's magic number, in place of which the journal has zeros.
    escaped: bool,
}

/// Moved blocks, sorted by where they belong.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    block_size: u64,
    blocks: Vec<Moved>,
    /// How many blocks are sorted, and there once; behind them are newer ones.
    sorted: usize,
}

/// The fewest blocks that are sorted in at once.
const SORT_MIN: usize = 4096;

impl Overlay {
    pub(super) fn new(block_size: u64) -> Self {
        Self { block_size, blocks: Vec::new(), sorted: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Has the block at `home` be read from `place`, whatever was said before; false if there is no room.
    pub(super) fn put(&mut self, home: u64, place: u64, escaped: bool) -> bool {
        self.blocks.push(Moved { home, place, escaped });
        if self.blocks.len() > self.sorted.saturating_mul(2).max(SORT_MIN) {
            self.sort();
        }
        self.sorted <= REPLAY_MAX
    }

    /// Sorts all blocks; of those with one home, the newest stays.
    pub(super) fn sort(&mut self) {
        self.blocks = sorted_by_key(core::mem::take(&mut self.blocks), |block| block.home);
        self.blocks.dedup_by(|next, kept| {
            let same = next.home == kept.home;
            if same {
                *kept = *next;
            }
            same
        });
        self.sorted = self.blocks.len();
    }

    /// The moved blocks that end behind `offset`.
    fn from(&self, offset: u64) -> &[Moved] {
        let first = self.blocks.partition_point(|block| block.home.saturating_add(self.block_size) <= offset);
        self.blocks.get(first..).unwrap_or_default()
    }

    /// Puts the moved blocks over `buffer`, which was read from the byte `offset` on; `read` reads the
    /// device.
    pub(crate) fn apply<E>(
        &self,
        offset: u64,
        buffer: &mut [u8],
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = offset.saturating_add(wide(buffer.len()));
        for block in self.from(offset).iter().take_while(|block| block.home < end) {
            let skip = offset.saturating_sub(block.home);
            let start = block.home.max(offset);
            let length = block.home.saturating_add(self.block_size).min(end).saturating_sub(start);
            let at = narrow(start.saturating_sub(offset));
            let part = buffer.get_mut(at..).and_then(|rest| rest.get_mut(..narrow(length)));
            let part = part.unwrap_or_default();
            read(block.place.saturating_add(skip), part)?;
            if block.escaped {
                let magic = MAGIC.get(narrow(skip).min(MAGIC.len())..).unwrap_or_default();
                part.iter_mut().zip(magic).for_each(|(to, from)| *to = *from);
            }
        }
        Ok(())
    }

    /// The first part of `extent` that lies together, where it lies; none if the journal has it escaped.
    pub(crate) fn redirect(&self, extent: Extent) -> Option<Extent> {
        let Some(place) = extent.place else { return Some(extent) };
        let until = |end: u64| extent.length.min(end.saturating_sub(place));
        match self.from(place).first() {
            Some(block) if block.home <= place => {
                let moved = block.place.saturating_add(place.saturating_sub(block.home));
                let length = until(block.home.saturating_add(self.block_size));
                (!block.escaped).then_some(Extent { place: Some(moved), length, ..extent })
            }
            Some(block) => Some(Extent { length: until(block.home), ..extent }),
            None => Some(extent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_was_put_last(
            puts in prop::collection::vec((0_u64..8, 0_u64..8, any::<bool>()), 0..20),
            offset in 0_usize..8000, length in 1_usize..8000,
        ) {
            // The first eight blocks of 1 KiB are the volume, those behind are the journal.
            let device: Vec<u8> = (0..16384_u32).map(|at| (at / 7) as u8).collect();
            let mut expected = device[..8192].to_vec();
            let mut overlay = Overlay::new(1024);
            for (home, place, escaped) in puts {
                prop_assert!(overlay.put(home * 1024, (8 + place) * 1024, escaped));
                let (home, place) = (home as usize * 1024, (8 + place as usize) * 1024);
                expected[home..home + 1024].copy_from_slice(&device[place..place + 1024]);
                if escaped {
                    expected[home..home + 4].copy_from_slice(&MAGIC);
                }
            }
            overlay.sort();
            let length = length.min(8192 - offset);
            let mut buffer = device[offset..offset + length].to_vec();
            let read = |place: u64, part: &mut [u8]| {
                part.copy_from_slice(&device[place as usize..place as usize + part.len()]);
                Ok::<(), ()>(())
            };
            overlay.apply(offset as u64, &mut buffer, read).unwrap();
            prop_assert_eq!(&buffer, &expected[offset..offset + length]);
            let extent = Extent { offset: 0, length: length as u64, place: Some(offset as u64) };
            if let Some(Extent { length: part, place: Some(place), .. }) = overlay.redirect(extent) {
                prop_assert!(part > 0);
                prop_assert_eq!(&device[place as usize..][..part as usize], &expected[offset..][..part as usize]);
            }
        }
    }
}
