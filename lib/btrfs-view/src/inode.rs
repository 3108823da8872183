// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inodes (`btrfs_inode_item`).

use crate::bytes::{le32, le64};
use crate::metadata::{FileType, Metadata, Timestamp};
use crate::node::Key;

/// The kind of keys of inodes.
pub(crate) const KIND: u8 = 1;
/// The inode of a subvolume's root.
pub(crate) const SUBVOLUME_ROOT: u64 = 256;
/// The inode that a subvolume has in a snapshot of the one around it: an empty directory.
const EMPTY: u64 = 2;
/// The flag of files without checksums.
const NO_CHECKSUMS: u64 = 1;

/// An inode, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inode {
    pub(crate) metadata: Metadata,
    pub(crate) has_checksums: bool,
}

impl Inode {
    pub(crate) fn key(number: u64) -> Key {
        Key::new(number, KIND, 0)
    }

    /// From the item of inode `number` of `subvolume`; none where it cannot be one.
    pub(crate) fn decode(item: &[u8], number: u64, subvolume: u64) -> Option<Self> {
        let mode = le32(item, 52)?;
        let time = |at| Timestamp::decode(item, at);
        let metadata = Metadata {
            file_type: FileType::of_mode(u16::try_from(mode).ok()?)?,
            inode: number,
            subvolume,
            size: le64(item, 16)?,
            allocated: le64(item, 24)?,
            permissions: u16::try_from(mode & 0o7777).ok()?,
            links: le32(item, 40)?,
            uid: le32(item, 44)?,
            gid: le32(item, 48)?,
            accessed: time(112)?,
            changed: time(124)?,
            modified: time(136)?,
            created: time(148)?,
        };
        // Offsets of files are signed numbers for all who use them.
        i64::try_from(metadata.size).ok()?;
        Some(Self { metadata, has_checksums: le64(item, 64)? & NO_CHECKSUMS == 0 })
    }

    /// The empty directory that stands in `directory` for a subvolume that is not there.
    pub(crate) fn empty(directory: &Metadata) -> Self {
        let metadata =
            Metadata { inode: EMPTY, permissions: 0o755, size: 0, allocated: 0, links: 1, ..*directory };
        Self { metadata, has_checksums: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(mode: u32, size: u64) -> Vec<u8> {
        let mut item = vec![0; 160];
        item[16..24].copy_from_slice(&size.to_le_bytes());
        item[40..44].copy_from_slice(&2_u32.to_le_bytes());
        item[52..56].copy_from_slice(&mode.to_le_bytes());
        item[136..144].copy_from_slice(&77_i64.to_le_bytes());
        item
    }

    #[test]
    fn an_inode_and_what_cannot_be_one() {
        let inode = Inode::decode(&item(0o104_755, 9), 300, 5).unwrap();
        let metadata = inode.metadata;
        assert_eq!((metadata.file_type, metadata.permissions), (FileType::File, 0o4755));
        assert_eq!((metadata.size, metadata.links, metadata.modified.seconds), (9, 2, 77));
        assert!(inode.has_checksums);
        assert_eq!(Inode::decode(&item(0o004_755, 9), 300, 5), None);
        assert_eq!(Inode::decode(&item(0o104_755, 1 << 63), 300, 5), None);
        assert_eq!(Inode::decode(&item(0o104_755, 9)[..159], 300, 5), None);
    }

    proptest! {
        #[test]
        fn noise_does_no_harm(item in prop::collection::vec(any::<u8>(), 150..170)) {
            if let Some(inode) = Inode::decode(&item, 1, 5) {
                prop_assert!(inode.metadata.permissions <= 0o7777);
            }
        }
    }
}
