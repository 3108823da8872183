// SPDX-License-Identifier: MIT OR Apache-2.0
//! The blocks of metadata that were read last, and found well.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// The most blocks in the cache.
pub const BLOCKS_MAX: usize = 64;

/// Blocks by what they were read as, with at most `BYTES` bytes together; the one that was not used for
/// longest goes first. A block that is asked for as something else is not found.
///
/// ```
/// let mut cache = view_parts::Cache::<u64, 4096>::default();
/// cache.put(7, &[1; 512].into());
/// assert!(cache.get(&7).is_some() && cache.get(&8).is_none());
/// ```
#[derive(Debug)]
pub struct Cache<K, const BYTES: usize> {
    slots: Vec<Slot<K>>,
    bytes: usize,
    /// Counts uses.
    now: u64,
}

#[derive(Debug)]
struct Slot<K> {
    key: K,
    used: u64,
    block: Arc<[u8]>,
}

impl<K, const BYTES: usize> Default for Cache<K, BYTES> {
    fn default() -> Self {
        Self { slots: Vec::new(), bytes: 0, now: 0 }
    }
}

impl<K: PartialEq, const BYTES: usize> Cache<K, BYTES> {
    /// The block that was read as this, if it is still there.
    pub fn get(&mut self, key: &K) -> Option<Arc<[u8]>> {
        self.now = self.now.saturating_add(1);
        let slot = self.slots.iter_mut().find(|slot| slot.key == *key)?;
        slot.used = self.now;
        Some(Arc::clone(&slot.block))
    }

    /// Keeps a block, if it is not larger than all may be together.
    pub fn put(&mut self, key: K, block: &Arc<[u8]>) {
        while self.slots.len() >= BLOCKS_MAX || self.bytes.saturating_add(block.len()) > BYTES {
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

    const MAX: usize = 256 * 1024;

    #[test]
    fn the_block_that_was_not_used_for_longest_goes() {
        let mut cache = Cache::<u64, MAX>::default();
        let block: Arc<[u8]> = Arc::from(vec![0; MAX / 4]);
        for key in 0..4 {
            cache.put(key, &block);
        }
        assert!(cache.get(&0).is_some());
        cache.put(4, &block);
        assert!(cache.get(&0).is_some());
        assert!(cache.get(&1).is_none());
    }

    proptest! {
        #[test]
        fn it_never_has_more_than_its_bounds(sizes in prop::collection::vec(9_u32..19, 0..200)) {
            let mut cache = Cache::<usize, MAX>::default();
            for (key, size) in sizes.into_iter().enumerate() {
                cache.put(key, &Arc::from(vec![0; 1 << size]));
                let total: usize = cache.slots.iter().map(|slot| slot.block.len()).sum();
                prop_assert!(total == cache.bytes && total <= MAX && cache.slots.len() <= BLOCKS_MAX);
            }
        }
    }
}
