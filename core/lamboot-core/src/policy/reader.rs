// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each table and key of the file does to the policy, and to what was understood.

use super::Policy;
use super::decoded::message;
use super::document::{Entry, Key, Table, Value};
use super::keys::{KEYS, KeyInfo};
use super::read::{Finding, Reading, position};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use toml_parser::ParseError;

/// The most mistakes that are reported; one more line says that there are others.
pub(super) const MAX_FINDINGS: usize = 16;

/// Makes a [`Reading`] of one file.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Lines with a syntax error: what the parser guessed there is nobody's will.
    broken_lines: Vec<usize>,
    /// The tables that were opened; each may be once.
    sections: Vec<&'static str>,
    /// The keys that were written; each may be once.
    written: Vec<&'static KeyInfo>,
    /// The keys among them whose values were understood.
    understood: Vec<&'static str>,
    reading: Reading,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, policy: Policy) -> Self {
        let reading = Reading { policy, findings: Vec::new(), stop: None };
        Self {
            text,
            broken_lines: Vec::new(),
            sections: Vec::new(),
            written: Vec::new(),
            understood: Vec::new(),
            reading,
        }
    }

    /// A violation of the grammar.
    pub(super) fn note_error(&mut self, error: &ParseError) {
        let at = error.unexpected().unwrap_or_default().start();
        self.broken_lines.push(position(self.text, at).0);
        self.find(at, message(error));
    }

    /// No table of the file can be read at all.
    pub(super) fn note_unreadable(&mut self, finding: Finding) {
        self.reading.findings.push(finding);
    }

    /// What was made of the file, whose `text` is as much of it as is text. After any mistake, a
    /// misplaced key among them, what protects must have been understood to be trusted.
    pub(super) fn finish(mut self, text: &str) -> Reading {
        if !self.reading.findings.is_empty() {
            self.protect(text);
        }
        self.reading
    }

    /// Every value of a table.
    pub(super) fn apply_table(&mut self, table: &Table<'_>) {
        match table.path.as_slice() {
            _ if !table.placed => return,
            [] => {}
            [name] if !table.listed && is_section(&name.name) => self.open_section(name),
            [.., last] => {
                let key: Vec<&Key<'_>> = table.path.iter().collect();
                return self.apply(&key, &Value::Other, last.at..last.at);
            }
        }
        for Entry { path, value, at } in &table.entries {
            let key: Vec<&Key<'_>> = table.path.iter().chain(path).collect();
            if let ([], [section, _, ..]) = (table.path.as_slice(), path.as_slice()) {
                self.note_section(section);
            }
            self.apply(&key, value, at.clone());
        }
    }

    fn open_section(&mut self, name: &Key<'_>) {
        if !self.note_section(name) {
            self.find_duplicate(name.at);
        }
    }

    /// Whether the section was not there before.
    fn note_section(&mut self, name: &Key<'_>) -> bool {
        let Some(key) = KEYS.iter().find(|key| key.section == name.name) else { return true };
        let new = !self.sections.contains(&key.section);
        if new {
            self.sections.push(key.section);
        }
        new
    }

    fn find_duplicate(&mut self, at: usize) {
        self.find(at, "duplicate key".into());
    }

    /// One value. A key with further ones behind it has a table for its value, which is no key's
    /// form.
    fn apply(&mut self, path: &[&Key<'_>], value: &Value<'_>, at: Range<usize>) {
        match path {
            [section, name] if is_section(&section.name) => self.apply_key(&section.name, name, value, at),
            [section, name, ..] if is_section(&section.name) => {
                self.apply_key(&section.name, name, &Value::Other, at);
            }
            [name] => self.apply_key("", name, value, at),
            [name, ..] => self.apply_key("", name, &Value::Other, at),
            [] => {}
        }
    }

    fn apply_key(&mut self, section: &str, name: &Key<'_>, value: &Value<'_>, at: Range<usize>) {
        let Some(key) = KEYS.iter().find(|key| key.section == section && key.name == name.name) else {
            return self.find(name.at, unknown_key(section, &name.name));
        };
        if self.written.iter().any(|written| core::ptr::eq(*written, key)) {
            self.find_duplicate(name.at);
            return self.fail_closed(key);
        }
        self.written.push(key);
        if self.is_broken(name.at..at.end) {
            return;
        }
        match (key.apply)(&mut self.reading.policy, value) {
            Ok(()) => self.understood.push(key.name),
            Err(wrong) => {
                self.find(at.start, format!("{} {wrong}", full_name(key)));
                self.fail_closed(key);
            }
        }
    }

    /// Whether a line of these bytes has a syntax error.
    fn is_broken(&self, at: Range<usize>) -> bool {
        let lines = position(self.text, at.start).0..=position(self.text, at.end).0;
        self.broken_lines.iter().any(|line| lines.contains(line))
    }

    /// Keys that protect, are mentioned, and were not understood fail closed.
    fn protect(&mut self, text: &str) {
        for key in KEYS.iter().filter(|key| key.protects()) {
            if !self.understood.contains(&key.name) && is_mentioned(text, key.name) {
                self.fail_closed(key);
            }
        }
    }

    fn fail_closed(&mut self, key: &KeyInfo) {
        let Some(close) = key.fail_closed else { return };
        close(&mut self.reading.policy);
        if key.stops() {
            let reason = format!("policy.toml has a mistake and mentions {}", full_name(key));
            self.reading.stop.get_or_insert(reason);
        }
    }

    fn find(&mut self, at: usize, message: String) {
        let message = match self.reading.findings.len() {
            0..MAX_FINDINGS => message,
            MAX_FINDINGS => "and more mistakes from here on".into(),
            _ => return,
        };
        let (line, column) = position(self.text, at);
        self.reading.findings.push(Finding { line, column, message });
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| !key.section.is_empty() && key.section == name)
}

fn full_name(key: &KeyInfo) -> String {
    if key.section.is_empty() { key.name.into() } else { format!("{}.{}", key.section, key.name) }
}

/// Names the place where the key would be right, if there is one.
fn unknown_key(section: &str, name: &str) -> String {
    let name = lamboot_schema::variables::cut_at_char(name, 64);
    match KEYS.iter().find(|key| key.name == name) {
        Some(key) if key.section.is_empty() => {
            format!("unknown key {name} here: it belongs at the top, before any [section]")
        }
        Some(key) => format!("unknown key {name} here: it belongs into [{}]", key.section),
        None if section.is_empty() => format!("unknown key {name}"),
        None => format!("unknown key {section}.{name}"),
    }
}

/// Whether a line that is no comment mentions the key. One whose name is longer is another key.
fn is_mentioned(text: &str, name: &str) -> bool {
    let longer = KEYS.iter().map(|key| key.name).filter(|other| *other != name && other.contains(name));
    let longer: Vec<&str> = longer.collect();
    text.lines().filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        let others: usize = longer.iter().map(|other| line.matches(other).count()).sum();
        line.matches(name).count() > others
    })
}
