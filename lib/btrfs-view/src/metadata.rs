// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an inode says of its file beside where its bytes are.

use crate::bytes::{array, le32};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A pipe with a name.
    Fifo,
    /// A socket.
    Socket,
}

/// What an inode says of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub file_type: FileType,
    /// The number of the inode, which no other file of its subvolume has.
    pub inode: u64,
    /// The number of the subvolume.
    pub subvolume: u64,
    /// In bytes; of a symbolic link, the bytes of its target; of a directory, a measure of its names.
    pub size: u64,
    /// The bytes of storage that it takes, before compression.
    pub allocated: u64,
    /// The lowest 12 bits of the mode: who may do what.
    pub permissions: u16,
    /// How many names it has; 1 for directories.
    pub links: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// When its bytes were read last, as far as that is written down.
    pub accessed: Timestamp,
    /// When its bytes were changed last.
    pub modified: Timestamp,
    /// When the inode was changed last.
    pub changed: Timestamp,
    /// When it was made.
    pub created: Timestamp,
}

/// A moment, since 1970 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds; negative before 1970.
    pub seconds: i64,
    /// Nanoseconds after them, below 1,000,000,000 where the inode is well.
    pub nanoseconds: u32,
}

impl FileType {
    /// From the mode of an inode (POSIX, `<sys/stat.h>`).
    pub(crate) fn of_mode(mode: u16) -> Option<Self> {
        Some(match mode & 0o170_000 {
            0o100_000 => Self::File,
            0o040_000 => Self::Directory,
            0o120_000 => Self::Symlink,
            0o020_000 => Self::CharacterDevice,
            0o060_000 => Self::BlockDevice,
            0o010_000 => Self::Fifo,
            0o140_000 => Self::Socket,
            _ => return None,
        })
    }

    /// From a directory's entry (`btrfs_dir_item`); none where it does not say.
    pub(crate) fn of_entry(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::File,
            2 => Self::Directory,
            3 => Self::CharacterDevice,
            4 => Self::BlockDevice,
            5 => Self::Fifo,
            6 => Self::Socket,
            7 => Self::Symlink,
            _ => return None,
        })
    }
}

impl Timestamp {
    /// From seconds and nanoseconds at `at` (`btrfs_timespec`).
    pub(crate) fn decode(bytes: &[u8], at: usize) -> Option<Self> {
        let seconds = i64::from_le_bytes(array(bytes, at)?);
        Some(Self { seconds, nanoseconds: le32(bytes, at.saturating_add(8))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_and_after_1970() {
        let stored = |seconds: i64, nanoseconds: u32| {
            [&seconds.to_le_bytes()[..], &nanoseconds.to_le_bytes()].concat()
        };
        let expected = Timestamp { seconds: -5, nanoseconds: 7 };
        assert_eq!(Timestamp::decode(&stored(-5, 7), 0), Some(expected));
        assert_eq!(Timestamp::decode(&stored(-5, 7)[..11], 0), None);
    }

    #[test]
    fn types_by_mode_and_by_entry() {
        assert_eq!(FileType::of_mode(0o100_644), Some(FileType::File));
        assert_eq!(FileType::of_mode(0o120_777), FileType::of_entry(7));
        assert_eq!(FileType::of_mode(0o644), None);
        assert_eq!(FileType::of_entry(0), None);
        assert_eq!(FileType::of_entry(8), None);
    }
}
