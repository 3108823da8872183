// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, sorted by who can act, each with a token that stays the same.

use core::fmt;

/// Why a file system, a path or a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The device could not be read at a place where something should be.
    Device(E),
    /// The file system may be well, but this crate does not read it.
    Unsupported(Unsupported),
    /// The file system is not as the specification says.
    Damaged(Damage),
    /// The file system is well, and what was asked for cannot be had of it.
    Misuse(Misuse),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever looks after the device.
    Device,
    /// Whoever wants this crate to do more, or chose its [`Options`](crate::Options).
    Unsupported,
    /// Whoever can repair the file system.
    Damaged,
    /// Whoever asked.
    Misuse,
}

/// What is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// There is no superblock of XFS.
    NotXfs,
    /// A superblock of another version than 4 and 5.
    Version(u16),
    /// Directories of version 1, of before 2001.
    DirectoriesV1,
    /// Names that are equal in any case of ASCII letters.
    AsciiCi,
    /// The log is on another device, so nobody can say whether it is clean.
    ExternalLog,
    /// `xfs_repair` marked it as not to be used before it was repaired.
    NeedsRepair,
    /// Files are on zones of the realtime device.
    Zoned,
    /// Incompatible features that this crate does not know, as bits of the superblock's field.
    UnknownIncompatible(u32),
    /// A file whose bytes are on the realtime device.
    RealtimeFile,
    /// The log has changes that are not in place yet, and
    /// [`LogPolicy::Refuse`](crate::LogPolicy::Refuse) was asked for.
    DirtyLog,
    /// The log has changes that cannot be replayed here.
    Log(LogContent),
    /// The file has more bytes than the caller's limit.
    TooLarge,
}

/// What of a log cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogContent {
    /// Written by a machine of the other byte order: only such a machine can replay it.
    ByteOrder,
    /// An item of this type.
    Item(u16),
    /// More than [`REPLAY_MAX`](crate::REPLAY_MAX) bytes of changes, more transactions than are kept, or
    /// more of them at one time than a kernel has.
    TooLarge,
    /// The map of this file has a change that was begun and not finished.
    UnfinishedMap,
}

/// What is wrong with a file system, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In what.
    pub structure: Structure,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where it begins, in bytes from the beginning of the file system.
    pub offset: u64,
}

/// A structure of the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// The superblock of the first allocation group.
    Superblock,
    /// An inode.
    Inode,
    /// The list of extents in an inode.
    ExtentList,
    /// A block of the B+tree of a file's extents.
    ExtentTree,
    /// The names in a directory's inode.
    ShortDirectory,
    /// A directory's block with names.
    DirectoryData,
    /// A directory's block with hashes of names.
    DirectoryLeaf,
    /// A directory's block that leads to hashes.
    DirectoryNode,
    /// The block of a symbolic link's target.
    Symlink,
    /// The log.
    Log,
}

/// What is wrong with a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Its first bytes are not those of this structure.
    Magic,
    /// Its checksum does not hold.
    Checksum,
    /// It is of another file system.
    Uuid,
    /// It says that its place is another.
    Place,
    /// It belongs to another inode.
    Owner,
    /// It is not on the level of its tree that it should be.
    Level,
    /// Its records are not in order, or one covers another.
    Order,
    /// A number in it is impossible.
    Value,
    /// Something leads out of it, or out of the volume.
    Bounds,
    /// A part of it is missing.
    Missing,
}

/// What cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// No file of this path.
    NoSuchFile,
    /// It is not a directory.
    NotADirectory,
    /// It is not a regular file.
    NotAFile,
    /// It is not a symbolic link.
    NotASymlink,
    /// More than [`LINKS_MAX`](crate::LINKS_MAX) symbolic links on one path.
    TooManyLinks,
    /// A path of more than [`PATH_MAX`](crate::PATH_MAX) bytes, or a name of more than 255.
    PathTooLong,
    /// The file system was used from within its own device.
    Reentered,
}

/// Anything that is not the device's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Unsupported(Unsupported),
    Damaged(Damage),
    Misuse(Misuse),
}

impl Structure {
    /// That this is wrong with it, at `offset`.
    pub(crate) fn damage(self, fault: Fault, offset: u64) -> Damage {
        Damage { structure: self, fault, offset }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Superblock => "superblock",
            Self::Inode => "inode",
            Self::ExtentList => "extent_list",
            Self::ExtentTree => "extent_tree",
            Self::ShortDirectory => "short_directory",
            Self::DirectoryData => "directory_data",
            Self::DirectoryLeaf => "directory_leaf",
            Self::DirectoryNode => "directory_node",
            Self::Symlink => "symlink",
            Self::Log => "log",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Superblock => "the superblock",
            Self::Inode => "the inode",
            Self::ExtentList => "the list of extents",
            Self::ExtentTree => "the tree of extents",
            Self::ShortDirectory => "the short directory",
            Self::DirectoryData => "the directory block",
            Self::DirectoryLeaf => "the directory's index",
            Self::DirectoryNode => "the upper part of the directory's index",
            Self::Symlink => "the symbolic link",
            Self::Log => "the log",
        }
    }
}

