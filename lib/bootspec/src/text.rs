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
    match text.char_indices().find(|(at, c)| is_forbidden(text, *at, *c)) {
        Some((at, c)) => Err(Reason::ControlCharacter(c).at(line_number(bytes, at))),
        None => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
    }
}

fn is_forbidden(text: &str, at: usize, c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\r' => !text.get(at..).is_some_and(|rest| rest == "\r" || rest.starts_with("\r\n")),
        _ => c.is_control(),
    }
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
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim_matches(is_blank);
        let (key, value) = line.split_once(is_blank).unwrap_or((line, ""));
        let says_something = !key.is_empty() && !key.starts_with('#');
        says_something.then(|| Line { number: nth(index), key, value: value.trim_start_matches(is_blank) })
    })
}

/// White space inside a line. Only these: a no-break space belongs to its word.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
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
