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
    /// What belongs to it on the device, in units of 512 bytes, those with metadata included.
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
    /// When it was made; inodes of 128 bytes do not say.
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

    /// From a directory's entry ("Directory Entries", file types); none where it does
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
    /// From the 32 bits of seconds, and the 32 bits of which the lowest two go on with the seconds and the
    /// others are nanoseconds ("Inode Timestamps").
    pub(crate) fn decode(seconds: u32, extra: u32) -> Self {
        let low = i64::from(seconds.cast_signed());
        let epoch = i64::from(extra & 3) << 32;
        Self { seconds: low.saturating_add(epoch), nanoseconds: extra >> 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_1970_and_after_2038() {
        let at = |seconds, nanoseconds| Timestamp { seconds, nanoseconds };
        // The table of "Inode Timestamps".
        for (seconds, epoch, expected) in [
            (0x8000_0000, 0, -0x8000_0000),
            (0xFFFF_FFFF, 0, -1),
            (0, 0, 0),
            (0x7FFF_FFFF, 0, 0x7FFF_FFFF),
            (0x8000_0000, 1, 0x8000_0000),
            (0, 1, 0x1_0000_0000),
            (0x7FFF_FFFF, 3, 0x3_7FFF_FFFF),
        ] {
            assert_eq!(Timestamp::decode(seconds, epoch | (999_999_999 << 2)), at(expected, 999_999_999));
        }
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
