// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a section or a level is not believed, in words for its owner.

use crate::rows::{BYTES_MAX, ROWS_MAX};
use core::fmt;

/// Why a section or a level is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has more than [`BYTES_MAX`] bytes.
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// It has more than [`ROWS_MAX`] lines.
    TooManyRows,
    /// It is not UTF-8.
    NotText,
    /// It has no lines.
    Empty,
    /// A line has no component name.
    NoName {
        /// Its number, from 1.
        line: usize,
    },
    /// A line's generation is no number, or above `u32`.
    NoGeneration {
        /// Its number, from 1.
        line: usize,
    },
    /// A line of a section has fewer than six fields.
    TooFewFields {
        /// Its number, from 1.
        line: usize,
    },
}

impl Refusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "sbat_too_large",
            Self::TooManyRows => "sbat_too_many_rows",
            Self::NotText => "sbat_not_text",
            Self::Empty => "sbat_empty",
            Self::NoName { .. } => "sbat_no_name",
            Self::NoGeneration { .. } => "sbat_no_generation",
            Self::TooFewFields { .. } => "sbat_too_few_fields",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => write!(f, "SBAT has {bytes} bytes, more than {BYTES_MAX}"),
            Self::TooManyRows => write!(f, "SBAT has more than {ROWS_MAX} lines"),
            Self::NotText => f.write_str("SBAT is not UTF-8 text"),
            Self::Empty => f.write_str("SBAT has no lines"),
            Self::NoName { line } => write!(f, "line {line} of SBAT has no component name"),
            Self::NoGeneration { line } => write!(f, "line {line} of SBAT has no generation"),
            Self::TooFewFields { line } => write!(f, "line {line} of SBAT has fewer than six fields"),
        }
    }
}

impl core::error::Error for Refusal {}