impl Fault {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Magic => "magic",
            Self::Checksum => "checksum",
            Self::Uuid => "uuid",
            Self::Place => "place",
            Self::Owner => "owner",
            Self::Level => "level",
            Self::Order => "order",
            Self::Value => "value",
            Self::Bounds => "bounds",
            Self::Missing => "missing",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Magic => "is not there",
            Self::Checksum => "has a wrong checksum",
            Self::Uuid => "belongs to another file system",
            Self::Place => "was written for another place",
            Self::Owner => "belongs to another file",
            Self::Level => "is on a wrong level",
            Self::Order => "is not in order",
            Self::Value => "has an impossible value",
            Self::Bounds => "leads out of its bounds",
            Self::Missing => "is incomplete",
        }
    }
}

impl<E> Error<E> {
    /// Who can act on it.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Device(_) => Family::Device,
            Self::Unsupported(_) => Family::Unsupported,
            Self::Damaged(_) => Family::Damaged,
            Self::Misuse(_) => Family::Misuse,
        }
    }

    /// A name for logs and tests that stays the same from release to release. For damage it is the
    /// structure's; [`Fault::token`] says more.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::Unsupported(what) => what.token(),
            Self::Damaged(damage) => damage.structure.token(),
            Self::Misuse(what) => what.token(),
        }
    }
}

impl Unsupported {
    fn token(self) -> &'static str {
        match self {
            Self::NotXfs => "not_xfs",
            Self::Version(_) => "version",
            Self::DirectoriesV1 => "directories_v1",
            Self::AsciiCi => "ascii_ci",
            Self::ExternalLog => "external_log",
            Self::NeedsRepair => "needs_repair",
            Self::Zoned => "zoned",
            Self::UnknownIncompatible(_) => "unknown_incompatible",
            Self::RealtimeFile => "realtime_file",
            Self::DirtyLog => "dirty_log",
            Self::Log(LogContent::ByteOrder) => "log_byte_order",
            Self::Log(LogContent::Item(_)) => "log_item",
            Self::Log(LogContent::TooLarge) => "log_too_large",
            Self::Log(LogContent::UnfinishedMap) => "log_unfinished_map",
            Self::TooLarge => "too_large",
        }
    }
}

impl Misuse {
    fn token(self) -> &'static str {
        match self {
            Self::NoSuchFile => "no_such_file",
            Self::NotADirectory => "not_a_directory",
            Self::NotAFile => "not_a_file",
            Self::NotASymlink => "not_a_symlink",
            Self::TooManyLinks => "too_many_links",
            Self::PathTooLong => "path_too_long",
            Self::Reentered => "reentered",
        }
    }
}

impl<E> From<Unsupported> for Error<E> {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

impl<E> From<Damage> for Error<E> {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl<E> From<Misuse> for Error<E> {
    fn from(what: Misuse) -> Self {
        Self::Misuse(what)
    }
}

impl<E> From<Flaw> for Error<E> {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Unsupported(what) => Self::Unsupported(what),
            Flaw::Damaged(damage) => Self::Damaged(damage),
            Flaw::Misuse(what) => Self::Misuse(what),
        }
    }
}

impl From<Unsupported> for Flaw {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

impl From<Damage> for Flaw {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<Misuse> for Flaw {
    fn from(what: Misuse) -> Self {
        Self::Misuse(what)
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match *self {
            Self::NotXfs => "this is no XFS file system",
            Self::Version(version) => return write!(f, "XFS of version {version} is not read"),
            Self::DirectoriesV1 => "directories of version 1 are not read",
            Self::AsciiCi => "names that are equal in any case (ascii-ci) are not read",
            Self::ExternalLog => "the log is on another device",
            Self::NeedsRepair => "the file system is marked as one that needs xfs_repair",
            Self::Zoned => "zoned file systems are not read",
            Self::UnknownIncompatible(bits) => {
                return write!(f, "the file system has unknown incompatible features ({bits:#x})");
            }
            Self::RealtimeFile => "the file is on the realtime device",
            Self::DirtyLog => "the log has changes that are not in place yet; mount the file system once",
            Self::Log(LogContent::ByteOrder) => "the log was written by a machine of the other byte order",
            Self::Log(LogContent::Item(kind)) => {
                return write!(f, "the log has an item that cannot be replayed ({kind:#x})");
            }
            Self::Log(LogContent::TooLarge) => "the log has more changes than can be kept in memory",
            Self::Log(LogContent::UnfinishedMap) => "the log has a change of this file that was not finished",
            Self::TooLarge => "the file is larger than it may be here",
        };
        f.write_str(words)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} {}", self.structure.words(), self.offset, self.fault.words())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchFile => "there is no such file",
            Self::NotADirectory => "it is not a directory",
            Self::NotAFile => "it is not a regular file",
            Self::NotASymlink => "it is not a symbolic link",
            Self::TooManyLinks => "there are too many symbolic links on the path",
            Self::PathTooLong => "the path or a name in it is too long",
            Self::Reentered => "the file system was used from within its own device",
        })
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => error.fmt(f),
            Self::Unsupported(what) => what.fmt(f),
            Self::Damaged(damage) => damage.fmt(f),
            Self::Misuse(what) => what.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn an_error_says_who_can_act_and_where() {
        let damage = Structure::ExtentTree.damage(Fault::Owner, 4096);
        let error: Error<crate::OutOfRange> = damage.into();
        assert_eq!((error.family(), error.token()), (Family::Damaged, "extent_tree"));
        assert_eq!(error.to_string(), "the tree of extents at byte 4096 belongs to another file");
        let error: Error<crate::OutOfRange> = Flaw::from(Misuse::NoSuchFile).into();
        assert_eq!((error.family(), error.token()), (Family::Misuse, "no_such_file"));
    }
}
