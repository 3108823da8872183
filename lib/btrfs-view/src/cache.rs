// SPDX-License-Identifier: MIT OR Apache-2.0
//! The nodes of trees that were read last, and found well.

use crate::node::Pointer;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The most bytes that the blocks in the cache have together.
pub const CACHE_MAX: usize = 512 * 1024;
/// The most blocks in the cache.
const BLOCKS_MAX: usize = 64;

/// Blocks by what they were read as; the one that was not used for longest goes first.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    slots: Vec<Slot>,
    bytes: usize,
    /// Counts uses.
    now: u64,
}

#[derive(Debug)]
struct Slot {
    key: Pointer,
    used: u64,
    block: Arc<[u8]>,
}

impl Cache {
    pub(crate) fn get(&mut self, key: &Pointer) -> Option<Arc<[u8]>> {
        self.now = self.now.saturating_add(1);
        let slot = self.slots.iter_mut().find(|slot| slot.key == *key)?;
        slot.used = self.now;
        Some(Arc::clone(&slot.block))
    }

    pub(crate) fn put(&mut self, key: Pointer, block: &Arc<[u8]>) {
        while self.slots.len() >= BLOCKS_MAX || self.bytes.saturating_add(block.len()) > CACHE_MAX {
            let oldest = self.slots.iter().enumerate().min_by_key(|(_, slot)| slot.used);
            let Some((index, _)) = oldest else { return };
            let gone = self.slots.swap_remove(index);
            self.bytes = self.bytes.saturating_sub(gone.block.len());
        }
        self.bytes = self.bytes.saturating_add(block.len());
        self.slots.push(Slot { key, used: self.now, block: Arc::clone(block) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(logical: u64) -> Pointer {
        Pointer { logical, generation: 1, level: 0, first: None }
    }

    #[test]
    fn a_block_is_found_as_what_it_was_read_as_only() {
        let mut cache = Cache::default();
        cache.put(key(1), &Arc::from([1; 512]));
        assert_eq!(cache.get(&key(1)).as_deref(), Some(&[1; 512][..]));
        assert!(cache.get(&Pointer { generation: 5, ..key(1) }).is_none());
        assert!(cache.get(&Pointer { level: 1, ..key(1) }).is_none());
    }

    #[test]
    fn the_block_that_was_not_used_for_longest_goes() {
        let mut cache = Cache::default();
        let block: Arc<[u8]> = Arc::from(vec![0; CACHE_MAX / 4]);
        for offset in 0..4 {
            cache.put(key(offset), &block);
        }
        assert!(cache.get(&key(0)).is_some());
        cache.put(key(4), &block);
        assert!(cache.get(&key(0)).is_some());
        assert!(cache.get(&key(1)).is_none());
    }

    proptest! {
        #[test]
        fn it_never_has_more_than_its_bounds(sizes in prop::collection::vec(9_u32..19, 0..200)) {
            let mut cache = Cache::default();
            for (offset, size) in sizes.into_iter().enumerate() {
                cache.put(key(offset as u64), &Arc::from(vec![0; 1 << size]));
                let total: usize = cache.slots.iter().map(|slot| slot.block.len()).sum();
                prop_assert!(total == cache.bytes && total <= CACHE_MAX && cache.slots.len() <= BLOCKS_MAX);
            }
        }
    }
}
