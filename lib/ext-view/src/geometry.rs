// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things are: groups of blocks, their descriptors, and inodes ("Layout", "Meta Block Groups").

use crate::bytes::{index, narrow, wide};

/// The layout of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) block_log: u32,
    pub(crate) block_size: usize,
    /// Blocks of the volume.
    pub(crate) blocks: u64,
    /// The first block of the first group.
    pub(crate) first_block: u64,
    pub(crate) blocks_per_group: u64,
    pub(crate) groups: u32,
    pub(crate) inodes: u32,
    pub(crate) inodes_per_group: u32,
    pub(crate) inode_size: usize,
    pub(crate) descriptor_size: usize,
    /// The first block of descriptors that is in its own group (`meta_bg`).
    pub(crate) first_meta_group: Option<u32>,
    /// The only groups with copies of the superblock (`sparse_super2`).
    pub(crate) backups: Option<[u32; 2]>,
    /// Whether copies are in the groups 0 and 1 and powers of 3, 5 and 7 alone.
    pub(crate) sparse: bool,
    /// The sectors of 512 bytes in the smallest piece that a file can get.
    pub(crate) cluster_sectors: u64,
}

/// A record in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The block's place in bytes.
    pub(crate) block: u64,
    /// Where in the block, in bytes.
    pub(crate) offset: usize,
}

impl Geometry {
    /// Where `count` blocks from `first` on are in bytes, if the volume has them. Block 0 has no file.
    pub(crate) fn run(&self, first: u64, count: u64) -> Option<u64> {
        let end = first.checked_add(count)?;
        let inside = first > 0 && first >= self.first_block && end <= self.blocks;
        inside.then(|| self.bytes(first))
    }

    /// Blocks in bytes.
    pub(crate) fn bytes(&self, blocks: u64) -> u64 {
        let log = u64::BITS.saturating_sub(self.block_log);
        if blocks >> log == 0 { blocks << self.block_log } else { u64::MAX }
    }

    /// The block that has the byte `at`.
    pub(crate) fn block_of(&self, at: u64) -> u64 {
        at >> self.block_log
    }

    /// Where the descriptor of `group` is ("Block Group Descriptors").
    pub(crate) fn descriptor(&self, group: u32) -> Option<Slot> {
        let each = u32::try_from(self.block_size.checked_div(self.descriptor_size)?).ok()?;
        let (table, place) = (group.checked_div(each)?, group.checked_rem(each)?);
        let offset = index(place).checked_mul(self.descriptor_size)?;
        // The superblock's block; with blocks of 1 KiB the boot sector has one of its own.
        let superblock = u64::from(self.block_size == 1024);
        let block = match self.first_meta_group {
            Some(first) if table >= first => self.meta_descriptor(table.checked_mul(each)?)?,
            _ => superblock.checked_add(1)?.checked_add(table.into())?,
        };
        Some(Slot { block: self.run(block, 1)?, offset })
    }

    /// The block with the descriptors of `group` and those behind it, which it has itself.
    fn meta_descriptor(&self, group: u32) -> Option<u64> {
        let first = u64::from(group).checked_mul(self.blocks_per_group)?.checked_add(self.first_block)?;
        let boot = u64::from(group == 0 && self.block_size == 1024 && self.first_block == 0);
        first.checked_add(u64::from(self.has_superblock(group)))?.checked_add(boot)
    }

    fn has_superblock(&self, group: u32) -> bool {
        match self.backups {
            _ if group == 0 => true,
            Some(backups) => backups.contains(&group),
            None => !self.sparse || group == 1 || [3, 5, 7].into_iter().any(|base| is_power(group, base)),
        }
    }

    /// The group of the inode `number`, and which of its inodes it is.
    pub(crate) fn inode(&self, number: u32) -> Option<(u32, u32)> {
        let index = number.checked_sub(1).filter(|_| number <= self.inodes)?;
        Some((index.checked_div(self.inodes_per_group)?, index.checked_rem(self.inodes_per_group)?))
    }

    /// Where the `index`th inode of a table is that begins at the block `table`.
    pub(crate) fn inode_slot(&self, table: u64, index: u32) -> Option<Slot> {
        let byte = u64::from(index).checked_mul(wide(self.inode_size))?;
        let block = table.checked_add(self.block_of(byte))?;
        let offset = narrow(byte & wide(self.block_size).saturating_sub(1));
        Some(Slot { block: self.run(block, 1)?, offset })
    }
}

/// Whether `number` is a power of `base`.
fn is_power(number: u32, base: u32) -> bool {
    let powers = core::iter::successors(Some(base), |power| power.checked_mul(base));
    powers.take_while(|&power| power <= number).any(|power| power == number)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::vec::Vec;

    pub(crate) fn sample() -> Geometry {
        Geometry {
            block_log: 10,
            block_size: 1024,
            blocks: 65_537,
            first_block: 1,
            blocks_per_group: 8192,
            groups: 8,
            inodes: 8 * 2048,
            inodes_per_group: 2048,
            inode_size: 256,
            descriptor_size: 64,
            first_meta_group: None,
            backups: None,
            sparse: true,
            cluster_sectors: 2,
        }
    }

    #[test]
    fn blocks_and_inodes_by_their_numbers() {
        let geometry = sample();
        assert_eq!(geometry.run(0, 1), None);
        assert_eq!(geometry.run(65_536, 1), Some(65_536 * 1024));
        assert_eq!(geometry.run(65_536, 2), None);
        assert_eq!(geometry.run(u64::MAX, 2), None);
        assert_eq!(geometry.inode(0), None);
        assert_eq!(geometry.inode(2049), Some((1, 0)));
        assert_eq!(geometry.inode(8 * 2048 + 1), None);
        assert_eq!(geometry.inode_slot(100, 5), Some(Slot { block: 101 * 1024, offset: 256 }));
    }

    #[test]
    fn descriptors_behind_the_superblock_and_in_their_groups() {
        let geometry = sample();
        assert_eq!(geometry.descriptor(3), Some(Slot { block: 2048, offset: 192 }));
        let meta = Geometry { first_meta_group: Some(0), ..geometry };
        assert_eq!(meta.descriptor(3), Some(Slot { block: 2048, offset: 192 }));
        // Descriptors of 1 KiB: each group has its own, behind its copy of the superblock.
        let large = Geometry { descriptor_size: 1024, ..meta };
        assert_eq!(large.descriptor(3), Some(Slot { block: (3 * 8192 + 2) * 1024, offset: 0 }));
        assert_eq!(large.descriptor(6), Some(Slot { block: (6 * 8192 + 1) * 1024, offset: 0 }));
        let two = Geometry { backups: Some([1, 6]), ..large };
        assert_eq!(two.descriptor(3), Some(Slot { block: (3 * 8192 + 1) * 1024, offset: 0 }));
        assert_eq!(two.descriptor(6), Some(Slot { block: (6 * 8192 + 2) * 1024, offset: 0 }));
    }

    #[test]
    fn copies_are_in_powers_of_3_5_and_7() {
        let has: Vec<_> = (0..130).filter(|&group| sample().has_superblock(group)).collect();
        assert_eq!(has, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
        assert!(Geometry { sparse: false, ..sample() }.has_superblock(2));
    }
}
