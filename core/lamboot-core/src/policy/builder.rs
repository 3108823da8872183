// SPDX-License-Identifier: MIT OR Apache-2.0
//! From `toml_parser`'s events to the tables of a [`Document`](super::document::Document).

use super::decoded::Decoded;
use super::document::{DEPTH, Entry, Key, Table, Value};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::mem::take;
use core::ops::Range;
use toml_parser::decoder::{Encoding, IntegerRadix, ScalarKind};
use toml_parser::parser::EventReceiver;
use toml_parser::{ErrorSink, Raw, Source, Span};

/// Takes the events of one file.
pub(super) struct Builder<'t> {
    source: Source<'t>,
    pub(super) tables: Vec<Table<'t>>,
    /// Places of the tables being filled: the top's or the last header's, then inline ones.
    open: Vec<usize>,
    /// The key whose value is awaited.
    keys: Vec<Key<'t>>,
    /// Whether the next key belongs to the one before it: there was a dot.
    dotted: bool,
    in_header: bool,
    /// The lists being filled, each with its first byte.
    lists: Vec<(usize, Vec<Value<'t>>)>,
    /// How deep within a table that stands in a list, which no key has.
    ignored: u32,
}

impl<'t> Builder<'t> {
    pub(super) fn new(source: Source<'t>) -> Self {
        let top = Table { placed: true, ..Table::default() };
        Self {
            source,
            tables: alloc::vec![top],
            open: alloc::vec![0],
            keys: Vec::new(),
            dotted: false,
            in_header: false,
            lists: Vec::new(),
            ignored: 0,
        }
    }

    fn decode_key(&self, at: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) -> Cow<'t, str> {
        let mut name = Decoded::default();
        if let Some(text) = self.source.input().get(at.start()..at.end()) {
            Raw::new_unchecked(text, encoding, at).decode_key(&mut name, errors);
        }
        name.0
    }

    fn decode(&self, at: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) -> Value<'t> {
        let mut decoded = Decoded::default();
        let Some(text) = self.source.input().get(at.start()..at.end()) else { return Value::Other };
        match Raw::new_unchecked(text, encoding, at).decode_scalar(&mut decoded, errors) {
            ScalarKind::String => Value::Text(decoded.0),
            ScalarKind::Boolean(value) => Value::Boolean(value),
            ScalarKind::Integer(radix) => integer(&decoded.0, radix),
            ScalarKind::DateTime | ScalarKind::Float => Value::Other,
        }
    }

    /// Puts a value where one is awaited: into the innermost list, or to its key.
    fn place(&mut self, value: Value<'t>, at: Range<usize>) {
        if let Some((_, items)) = self.lists.last_mut() {
            items.push(value);
            return;
        }
        let path = take(&mut self.keys);
        let table = self.open.last().and_then(|place| self.tables.get_mut(*place));
        if let Some(table) = table.filter(|_| !path.is_empty()) {
            table.entries.push(Entry { path, value, at });
        }
    }

    fn open_header(&mut self, listed: bool) {
        self.open.clear();
        self.open.push(self.tables.len());
        self.tables.push(Table { listed, ..Table::default() });
        self.in_header = true;
        self.dotted = false;
    }

    fn close_header(&mut self) {
        self.in_header = false;
        if let Some(table) = self.tables.last_mut() {
            table.placed = true;
        }
    }

    /// An inline table as the value of the awaited key: from here on, keys are its.
    fn open_inline(&mut self) {
        let Some(parent) = self.open.last().and_then(|place| self.tables.get(*place)) else { return };
        let keys = take(&mut self.keys);
        let path = parent.path.iter().cloned().chain(keys).take(DEPTH).collect();
        let table = Table { path, placed: parent.placed, ..Table::default() };
        self.open.push(self.tables.len());
        self.tables.push(table);
    }
}

impl EventReceiver for Builder<'_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.open_header(false);
    }

    fn array_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.open_header(true);
    }

    fn std_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close_header();
    }

    fn array_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close_header();
    }

    fn newline(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.in_header = false;
    }

    fn simple_key(&mut self, at: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) {
        let key = Key { name: self.decode_key(at, encoding, errors), at: at.start() };
        let continued = take(&mut self.dotted);
        let keys = match self.tables.last_mut() {
            Some(table) if self.in_header => &mut table.path,
            _ => &mut self.keys,
        };
        if !continued {
            keys.clear();
        }
        if self.ignored == 0 && keys.len() < DEPTH {
            keys.push(key);
        }
    }

    fn key_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.dotted = true;
    }

    fn scalar(&mut self, at: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) {
        let value = self.decode(at, encoding, errors);
        if self.ignored == 0 {
            self.place(value, at.start()..at.end());
        }
    }

    fn array_open(&mut self, at: Span, _: &mut dyn ErrorSink) -> bool {
        if self.ignored == 0 {
            self.lists.push((at.start(), Vec::new()));
        } else {
            self.ignored = self.ignored.saturating_add(1);
        }
        true
    }

    fn array_close(&mut self, at: Span, _: &mut dyn ErrorSink) {
        if self.ignored > 0 {
            self.ignored = self.ignored.saturating_sub(1);
        } else if let Some((start, items)) = self.lists.pop() {
            self.place(Value::List(items), start..at.end());
        }
    }

    fn inline_table_open(&mut self, at: Span, _: &mut dyn ErrorSink) -> bool {
        if self.lists.is_empty() {
            self.open_inline();
        } else {
            if self.ignored == 0 {
                self.place(Value::Other, at.start()..at.end());
            }
            self.ignored = self.ignored.saturating_add(1);
        }
        true
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        if self.ignored > 0 {
            self.ignored = self.ignored.saturating_sub(1);
        } else if self.open.len() > 1 {
            self.open.pop();
        }
    }
}

fn integer<'t>(digits: &str, radix: IntegerRadix) -> Value<'t> {
    i64::from_str_radix(digits, radix.value()).map_or(Value::Other, Value::Integer)
}
