// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a test waits for on a console.

use std::{fmt, ops::Range};

use regex::Regex;

/// A text to find: literally, or by regular expression.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// These characters in this order.
    Text(String),
    /// A match of this expression.
    Expression(Regex),
}

impl Pattern {
    /// The first occurrence in `text`, as a byte range.
    pub(crate) fn find(&self, text: &str) -> Option<Range<usize>> {
        match self {
            Pattern::Text(wanted) => text.find(wanted.as_str()).map(|start| start..start + wanted.len()),
            Pattern::Expression(wanted) => wanted.find(text).map(|found| found.range()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Text(text) => write!(f, "{text:?}"),
            Pattern::Expression(expression) => write!(f, "a match of /{expression}/"),
        }
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Pattern::Text(text.into())
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Pattern::Text(text)
    }
}

impl From<Regex> for Pattern {
    fn from(expression: Regex) -> Self {
        Pattern::Expression(expression)
    }
}
