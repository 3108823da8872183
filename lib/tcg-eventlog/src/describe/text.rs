// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts and bytes, so that they do nothing to a terminal.

use core::fmt::{self, Write as _};

/// The most characters of a text that are shown. Command lines of kernels have up to 4096.
pub const TEXT_MAX: usize = 4096;
/// The most bytes that are shown in hexadecimal.
const BYTES_MAX: usize = 32;

/// A text of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// One in UTF-8, without the zero that ended it.
    Utf8(&'a str),
    /// One in UTF-16, little-endian, without the zero that ended it.
    Utf16(&'a [u8]),
}

impl<'a> Text<'a> {
    /// The text that `data` are, up to zeros at the end; `None` when they are none, or empty.
    ///
    /// UTF-16 is tried where the data have zeros inside or are not UTF-8, and taken where at least one letter is
    /// of ASCII: any two bytes are a letter of some script. What begins with a control character is no text.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let utf8 = core::str::from_utf8(trim(data, 1)).ok().filter(|text| !text.contains('\0'));
        let text = match utf8 {
            Some(text) => Some(Self::Utf8(text)),
            None => Self::utf16(data).filter(|text| text.chars().any(|c| c.is_ascii_graphic() || c == ' ')),
        };
        text.filter(|text| text.chars().next().is_some_and(|first| !first.is_control()))
    }

    /// A text in UTF-16; `None` when `data` are none, or empty.
    #[must_use]
    pub fn utf16(data: &'a [u8]) -> Option<Self> {
        let text = trim(data, 2);
        let is_text = text.len().is_multiple_of(2)
            && !text.is_empty()
            && char::decode_utf16(units(text)).all(|c| c.is_ok_and(|c| c != '\0'));
        is_text.then_some(Self::Utf16(text))
    }

    /// The characters. What is not UTF-16 is replaced.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let (utf8, utf16) = match self {
            Self::Utf8(text) => (*text, &[][..]),
            Self::Utf16(bytes) => ("", *bytes),
        };
        let utf16 = char::decode_utf16(units(utf16)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        utf8.chars().chain(utf16)
    }
}

/// Without zeros at the end, in pieces of this size.
fn trim(data: &[u8], size: usize) -> &[u8] {
    let zeros = data.rchunks_exact(size).take_while(|piece| piece.iter().all(|byte| *byte == 0)).count();
    data.get(..data.len().saturating_sub(zeros.saturating_mul(size))).unwrap_or_default()
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (pairs, _) = bytes.as_chunks();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair))
}

/// In quotes. Whatever could act on a terminal or change the order of letters is shown by its number.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for (at, c) in self.chars().enumerate() {
            match c {
                _ if at >= TEXT_MAX => {
                    f.write_str("...")?;
                    break;
                }
                '"' | '\\' => write!(f, "\\{c}")?,
                _ => show(f, c)?,
            }
        }
        f.write_char('"')
    }
}

/// Writes characters without quotes, so that they do nothing to a terminal.
pub(super) fn plain(f: &mut fmt::Formatter<'_>, chars: impl Iterator<Item = char>) -> fmt::Result {
    chars.take(TEXT_MAX).try_for_each(|c| show(f, c))
}

fn show(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    if acts(c) { write!(f, "{}", c.escape_unicode()) } else { f.write_char(c) }
}

/// Control characters, and those that change the direction of others or cannot be seen.
fn acts(c: char) -> bool {
    let is_unseen = matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}');
    c.is_control() || is_unseen || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Bytes in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes<'a>(pub &'a [u8]);

/// The first of them, and how many there are where there are more.
impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        self.0.iter().take(BYTES_MAX).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.0.len() > BYTES_MAX {
            write!(f, "... ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(data: &[u8]) -> String {
        Text::parse(data).map_or("none".into(), |text| text.to_string())
    }

    #[test]
    fn both_encodings_with_and_without_an_end() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for text in ["a", "quiet", "größe", "日本 \u{1F5A5}"] {
            assert_eq!(shown(text.as_bytes()), format!("{text:?}"));
            assert_eq!(shown(&[text, "\0"].concat().into_bytes()), format!("{text:?}"));
            assert_eq!(shown(&utf16(&[text, "\0"].concat())), format!("{text:?}"));
        }
        assert_eq!(shown(&utf16("quiet")), "\"quiet\"");
    }

    #[test]
    fn what_is_no_text() {
        for data in [
            &[][..],
            &[0, 0],
            &[0xC3, 0x28, 0xFF],
            b"a\0b",
            &[0x00, 0xD8],
            &[7, 7],
            &[0xAB, 0x90, 0xEF, 0x81],
        ] {
            assert_eq!(shown(data), "none", "{data:?}");
        }
    }

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(shown(b"a\x1b[2J\n\"\\"), r#""a\u{1b}[2J\u{a}\"\\""#);
        assert_eq!(shown("a\u{202e}b\u{9b}".as_bytes()), r#""a\u{202e}b\u{9b}""#);
        assert_eq!(shown("x".repeat(5000).as_bytes()).len(), TEXT_MAX + 5);
        assert_eq!(Bytes(&[0xAB; 40]).to_string(), format!("{}... (40 bytes)", "ab".repeat(32)));
    }
}
