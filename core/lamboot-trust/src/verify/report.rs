// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a verification comes to.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use lamboot_schema::trust_log::{Found, Level};

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the files, from 0.
    pub file: usize,
    /// Which line of it, from 1.
    pub line: usize,
}

/// Something that cannot be in a log as the loader wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was noticed; none for what concerns the log's end.
    pub place: Option<Place>,
    /// What it is.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The line is no record.
    NotARecord,
    /// The record has no hash of the line before, and others before it have.
    NotChained,
    /// The hash is not that of the line before.
    WrongPrev,
    /// The code is not the record's.
    WrongMac,
    /// The epoch has a key, and this record no code; or the other way round.
    MacMissing,
    /// The record's number does not follow on that of the record before.
    WrongSeq,
    /// The record is of another boot than its epoch.
    WrongBoot,
    /// The record is in no epoch: the beginning is missing.
    NoEpoch,
    /// The record follows on the seal.
    BehindSeal,
    /// Records are missing at the end of the epoch before: it has no seal, and the loader had found it whole.
    SealMissing,
    /// The epoch does not follow on the one before.
    WrongEpoch,
    /// The epoch's first record does not fit the end of the epoch before.
    WrongHead,
    /// The loader found the log changed.
    LoaderFound(Found),
    /// The log does not end where the firmware says.
    WrongEnd,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotARecord => "this is no record",
            Self::NotChained => "the record is not chained to the one before",
            Self::WrongPrev => "the record before is not the one that was written before this one",
            Self::WrongMac => "the record was not written with the key of its place",
            Self::MacMissing => "the record has no code where one belongs, or one where none does",
            Self::WrongSeq => "records are missing before this one, or stand twice",
            Self::WrongBoot => "the record is of another boot",
            Self::NoEpoch => "the beginning of the epoch is missing",
            Self::BehindSeal => "the record stands behind the end of its epoch",
            Self::SealMissing => "the end of the epoch before is missing, and was there when this one began",
            Self::WrongEpoch => "the epoch does not follow on the one before",
            Self::WrongHead => "the epoch before does not end as the loader knew it",
            Self::LoaderFound(found) => {
                return write!(f, "the loader found the log {} when this epoch began", found.token());
            }
            Self::WrongEnd => "the log does not end where the firmware says",
        })
    }
}

/// Something that is less than it could be, and nobody's deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// So many lines of earlier releases stand before the first epoch.
    EarlierRelease(usize),
    /// The file ends amid a line, as a power cut leaves it.
    Torn(Place),
    /// The epoch that begins here has no seal.
    Unsealed(Place),
    /// So many epochs before the one that begins here have no record: the machine stopped before the first one was
    /// written, or somebody removed an epoch without a seal.
    NoRecord(Place, u64),
    /// The epoch that begins here has no key.
    NoKey(Place),
    /// A new chain begins here: what comes before it is protected by hashes alone.
    Rekeyed(Place),
    /// So many epochs are older than the key that was given: they are protected by hashes alone.
    BeforeKey(usize),
    /// The first epoch is not the first of its chain: older ones are in an older file, or nowhere.
    BeginsLater,
    /// Where the log should end is not known: whole epochs could be missing there.
    EndUnknown,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EarlierRelease(lines) => write!(f, "{lines} lines of an earlier release protect nothing"),
            Self::Torn(place) => write!(f, "line {} is not whole, as a power cut leaves it", place.line),
            Self::Unsealed(place) => {
                write!(
                    f,
                    "the epoch from line {} has no end: the machine stopped before the hand-over",
                    place.line
                )
            }
            Self::NoRecord(place, count) => {
                let line = place.line;
                write!(f, "{count} epochs before line {line} ended before their seal and have no record here")
            }
            Self::NoKey(place) => write!(f, "the epoch from line {} has no key", place.line),
            Self::Rekeyed(place) => {
                write!(f, "a new chain begins at line {}: what is before it has no witness there", place.line)
            }
            Self::BeforeKey(count) => {
                write!(f, "{count} epochs are older than the key: hashes alone protect them")
            }
            Self::BeginsLater => f.write_str("epochs before the first one are in an older file, or nowhere"),
            Self::EndUnknown => {
                f.write_str("where the log should end is not known: newer epochs could be missing")
            }
        }
    }
}

/// What was made of an epoch's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Macs {
    /// It has none.
    None,
    /// Nobody gave a key of its chain.
    Unchecked,
    /// The key that was given is of a later epoch.
    BeforeKey,
    /// Every one was checked, and problems are named.
    Checked,
}

/// An epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochReport {
    /// Where it begins.
    pub place: Place,
    /// Its number in its chain; 0 without a key.
    pub number: u64,
    /// Its chain; empty without a key.
    pub chain: String,
    /// The boot that it is of.
    pub boot_id: String,
    /// What the loader found of the epoch before.
    pub found: Found,
    /// How far it can be trusted.
    pub level: Level,
    /// How many records it has.
    pub records: u32,
    /// Whether it has a seal.
    pub sealed: bool,
    /// What was made of its codes.
    pub macs: Macs,
}

/// What a verification comes to, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The log is what the loader wrote.
    Intact,
    /// So it is, and something is less than it could be.
    Degraded,
    /// Hashes are right, and nobody gave the key to check codes with.
    CannotVerify,
    /// Somebody changed the log.
    Tampered,
}

impl Verdict {
    /// The verdict's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Degraded => "degraded",
            Self::CannotVerify => "cannot_verify",
            Self::Tampered => "tampered",
        }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The epochs, in the order of the log.
    pub epochs: Vec<EpochReport>,
    /// What cannot be in a log as it was written; the first [`Report::MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// What is less than it could be.
    pub remarks: Vec<Remark>,
}

impl Report {
    /// More problems than these are not listed: one is enough.
    pub const MAX_PROBLEMS: usize = 100;

    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.problems.is_empty() {
            Verdict::Tampered
        } else if self.epochs.iter().any(|epoch| epoch.macs == Macs::Unchecked) {
            Verdict::CannotVerify
        } else if !self.remarks.is_empty() || self.epochs.is_empty() {
            Verdict::Degraded
        } else {
            Verdict::Intact
        }
    }
}
