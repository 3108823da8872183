// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, sorted by who can act, each with a token that stays the same.

use crate::checksum::ChecksumType;
use crate::extent::Compression;
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
    /// There is no superblock of btrfs.
    NotBtrfs,
    /// Checksums of a kind that is not known.
    ChecksumType(u16),
    /// Checksums of a kind that this build leaves out.
    ChecksumNotBuilt(ChecksumType),
    /// Incompatible features that this crate does not know, as bits of the superblock's field.
    UnknownIncompatible(u64),
    /// Extent trees of version 2.
    ExtentTreeV2,
    /// Places of data in a tree of stripes.
    RaidStripeTree,
    /// A copy of metadata only, made by `btrfs-image`.
    MetadataDump,
    /// A change of the whole file system by `btrfstune` that was not finished.
    UnfinishedChange,
    /// The log tree has files that were written after the last commit, and
    /// [`LogPolicy::Refuse`](crate::LogPolicy::Refuse) was asked for.
    DirtyLog,
    /// This device of the file system is not among those that it was opened with, and no other has a copy.
    MissingDevice(u64),
    /// A device of RAID 5 or 6 is not there, so that bytes would have to be computed from parity.
    Parity(u64),
    /// A file that is encrypted.
    Encrypted,
    /// A file in an encoding that is not known.
    Encoding(u16),
    /// A file compressed by something that is not known.
    CompressionType(u8),
    /// A file compressed by something that this build leaves out.
    CompressionNotBuilt(Compression),
    /// The file has more bytes than the caller's limit.
    TooLarge,
}

/// What is wrong with a file system, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In what.
    pub structure: Structure,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where it begins: the logical address in bytes; of the superblock, the place on the device.
    pub offset: u64,
}

/// A structure of the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// A copy of the superblock.
    Superblock,
    /// A chunk: what places on devices a range of logical addresses has.
    Chunk,
    /// A node or leaf of a tree.
    Node,
    /// The root of a tree, in the tree of roots.
    Root,
    /// An inode.
    Inode,
    /// An entry of a directory.
    DirectoryEntry,
    /// A reference from a subvolume to the directory that it is in, or from a file to its directory.
    Reference,
    /// Where a part of a file is.
    Extent,
    /// The checksums of files' bytes.
    Checksums,
    /// The bytes of a file.
    Data,
    /// The compressed bytes of a file.
    Compressed,
    /// A symbolic link.
    Symlink,
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
    /// It is older or newer than what leads to it.
    Generation,
    /// It is not on the level of its tree that it should be.
    Level,
    /// Its records are not in order, or do not begin with the one that leads to it.
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
    /// No subvolume of this number.
    NoSuchSubvolume,
    /// No device was given.
    NoDevices,
    /// The device at this place of those that were given belongs to another file system.
    ForeignDevice(usize),
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
            Self::Chunk => "chunk",
            Self::Node => "node",
            Self::Root => "root",
            Self::Inode => "inode",
            Self::DirectoryEntry => "directory_entry",
            Self::Reference => "reference",
            Self::Extent => "extent",
            Self::Checksums => "checksums",
            Self::Data => "data",
            Self::Compressed => "compressed",
            Self::Symlink => "symlink",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Superblock => "the superblock",
            Self::Chunk => "the chunk",
            Self::Node => "the tree's node",
            Self::Root => "the tree's root",
            Self::Inode => "the inode",
            Self::DirectoryEntry => "the directory's entry",
            Self::Reference => "the reference to a directory",
            Self::Extent => "the extent",
            Self::Checksums => "the list of checksums",
            Self::Data => "the file's data",
            Self::Compressed => "the compressed data",
            Self::Symlink => "the symbolic link",
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
            Self::Generation => "generation",
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
            Self::Generation => "is of another generation",
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
            Self::NotBtrfs => "not_btrfs",
            Self::ChecksumType(_) => "checksum_type",
            Self::ChecksumNotBuilt(_) => "checksum_not_built",
            Self::UnknownIncompatible(_) => "unknown_incompatible",
            Self::ExtentTreeV2 => "extent_tree_v2",
            Self::RaidStripeTree => "raid_stripe_tree",
            Self::MetadataDump => "metadata_dump",
            Self::UnfinishedChange => "unfinished_change",
            Self::DirtyLog => "dirty_log",
            Self::MissingDevice(_) => "missing_device",
            Self::Parity(_) => "parity",
            Self::Encrypted => "encrypted",
            Self::Encoding(_) => "encoding",
            Self::CompressionType(_) => "compression_type",
            Self::CompressionNotBuilt(_) => "compression_not_built",
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
            Self::NoSuchSubvolume => "no_such_subvolume",
            Self::NoDevices => "no_devices",
            Self::ForeignDevice(_) => "foreign_device",
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
            Self::NotBtrfs => "this is no btrfs file system",
            Self::ChecksumType(kind) => return write!(f, "checksums of the kind {kind} are not known"),
            Self::ChecksumNotBuilt(kind) => {
                return write!(f, "checksums by {} are not in this build", kind.name());
            }
            Self::UnknownIncompatible(kind) => {
                return write!(f, "the file system has unknown incompatible features ({kind:#x})");
            }
            Self::ExtentTreeV2 => "extent trees of version 2 are not read",
            Self::RaidStripeTree => "a tree of stripes is not read",
            Self::MetadataDump => "this is a copy of metadata, without the bytes of files",
            Self::UnfinishedChange => "a change by btrfstune was not finished",
            Self::DirtyLog => "the log tree has newer files; mount the file system once",
            Self::MissingDevice(kind) => return write!(f, "device {kind} is missing, and has the only copy"),
            Self::Parity(kind) => {
                return write!(f, "device {kind} of RAID 5 or 6 is missing, and parity is not used");
            }
            Self::Encrypted => "the file is encrypted",
            Self::Encoding(kind) => return write!(f, "the file has an unknown encoding ({kind:#x})"),
            Self::CompressionType(kind) => return write!(f, "the file has an unknown compression ({kind})"),
            Self::CompressionNotBuilt(kind) => {
                return write!(f, "compression by {} is not in this build", kind.name());
            }
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
            Self::NoSuchSubvolume => "there is no such subvolume",
            Self::NoDevices => "no device was given",
            Self::ForeignDevice(_) => "a device belongs to another file system",
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
        let damage = Structure::Node.damage(Fault::Generation, 4096);
        let error: Error<crate::OutOfRange> = damage.into();
        assert_eq!((error.family(), error.token()), (Family::Damaged, "node"));
        assert_eq!(error.to_string(), "the tree's node at byte 4096 is of another generation");
        let error: Error<crate::OutOfRange> = Flaw::from(Misuse::NoSuchFile).into();
        assert_eq!((error.family(), error.token()), (Family::Misuse, "no_such_file"));
    }
}
