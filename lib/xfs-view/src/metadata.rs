// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an inode says of its file beside where its bytes are.

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
    /// The number of the inode.
    pub inode: u64,
    /// In bytes; of a symbolic link, the bytes of its target; of a directory, of its names.
    pub size: u64,
    /// The blocks that belong to it, those of its tree of extents included.
    pub blocks: u64,
    /// The lowest 12 bits of the mode: who may do what.
    pub permissions: u16,
    /// How many names it has.
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
    /// When it was made; version 4 does not say.
    pub created: Option<Timestamp>,
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

    /// From a directory's entry (XFS Algorithms & Data Structures, "File Type"); none where it does
    /// not say.
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
    /// The seconds before 1970 at which big timestamps begin.
    const BIG_EPOCH: i64 = 1 << 31;
    const NANOSECONDS: u64 = 1_000_000_000;

    /// From the 64 bits in an inode: nanoseconds since 1901 (`big`), else seconds and nanoseconds
    /// ("Timestamps").
    pub(crate) fn decode(stored: u64, big: bool) -> Self {
        if big {
            let seconds = i64::try_from(stored / Self::NANOSECONDS).unwrap_or(i64::MAX);
            let nanoseconds = u32::try_from(stored % Self::NANOSECONDS).unwrap_or(0);
            return Self { seconds: seconds.saturating_sub(Self::BIG_EPOCH), nanoseconds };
        }
        let [a, b, c, d, rest @ ..] = stored.to_be_bytes();
        Self { seconds: i32::from_be_bytes([a, b, c, d]).into(), nanoseconds: u32::from_be_bytes(rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_both_kinds() {
        let at = |seconds, nanoseconds| Timestamp { seconds, nanoseconds };
        assert_eq!(Timestamp::decode(0, true), at(-(1 << 31), 0));
        assert_eq!(Timestamp::decode(2_147_483_648_000_000_005, true), at(0, 5));
        assert_eq!(Timestamp::decode(u64::MAX, true), at(18_446_744_073 - (1 << 31), 709_551_615));
        assert_eq!(Timestamp::decode(0x0000_0001_0000_0002, false), at(1, 2));
        assert_eq!(Timestamp::decode(0xFFFF_FFFF_0000_0002, false), at(-1, 2));
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
