// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a serial console says, without its terminal control sequences (ECMA-48, section 5).

/// Removes control sequences from console bytes that arrive in pieces.
///
/// A sequence that moves the cursor to another place becomes a line break, so that texts drawn at
/// different places of the screen never run together.
#[derive(Debug, Default)]
pub(crate) struct ConsoleText {
    state: State,
    text: String,
    partial: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Plain,
    Escape,
    Sequence,
}

impl ConsoleText {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.take(byte));
        self.decode();
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn take(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::Plain | State::Escape, 0x1b) => State::Escape,
            (State::Plain, b'\r' | 0) => State::Plain,
            (State::Plain, _) => {
                self.partial.push(byte);
                State::Plain
            }
            (State::Escape, b'[') => State::Sequence,
            (State::Escape, _) => State::Plain,
            (State::Sequence, 0x40..=0x7e) => {
                if matches!(byte, b'H' | b'f' | b'A'..=b'D' | b'J') {
                    self.break_line();
                }
                State::Plain
            }
            (State::Sequence, _) => State::Sequence,
        };
    }

    fn break_line(&mut self) {
        let last = self.partial.last().copied().or_else(|| self.text.bytes().last());
        if last.is_some_and(|byte| byte != b'\n') {
            self.partial.push(b'\n');
        }
    }

    /// Moves whole UTF-8 characters to the text; replaces what can never become one.
    fn decode(&mut self) {
        while !self.partial.is_empty() {
            match std::str::from_utf8(&self.partial) {
                Ok(text) => {
                    self.text.push_str(text);
                    self.partial.clear();
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    self.text.push_str(&String::from_utf8_lossy(&self.partial[..valid]));
                    let Some(bad) = error.error_len() else {
                        self.partial.drain(..valid);
                        return;
                    };
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    self.partial.drain(..valid + bad);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(pieces: &[&[u8]]) -> String {
        let mut console = ConsoleText::default();
        pieces.iter().for_each(|piece| console.push(piece));
        console.text().to_owned()
    }

    #[test]
    fn colours_vanish_and_movements_break_lines() {
        assert_eq!(
            plain(&[b"\x1b[2J\x1b[01;01H\x1b[1;33mHello\x1b[0m\x1b[05;10HWorld\r\n"]),
            "Hello\nWorld\n"
        );
    }

    #[test]
    fn a_sequence_and_a_character_may_arrive_in_pieces() {
        assert_eq!(plain(&[b"a\x1b", b"[3", b"1mb \xe2\x94", b"\x80 c"]), "ab \u{2500} c");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(plain(&[b"a\xffb"]), "a\u{fffd}b");
    }
}
