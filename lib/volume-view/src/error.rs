// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, sorted by who can act, each with a token that stays the same.

use alloc::string::String;
use core::fmt;

/// Why a volume could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The device could not be read at a place where something should be.
    Device(E),
    /// The volume may be well, but this crate does not read it.
    Unsupported(Unsupported),
    /// A structure is not as its format says.
    Damaged(Damage),
    /// All is well, and what was asked for cannot be had.
    Misuse(Misuse),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever looks after the device.
    Device,
    /// Whoever wants this crate to do more, or can bring the missing disk.
    Unsupported,
    /// Whoever can repair the volume.
    Damaged,
    /// Whoever asked.
    Misuse,
}

/// What is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// There is no label of a physical volume of LVM2.
    NotLvm,
    /// A segment of this type: `thin`, `cache`, `raid5`.
    SegmentType(String),
    /// A physical volume that is needed is not there; its UUID.
    MissingPv(String),
    /// An md array of this level: `raid5`, `linear`.
    Level(&'static str),
    /// A member of an array that has not all of its bytes: a spare, one that failed, or one that is being
    /// filled or reshaped.
    NotInSync,
    /// Metadata of more than [`TEXT_MAX`](crate::lvm::TEXT_MAX) bytes.
    TooLarge,
}

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In what.
    pub structure: Structure,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where, in bytes from the beginning of the device; in metadata, from the text's beginning.
    pub offset: u64,
}

/// A structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// The label of a physical volume, and the header behind it.
    Label,
    /// The header of a metadata area.
    MetadataArea,
    /// The text of the metadata.
    Metadata,
    /// What the metadata says of a volume.
    Volume,
    /// The superblock of a member of an array.
    MdSuperblock,
}

/// What is wrong with a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Its first bytes are not those of this structure.
    Magic,
    /// Its checksum does not hold.
    Checksum,
    /// A number in it is impossible.
    Value,
    /// Something leads out of it, or out of the device.
    Bounds,
    /// It is not of its grammar.
    Syntax,
    /// A part of it is missing.
    Missing,
    /// It is made of itself, or of more parts than are followed.
    Depth,
}

/// What cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// No logical volume of this name.
    NoSuchVolume,
    /// A place behind the volume's end.
    OutOfRange,
    /// The group was used from within its own device.
    Reentered,
}

/// Anything that is not the device's own error.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            Self::Label => "label",
            Self::MetadataArea => "metadata_area",
            Self::Metadata => "metadata",
            Self::Volume => "volume",
            Self::MdSuperblock => "md_superblock",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Label => "the label",
            Self::MetadataArea => "the metadata area",
            Self::Metadata => "the metadata",
            Self::Volume => "the description of the volume",
            Self::MdSuperblock => "the array's superblock",
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
            Self::Value => "value",
            Self::Bounds => "bounds",
            Self::Syntax => "syntax",
            Self::Missing => "missing",
            Self::Depth => "depth",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Magic => "is not there",
            Self::Checksum => "has a wrong checksum",
            Self::Value => "has an impossible value",
            Self::Bounds => "leads out of its bounds",
            Self::Syntax => "cannot be parsed",
            Self::Missing => "is incomplete",
            Self::Depth => "has too many layers or parts",
        }
    }
}

impl Unsupported {
    fn token(&self) -> &'static str {
        match self {
            Self::NotLvm => "not_lvm",
            Self::SegmentType(_) => "segment_type",
            Self::MissingPv(_) => "missing_pv",
            Self::Level(_) => "level",
            Self::NotInSync => "not_in_sync",
            Self::TooLarge => "too_large",
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
            Self::Misuse(Misuse::NoSuchVolume) => "no_such_volume",
            Self::Misuse(Misuse::OutOfRange) => "out_of_range",
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
        match self {
            Self::NotLvm => f.write_str("this is no physical volume of LVM2"),
            Self::SegmentType(name) => write!(f, "segments of type {} are not read", name.escape_debug()),
            Self::MissingPv(uuid) => write!(f, "the physical volume {} is not there", uuid.escape_debug()),
            Self::Level(name) => write!(f, "arrays of level {name} are not read"),
            Self::NotInSync => f.write_str("this member of the array is not up to date"),
            Self::TooLarge => f.write_str("the metadata is larger than it may be here"),
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
            Self::NoSuchVolume => "there is no such volume",
            Self::OutOfRange => "the volume ends before this place",
            Self::Reentered => "the group was used from within its own device",
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
        let error: Error<read_at::OutOfRange> = Structure::Label.damage(Fault::Checksum, 512).into();
        assert_eq!((error.family(), error.token()), (Family::Damaged, "label"));
        assert_eq!(error.to_string(), "the label at byte 512 has a wrong checksum");
        let error: Error<read_at::OutOfRange> = Unsupported::SegmentType("thin".into()).into();
        assert_eq!((error.family(), error.token()), (Family::Unsupported, "segment_type"));
    }
}
