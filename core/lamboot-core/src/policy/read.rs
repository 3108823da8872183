// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes to policy, strictly: every mistake is named with its line and column.
//!
//! A mistake in one key leaves the others as written. Keys that protect fail closed: a wrong
//! `secure_boot_required` counts as true, an unreadable `denylist` as one that names everything.
//! A file that is not TOML still gives what could be understood of it; where it mentions a key that
//! protects and that key was not understood, the same holds.

use super::Policy;
use super::document::{self, Document};
use super::reader::Reader;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The most that is read of the file, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

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
/// assert_eq!(reading.policy.timeout_ms, Some(0));
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
        reader.note_error(error);
    }
    for table in &tables {
        reader.apply_table(table);
    }
    reader.finish(text)
}

/// Nothing could be understood: the strict policy, and every key that protects and is mentioned
/// fails closed.
fn unreadable(bytes: &[u8], line: usize, message: &str) -> Reading {
    let text = String::from_utf8_lossy(bytes.get(..MAX_BYTES).unwrap_or(bytes));
    let message = format!("{message}; the strict default holds");
    let mut reader = Reader::new("", Policy::strict());
    reader.note_unreadable(Finding { line, column: 1, message });
    reader.finish(&text)
}

fn lines_before(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// Line and column, from 1, of a byte of the text.
pub(super) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = lamboot_schema::variables::cut_at_char(text, at);
    let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (lines_before(before.as_bytes()).saturating_add(1), column.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::reader::MAX_FINDINGS;
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
        assert_eq!((reading.policy.timeout_ms, reading.policy.menu), (Some(10), Some(MenuMode::Hidden)));
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

    /// The hash of `x`, or of nothing.
    const HASH: &str = "$pbkdf2-sha512$i=1000$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn an_editor_password_that_cannot_be_read_opens_no_editor() {
        let closed = [
            "[security]\nEDITOR\neditor_password = \"secret\"\n",
            "[security]\neditor_password = secret\nEDITOR\n",
            "[security]\neditor_password = 'secret\nEDITOR\n",
            "[security]\neditor_password = 7\nEDITOR\n",
            "[security]\neditor_password = \"$pbkdf2-sha512$i=1$AA$AA\"\nEDITOR\n",
            "[security]\nEDITOR\neditor_password = 'HASH'\neditor_password = 'HASH'\n",
            "[security]\nEDITOR\neditor_password = HASH\n",
            "[security]\nEDITOR\n[ui]\neditor_password = 'HASH'\n",
            "editor_password = 'HASH'\n[security]\nEDITOR\n",
            "[security]\nEDITOR\n[security.editor_password]\nx = 1\n",
        ];
        for text in closed {
            let text = text.replace("EDITOR", "editor = \"always\"").replace("HASH", HASH);
            let Reading { policy, findings, stop } = read(text.as_bytes());
            assert!(!policy.may_edit_command_line(crate::facts::SecureBoot::Off), "{text}");
            assert!(!findings.is_empty() && stop.is_none(), "{text}: {findings:?} {stop:?}");
            assert!(!format!("{findings:?}").contains("secret"), "{findings:?}");
        }
    }

    #[test]
    fn an_editor_password_is_no_mention_of_the_editor() {
        let text = format!("colour = 1\n[security]\neditor_password = '{HASH}'\n");
        let reading = read(text.as_bytes());
        assert_eq!((reading.policy.editor, reading.findings.len()), (Editor::Auto, 1));
        assert!(reading.policy.may_edit_command_line(crate::facts::SecureBoot::Off));
        for line in ["editor = never", "editors = 'never'", "editor_password = '', editor = 'never'"] {
            let reading = read(format!("[security]\n{line}\n").as_bytes());
            assert_eq!(reading.policy.editor, Editor::Never, "{line}");
        }
    }

    #[test]
    fn a_hash_that_would_hang_the_machine_is_named_with_its_place() {
        let text = format!("[security]\neditor_password = '{}'\n", HASH.replace("i=1000", "i=4000000000"));
        assert_eq!(
            messages(&text),
            ["policy.toml line 2 column 19: security.editor_password must have 1000 to 2000000 iterations"]
        );
    }

    #[test]
    fn of_two_values_of_a_key_that_protects_none_is_believed() {
        for text in [
            "[security]\nsecure_boot_required = false\nsecure_boot_required = true\n",
            "[security]\nsecure_boot_required = false\n[security]\nsecure_boot_required = false\n",
            "security.secure_boot_required = false\n[security]\nsecure_boot_required = false\n",
            "security = { secure_boot_required = false, secure_boot_required = false }\n",
        ] {
            let reading = read(text.as_bytes());
            assert!(reading.policy.secure_boot_required && reading.stop.is_some(), "{reading:?}");
            assert!(reading.findings.iter().all(|finding| finding.message == "duplicate key"), "{reading:?}");
        }
    }

    #[test]
    fn a_key_that_protects_may_be_written_in_any_way_that_toml_has() {
        for text in [
            "security.secure_boot_required = true\n",
            "security = { secure_boot_required = true }\n",
            "[ 'security' ]\n\"secure_boot_required\" = true\n",
        ] {
            let reading = read(text.as_bytes());
            assert!(reading.policy.secure_boot_required, "{text}");
            assert_eq!((reading.findings, reading.stop), (Vec::new(), None), "{text}");
        }
    }

    #[test]
    fn a_table_or_half_a_list_in_place_of_a_list_denies_everything() {
        for text in [
            "[security.denylist]\nx = 1\n",
            "[[security.denylist]]\nx = 1\n",
            "security.denylist.x = 1\n",
            "security.denylist = {}\n",
            "[security]\ndenylist = ['a', {}]\n",
            "[security]\ndenylist = [\n'a',\n!,\n'b']\n",
            "[security]\ndenylist = ['a'\n",
            "[security\ndenylist = ['a']\n",
        ] {
            let reading = read(text.as_bytes());
            let refused = reading.policy.refusal("x", crate::facts::SecureBoot::Off).is_some();
            assert!(refused && reading.stop.is_some(), "{text}: {reading:?}");
        }
    }

    #[test]
    fn a_table_that_is_no_section_is_named_once() {
        assert_eq!(
            messages("[colours]\nred = 1\nblue = 2\n"),
            ["policy.toml line 1 column 2: unknown key colours"]
        );
        assert_eq!(
            messages("[security.colours]\nred = 1\n"),
            ["policy.toml line 1 column 11: unknown key security.colours"]
        );
        assert_eq!(messages("[[ui]]\nmenu = 'show'\n"), ["policy.toml line 1 column 3: unknown key ui"]);
    }

    #[test]
    fn a_guard_in_the_wrong_place_was_meant_all_the_same() {
        for text in [
            "secure_boot_required = true\n",
            "[ui]\nsecure_boot_required = true\n",
            "[[security]]\nsecure_boot_required = true\n",
            "[securty]\nsecure_boot_required = true\n",
        ] {
            let reading = read(text.as_bytes());
            assert!(reading.policy.secure_boot_required && reading.stop.is_some(), "{text}: {reading:?}");
        }
        let right = read(b"colour = 1\n[security]\nsecure_boot_required = false\n");
        assert_eq!((right.policy.secure_boot_required, right.stop), (false, None));
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
