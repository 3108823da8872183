// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why an entry is not offered, in words for its owner.

use crate::path::PathError;
use alloc::string::String;
use core::fmt;
use core::num::NonZeroU32;

/// Why an entry cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line, from 1; `None` where the file as a whole is meant.
    pub line: Option<NonZeroU32>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The file has no content: it was created and never written.
    Empty,
    /// The file has more than [`crate::TEXT_MAX`] bytes.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Some bytes are not UTF-8.
    NotUtf8,
    /// A character that would upset a terminal, or the NULs of a write that was cut short.
    ControlCharacter(char),
    /// None of `linux`, `efi`, `uki` and `uki-url`: nothing to start, or half of a file.
    NothingToStart,
    /// More than one of `linux`, `efi`, `uki` and `uki-url`.
    TwoThingsToStart {
        /// The key that came first.
        first: &'static str,
        /// The one after it.
        second: &'static str,
    },
    /// A value is not a path.
    BadPath {
        /// The key.
        key: &'static str,
        /// Why not.
        error: PathError,
    },
    /// The value of `profile` is not a number.
    BadProfile,
    /// A key came up more often than [`crate::FILES_MAX`] allows.
    TooManyFiles {
        /// The key.
        key: &'static str,
    },
}

impl Reason {
    pub(crate) fn at(self, line: NonZeroU32) -> Refusal {
        Refusal { line: Some(line), reason: self }
    }

    pub(crate) fn in_file(self) -> Refusal {
        Refusal { line: None, reason: self }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::ControlCharacter(_) => "control_character",
            Self::NothingToStart => "nothing_to_start",
            Self::TwoThingsToStart { .. } => "two_things_to_start",
            Self::BadPath { .. } => "bad_path",
            Self::BadProfile => "bad_profile",
            Self::TooManyFiles { .. } => "too_many_files",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        self.reason.fmt(f)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty; write it again"),
            Self::TooLarge { bytes } => {
                write!(f, "the file has {bytes} bytes, more than the {} of an entry", crate::TEXT_MAX)
            }
            Self::NotUtf8 => f.write_str("the text is not UTF-8; save the file as UTF-8"),
            Self::ControlCharacter('\0') => {
                f.write_str("there is a NUL; the file was not written to its end")
            }
            Self::ControlCharacter(c) => write!(f, "there is a control character, {}", escaped(*c)),
            Self::NothingToStart => {
                f.write_str("nothing to start: `linux`, `efi`, `uki` and `uki-url` are all missing")
            }
            Self::TwoThingsToStart { first, second } => {
                write!(f, "two things to start, `{first}` and `{second}`; keep one")
            }
            Self::BadPath { key, error } => write!(f, "`{key}`: {error}"),
            Self::BadProfile => f.write_str("`profile` is not a number"),
            Self::TooManyFiles { key } => write!(f, "`{key}` names more than {} files", crate::FILES_MAX),
        }
    }
}

fn escaped(c: char) -> String {
    c.escape_unicode().collect()
}

impl core::error::Error for Refusal {}
