// SPDX-License-Identifier: MIT OR Apache-2.0
//! TOML text as a flat list of tables, as far as a policy can use it.
//!
//! Grammar, error recovery and decoding are `toml_parser`'s; this is what remains of the tree that
//! usually stands on its events. It keeps no more than [`DEPTH`] keys of a path, so that memory
//! stays in proportion to the text, and it leaves to its reader which tables and keys stand twice.

use super::builder::Builder;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;
use toml_parser::lexer::Token;
use toml_parser::parser::{RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ParseError, Source};

/// Keys of a path that are kept: section, key, and one that says that the path goes on.
pub(super) const DEPTH: usize = 3;
/// Lists and tables within each other that are parsed; each takes some of the firmware's stack.
const MAX_NESTING: u32 = 80;

/// A whole file.
pub(super) struct Document<'t> {
    /// The top of the file, then each table in the order of its opening.
    pub(super) tables: Vec<Table<'t>>,
    /// Every violation of the grammar.
    pub(super) errors: Vec<ParseError>,
}

/// A table with a header, an inline table, or the top of the file.
#[derive(Default)]
pub(super) struct Table<'t> {
    /// Where it stands; empty for the top of the file.
    pub(super) path: Vec<Key<'t>>,
    /// Whether it is one of a list of tables.
    pub(super) listed: bool,
    /// Whether its header is whole. What stands below half a header belongs nowhere.
    pub(super) placed: bool,
    pub(super) entries: Vec<Entry<'t>>,
}

/// One key with its value.
pub(super) struct Entry<'t> {
    /// Where it stands in its table: several keys when they are dotted.
    pub(super) path: Vec<Key<'t>>,
    pub(super) value: Value<'t>,
    /// The value's bytes in the text.
    pub(super) at: Range<usize>,
}

#[derive(Clone)]
pub(super) struct Key<'t> {
    pub(super) name: Cow<'t, str>,
    /// Its first byte in the text.
    pub(super) at: usize,
}

