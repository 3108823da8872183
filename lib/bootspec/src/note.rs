// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is odd about a text that can be used all the same.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

/// The most notes that are kept of one text.
pub const NOTES_MAX: usize = 64;
/// The most bytes of a word that a note keeps.
const WORD_MAX: usize = 64;

/// Something odd, and the line it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: NonZeroU32,
    /// What is odd.
    pub what: Oddity,
}

/// What is odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The specification does not have this key; it changes nothing. `grub_*` keys are such.
    UnknownKey(String),
    /// The key has no value; it changes nothing.
    NoValue(&'static str),
    /// The key came up before; this later value counts.
    Repeated(&'static str),
    /// The key has no meaning beside what this entry starts; it changes nothing.
    Meaningless(&'static str),
    /// A word like `$tuned_params`, for another loader to fill in, was left out.
    Placeholder(String),
    /// The key cannot have this value; it changes nothing.
    BadValue(&'static str),
    /// Earlier releases had this key; it changes nothing.
    Obsolete(&'static str),
    /// The file has more than [`crate::TEXT_MAX`] bytes; nothing in it counts.
    TooLarge,
}

/// Notes while lines come in.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) kept: Vec<Note>,
    pub(crate) left_out: usize,
}

impl Notes {
    /// Keeps the notes in the order of their lines.
    pub(crate) fn push(&mut self, line: NonZeroU32, what: Oddity) {
        if self.kept.len() < NOTES_MAX {
            let place = self.kept.partition_point(|note| note.line <= line);
            self.kept.insert(place, Note { line, what });
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

impl Oddity {
    pub(crate) fn unknown_key(key: &str) -> Self {
        Self::UnknownKey(cut(key))
    }

    pub(crate) fn placeholder(word: &str) -> Self {
        Self::Placeholder(cut(word))
    }
}

/// The beginning of a word, as it can be shown.
fn cut(word: &str) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    word.char_indices().take_while(|(at, _)| *at < WORD_MAX).map(|(_, c)| shown(c)).collect()
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.what {
            Oddity::UnknownKey(key) => write!(f, "unknown key `{key}` ignored"),
            Oddity::NoValue(key) => write!(f, "`{key}` without a value ignored"),
            Oddity::Repeated(key) => write!(f, "`{key}` again; this one counts"),
            Oddity::Meaningless(key) => write!(f, "`{key}` has no meaning here and is ignored"),
            Oddity::Placeholder(word) => write!(f, "`{word}` left out; only another loader can fill it in"),
            Oddity::BadValue(key) => write!(f, "`{key}` cannot have this value and is ignored"),
            Oddity::Obsolete(key) => write!(f, "`{key}` has no meaning any more and is ignored"),
            Oddity::TooLarge => write!(f, "the file has more than {} bytes and is ignored", crate::TEXT_MAX),
        }
    }
}
