// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys of the guest's keyboard.

use serde_json::{Value, json};

/// A key that [`crate::Machine::press`] and [`crate::Machine::hold`] can press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Shift, which is no key by itself.
    Shift,
    /// A function key, 1 to 12.
    F(u8),
    /// A letter, digit or space.
    Char(char),
}

impl Key {
    /// The arguments of QMP's `send-key`.
    pub(crate) fn qmp(self) -> Value {
        let mut keys = Vec::new();
        if matches!(self, Key::Char(c) if c.is_ascii_uppercase()) {
            keys.push(json!({ "type": "qcode", "data": "shift" }));
        }
        keys.push(json!({ "type": "qcode", "data": self.qcode() }));
        json!({ "keys": keys, "hold-time": 30 })
    }

    /// The arguments of QMP's `input-send-event` that press it and do not let go.
    pub(crate) fn qmp_down(self) -> Value {
        let key = json!({ "down": true, "key": { "type": "qcode", "data": self.qcode() } });
        json!({ "events": [{ "type": "key", "data": key }] })
    }

    fn qcode(self) -> String {
        match self {
            Key::Up => "up".into(),
            Key::Down => "down".into(),
            Key::Left => "left".into(),
            Key::Right => "right".into(),
            Key::Enter => "ret".into(),
            Key::Escape => "esc".into(),
            Key::Backspace => "backspace".into(),
            Key::Delete => "delete".into(),
            Key::Home => "home".into(),
            Key::End => "end".into(),
            Key::PageUp => "pgup".into(),
            Key::PageDown => "pgdn".into(),
            Key::Shift => "shift".into(),
            Key::F(number) => format!("f{number}"),
            Key::Char(' ') => "spc".into(),
            Key::Char('-') => "minus".into(),
            Key::Char('=') => "equal".into(),
            Key::Char('.') => "dot".into(),
            Key::Char('/') => "slash".into(),
            Key::Char(other) => other.to_ascii_lowercase().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_letters_hold_shift() {
        let keys = Key::Char('E').qmp()["keys"].clone();
        assert_eq!(keys.as_array().map(Vec::len), Some(2));
        assert_eq!((&keys[0]["data"], &keys[1]["data"]), (&json!("shift"), &json!("e")));
    }

    #[test]
    fn function_keys_are_named_by_number() {
        assert_eq!(Key::F(12).qmp()["keys"][0]["data"], "f12");
    }
}
