// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text form that entries share: UTF-8 lines of a key and a value.

use crate::refusal::{Reason, Refusal};
use core::num::NonZeroU32;

/// The most bytes that an entry may have. A kernel's command line ends at 4 KiB or less.
pub const TEXT_MAX: usize = 64 * 1024;

/// One line that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// From 1.
    pub(crate) number: NonZeroU32,
    /// The first word.
    pub(crate) key: &'t str,
    /// The rest, without white space around it; may be empty.
    pub(crate) value: &'t str,
}

/// The bytes as text, if they can be an entry at all.
///
/// # Errors
///
/// No content, more than [`TEXT_MAX`] bytes, not UTF-8, or a control character other than a tab or
/// the ends of lines.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, Refusal> {
    if bytes.is_empty() {
        return Err(Reason::Empty.in_file());
    }
    if bytes.len() > TEXT_MAX {
        return Err(Reason::TooLarge { bytes: bytes.len() }.in_file());
    }
    let text = core::str::from_utf8(bytes)
        .map_err(|error| Reason::NotUtf8.at(line_number(bytes, error.valid_up_to())))?;
    let is_allowed = |byte, next| match byte {
        b'\n' | b'\t' => true,
        b'\r' => matches!(next, None | Some(b'\n')),
        _ => false,
    };
    match control_character(text, is_allowed) {
        Some((at, c)) => Err(Reason::ControlCharacter(c).at(line_number(bytes, at))),
        None => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
    }
}

/// The first control character that is not allowed, and where it is. `is_allowed` is asked about a
/// byte and the one after it.
///
/// Looks at bytes, which every boot does for every entry: U+0000 to U+001F and U+007F are one byte in
/// UTF-8, and U+0080 to U+009F are 0xC2 and a second one below 0xA0.
pub(crate) fn control_character(
    text: &str,
    is_allowed: impl Fn(u8, Option<u8>) -> bool,
) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let at = bytes.iter().enumerate().position(|(at, byte)| {
        let next = || bytes.get(at.saturating_add(1)).copied();
        match byte {
            b' '..=b'~' => false,
            0x00..=0x1F | 0x7F => !is_allowed(*byte, next()),
            0xC2 => next().is_some_and(|second| second < 0xA0),
            _ => false,
        }
    })?;
    Some((at, text.get(at..)?.chars().next()?))
}

/// The number, from 1, of the line that the byte at `offset` is in.
fn line_number(bytes: &[u8], offset: usize) -> NonZeroU32 {
    let ends = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
    nth(ends)
}

fn nth(index: usize) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The lines that are neither blank nor comments.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    // A carriage return at the end of a line is white space.
    text.split('\n').enumerate().filter_map(|(index, line)| {
        let (key, value) = first_word(trimmed(line));
        let says_something = !key.is_empty() && !key.starts_with('#');
        says_something.then(|| Line { number: nth(index), key, value: trimmed(value) })
    })
}

/// What white space divides.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = trimmed(text);
    core::iter::from_fn(move || {
        let (word, after) = first_word(rest);
        rest = trimmed(after);
        (!word.is_empty()).then_some(word)
    })
}

/// A text up to its first white space, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let end = text.bytes().position(is_blank_byte).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// White space inside a line. Only these: a no-break space belongs to its word.
pub(crate) fn is_blank(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_blank_byte)
}

fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Without white space around it.
fn trimmed(text: &str) -> &str {
    let start = text.bytes().position(|byte| !is_blank_byte(byte)).unwrap_or(text.len());
    let end =
        text.bytes().rposition(|byte| !is_blank_byte(byte)).map_or(start, |last| last.saturating_add(1));
    text.get(start..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (Option<u32>, Reason) {
        let refusal = decode(bytes).unwrap_err();
        (refusal.line.map(NonZeroU32::get), refusal.reason)
    }

    #[test]
    fn lines_are_keys_and_values() {
        let text = "# c\n\ntitle\tA  B \r\n  linux   /x\nquiet\r\n#no\n   \nlast one";
        let found: Vec<_> = lines(text).map(|l| (l.number.get(), l.key, l.value)).collect();
        let expected = [(3, "title", "A  B"), (4, "linux", "/x"), (5, "quiet", ""), (8, "last", "one")];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_an_entry() {
        assert_eq!(refused(b""), (None, Reason::Empty));
        assert_eq!(refused(&[b'#'; TEXT_MAX + 1]), (None, Reason::TooLarge { bytes: TEXT_MAX + 1 }));
        assert_eq!(refused(b"a b\nc \xff\n"), (Some(2), Reason::NotUtf8));
        assert_eq!(refused(b"a b\n\0\0"), (Some(2), Reason::ControlCharacter('\0')));
        assert_eq!(refused(b"a\x1b[2J"), (Some(1), Reason::ControlCharacter('\x1b')));
        assert_eq!(refused(b"a b\rc d"), (Some(1), Reason::ControlCharacter('\r')));
        assert_eq!(refused("a\u{9b}1m".as_bytes()), (Some(1), Reason::ControlCharacter('\u{9b}')));
    }

    #[test]
    fn what_editors_leave_behind_is_no_harm() {
        assert_eq!(decode("\u{feff}a b\r\n".as_bytes()), Ok("a b\r\n"));
        assert!(decode(b"a b\r").is_ok());
        assert!(decode(&[b'#'; TEXT_MAX]).is_ok());
    }
}
