// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text form of metadata: `name = value` and `name { ... }` (`lvm.conf(5)`, "Syntax").

use crate::error::{Damage, Fault, Structure};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

/// The deepest section, and the most names and values of a text.
const DEPTH_MAX: u32 = 8;
const NODES_MAX: u32 = 100_000;

/// What stands in braces, or the whole text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section<'t> {
    items: Vec<(&'t str, Item<'t>)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Item<'t> {
    Section(Section<'t>),
    Value(Value<'t>),
}

/// A value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// A number that is not negative.
    Number(u64),
    /// In quotes, as it stands there.
    Text(&'t str),
    /// In brackets.
    List(Vec<Value<'t>>),
    /// A number with a sign or a point, which nothing here asks for.
    Other,
}

impl<'t> Section<'t> {
    /// The whole of `text`.
    pub(super) fn parse(text: &'t [u8]) -> Result<Self, Damage> {
        // A text is padded with zeros where it is stored.
        let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        let text = core::str::from_utf8(text.get(..end).unwrap_or_default()).map_err(|error| {
            Structure::Metadata.damage(Fault::Syntax, crate::bytes::wide(error.valid_up_to()))
        })?;
        let mut parser = Parser { text, at: 0, nodes: 0 };
        parser.section(0)
    }

    /// The section of this name.
    pub(super) fn section(&self, name: &str) -> Option<&Self> {
        self.sections().find(|(found, _)| *found == name).map(|(_, section)| section)
    }

    /// The sections in it.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&'t str, &Self)> {
        self.items.iter().filter_map(|(name, item)| match item {
            Item::Section(section) => Some((*name, section)),
            Item::Value(_) => None,
        })
    }

    fn value(&self, name: &str) -> Option<&Value<'t>> {
        self.items.iter().find_map(|(found, item)| match item {
            Item::Value(value) if *found == name => Some(value),
            _ => None,
        })
    }

    /// The number of this name.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.number()
    }

    /// The text of this name.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name)?.text()
    }

    /// The list of this name; nothing where there is none.
    pub(super) fn list(&self, name: &str) -> &[Value<'t>] {
        match self.value(name) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// Whether the list of this name has this word.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.list(name).iter().any(|value| matches!(value, Value::Text(text) if *text == word))
    }
}

impl Value<'_> {
    pub(super) fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// Without the backslashes before quotes and backslashes.
    pub(super) fn text(&self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        if !text.contains('\\') {
            return Some((*text).to_owned());
        }
        let mut characters = text.chars();
        let mut plain = String::new();
        while let Some(character) = characters.next() {
            plain.extend(if character == '\\' { characters.next() } else { Some(character) });
        }
        Some(plain)
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: u32,
}

impl<'t> Parser<'t> {
    /// What comes until the section's brace, or the end of the text.
    fn section(&mut self, depth: u32) -> Result<Section<'t>, Damage> {
        let mut section = Section::default();
        loop {
            self.skip();
            match self.peek() {
                None if depth == 0 => return Ok(section),
                Some(b'}') if depth > 0 => {
                    self.at = self.at.saturating_add(1);
                    return Ok(section);
                }
                _ => {}
            }
            let name = self.word()?;
            self.skip();
            let item = match self.peek() {
                Some(b'=') => {
                    self.at = self.at.saturating_add(1);
                    Item::Value(self.value(true)?)
                }
                Some(b'{') if depth < DEPTH_MAX => {
                    self.at = self.at.saturating_add(1);
                    Item::Section(self.section(depth.saturating_add(1))?)
                }
                _ => return self.wrong(),
            };
            section.items.push((name, item));
        }
    }

    fn value(&mut self, may_be_list: bool) -> Result<Value<'t>, Damage> {
        self.count()?;
        self.skip();
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'[') if may_be_list => self.list(),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                let word = self.take(|byte| matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9'));
                Ok(word.parse().map_or(Value::Other, Value::Number))
            }
            _ => self.wrong(),
        }
    }

    fn list(&mut self) -> Result<Value<'t>, Damage> {
        let mut values = Vec::new();
        self.at = self.at.saturating_add(1);
        loop {
            self.skip();
            match self.peek() {
                Some(b']') => {
                    self.at = self.at.saturating_add(1);
                    return Ok(Value::List(values));
                }
                Some(b',') => self.at = self.at.saturating_add(1),
                _ => values.push(self.value(false)?),
            }
        }
    }

    fn quoted(&mut self) -> Result<Value<'t>, Damage> {
        let start = self.at.saturating_add(1);
        let mut escaped = false;
        let rest = self.text.get(start..).unwrap_or_default();
        let end = rest.bytes().position(|byte| {
            let is_end = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            is_end
        });
        let Some(text) = end.and_then(|end| rest.get(..end)) else { return self.wrong() };
        self.at = start.saturating_add(text.len()).saturating_add(1);
        Ok(Value::Text(text))
    }

    /// A name.
    fn word(&mut self) -> Result<&'t str, Damage> {
        self.count()?;
        let word = self
            .take(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/'));
        if word.is_empty() { self.wrong() } else { Ok(word) }
    }

    fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(|byte| !fits(byte)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        loop {
            self.take(|byte| byte.is_ascii_whitespace());
            if self.peek() != Some(b'#') {
                return;
            }
            self.take(|byte| byte != b'\n');
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn count(&mut self) -> Result<(), Damage> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > NODES_MAX { self.wrong() } else { Ok(()) }
    }

    fn wrong<T>(&self) -> Result<T, Damage> {
        Err(Structure::Metadata.damage(Fault::Syntax, crate::bytes::wide(self.at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_of_every_form() {
        let text = b"# a comment\nid = \"a\\\"b\\\\\"\nvg { seqno = 7 # more\n status=[\"READ\", \"WRITE\"]\n empty = []\n pv0 { x = -1 y = 1.5 } }\n\0\0";
        let section = Section::parse(text).unwrap();
        assert_eq!(section.text("id").unwrap(), "a\"b\\");
        let vg = section.section("vg").unwrap();
        assert_eq!((vg.number("seqno"), vg.number("status")), (Some(7), None));
        assert!(vg.has_word("status", "WRITE") && !vg.has_word("status", "X") && vg.list("empty").is_empty());
        assert_eq!(vg.section("pv0").unwrap().value("y"), Some(&Value::Other));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        for (text, at) in
            [("a", 1), ("a = ", 4), ("a = [1", 6), ("a {", 3), ("a = \"b", 4), ("= 1", 0), ("}", 0)]
        {
            assert_eq!(
                Section::parse(text.as_bytes()),
                Err(Structure::Metadata.damage(Fault::Syntax, at)),
                "{text}"
            );
        }
        let deep = "a {".repeat(9) + &"}".repeat(9);
        assert!(Section::parse(deep.as_bytes()).is_err());
        assert!(Section::parse("a = [[1]]".as_bytes()).is_err());
        assert!(Section::parse(&[0xFF]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "[a-c =\\[\\]{}\",#\n0-9\\\\-]{0,200}") {
            let _ = Section::parse(text.as_bytes());
        }
    }
}