pub(super) enum Value<'t> {
    Text(Cow<'t, str>),
    Boolean(bool),
    Integer(i64),
    List(Vec<Value<'t>>),
    /// A table, a number with a fraction, a date, or a number out of range: no key's form.
    Other,
}

impl Value<'_> {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Parses `text`; a violation of the grammar leaves the rest as written.
pub(super) fn parse(text: &str) -> Document<'_> {
    let source = Source::new(text);
    let mut errors = Vec::new();
    let mut builder = Builder::new(source);
    {
        let mut whitespace = ValidateWhitespace::new(&mut builder, source);
        let mut guard = RecursionGuard::new(&mut whitespace, MAX_NESTING);
        let tokens: Vec<Token> = source.lex().collect();
        parse_document(&tokens, &mut guard, &mut |error| errors.push(error));
    }
    Document { tables: builder.tables, errors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decoded::message;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use toml::de::{DeTable, DeValue};

    fn names(path: &[Key<'_>]) -> Vec<String> {
        path.iter().map(|key| key.name.to_string()).collect()
    }

    /// Where lists of tables with headers stand.
    fn lists(text: &str) -> Vec<Vec<String>> {
        parse(text).tables.iter().filter(|table| table.listed).map(|table| names(&table.path)).collect()
    }

    /// Every value up to [`DEPTH`] that is no table and in no list of tables, by its place: as
    /// this module reads it.
    fn values(text: &str) -> BTreeMap<Vec<String>, String> {
        let mut all = BTreeMap::new();
        let lists = lists(text);
        for table in parse(text).tables {
            let above = names(&table.path);
            if lists.iter().any(|list| above.starts_with(list)) {
                continue;
            }
            for Entry { path, value, .. } in table.entries {
                let place = [above.clone(), names(&path)].concat();
                if place.len() <= DEPTH {
                    all.insert(place, form(&value));
                }
            }
        }
        all
    }

    fn form(value: &Value<'_>) -> String {
        match value {
            Value::Text(text) => format!("{text:?}"),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::List(items) => items.iter().map(form).collect::<Vec<_>>().join(","),
            Value::Other => "other".into(),
        }
    }

    /// The same by the `toml` crate.
    fn referee(
        table: &DeTable<'_>,
        above: &[String],
        lists: &[Vec<String>],
        all: &mut BTreeMap<Vec<String>, String>,
    ) {
        for (key, value) in table {
            let place = [above, &[key.get_ref().to_string()]].concat();
            match value.get_ref() {
                DeValue::Table(table) => referee(table, &place, lists, all),
                _ if place.len() > DEPTH || lists.contains(&place) => {}
                value => drop(all.insert(place, referee_form(value))),
            }
        }
    }

    fn referee_form(value: &DeValue<'_>) -> String {
        match value {
            DeValue::String(text) => format!("{text:?}"),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or("other".into(), |value| value.to_string()),
            DeValue::Array(items) => {
                items.iter().map(|item| referee_form(item.get_ref())).collect::<Vec<_>>().join(",")
            }
            _ => "other".into(),
        }
    }

    /// What the tree above the events finds, and the reader of this module's list has to.
    fn is_about_the_tree(message: &str) -> bool {
        ["duplicate key", "cannot extend", "recursion limit"].iter().any(|start| message.starts_with(start))
    }

    fn assert_agrees(text: &str) {
        let (table, theirs) = DeTable::parse_recoverable(text);
        let ours: BTreeSet<(usize, String)> = parse(text)
            .errors
            .iter()
            .map(|error| (error.unexpected().unwrap_or_default().start(), message(error)))
            .collect();
        let theirs: BTreeSet<(usize, String)> = theirs
            .iter()
            .map(|error| (error.span().unwrap_or_default().start, error.message().to_owned()))
            .collect();
        // Below half a header, the `toml` crate decodes nothing; this module does.
        assert!(ours.is_empty() == theirs.iter().all(|(_, what)| is_about_the_tree(what)), "{text:?}");
        let missing = theirs.iter().find(|error| !is_about_the_tree(&error.1) && !ours.contains(error));
        assert_eq!(missing, None, "{text:?}: {ours:?}");
        if theirs.is_empty() {
            let mut all = BTreeMap::new();
            referee(table.get_ref(), &[], &lists(text), &mut all);
            assert_eq!(values(text), all, "{text:?}");
        }
    }

    #[test]
    fn every_form_is_read_as_the_referee_reads_it() {
        for text in [
            "a = 1\nb = true\nc = \"x\\ty\"\nd = 'x\\ty'\n",
            "a = 0x1F\nb = 1_000\nc = 0b11\nd = 0o17\ne = -3\nf = 99999999999999999999\n",
            "a = \"\"\"\nx\\\n  y\"\"\"\nb = '''\nz'''\n",
            "a = [1, [2, 'x'], # one\n true,\n]\n",
            "a = { b = 1, c = { d = [2] } }\n\"a b\".'c' = 3\n",
            "a.b = 1\na.c = 2\n[d]\ne.f = 3\n[d.g]\nh = 4\n",
            "a = 1.5\nb = 1979-05-27T07:32:00Z\nc = inf\nd = [ 1.5 ]\n",
        ] {
            assert_agrees(text);
        }
    }

    #[test]
    fn what_stands_below_half_a_header_is_not_placed() {
        let document = parse("a = 1\n[b\nc = 2\n[d]\ne = 3\n");
        let placed: Vec<bool> = document.tables.iter().map(|table| table.placed).collect();
        assert_eq!(placed, [true, false, true]);
        assert_eq!(document.errors.len(), 1);
    }

    #[test]
    fn long_paths_and_deep_lists_are_bounded() {
        let long = format!("{}a = {{ b = 1 }}\n", "a.".repeat(20_000));
        assert!(parse(&long).tables.iter().all(|table| table.path.len() <= DEPTH));
        let deep = format!("a = {}1{}\n", "[".repeat(30_000), "]".repeat(30_000));
        assert!(!parse(&deep).errors.is_empty());
        let open = "a = [{".repeat(10_000);
        assert!(!parse(&open).errors.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_the_referee_reads_it(
            text in "([a-c]{1,2}( ?[.] ?[a-c])?( ?= ?(1|0x2|true|tru|'x'|\"y\"|\"|\\[ ?1?,? ?'z'?\\]?|\\{ ?a ?= ?1 ?\\}?)?)?( ?#c)?\n|\\[{1,2}[a-c](\\.[a-c])?\\]{0,2}\n){0,8}"
        ) {
            assert_agrees(&text);
        }
    }
}
