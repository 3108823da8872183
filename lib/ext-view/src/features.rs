// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which features a file system has, and which of them stand in a reader's way (ext4 Data Structures and
//! Algorithms, "Super Block": feature flags).

use crate::error::Unsupported;

/// The feature sets of a superblock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    pub(crate) compatible: u32,
    pub(crate) incompatible: u32,
    pub(crate) read_only_compatible: u32,
}

/// A bit and its name, as `mke2fs` has it.
type Named = (u32, &'static str);

const HAS_JOURNAL: u32 = 0x4;
const DIR_INDEX: u32 = 0x20;
const SPARSE_SUPER2: u32 = 0x200;
const COMPATIBLE: &[Named] = &[
    (0x1, "dir_prealloc"),
    (0x2, "imagic_inodes"),
    (HAS_JOURNAL, "has_journal"),
    (0x8, "ext_attr"),
    (0x10, "resize_inode"),
    (DIR_INDEX, "dir_index"),
    (SPARSE_SUPER2, "sparse_super2"),
    (0x400, "fast_commit"),
    (0x800, "stable_inodes"),
    (0x1000, "orphan_file"),
];

const COMPRESSION: u32 = 0x1;
const FILETYPE: u32 = 0x2;
const NEEDS_RECOVERY: u32 = 0x4;
const JOURNAL_DEV: u32 = 0x8;
const META_BG: u32 = 0x10;
const BITS_64: u32 = 0x80;
const EA_INODE: u32 = 0x400;
const CSUM_SEED: u32 = 0x2000;
const LARGE_DIR: u32 = 0x4000;
const INCOMPATIBLE: &[Named] = &[
    (COMPRESSION, "compression"),
    (FILETYPE, "filetype"),
    (NEEDS_RECOVERY, "needs_recovery"),
    (JOURNAL_DEV, "journal_dev"),
    (META_BG, "meta_bg"),
    (0x40, "extent"),
    (BITS_64, "64bit"),
    (0x100, "mmp"),
    (0x200, "flex_bg"),
    (EA_INODE, "ea_inode"),
    (CSUM_SEED, "metadata_csum_seed"),
    (LARGE_DIR, "large_dir"),
    (0x8000, "inline_data"),
    (0x1_0000, "encrypt"),
    (0x2_0000, "casefold"),
];

const SPARSE_SUPER: u32 = 0x1;
const HUGE_FILE: u32 = 0x8;
const GDT_CSUM: u32 = 0x10;
const METADATA_CSUM: u32 = 0x400;
const READ_ONLY_COMPATIBLE: &[Named] = &[
    (SPARSE_SUPER, "sparse_super"),
    (0x2, "large_file"),
    (HUGE_FILE, "huge_file"),
    (GDT_CSUM, "uninit_bg"),
    (0x20, "dir_nlink"),
    (0x40, "extra_isize"),
    (0x100, "quota"),
    (0x200, "bigalloc"),
    (METADATA_CSUM, "metadata_csum"),
    (0x1000, "read-only"),
    (0x2000, "project"),
    (0x4000, "shared_blocks"),
    (0x8000, "verity"),
    (0x1_0000, "orphan_present"),
];

/// Which checksums descriptors of groups have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checksums {
    None,
    /// Of descriptors alone, with CRC-16 (`uninit_bg`).
    Groups,
    /// Of all metadata, with CRC-32C (`metadata_csum`).
    All,
}

impl Features {
    /// Judges them.
    ///
    /// # Errors
    ///
    /// One stands in a reader's way.
    pub(crate) fn judge(self) -> Result<Self, Unsupported> {
        let known = INCOMPATIBLE.iter().fold(0, |bits, (bit, _)| bits | bit);
        match self.incompatible & !known {
            0 => {}
            unknown => return Err(Unsupported::UnknownIncompatible(unknown)),
        }
        if self.incompatible & JOURNAL_DEV != 0 {
            return Err(Unsupported::JournalDevice);
        }
        if self.incompatible & COMPRESSION != 0 { Err(Unsupported::Compression) } else { Ok(self) }
    }

    /// The names of the features, as `mke2fs` and `dumpe2fs` have them.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let sets = [
            (self.compatible, COMPATIBLE),
            (self.incompatible, INCOMPATIBLE),
            (self.read_only_compatible, READ_ONLY_COMPATIBLE),
        ];
        sets.into_iter().flat_map(|(bits, names)| {
            names.iter().filter(move |(bit, _)| bits & bit != 0).map(|(_, name)| *name)
        })
    }

    /// Whether there is a journal: ext3 and ext4.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        self.compatible & HAS_JOURNAL != 0
    }

    /// Whether the journal has changes that are not in place yet.
    #[must_use]
    pub fn needs_recovery(&self) -> bool {
        self.incompatible & NEEDS_RECOVERY != 0
    }

    /// Whether all metadata has checksums.
    #[must_use]
    pub fn has_metadata_csum(&self) -> bool {
        self.checksums() == Checksums::All
    }

    pub(crate) fn checksums(&self) -> Checksums {
        match self.read_only_compatible & (METADATA_CSUM | GDT_CSUM) {
            0 => Checksums::None,
            GDT_CSUM => Checksums::Groups,
            _ => Checksums::All,
        }
    }

    pub(crate) fn has_dir_index(&self) -> bool {
        self.compatible & DIR_INDEX != 0
    }

    pub(crate) fn has_filetype(&self) -> bool {
        self.incompatible & FILETYPE != 0
    }

    pub(crate) fn has_meta_bg(&self) -> bool {
        self.incompatible & META_BG != 0
    }

    pub(crate) fn has_64bit(&self) -> bool {
        self.incompatible & BITS_64 != 0
    }

    pub(crate) fn has_ea_inode(&self) -> bool {
        self.incompatible & EA_INODE != 0
    }

    pub(crate) fn has_csum_seed(&self) -> bool {
        self.incompatible & CSUM_SEED != 0
    }

    pub(crate) fn has_large_dir(&self) -> bool {
        self.incompatible & LARGE_DIR != 0
    }

    pub(crate) fn has_huge_file(&self) -> bool {
        self.read_only_compatible & HUGE_FILE != 0
    }

    pub(crate) fn has_sparse_super(&self) -> bool {
        self.read_only_compatible & SPARSE_SUPER != 0
    }

    pub(crate) fn has_sparse_super2(&self) -> bool {
        self.compatible & SPARSE_SUPER2 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn known_features_are_named() {
        let features = Features { compatible: 0x3C, incompatible: 0x2C2, read_only_compatible: 0x46B };
        let names: Vec<_> = features.judge().unwrap().names().collect();
        assert_eq!(names[..2], ["has_journal", "ext_attr"]);
        assert_eq!(names.last(), Some(&"metadata_csum"));
        assert_eq!(features.checksums(), Checksums::All);
    }

    #[test]
    fn what_stands_in_the_way_is_refused_by_name() {
        for (incompatible, why) in [
            (0x1, Unsupported::Compression),
            (0x8, Unsupported::JournalDevice),
            (0x1002, Unsupported::UnknownIncompatible(0x1000)),
            (0x8000_0000, Unsupported::UnknownIncompatible(0x8000_0000)),
        ] {
            assert_eq!(Features { incompatible, ..Features::default() }.judge(), Err(why));
        }
        let features = Features { compatible: u32::MAX, incompatible: 0, read_only_compatible: u32::MAX };
        assert_eq!(features.judge(), Ok(features));
    }
}
