// SPDX-License-Identifier: MIT OR Apache-2.0
//! A picture made of text: what a text console shows, whatever draws it.

use alloc::string::String;
use alloc::vec::Vec;

/// How a row looks. Painters map it to what their console can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Ordinary text.
    Normal,
    /// Headings and the key line.
    Strong,
    /// The row that Enter acts on.
    Selected,
    /// Less important than the rest.
    Dim,
    /// Something went wrong.
    Alert,
}

/// One row of a frame, at most as wide as the screen. Characters are of width one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The text, without control characters.
    pub text: String,
    /// How the whole row looks.
    pub style: Style,
}

/// Columns and rows of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Characters in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

/// A whole screen: rows from the top; rows that are missing are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The rows from the top.
    pub rows: Vec<Row>,
    /// Column and row of a visible cursor, if there is one.
    pub cursor: Option<(usize, usize)>,
}

impl Frame {
    /// The frame as plain text, one line a row, trailing blanks removed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines: Vec<&str> = self.rows.iter().map(|row| row.text.trim_end()).collect();
        lines.join("\n")
    }
}
