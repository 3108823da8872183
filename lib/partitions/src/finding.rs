// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was noticed about the tables of a disk.

use core::fmt;

/// Something about a disk's tables that is not as it should be, or that was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// The first of the two GPT headers is not used.
    Primary(HeaderFault),
    /// The last of the two GPT headers is not well.
    Backup(HeaderFault),
    /// Both are well and have other entries; the first is used.
    CopiesDiffer,
    /// The second is not on the last sector, but on this one: the disk has grown.
    BackupNotAtEnd(u64),
    /// The GPT was made for sectors of this size, so its numbers mean other places; it is not used.
    OtherSectorSize(u32),
    /// There is a GPT, and no MBR that protects it; the GPT is used.
    NotProtected,
    /// The MBR has other partitions beside the protective one (a hybrid MBR); the GPT is used.
    Hybrid,
    /// The MBR has partitions and protects no GPT, but there is one: it is old, and not used.
    StaleGpt,
    /// The entry of this number is no partition of this disk, and left out.
    BadEntry(u32, EntryFault),
    /// Two partitions, by their numbers, have sectors in common. Both are listed.
    Overlap(u32, u32),
    /// There are more than [`PARTITIONS_MAX`](crate::PARTITIONS_MAX): those from this number on are left
    /// out.
    TooMany(u32),
    /// The list of logical partitions ends here, at a sector, since it leads in a circle, to no list, or
    /// out of the disk.
    BrokenChain(u64),
}

/// Why a GPT header is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderFault {
    /// It could not be read, or its entries.
    Unreadable,
    /// Its first bytes are not `EFI PART`.
    Signature,
    /// Its major revision is not 1.
    Revision,
    /// A number in it is impossible.
    Value,
    /// Its checksum does not hold.
    Checksum,
    /// It says that its place is another.
    Place,
    /// The checksum of its entries does not hold.
    EntriesChecksum,
}

/// Why an entry is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryFault {
    /// It ends before it begins.
    Reversed,
    /// It leads out of the disk, or of the sectors that the table has for partitions.
    OutOfRange,
}

impl Finding {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Primary(_) => "primary_header",
            Self::Backup(_) => "backup_header",
            Self::CopiesDiffer => "copies_differ",
            Self::BackupNotAtEnd(_) => "backup_not_at_end",
            Self::OtherSectorSize(_) => "other_sector_size",
            Self::NotProtected => "not_protected",
            Self::Hybrid => "hybrid",
            Self::StaleGpt => "stale_gpt",
            Self::BadEntry(..) => "bad_entry",
            Self::Overlap(..) => "overlap",
            Self::TooMany(_) => "too_many",
            Self::BrokenChain(_) => "broken_chain",
        }
    }
}

impl HeaderFault {
    fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read",
            Self::Signature => "is not there",
            Self::Revision => "is of an unknown revision",
            Self::Value => "has an impossible value",
            Self::Checksum => "has a wrong checksum",
            Self::Place => "was written for another place",
            Self::EntriesChecksum => "has entries with a wrong checksum",
        }
    }
}

impl EntryFault {
    fn words(self) -> &'static str {
        match self {
            Self::Reversed => "ends before it begins",
            Self::OutOfRange => "leads out of the disk",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primary(fault) => write!(f, "the first GPT header {}", fault.words()),
            Self::Backup(fault) => write!(f, "the second GPT header {}", fault.words()),
            Self::CopiesDiffer => f.write_str("the two copies of the GPT differ"),
            Self::BackupNotAtEnd(sector) => {
                write!(f, "the second GPT header is at sector {sector}, not at the end of the disk")
            }
            Self::OtherSectorSize(size) => write!(f, "the GPT was made for sectors of {size} bytes"),
            Self::NotProtected => f.write_str("there is no protective MBR before the GPT"),
            Self::Hybrid => f.write_str("the MBR has partitions of its own beside the GPT"),
            Self::StaleGpt => f.write_str("there is an old GPT behind the MBR's partitions"),
            Self::BadEntry(number, fault) => write!(f, "partition {number} {}", fault.words()),
            Self::Overlap(one, other) => write!(f, "partitions {one} and {other} overlap"),
            Self::TooMany(number) => write!(f, "partitions from {number} on are too many"),
            Self::BrokenChain(sector) => {
                write!(f, "the logical partitions end at sector {sector} in disorder")
            }
        }
    }
}
