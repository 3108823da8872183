// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names in certificates (RFC 5280, section 4.1.2.4): compared as they are stored, shown in words.

use crate::element::{Element, Elements};
use alloc::string::String;
use core::fmt::{self, Display as _, Write as _};
use der::Tag;
use der::asn1::ObjectIdentifier;

/// The most attributes that are shown of a name.
const ATTRIBUTES_MAX: usize = 16;
/// The most characters that are shown of an attribute (the upper bounds of RFC 5280, appendix A.1).
const CHARS_MAX: usize = 128;

/// Attributes with a short name (RFC 4519).
const KNOWN: [(ObjectIdentifier, &str); 6] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
];

/// A `Name`, with its tag. Two are the same when their bytes are: who issues certificates copies the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject<'b>(&'b [u8]);

impl<'b> Subject<'b> {
    pub(crate) fn new(name: &'b [u8]) -> Self {
        Self(name)
    }

    pub(crate) fn bytes(&self) -> &'b [u8] {
        self.0
    }

    fn show(&self, f: &mut impl fmt::Write) -> Option<fmt::Result> {
        let mut list = Elements::new(self.0, "a name").sequence().ok()?;
        for number in 0..ATTRIBUTES_MAX {
            let Ok(set) = list.take(Tag::Set) else { break };
            let mut attribute = Elements::new(set.value, "a name").sequence().ok()?;
            let (oid, value) = (attribute.oid().ok()?, attribute.any().ok()?);
            let separator = if number == 0 { "" } else { ", " };
            if let Err(error) = write!(f, "{separator}{}={}", Kind(oid), Text(value)) {
                return Some(Err(error));
            }
        }
        Some(Ok(()))
    }
}

impl fmt::Display for Subject<'_> {
    /// As `CN=Example, O=Example Ltd`, without anything that a terminal might take amiss.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        match self.show(&mut text) {
            Some(Ok(())) if !text.is_empty() => f.write_str(&text),
            _ => f.write_str("(no name)"),
        }
    }
}

/// An attribute's type.
struct Kind<'b>(&'b [u8]);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match KNOWN.iter().find(|(oid, _)| oid.as_bytes() == self.0) {
            Some((_, name)) => f.write_str(name),
            None => match ObjectIdentifier::from_bytes(self.0) {
                Ok(oid) => oid.fmt(f),
                Err(_) => f.write_str("?"),
            },
        }
    }
}

/// An attribute's value.
struct Text<'b>(Element<'b>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Element { tag, value, .. } = self.0;
        if tag == Tag::BmpString {
            let units = value.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
            let chars = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
            return chars.take(CHARS_MAX).try_for_each(|c| show(f, c));
        }
        match core::str::from_utf8(value) {
            Ok(text) => text.chars().take(CHARS_MAX).try_for_each(|c| show(f, c)),
            Err(_) => value.iter().take(CHARS_MAX).try_for_each(|byte| show(f, char::from(*byte))),
        }
    }
}

fn show(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    let harmless = c.is_ascii_graphic() || c == ' ' || (!c.is_ascii() && c.is_alphanumeric());
    if harmless { f.write_char(c) } else { c.escape_unicode().fmt(f) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::wrap;
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    fn name(attributes: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let list: Vec<u8> = attributes
            .iter()
            .flat_map(|(oid, tag, value)| {
                let oid = ObjectIdentifier::new_unwrap(oid);
                wrap(0x31, &wrap(0x30, &[wrap(6, oid.as_bytes()), wrap(*tag, value)].concat()))
            })
            .collect();
        wrap(0x30, &list)
    }

    #[test]
    fn names_are_shown_harmlessly() {
        let bytes = name(&[
            ("2.5.4.3", 12, "Größe".as_bytes()),
            ("2.5.4.10", 19, b"A\x1b[2J"),
            ("2.5.4.11", 30, b"\0O\0U"),
            ("1.2.3", 20, &[0xE9]),
        ]);
        assert_eq!(Subject::new(&bytes).to_string(), r"CN=Größe, O=A\u{1b}[2J, OU=OU, 1.2.3=é");
        assert_eq!(Subject::new(&[]).to_string(), "(no name)");
        assert_eq!(Subject::new(&[0x30, 0]).to_string(), "(no name)");
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let long = [b'x'; 5000];
        let attributes = [("2.5.4.3", 12, &long[..]); 40];
        let shown = Subject::new(&name(&attributes)).to_string();
        assert_eq!(shown.len(), ATTRIBUTES_MAX * (CHARS_MAX + 3) + (ATTRIBUTES_MAX - 1) * 2);
    }
}
