// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file system has that older kernels did not know (btrfs documentation, "On-disk format", flags
//! `incompat_flags` and `compat_ro_flags` of the superblock).

use crate::error::Unsupported;

/// The features of a file system, by the bits of its superblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    incompat: u64,
    read_only: u64,
}

pub(crate) const METADATA_UUID: u64 = 1 << 10;
const EXTENT_TREE_V2: u64 = 1 << 13;
const RAID_STRIPE_TREE: u64 = 1 << 14;

/// Bits of features that a kernel must know to mount it, and their names below `/sys/fs/btrfs/features`. Zones
/// say how to write; what is at a logical address is found as ever.
const INCOMPAT: [(u64, &str); 15] = [
    (1, "mixed_backref"),
    (1 << 1, "default_subvol"),
    (1 << 2, "mixed_groups"),
    (1 << 3, "compress_lzo"),
    (1 << 4, "compress_zstd"),
    (1 << 5, "big_metadata"),
    (1 << 6, "extended_iref"),
    (1 << 7, "raid56"),
    (1 << 8, "skinny_metadata"),
    (1 << 9, "no_holes"),
    (METADATA_UUID, "metadata_uuid"),
    (1 << 11, "raid1c34"),
    (1 << 12, "zoned"),
    (RAID_STRIPE_TREE, "raid_stripe_tree"),
    (1 << 16, "simple_quota"),
];
/// Bits of features that a kernel must know to write.
const READ_ONLY: [(u64, &str); 4] = [
    (1, "free_space_tree"),
    (1 << 1, "free_space_tree_valid"),
    (1 << 2, "verity"),
    (1 << 3, "block_group_tree"),
];

impl Features {
    pub(crate) fn new(incompat: u64, read_only: u64) -> Self {
        Self { incompat, read_only }
    }

    /// Whether all of them can be read here. What only matters to writers is no hindrance.
    pub(crate) fn check(self) -> Result<(), Unsupported> {
        if self.incompat & EXTENT_TREE_V2 != 0 {
            return Err(Unsupported::ExtentTreeV2);
        }
        if self.incompat & RAID_STRIPE_TREE != 0 {
            return Err(Unsupported::RaidStripeTree);
        }
        let known = INCOMPAT.iter().fold(0, |bits, (bit, _)| bits | bit);
        match self.incompat & !known {
            0 => Ok(()),
            unknown => Err(Unsupported::UnknownIncompatible(unknown)),
        }
    }

    pub(crate) fn has_metadata_uuid(self) -> bool {
        self.incompat & METADATA_UUID != 0
    }

    /// Their names, as the kernel has them below `/sys/fs/btrfs/features`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let incompat = INCOMPAT.iter().filter(move |(bit, _)| self.incompat & bit != 0);
        let read_only = READ_ONLY.iter().filter(move |(bit, _)| self.read_only & bit != 0);
        incompat.chain(read_only).map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_refused_by_name() {
        let check = |incompat| Features::new(incompat, u64::MAX).check();
        assert_eq!(check(0x1_1FFF), Ok(()));
        assert_eq!(check(1 << 13 | 1), Err(Unsupported::ExtentTreeV2));
        assert_eq!(check(1 << 14), Err(Unsupported::RaidStripeTree));
        assert_eq!(check(1 << 17 | 1), Err(Unsupported::UnknownIncompatible(1 << 17)));
        assert_eq!(Features::new(1 << 9, 8).names().collect::<Vec<_>>(), ["no_holes", "block_group_tree"]);
    }
}
