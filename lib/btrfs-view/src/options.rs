// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the caller decides when a file system is opened.

/// How a file system is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is checked.
    pub verify: Verify,
    /// What happens where the log tree has something.
    pub log: LogPolicy,
    /// Which copies of the superblock are looked at.
    pub superblocks: Superblocks,
    /// Where paths begin.
    pub root: Root,
}

/// What is checked. Structure always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verify {
    /// The checksums of metadata, and of every byte of files that have them. What does not hold is read from
    /// another copy, where there is one.
    #[default]
    Everything,
    /// The checksums of metadata. Whoever checks files by other means saves the time.
    Metadata,
    /// No checksums, and not whether a node is of this file system, place and generation: to save what can be
    /// saved of a damaged one.
    Structure,
}

/// What happens where the log tree has files that were written, and made durable by `fsync`, after the last
/// commit: after a crash, or while the file system is mounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogPolicy {
    /// Opening fails with [`Unsupported::DirtyLog`](crate::Unsupported::DirtyLog).
    Refuse,
    /// What the last commit has is read, which is consistent in itself. Files that were written after it,
    /// within the last 30 seconds as a rule, are old or not there. [`Btrfs::log_state`](crate::Btrfs::log_state)
    /// says so.
    #[default]
    Ignore,
}

/// Which copies of the superblock are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Superblocks {
    /// The first copy; the others where the first is damaged or cannot be read, but not where something else
    /// is in its place: it may be that of a newer file system over an old one.
    #[default]
    First,
    /// All of them; the newest one counts. For what is left of a file system that was overwritten.
    Any,
}

/// Where paths begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Root {
    /// In the default subvolume, which a mount without options has: the top level, unless
    /// `btrfs subvolume set-default` chose another.
    #[default]
    Default,
    /// In the subvolume of this number; [`TOP_LEVEL`](crate::TOP_LEVEL) is the one that has all others.
    Subvolume(u64),
}
