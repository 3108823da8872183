// SPDX-License-Identifier: MIT OR Apache-2.0
//! A password while it is typed.

use crate::password::MAX_CHARS;
use crate::ports::Key;
use alloc::string::String;
use core::fmt;
use zeroize::Zeroizing;

/// A password while it is typed: nothing shows it, and it is wiped when it is dropped.
///
/// Its room is taken at once, so that no copy is left behind when it grows. What firmware keeps of the
/// keys is out of reach.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// How many characters were typed.
    pub(super) fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// Does what the key says. There is no cursor: nobody sees where it would stand.
    pub(super) fn key(&mut self, key: Key) {
        match key {
            Key::Char(c) if !c.is_control() && self.length() < MAX_CHARS => self.0.push(c),
            // A serial terminal's Backspace arrives as Delete.
            Key::Backspace | Key::Delete => drop(self.0.pop()),
            _ => {}
        }
    }
}

impl Default for Typed {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(MAX_CHARS.saturating_mul(4))))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: impl IntoIterator<Item = Key>) -> Typed {
        keys.into_iter().fold(Typed::default(), |mut typed, key| {
            typed.key(key);
            typed
        })
    }

    #[test]
    fn keys_write_and_take_back() {
        let keys = [Key::Char('ä'), Key::Char('b'), Key::Left, Key::Backspace, Key::Char('c'), Key::Tab];
        assert_eq!(typed(keys).text(), "äc");
        assert_eq!(typed([Key::Delete, Key::Char('\u{7}')]).text(), "");
    }

    #[test]
    fn a_password_never_moves_and_is_not_in_debug_output() {
        let long = typed(core::iter::repeat_n(Key::Char('\u{1F980}'), 500));
        assert_eq!((long.length(), long.0.capacity()), (MAX_CHARS, MAX_CHARS * 4));
        assert_eq!(format!("{:?}", typed([Key::Char('q')])), "Typed");
    }
}
