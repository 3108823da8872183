// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where blocks and inodes are: allocation groups, and the numbers that name a group and a place in
//! it (XFS Algorithms & Data Structures, "Allocation Groups", "Inode Numbers").

use crate::bytes::{bits, narrow, wide};

/// Sectors at the beginning of each group that hold its headers.
const HEADER_SECTORS: u64 = 4;
/// Where a directory's hashes begin: byte 32 GiB of its space ("Directories").
const LEAF_OFFSET_LOG: u8 = 35;

/// The layout of a file system. Sizes are powers of two, stored by their logarithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) block_log: u8,
    pub(crate) sector_log: u8,
    pub(crate) inode_log: u8,
    /// Of a directory's block, in bytes.
    pub(crate) directory_log: u8,
    /// Inodes in a block.
    pub(crate) inodes_log: u8,
    /// Bits of a block's number within its group.
    pub(crate) group_log: u8,
    /// Blocks of a group; the last one may have fewer.
    pub(crate) group_blocks: u32,
    pub(crate) groups: u32,
    /// Of all groups.
    pub(crate) blocks: u64,
    pub(crate) v5: bool,
    pub(crate) ftype: bool,
    /// That blocks of metadata have.
    pub(crate) uuid: [u8; 16],
}

/// The place of an inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InodePlace {
    /// Of its block, in bytes.
    pub(crate) block: u64,
    /// From there, in bytes.
    pub(crate) offset: usize,
}

fn power(log: u8) -> u64 {
    1_u64.checked_shl(u32::from(log)).unwrap_or(u64::MAX)
}

impl Geometry {
    pub(crate) fn with_uuid(self, uuid: [u8; 16]) -> Self {
        Self { uuid, ..self }
    }

    /// Whether the groups have just the blocks that there are.
    pub(crate) fn is_consistent(&self) -> bool {
        let group = u64::from(self.group_blocks);
        let all = u64::from(self.groups).saturating_mul(group);
        let others = all.saturating_sub(group);
        let headers = HEADER_SECTORS.saturating_mul(self.sector_size());
        let bits = power(self.group_log) >= group && power(self.group_log) < group.saturating_mul(2).max(2);
        let room = group.saturating_mul(self.block_size()) > headers;
        bits && room && self.blocks > others && self.blocks <= all && self.size().is_some()
    }

    fn size(&self) -> Option<u64> {
        self.blocks.checked_mul(self.block_size()).filter(|&size| i64::try_from(size).is_ok())
    }

    pub(crate) fn block_size(&self) -> u64 {
        power(self.block_log)
    }

    pub(crate) fn sector_size(&self) -> u64 {
        power(self.sector_log)
    }

    pub(crate) fn inode_size(&self) -> usize {
        narrow(power(self.inode_log))
    }

    pub(crate) fn directory_block_size(&self) -> usize {
        narrow(power(self.directory_log))
    }

    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    pub(crate) fn allocation_groups(&self) -> u32 {
        self.groups
    }

    /// The blocks in a block of a directory.
    pub(crate) fn blocks_per_directory_block(&self) -> u64 {
        power(self.directory_log.saturating_sub(self.block_log))
    }

    /// The first block of a directory's hashes: its names are before it.
    pub(crate) fn leaf_block(&self) -> u64 {
        power(LEAF_OFFSET_LOG.saturating_sub(self.block_log))
    }

    /// The block of a file that its byte `offset` is in.
    pub(crate) fn file_block(&self, offset: u64) -> u64 {
        offset.checked_shr(u32::from(self.block_log)).unwrap_or(0)
    }

    /// The first byte of a file's block.
    pub(crate) fn file_byte(&self, block: u64) -> u64 {
        block.saturating_mul(self.block_size())
    }

    /// The place in bytes of `count` blocks from `start` on, if they are in one group, and none of
    /// its headers.
    pub(crate) fn run(&self, start: u64, count: u64) -> Option<u64> {
        let log = u32::from(self.group_log);
        let (group, first) = (start.checked_shr(log)?, bits(start, 0, log));
        let end = first.checked_add(count).filter(|&end| end <= u64::from(self.group_blocks) && count > 0)?;
        if group >= u64::from(self.groups)
            || self.file_byte(first) < HEADER_SECTORS.saturating_mul(self.sector_size())
        {
            return None;
        }
        let base = group.checked_mul(u64::from(self.group_blocks))?;
        base.checked_add(end).filter(|&end| end <= self.blocks)?;
        base.checked_add(first)?.checked_mul(self.block_size())
    }

    /// The place of the inode `number`.
    pub(crate) fn inode_place(&self, number: u64) -> Option<InodePlace> {
        let log = u32::from(self.inodes_log);
        let block = self.run(number.checked_shr(log)?, 1)?;
        let offset = narrow(bits(number, 0, log)).checked_mul(self.inode_size())?;
        Some(InodePlace { block, offset })
    }

    /// The bytes that a file's fork may have in an inode of this size.
    pub(crate) fn inode_core(&self) -> usize {
        if self.v5 { 176 } else { 100 }
    }

    /// How many records of 16 bytes a block of a tree has room for.
    pub(crate) fn tree_records(&self) -> u64 {
        let header = wide(if self.v5 { 72 } else { 24 });
        self.block_size().saturating_sub(header) / 16
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 4 KiB blocks; three groups of 1000 and one of 500.
    pub(crate) fn sample() -> Geometry {
        Geometry {
            block_log: 12,
            sector_log: 9,
            inode_log: 9,
            directory_log: 13,
            inodes_log: 3,
            group_log: 10,
            group_blocks: 1000,
            groups: 4,
            blocks: 3500,
            v5: true,
            ftype: true,
            uuid: [7; 16],
        }
    }

    #[test]
    fn a_block_is_in_its_group() {
        let geometry = sample();
        assert!(geometry.is_consistent());
        assert_eq!(geometry.run(5, 1), Some(5 * 4096));
        assert_eq!(geometry.run((2 << 10) | 5, 995), Some(2005 * 4096));
        for (start, count) in
            [(5, 996), (1000, 1), (0, 1), (5, 0), (3 << 10, 1), ((3 << 10) | 499, 2), (4 << 10, 1)]
        {
            assert_eq!(geometry.run(start, count), None, "{start} {count}");
        }
        assert_eq!(geometry.run((3 << 10) | 499, 1), Some(3499 * 4096));
    }

    #[test]
    fn an_inode_is_in_its_block() {
        let geometry = sample();
        let place = geometry.inode_place((1 << 13) | (9 << 3) | 5);
        assert_eq!(place, Some(InodePlace { block: 1009 * 4096, offset: 5 * 512 }));
        assert_eq!(geometry.inode_place(0), None);
        assert_eq!(geometry.inode_place(u64::MAX), None);
    }

    #[test]
    fn groups_and_blocks_must_agree() {
        for (blocks, groups, log) in
            [(3000, 4, 10), (4001, 4, 10), (3500, 5, 10), (3500, 4, 11), (3500, 4, 9)]
        {
            let geometry = Geometry { blocks, groups, group_log: log, ..sample() };
            assert!(!geometry.is_consistent(), "{blocks} {groups} {log}");
        }
    }

    proptest! {
        #[test]
        fn a_run_is_always_inside(start in any::<u64>(), count in any::<u64>()) {
            if let Some(place) = sample().run(start % 5000, count % 1500) {
                prop_assert!(place + (count % 1500) * 4096 <= 3500 * 4096);
            }
            prop_assert!(sample().run(start, count).is_none_or(|place| place < 3500 * 4096));
        }
    }
}
