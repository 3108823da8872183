// SPDX-License-Identifier: MIT OR Apache-2.0
//! The blocks of metadata that were read last, and found well.

use crate::error::Structure;

/// The most bytes that the blocks in the cache have together.
pub const CACHE_MAX: usize = 256 * 1024;
/// What a block was read as. A block that is asked for as something else is read and checked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) structure: Structure,
    /// The inode that it belongs to; 0 for blocks of inodes.
    pub(crate) owner: u64,
    /// Where it begins, in bytes.
    pub(crate) offset: u64,
    /// Where it should be in its tree or directory.
    pub(crate) position: u64,
}

/// Blocks by what they were read as.
pub(crate) type Cache = view_parts::Cache<Key, CACHE_MAX>;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

    fn key(offset: u64) -> Key {
        Key { structure: Structure::Inode, owner: 0, offset, position: 0 }
    }

    #[test]
    fn a_block_is_found_as_what_it_was_read_as_only() {
        let mut cache = Cache::default();
        cache.put(key(1), &Arc::from([1; 512]));
        assert_eq!(cache.get(&key(1)).as_deref(), Some(&[1; 512][..]));
        assert!(cache.get(&Key { owner: 5, ..key(1) }).is_none());
        assert!(cache.get(&Key { structure: Structure::ExtentTree, ..key(1) }).is_none());
    }
}
