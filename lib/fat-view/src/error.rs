// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, sorted by who can act, each with a token that stays the same.

use core::fmt;

/// Why a volume, a path or a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The device could not be read at a place where something should be.
    Device(E),
    /// The volume may be well, but this crate does not read it.
    Unsupported(Unsupported),
    /// The volume is not as the specification says.
    Damaged(Damage),
    /// The volume is well, and what was asked for cannot be had of it.
    Misuse(Misuse),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever looks after the device.
    Device,
    /// Whoever wants this crate to do more.
    Unsupported,
    /// Whoever can repair the volume.
    Damaged,
    /// Whoever asked.
    Misuse,
}

/// What is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// The first sector has no BIOS parameter block of FAT.
    NotFat,
    /// FAT32 of this version; only version 0 is specified.
    Version(u16),
    /// The file has more bytes than the caller's limit.
    TooLarge,
}

/// What is wrong with a volume, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In what.
    pub structure: Structure,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where, in bytes from the beginning of the volume.
    pub offset: u64,
}

/// A structure of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// The first sector.
    BootSector,
    /// The chain of a file's or directory's clusters.
    Chain,
    /// A record of a directory.
    Record,
    /// A directory.
    Directory,
}

/// What is wrong with a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A number in it is impossible.
    Value,
    /// Something leads out of it, or out of the volume.
    Bounds,
    /// It leads in a circle.
    Loop,
    /// It ends too early.
    Missing,
    /// It has more than the specification allows.
    TooLong,
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
    /// A path of more than [`PATH_MAX`](crate::PATH_MAX) bytes.
    PathTooLong,
    /// The volume was used from within its own device.
    Reentered,
}

/// Anything that is not the device's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Unsupported(Unsupported),
    Damaged(Damage),
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
            Self::BootSector => "boot_sector",
            Self::Chain => "cluster_chain",
            Self::Record => "directory_record",
            Self::Directory => "directory",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::BootSector => "the boot sector",
            Self::Chain => "the chain of clusters",
            Self::Record => "the record of a directory",
            Self::Directory => "the directory",
        }
    }
}

impl Fault {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Bounds => "bounds",
            Self::Loop => "loop",
            Self::Missing => "missing",
            Self::TooLong => "too_long",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Value => "has an impossible value",
            Self::Bounds => "leads out of its bounds",
            Self::Loop => "leads in a circle",
            Self::Missing => "ends too early",
            Self::TooLong => "is longer than it may be",
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
            Self::Unsupported(Unsupported::NotFat) => "not_fat",
            Self::Unsupported(Unsupported::Version(_)) => "version",
            Self::Unsupported(Unsupported::TooLarge) => "too_large",
            Self::Damaged(damage) => damage.structure.token(),
            Self::Misuse(Misuse::NoSuchFile) => "no_such_file",
            Self::Misuse(Misuse::NotADirectory) => "not_a_directory",
            Self::Misuse(Misuse::NotAFile) => "not_a_file",
            Self::Misuse(Misuse::PathTooLong) => "path_too_long",
            Self::Misuse(Misuse::Reentered) => "reentered",
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

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFat => f.write_str("this is no FAT volume"),
            Self::Version(version) => write!(f, "FAT32 of version {version:#x} is not read"),
            Self::TooLarge => f.write_str("the file is larger than it may be here"),
        }
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
            Self::PathTooLong => "the path is too long",
            Self::Reentered => "the volume was used from within its own device",
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
        let error: Error<read_at::OutOfRange> = Structure::Chain.damage(Fault::Loop, 4096).into();
        assert_eq!((error.family(), error.token()), (Family::Damaged, "cluster_chain"));
        assert_eq!(error.to_string(), "the chain of clusters at byte 4096 leads in a circle");
        let error: Error<read_at::OutOfRange> = Misuse::NoSuchFile.into();
        assert_eq!((error.family(), error.token()), (Family::Misuse, "no_such_file"));
    }
}
