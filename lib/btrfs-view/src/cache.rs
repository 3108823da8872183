// SPDX-License-Identifier: MIT OR Apache-2.0
//! The nodes of trees that were read last, and found well.

use crate::node::Pointer;

/// The most bytes that the blocks in the cache have together.
pub const CACHE_MAX: usize = 512 * 1024;
/// Nodes by what leads to them.
pub(crate) type Cache = view_parts::Cache<Pointer, CACHE_MAX>;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

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
}
