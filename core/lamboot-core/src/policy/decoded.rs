// SPDX-License-Identifier: MIT OR Apache-2.0
//! Between `toml_parser` and this crate: text out of it, and its errors in words.
//!
//! `toml_parser` could do this itself with its feature `alloc`; its errors would then own memory,
//! and each of the places that makes one would carry the code to give it back.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use toml_parser::decoder::StringBuilder;
use toml_parser::{Expected, ParseError};

/// Decoded text: borrowed while it is one piece of the file.
#[derive(Default)]
pub(super) struct Decoded<'t>(pub(super) Cow<'t, str>);

impl<'t> StringBuilder<'t> for Decoded<'t> {
    fn clear(&mut self) {
        self.0 = Cow::Borrowed("");
    }

    fn push_str(&mut self, append: &'t str) -> bool {
        if self.0.is_empty() {
            self.0 = Cow::Borrowed(append);
        } else {
            self.0.to_mut().push_str(append);
        }
        true
    }

    fn push_char(&mut self, append: char) -> bool {
        self.0.to_mut().push(append);
        true
    }
}

/// What is wrong, and what would be right.
pub(super) fn message(error: &ParseError) -> String {
    let mut text = String::from(error.description());
    let Some(expected) = error.expected() else { return text };
    for (place, expected) in expected.iter().enumerate() {
        text.push_str(if place == 0 { ", expected " } else { ", " });
        text.push_str(&words(expected));
    }
    if expected.is_empty() {
        text.push_str(", expected nothing");
    }
    text
}

fn words(expected: &Expected) -> Cow<'static, str> {
    match *expected {
        Expected::Description(words) => words.into(),
        Expected::Literal("\n") => "newline".into(),
        Expected::Literal(literal) => format!("`{literal}`").into(),
        _ => "something else".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_pieces_is_joined() {
        let mut decoded = Decoded::default();
        assert!(decoded.push_str("a") && matches!(decoded.0, Cow::Borrowed("a")));
        assert!(decoded.push_char('b') && decoded.push_str("c"));
        assert_eq!(decoded.0, "abc");
        decoded.clear();
        assert_eq!(decoded.0, "");
    }

    #[test]
    fn an_error_tells_what_would_be_right() {
        const EXPECTED: &[Expected] = &[Expected::Description("a value"), Expected::Literal("]")];
        let error = ParseError::new("wrong").with_expected(EXPECTED);
        assert_eq!(message(&error), "wrong, expected a value, `]`");
        assert_eq!(message(&ParseError::new("extra").with_expected(&[])), "extra, expected nothing");
        assert_eq!(message(&ParseError::new("plain")), "plain");
    }
}
