// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes to policy, strictly: every mistake is named with its line and column.
//!
//! A mistake in one key leaves the others as written. Keys that protect fail closed: a wrong
//! `secure_boot_required` counts as true, an unreadable `denylist` as one that names everything.
//! A file that is not TOML still gives what could be understood of it; where it mentions a key that
//! protects and that key was not understood, the same holds.

use super::document::{self, Document, Entry, Key, Table, Value};
use super::keys::{KEYS, KeyInfo};
use super::{Policy, decoded};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// The most that is read of the file, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most mistakes that are reported; one more line says that there are others.
const MAX_FINDINGS: usize = 16;

/// A mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what holds instead.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy.toml line {} column {}: {}", self.line, self.column, self.message)
    }
}

/// What was made of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What holds.
    pub policy: Policy,
    /// Every mistake.
    pub findings: Vec<Finding>,
    /// Why nothing may start by itself: a mistake touches a key that protects.
    pub stop: Option<String>,
}

/// Reads the file's bytes.
///
/// ```
/// let reading = lamboot_core::policy::read(b"default_timeout_ms = 0\n[ui]\nmenu = \"never\"\n");
/// assert_eq!(reading.policy.timeout_ms, None);
/// assert_eq!(reading.findings[0].to_string(), "policy.toml line 3 column 8: ui.menu must be \"show\" or \"hidden\"");
/// ```
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    match core::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= MAX_BYTES => read_text(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Ok(_) => unreadable(bytes, 1, "the file is larger than 64 KiB"),
        Err(error) => {
            let line =
                bytes.get(..error.valid_up_to()).map_or(1, |good| lines_before(good).saturating_add(1));
            unreadable(bytes, line, "the file is not UTF-8 text")
        }
    }
}

fn read_text(text: &str) -> Reading {
    let Document { tables, errors } = document::parse(text);
    let mut reader = Reader::new(text, Policy::default());
    for error in &errors {
        let at = error.unexpected().unwrap_or_default().start();
        reader.broken_lines.push(position(text, at).0);
        reader.find(at, decoded::message(error));
    }
    reader.broken = !errors.is_empty();
    for table in &tables {
        reader.apply_table(table);
    }
    if reader.broken {
        reader.protect(text);
    }
    reader.reading
}

/// Nothing could be understood: the strict policy, and every key that protects and is mentioned
/// fails closed.
fn unreadable(bytes: &[u8], line: usize, message: &str) -> Reading {
    let text = String::from_utf8_lossy(bytes.get(..MAX_BYTES).unwrap_or(bytes));
    let finding = Finding { line, column: 1, message: format!("{message}; the strict default holds") };
    let mut reader = Reader::new("", Policy::strict());
    reader.reading.findings.push(finding);
    reader.protect(&text);
    reader.reading
}

