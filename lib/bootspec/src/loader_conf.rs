// SPDX-License-Identifier: MIT OR Apache-2.0
//! The settings of systemd-boot in `loader/loader.conf` (loader.conf(5)), for loaders that honour
//! what its owner has written there.

mod values;

pub use values::{
    ConsoleMode, EnrollAction, EnrollTimeout, LogLevel, RebootOnError, SecureBootEnroll, Timeout,
};

use crate::note::{Note, Notes, Oddity};
use crate::text::{Line, TEXT_MAX, is_blank, lines};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What one `loader.conf` says; `None` for what it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoaderConf {
    /// `default`: pattern for the id of the entry to start, or `@saved`.
    pub default: Option<String>,
    /// `preferred`: the same, but entries that never came up do not count.
    pub preferred: Option<String>,
    /// `timeout`: how long the menu waits.
    pub timeout: Option<Timeout>,
    /// `console-mode`: which resolution.
    pub console_mode: Option<ConsoleMode>,
    /// `editor`: whether command lines may be edited.
    pub editor: Option<bool>,
    /// `auto-entries`: whether other systems are looked for.
    pub auto_entries: Option<bool>,
    /// `auto-firmware`: whether there is an entry for the firmware's own menu.
    pub auto_firmware: Option<bool>,
    /// `auto-reboot`: whether there is an entry that restarts the machine.
    pub auto_reboot: Option<bool>,
    /// `auto-poweroff`: whether there is an entry that turns the machine off.
    pub auto_poweroff: Option<bool>,
    /// `beep`: whether the menu and each choice are heard.
    pub beep: Option<bool>,
    /// `reboot-for-bitlocker`: whether Windows is started by a restart.
    pub reboot_for_bitlocker: Option<bool>,
    /// `reboot-on-error`: whether the machine restarts when an entry does not start.
    pub reboot_on_error: Option<RebootOnError>,
    /// `secure-boot-enroll`: whether keys are enrolled in setup mode.
    pub secure_boot_enroll: Option<SecureBootEnroll>,
    /// `secure-boot-enroll-action`: what follows enrolling.
    pub secure_boot_enroll_action: Option<EnrollAction>,
    /// `secure-boot-enroll-timeout-sec`: how long somebody can prevent it.
    pub secure_boot_enroll_timeout: Option<EnrollTimeout>,
    /// `log-level`: the least important message that is shown.
    pub log_level: Option<LogLevel>,
    /// What is odd, in the order of lines, at most [`crate::NOTES_MAX`].
    pub notes: Vec<Note>,
    /// How many more notes there were.
    pub notes_left_out: usize,
}

impl LoaderConf {
    /// Reads a `loader.conf`. Takes any bytes and never fails: what cannot be understood changes
    /// nothing and is noted. Of a key that comes again, the last proper value counts. Quotes around
    /// a value are taken away. Time and memory are linear; of a file with more than [`TEXT_MAX`]
    /// bytes nothing counts.
    ///
    /// ```
    /// use bootspec::loader_conf::{LoaderConf, Timeout};
    ///
    /// let conf = LoaderConf::parse(b"timeout 5\ndefault debian-*\neditor no\n");
    /// assert_eq!(conf.timeout, Some(Timeout::Seconds(5)));
    /// assert_eq!((conf.default.as_deref(), conf.editor), (Some("debian-*"), Some(false)));
    /// ```
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut draft = Draft::default();
        if bytes.len() > TEXT_MAX {
            draft.notes.push(NonZeroU32::MIN, Oddity::TooLarge);
        } else {
            let text = String::from_utf8_lossy(bytes);
            lines(text.strip_prefix('\u{feff}').unwrap_or(&text)).for_each(|line| draft.take(line));
        }
        let Draft { conf, notes } = draft;
        Self { notes: notes.kept, notes_left_out: notes.left_out, ..conf }
    }
}

/// The settings so far.
#[derive(Default)]
struct Draft {
    conf: LoaderConf,
    notes: Notes,
}

