// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the log changes of the device, in memory.

use super::REPLAY_MAX;
use crate::bytes::{narrow, wide};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Changed pages, sorted by their place in bytes. A page is never larger than a block.
///
/// A sorted list, since a tree of the standard library is 4 KiB of code.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    page: u64,
    pages: Vec<(u64, Box<[u8]>)>,
}

impl Overlay {
    /// Without changes, for blocks of `block_size` bytes.
    pub(super) fn new(block_size: u64) -> Self {
        Self { page: block_size.min(4096), pages: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The bytes of all pages.
    pub(super) fn len(&self) -> usize {
        self.pages.len().saturating_mul(narrow(self.page))
    }

    /// Puts the changes over `buffer`, which was read from the byte `offset` on.
    pub(crate) fn apply(&self, offset: u64, buffer: &mut [u8]) {
        let end = offset.saturating_add(wide(buffer.len()));
        let first = self.pages.partition_point(|(place, _)| place.saturating_add(self.page) <= offset);
        let pages = self.pages.get(first..).unwrap_or_default();
        for (place, page) in pages.iter().take_while(|(place, _)| *place < end) {
            let skip = narrow(offset.saturating_sub(*place));
            let at = narrow(place.saturating_sub(offset));
            let (Some(from), Some(to)) = (page.get(skip..), buffer.get_mut(at..)) else { continue };
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        }
    }

    /// The places of the pages that `length` bytes from `offset` on touch.
    pub(super) fn pages_of(&self, offset: u64, length: usize) -> impl Iterator<Item = u64> + use<> {
        let (page, end) = (self.page.max(1), offset.saturating_add(wide(length)));
        let first = offset.saturating_sub(offset.checked_rem(page).unwrap_or(0));
        core::iter::successors(Some(first), move |place| place.checked_add(page))
            .take_while(move |place| *place < end)
    }

    /// Takes a whole page; false if there is no room for more.
    pub(super) fn put(&mut self, place: u64, page: Vec<u8>) -> bool {
        match self.pages.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(index) => {
                if let Some(known) = self.pages.get_mut(index) {
                    known.1 = page.into_boxed_slice();
                }
            }
            Err(index) => self.pages.insert(index, (place, page.into_boxed_slice())),
        }
        self.len() <= REPLAY_MAX
    }

    pub(super) fn page_size(&self) -> usize {
        narrow(self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_was_put_last(puts in prop::collection::vec((0_u64..8, any::<u8>()), 0..10), offset in 0_usize..8000, length in 0_usize..8000) {
            let mut overlay = Overlay::new(1024);
            let mut device: Vec<u8> = (0..16384).map(|at| (at / 7) as u8).collect();
            let mut buffer = device[offset..offset + length].to_vec();
            for (page, value) in puts {
                prop_assert!(overlay.put(page * 1024, vec![value; 1024]));
                device[page as usize * 1024..][..1024].fill(value);
            }
            overlay.apply(offset as u64, &mut buffer);
            prop_assert_eq!(&buffer, &device[offset..offset + length]);
        }
    }
}