struct Reader<'t> {
    text: &'t str,
    /// Lines with a syntax error: what the parser guessed there is nobody's will.
    broken_lines: Vec<usize>,
    /// Whether the file is not TOML.
    broken: bool,
    /// The tables that were opened; each may be once.
    sections: Vec<&'static str>,
    /// The keys that were written; each may be once.
    written: Vec<&'static KeyInfo>,
    /// The keys among them whose values were understood.
    understood: Vec<&'static str>,
    reading: Reading,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, policy: Policy) -> Self {
        let reading = Reading { policy, findings: Vec::new(), stop: None };
        Self {
            text,
            broken_lines: Vec::new(),
            broken: false,
            sections: Vec::new(),
            written: Vec::new(),
            understood: Vec::new(),
            reading,
        }
    }

    fn apply_table(&mut self, table: &Table<'_>) {
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
        self.broken = true;
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

    /// A broken file: keys that protect, are mentioned, and were not understood fail closed.
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
        if key.name != "editor" && key.name != "measured_boot" {
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

/// Whether a line that is no comment mentions the key.
fn is_mentioned(text: &str, name: &str) -> bool {
    text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(name))
}

fn lines_before(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = lamboot_schema::variables::cut_at_char(text, at);
    let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (lines_before(before.as_bytes()).saturating_add(1), column.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Editor, MenuMode};
    use proptest::prelude::*;

    fn messages(text: &str) -> Vec<String> {
        read(text.as_bytes()).findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_file_is_the_default() {
        let reading = read(b"");
        assert_eq!((reading.policy, reading.findings.len(), reading.stop), (Policy::default(), 0, None));
    }

    #[test]
    fn a_file_of_the_field_is_read_whole() {
        let text = r#"
version = 1
default_timeout_ms = 3000          # three seconds
default_entry = "bls-debian"
default_pattern = "debian-*"
bls_ignore_sort_key = true
[security]
secure_boot_required = false
measured_boot = true
crash_threshold = 5
fallback_order = ["a", 'b']
allowlist = ['\EFI\*']
denylist = ["*\\old.efi"]
[ui]
theme = "default"
font_size = "medium"
[modules]
enabled = true
[watchdog]
enabled = true
grace_seconds = 30
[loader]
native_pe = "auto"
[drivers]
legacy_uefi_drivers = "auto"
[diagnostics]
verbose = true
[boot-from-iso]
enabled = false
optical = false
[boot-entry]
self_install = true
"#;
        let reading = read(text.as_bytes());
        assert_eq!(reading.findings, []);
        let policy = reading.policy;
        assert_eq!(policy.timeout_ms, Some(3000));
        assert_eq!(policy.default_entry.as_deref(), Some("bls-debian"));
        assert_eq!((policy.crash_threshold, policy.watchdog_seconds), (5, Some(30)));
        assert_eq!(policy.deny, [r"*\old.efi"]);
    }

    #[test]
    fn mistakes_are_named_with_line_and_column() {
        assert_eq!(messages("\ncolour = 1"), ["policy.toml line 2 column 1: unknown key colour"]);
        assert_eq!(
            messages("[ui]\nbls_ignore_sort_key = true"),
            [
                "policy.toml line 2 column 1: unknown key bls_ignore_sort_key here: it belongs at the top, before any [section]"
            ]
        );
        assert_eq!(messages("[colours]\nred = 1"), ["policy.toml line 1 column 2: unknown key colours"]);
        assert_eq!(
            messages("default_timeout_ms = \"5\""),
            ["policy.toml line 1 column 22: default_timeout_ms must be a whole number"]
        );
        assert_eq!(messages("ui = 3"), ["policy.toml line 1 column 1: unknown key ui"]);
        let syntax = messages("# one\ndefault_entry = \"a\n");
        assert!(syntax[0].starts_with("policy.toml line 2 column "), "{syntax:?}");
    }

    #[test]
    fn other_keys_hold_beside_a_mistake() {
        let reading = read(b"colour = 1\ndefault_timeout_ms = 10\n[ui]\nmenu = \"hidden\"\n");
        assert_eq!((reading.policy.timeout_ms, reading.policy.menu), (Some(10), MenuMode::Hidden));
        assert_eq!(reading.stop, None);
    }

    #[test]
    fn keys_that_protect_fail_closed() {
        let reading = read(b"[security]\nsecure_boot_required = tru\n");
        assert!(reading.policy.secure_boot_required && reading.stop.is_some(), "{reading:?}");
        let reading = read(b"[security]\nsecure_boot_required = \"no\"\n");
        assert!(reading.policy.secure_boot_required && reading.stop.is_some());
        let reading = read(b"[security]\ndenylist = [1]\n");
        assert!(
            reading.policy.refusal("x", crate::facts::SecureBoot::Off).is_some() && reading.stop.is_some()
        );
        let reading = read(b"[security]\neditor = 1\n");
        assert_eq!((reading.policy.editor, reading.stop), (Editor::Never, None));
    }

    #[test]
    fn a_broken_file_stops_only_where_protection_was_asked_for() {
        let broken = read(b"default_entry = \n[[[\ndefault_timeout_ms = 7");
        assert!(!broken.findings.is_empty());
        assert_eq!((broken.stop, broken.policy.secure_boot_required), (None, false));
        let asked = read(b"x = [\n[security\nsecure_boot_required = true\n");
        assert!(asked.stop.is_some() && asked.policy.secure_boot_required, "{asked:?}");
        let comment = read(b"x = [\n# secure_boot_required = true\n");
        assert_eq!(comment.stop, None);
        let no_text = read(b"\xff\xfe\nsecure_boot_required = true");
        assert!(no_text.stop.is_some() && no_text.policy.secure_boot_required);
    }

    #[test]
    fn a_huge_file_is_refused_and_its_mistakes_are_bounded() {
        let huge = "a = 1\n".repeat(20_000);
        assert_eq!(read(huge.as_bytes()).findings.len(), 1);
        let many = (0..3000).map(|i| format!("k{i} = 1\n")).collect::<String>();
        assert_eq!(read(many.as_bytes()).findings.len(), MAX_FINDINGS + 1);
    }

    #[test]
    fn watchdog_keys_hold_in_any_order() {
        let seconds = |text: &str| read(text.as_bytes()).policy.watchdog_seconds;
        assert_eq!(seconds("[watchdog]\ngrace_seconds = 20\nenabled = true"), Some(20));
        assert_eq!(seconds("[watchdog]\nenabled = false\ngrace_seconds = 20"), None);
        assert_eq!(seconds("[watchdog]\nenabled = true"), Some(15));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }

        #[test]
        fn reading_text_never_panics(text in "([a-z_]{1,8} ?[=.] ?[\"\\[\\]{}0-9a-z']{0,6}\n?|\\[[a-z.]{0,6}\\]?\n){0,20}") {
            let _ = read(text.as_bytes());
        }
    }
}