impl Draft {
    fn take(&mut self, line: Line<'_>) {
        let number = line.number;
        let Some(key) = KEYS.into_iter().find(|key| *key == line.key) else {
            return self.notes.push(number, Oddity::unknown_key(line.key));
        };
        let value = unquoted(line.value);
        if value.is_empty() {
            return self.notes.push(number, Oddity::NoValue(key));
        }
        if key == RANDOM_SEED_MODE {
            return self.notes.push(number, Oddity::Obsolete(key));
        }
        match self.conf.set(key, value) {
            Some(false) => {}
            Some(true) => self.notes.push(number, Oddity::Repeated(key)),
            None => self.notes.push(number, Oddity::BadValue(key)),
        }
    }
}

/// A file of systemd before 253 may have it.
const RANDOM_SEED_MODE: &str = "random-seed-mode";

/// Every key of loader.conf(5).
const KEYS: [&str; 17] = [
    "default",
    "preferred",
    "timeout",
    "console-mode",
    "editor",
    "auto-entries",
    "auto-firmware",
    "auto-reboot",
    "auto-poweroff",
    "beep",
    "reboot-for-bitlocker",
    "reboot-on-error",
    "secure-boot-enroll",
    "secure-boot-enroll-action",
    "secure-boot-enroll-timeout-sec",
    "log-level",
    RANDOM_SEED_MODE,
];

impl LoaderConf {
    /// Sets one key; tells whether it was set before, or `None` when the value is none for it.
    fn set(&mut self, key: &str, value: &str) -> Option<bool> {
        match key {
            "default" => put(&mut self.default, pattern(value)),
            "preferred" => put(&mut self.preferred, pattern(value)),
            "timeout" => put(&mut self.timeout, Timeout::parse(value)),
            "console-mode" => put(&mut self.console_mode, ConsoleMode::parse(value)),
            "reboot-on-error" => put(&mut self.reboot_on_error, RebootOnError::parse(value)),
            "secure-boot-enroll" => put(&mut self.secure_boot_enroll, SecureBootEnroll::parse(value)),
            "secure-boot-enroll-action" => {
                put(&mut self.secure_boot_enroll_action, EnrollAction::parse(value))
            }
            "secure-boot-enroll-timeout-sec" => {
                put(&mut self.secure_boot_enroll_timeout, EnrollTimeout::parse(value))
            }
            "log-level" => put(&mut self.log_level, LogLevel::parse(value)),
            switch => put(self.switch(switch)?, values::boolean(value)),
        }
    }

    fn switch(&mut self, key: &str) -> Option<&mut Option<bool>> {
        Some(match key {
            "editor" => &mut self.editor,
            "auto-entries" => &mut self.auto_entries,
            "auto-firmware" => &mut self.auto_firmware,
            "auto-reboot" => &mut self.auto_reboot,
            "auto-poweroff" => &mut self.auto_poweroff,
            "beep" => &mut self.beep,
            "reboot-for-bitlocker" => &mut self.reboot_for_bitlocker,
            _ => return None,
        })
    }
}

fn put<T>(slot: &mut Option<T>, value: Option<T>) -> Option<bool> {
    let value = value?;
    Some(slot.replace(value).is_some())
}

/// A pattern that can match an id. Of the names with an at sign in front only `@saved` has a meaning.
fn pattern(value: &str) -> Option<String> {
    let special = value.starts_with('@') && !value.eq_ignore_ascii_case("@saved");
    let shown = !value.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    (shown && !special).then(|| value.to_owned())
}

