// SPDX-License-Identifier: MIT OR Apache-2.0
//! A line of text with a cursor.

use crate::ports::Key;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest line that can be edited, in characters: what Linux keeps on x86.
const MAX_CHARS: usize = 2048;

/// A line of text with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditLine {
    before: Vec<char>,
    /// What follows the cursor, its first character last.
    after: Vec<char>,
}

impl EditLine {
    /// The text with the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { before: text.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect(), after: Vec::new() }
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        self.before.iter().chain(self.after.iter().rev()).collect()
    }

    /// The cursor's place: characters before it.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.before.len()
    }

    /// Does what the key says.
    pub fn key(&mut self, key: Key) {
        match key {
            Key::Char(c) if !c.is_control() && self.length() < MAX_CHARS => self.before.push(c),
            Key::Backspace => drop(self.before.pop()),
            // Most serial terminals send DEL for Backspace, and firmware calls it Delete: where
            // nothing follows the cursor, it can only mean what is before.
            Key::Delete => drop(self.after.pop().or_else(|| self.before.pop())),
            Key::Left => self.after.extend(self.before.pop()),
            Key::Right => self.before.extend(self.after.pop()),
            Key::Home => self.after.extend(self.before.drain(..).rev()),
            Key::End => self.before.extend(self.after.drain(..).rev()),
            _ => {}
        }
    }

    /// Characters of the whole text.
    pub(super) const fn length(&self) -> usize {
        self.before.len().saturating_add(self.after.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_and_change() {
        let mut line = EditLine::new("abc");
        for key in [
            Key::Left,
            Key::Left,
            Key::Char('X'),
            Key::Delete,
            Key::Home,
            Key::Delete,
            Key::End,
            Key::Backspace,
        ] {
            line.key(key);
        }
        assert_eq!((line.text().as_str(), line.cursor()), ("X", 1));
    }

    #[test]
    fn delete_at_the_end_is_the_backspace_of_a_serial_terminal() {
        let mut line = EditLine::new("ab");
        line.key(Key::Delete);
        assert_eq!(line.text(), "a");
    }

    #[test]
    fn length_is_bounded() {
        let mut line = EditLine::new(&"x".repeat(5000));
        line.key(Key::Char('y'));
        assert_eq!(line.text().len(), MAX_CHARS);
    }
}
