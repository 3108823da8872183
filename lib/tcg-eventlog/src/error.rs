// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a log could not be read, and where.

use crate::algorithm::Algorithm;
use crate::log::{ALGORITHMS_MAX, DATA_BYTES_MAX, EVENTS_MAX, LOG_BYTES_MAX};
use core::fmt;

/// Why a log could not be read, and where. What stands before that place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// Which table it is in.
    pub part: Part,
    /// The number of the event, from 0.
    pub event: u32,
    /// Where the event begins, in bytes from the beginning of the table.
    pub offset: usize,
}

/// Which table an event or an error is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// The event log.
    #[default]
    Log,
    /// The final events table.
    FinalEvents,
}

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is no first event.
    Empty,
    /// There are more than [`LOG_BYTES_MAX`] bytes.
    TooLarge,
    /// The bytes end within the event.
    Truncated,
    /// There are more than [`EVENTS_MAX`] events.
    TooManyEvents,
    /// The event has more than [`DATA_BYTES_MAX`] bytes of data.
    DataTooLong(u32),
    /// The header names no algorithm, or more than [`ALGORITHMS_MAX`].
    AlgorithmCount(u32),
    /// The header names an algorithm twice.
    AlgorithmTwice(Algorithm),
    /// The header gives digests of this algorithm a size that they do not have.
    DigestSize(Algorithm, u16),
    /// An event has more digests than the header has algorithms.
    DigestCount(u32),
    /// An event has a digest of an algorithm that the header does not name.
    UnknownAlgorithm(Algorithm),
    /// An event has two digests of one algorithm.
    DigestTwice(Algorithm),
    /// The final events table has a version that is not known.
    FinalVersion(u64),
    /// There is a final events table, but the log has only SHA-1 digests, so its form is not known.
    FinalWithoutHeader,
    /// As many events of the final events table cannot be in the log already.
    Overlap(u32),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever wrote or kept the log: it is damaged.
    Damaged,
    /// Nobody but this crate: the log may be well, and is beyond its limits.
    Unsupported,
    /// Whoever asked.
    Misuse,
}

impl Error {
    /// Who can act on it.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self.fault {
            Fault::TooLarge
            | Fault::TooManyEvents
            | Fault::DataTooLong(_)
            | Fault::FinalVersion(_)
            | Fault::FinalWithoutHeader => Family::Unsupported,
            Fault::Overlap(_) => Family::Misuse,
            _ => Family::Damaged,
        }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub const fn token(&self) -> &'static str {
        match self.fault {
            Fault::Empty => "empty",
            Fault::TooLarge => "too_large",
            Fault::Truncated => "truncated",
            Fault::TooManyEvents => "too_many_events",
            Fault::DataTooLong(_) => "data_too_long",
            Fault::AlgorithmCount(_) => "algorithm_count",
            Fault::AlgorithmTwice(_) => "algorithm_twice",
            Fault::DigestSize(..) => "digest_size",
            Fault::DigestCount(_) => "digest_count",
            Fault::UnknownAlgorithm(_) => "unknown_algorithm",
            Fault::DigestTwice(_) => "digest_twice",
            Fault::FinalVersion(_) => "final_version",
            Fault::FinalWithoutHeader => "final_without_header",
            Fault::Overlap(_) => "overlap",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log => "event log",
            Self::FinalEvents => "final events table",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there is no event"),
            Self::TooLarge => write!(f, "it has more than {LOG_BYTES_MAX} bytes"),
            Self::Truncated => write!(f, "the log ends within the event"),
            Self::TooManyEvents => write!(f, "there are more than {EVENTS_MAX} events"),
            Self::DataTooLong(size) => {
                write!(f, "the event claims {size} bytes of data; at most {DATA_BYTES_MAX} are read")
            }
            Self::AlgorithmCount(count) => {
                write!(f, "the header names {count} hash algorithms; 1 to {ALGORITHMS_MAX} are possible")
            }
            Self::AlgorithmTwice(algorithm) => write!(f, "the header names {algorithm} twice"),
            Self::DigestSize(algorithm, size) => {
                write!(
                    f,
                    "the header says that digests of {algorithm} have {size} bytes, which they have not"
                )
            }
            Self::DigestCount(count) => {
                write!(f, "the event claims {count} digests, more than the header names algorithms")
            }
            Self::UnknownAlgorithm(algorithm) => {
                write!(f, "the event has a digest of {algorithm}, which the header does not name")
            }
            Self::DigestTwice(algorithm) => write!(f, "the event has two digests of {algorithm}"),
            Self::FinalVersion(version) => write!(f, "version {version} is not known"),
            Self::FinalWithoutHeader => write!(f, "the event log's header does not say what form it has"),
            Self::Overlap(count) => write!(f, "{count} of its events cannot be in the event log already"),
        }
    }
}

/// With the place: `event 3 at byte 120: the log ends within the event`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == Part::FinalEvents {
            write!(f, "{}, ", self.part)?;
        }
        write!(f, "event {} at byte {}: {}", self.event, self.offset, self.fault)
    }
}

impl core::error::Error for Error {}