/// The value without a pair of quotes around it.
fn unquoted(value: &str) -> &str {
    let inside = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value).trim_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NOTES_MAX;
    use proptest::prelude::*;

    fn notes(conf: &LoaderConf) -> Vec<(u32, Oddity)> {
        conf.notes.iter().map(|note| (note.line.get(), note.what.clone())).collect()
    }

    #[test]
    fn every_key() {
        let conf = LoaderConf::parse(
            b"# settings\ndefault @saved\npreferred arch*\ntimeout menu-force\nconsole-mode max\neditor no\n\
              auto-entries y\nauto-firmware t\nauto-reboot on\nauto-poweroff 1\nbeep true\n\
              reboot-for-bitlocker off\nreboot-on-error auto\nsecure-boot-enroll if-safe\n\
              secure-boot-enroll-action shutdown\nsecure-boot-enroll-timeout-sec hidden\nlog-level debug\n",
        );
        let text = |text: &str| Some(text.to_owned());
        let expected = LoaderConf {
            default: text("@saved"),
            preferred: text("arch*"),
            timeout: Some(Timeout::MenuForce),
            console_mode: Some(ConsoleMode::Max),
            editor: Some(false),
            auto_entries: Some(true),
            auto_firmware: Some(true),
            auto_reboot: Some(true),
            auto_poweroff: Some(true),
            beep: Some(true),
            reboot_for_bitlocker: Some(false),
            reboot_on_error: Some(RebootOnError::Auto),
            secure_boot_enroll: Some(SecureBootEnroll::IfSafe),
            secure_boot_enroll_action: Some(EnrollAction::Shutdown),
            secure_boot_enroll_timeout: Some(EnrollTimeout::Hidden),
            log_level: Some(LogLevel::Debug),
            notes: Vec::new(),
            notes_left_out: 0,
        };
        assert_eq!(conf, expected);
    }

    #[test]
    fn every_bad_value_is_noted_and_changes_nothing() {
        for key in KEYS.into_iter().filter(|key| *key != RANDOM_SEED_MODE) {
            let conf = LoaderConf::parse(format!("{key} @nonsense\n").as_bytes());
            assert_eq!(notes(&conf), [(1, Oddity::BadValue(key))]);
            assert_eq!(LoaderConf { notes: Vec::new(), ..conf }, LoaderConf::default(), "{key}");
        }
    }

    #[test]
    fn odd_lines() {
        let conf = LoaderConf::parse(
            b"timeout 3\r\nTimeout 4\ntimeout\ntimeout \"7\"\ntimeout x\nrandom-seed-mode with-system-token\n\
              default 'a \xFF'\nbeep \"\"\n",
        );
        assert_eq!(conf.timeout, Some(Timeout::Seconds(7)));
        let expected = [
            (2, Oddity::UnknownKey("Timeout".into())),
            (3, Oddity::NoValue("timeout")),
            (4, Oddity::Repeated("timeout")),
            (5, Oddity::BadValue("timeout")),
            (6, Oddity::Obsolete("random-seed-mode")),
            (7, Oddity::BadValue("default")),
            (8, Oddity::NoValue("beep")),
        ];
        assert_eq!(notes(&conf), expected);
        for note in conf.notes {
            assert!(!note.to_string().contains(char::is_control), "{note}");
        }
    }

    #[test]
    fn a_file_that_is_none_counts_for_nothing() {
        assert_eq!(LoaderConf::parse(b""), LoaderConf::default());
        assert_eq!(LoaderConf::parse("\u{feff}beep 1".as_bytes()).beep, Some(true));
        let large = LoaderConf::parse(&b"timeout 5\n".repeat(7_000));
        assert_eq!((large.timeout, notes(&large)), (None, vec![(1, Oddity::TooLarge)]));
        let odd = LoaderConf::parse(&b"x y\n".repeat(10_000));
        assert_eq!((odd.notes.len(), odd.notes_left_out), (NOTES_MAX, 10_000 - NOTES_MAX));
        let escape = LoaderConf::parse(b"a\x1b[2Jb c\n");
        assert!(!escape.notes[0].to_string().contains(char::is_control));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let conf = LoaderConf::parse(&bytes);
            prop_assert!(conf.default.is_none_or(|id| !id.contains(char::is_control)));
        }

        #[test]
        fn any_lines_are_read(lines in proptest::collection::vec(
            "(default|timeout|editor|console-mode|log-level|beep|x) {0,2}[@\"'a-z0-9*-]{0,5}", 0..9,
        )) {
            let conf = LoaderConf::parse(lines.join("\n").as_bytes());
            prop_assert!(conf.notes.len() <= lines.len());
            prop_assert!(conf.notes.is_sorted_by_key(|note| note.line));
        }
    }
}
