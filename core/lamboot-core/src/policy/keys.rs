// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every key of `policy.toml`: where it stands, what form it has, what it changes.
//!
//! The table is the reference: `docs/reference/policy.md` is printed from it.

use super::document::Value;
use super::{Display, Editor, EditorPassword, FontSize, MenuMode, Policy, Theme};
use crate::password::PasswordHash;
use alloc::string::String;
use alloc::vec::Vec;

/// One key.
pub struct KeyInfo {
    /// The table it stands in; empty for the top of the file.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What may be written, for people.
    pub form: &'static str,
    /// What holds when it is not written.
    pub default: &'static str,
    /// What it changes, one sentence.
    pub meaning: &'static str,
    /// Puts the value into the policy, or says what is wrong with it.
    pub(super) apply: fn(&mut Policy, &Value<'_>) -> Result<(), &'static str>,
    /// For keys that protect: what holds when the value is wrong.
    pub(super) fail_closed: Option<fn(&mut Policy)>,
}

impl KeyInfo {
    /// Whether a value that cannot be understood counts as the careful one.
    #[must_use]
    pub const fn protects(&self) -> bool {
        self.fail_closed.is_some()
    }

    /// Whether nothing may start by itself until a value that cannot be understood was looked at.
    /// What protects the editor or leaves evidence holds without that.
    pub(super) fn stops(&self) -> bool {
        self.protects() && !["editor", "editor_password", "measured_boot"].contains(&self.name)
    }
}

const BOOLEAN: &str = "true or false";
const TEXT: &str = "text in quotes";
const TEXT_IN_QUOTES: &str = "must be text in quotes";
const TEXTS: &str = "list of texts";

/// Every key, in the order of the reference.
pub static KEYS: &[KeyInfo] = &[
    key("", "version", "1", "1", "Version of this file's format.", |_, value| match integer(value)? {
        1 => Ok(()),
        _ => Err("only version 1 is known"),
    }),
    key(
        "",
        "default_timeout_ms",
        "milliseconds, 0 to 3600000",
        "5000",
        "Time until the default entry starts by itself; 0 waits for a key.",
        |policy, value| {
            let milliseconds = ranged(value, 3_600_000, "a number of milliseconds from 0 to 3600000")?;
            policy.timeout_ms = Some(milliseconds);
            Ok(())
        },
    ),
    key("", "default_entry", TEXT, "none", "Id of the entry to start by default.", |policy, value| {
        policy.default_entry = Some(text(value)?);
        Ok(())
    }),
    key(
        "",
        "default_pattern",
        "pattern with * and ?",
        "none",
        "The first entry in menu order whose id matches is the default; goes before default_entry.",
        |policy, value| {
            policy.default_pattern = Some(text(value)?);
            Ok(())
        },
    ),
    key(
        "",
        "bls_ignore_sort_key",
        BOOLEAN,
        "false",
        "Order entries by machine and version alone.",
        |policy, value| {
            policy.ignore_sort_key = boolean(value)?;
            Ok(())
        },
    ),
    guard(
        "security",
        "secure_boot_required",
        BOOLEAN,
        "false",
        "Start nothing unless Secure Boot is on.",
        |policy, value| {
            policy.secure_boot_required = boolean(value)?;
            Ok(())
        },
        |policy| policy.secure_boot_required = true,
    ),
    guard(
        "security",
        "measured_boot",
        BOOLEAN,
        "true",
        "Measure the command line into PCR 12 of the TPM; one that was changed under Secure Boot always is.",
        |policy, value| {
            policy.measured_boot = boolean(value)?;
            Ok(())
        },
        |policy| policy.measured_boot = true,
    ),
    key(
        "security",
        "crash_threshold",
        "0 to 10",
        "3",
        "Failed attempts in a row after which a fallback is chosen; 0 for never.",
        |policy, value| {
            policy.crash_threshold = ranged(value, 10, "a number from 0 to 10")?.try_into().unwrap_or(10);
            Ok(())
        },
    ),
    key(
        "security",
        "fallback_order",
        TEXTS,
        "empty",
        "Ids of the entries to fall back to, the best first.",
        |policy, value| {
            policy.fallback_order = texts(value)?;
            Ok(())
        },
    ),
    guard(
        "security",
        "allowlist",
        "list of patterns",
        "empty",
        "Paths of images that may be started; empty for all.",
        |policy, value| {
            policy.allow = texts(value)?;
            Ok(())
        },
        nothing_starts,
    ),
    guard(
        "security",
        "denylist",
        "list of patterns",
        "empty",
        "Paths of images that may not be started; goes before allowlist.",
        |policy, value| {
            policy.deny = texts(value)?;
            Ok(())
        },
        nothing_starts,
    ),
    guard(
        "security",
        "editor",
        "\"auto\", \"always\" or \"never\"",
        "auto",
        "Whether command lines may be edited in the menu; auto: not while Secure Boot is on.",
        |policy, value| {
            policy.editor = match value.as_str() {
                Some("auto") => Editor::Auto,
                Some("always") => Editor::Always,
                Some("never") => Editor::Never,
                _ => return Err("must be \"auto\", \"always\" or \"never\""),
            };
            Ok(())
        },
        |policy| policy.editor = Editor::Never,
    ),
    guard(
        "security",
        "editor_password",
        "hash from lamboot password or grub-mkpasswd-pbkdf2",
        "none",
        "The editor opens with this password only, where it opens at all.",
        |policy, value| {
            policy.editor_password =
                EditorPassword::Hash(PasswordHash::parse(value.as_str().ok_or(TEXT_IN_QUOTES)?)?);
            Ok(())
        },
        |policy| policy.editor_password = EditorPassword::Unreadable,
    ),
    key(
        "ui",
        "menu",
        "\"show\" or \"hidden\"",
        "show",
        "Whether the menu is shown; hidden: only when a key was pressed, Shift is held, or something is wrong.",
        |policy, value| {
            policy.menu = match value.as_str() {
                Some("show") => Some(MenuMode::Show),
                Some("hidden") => Some(MenuMode::Hidden),
                _ => return Err("must be \"show\" or \"hidden\""),
            };
            Ok(())
        },
    ),
    key(
        "ui",
        "theme",
        "\"default\", \"dark\", \"light\" or \"high-contrast\"",
        "default",
        "How the graphical menu looks; default is dark.",
        |policy, value| {
            policy.theme = match value.as_str() {
                Some("default" | "dark") => Theme::Dark,
                Some("light") => Theme::Light,
                Some("high-contrast") => Theme::HighContrast,
                _ => return Err("must be \"default\", \"dark\", \"light\" or \"high-contrast\""),
            };
            Ok(())
        },
    ),
    key(
        "ui",
        "font_size",
        "\"small\", \"medium\" or \"large\"",
        "medium",
        "How large the graphical menu's letters are; medium follows the screen's resolution.",
        |policy, value| {
            policy.font_size = match value.as_str() {
                Some("small") => FontSize::Small,
                Some("medium") => FontSize::Medium,
                Some("large") => FontSize::Large,
                _ => return Err("must be \"small\", \"medium\" or \"large\""),
            };
            Ok(())
        },
    ),
    key(
        "ui",
        "display",
        "\"auto\" or \"text\"",
        "auto",
        "Which menu is shown; auto: the graphical one where the screen can, and text on serial lines.",
        |policy, value| {
            policy.display = match value.as_str() {
                Some("auto") => Display::Auto,
                Some("text") => Display::Text,
                _ => return Err("must be \"auto\" or \"text\""),
            };
            Ok(())
        },
    ),
    key(
        "ui",
        "mouse",
        BOOLEAN,
        "true",
        "Whether a mouse or tablet works in the graphical menu.",
        |policy, value| {
            policy.mouse = boolean(value)?;
            Ok(())
        },
    ),
    key("entries", "loaders", BOOLEAN, "true", "List Windows and other boot loaders.", |policy, value| {
        policy.auto_entries = Some(boolean(value)?);
        Ok(())
    }),
    key(
        "entries",
        "firmware_setup",
        BOOLEAN,
        "true",
        "List the firmware's set-up screen.",
        |policy, value| {
            policy.auto_firmware = Some(boolean(value)?);
            Ok(())
        },
    ),
    key("entries", "reboot", BOOLEAN, "false", "List a restart.", |policy, value| {
        policy.auto_reboot = Some(boolean(value)?);
        Ok(())
    }),
    key("entries", "poweroff", BOOLEAN, "false", "List power-off.", |policy, value| {
        policy.auto_poweroff = Some(boolean(value)?);
        Ok(())
    }),
    key(
        "entries",
        "reboot_for_bitlocker",
        BOOLEAN,
        "false",
        "Start Windows by a restart through the firmware where a disk is encrypted by BitLocker and there is \
         a TPM, so that it does not ask for its recovery key.",
        |policy, value| {
            policy.reboot_for_bitlocker = Some(boolean(value)?);
            Ok(())
        },
    ),
    later("modules", "enabled", BOOLEAN, is_boolean),
    key(
        "watchdog",
        "enabled",
        BOOLEAN,
        "true",
        "Reset the machine when the loader makes no progress.",
        |policy, value| {
            policy.watchdog_seconds =
                boolean(value)?.then(|| policy.watchdog_seconds.unwrap_or(DEFAULT_GRACE_SECONDS));
            Ok(())
        },
    ),
    key(
        "watchdog",
        "grace_seconds",
        "seconds, 5 to 300",
        "15",
        "Time without progress after which the watchdog resets the machine.",
        |policy, value| {
            let seconds = ranged(value, 300, "a number of seconds from 5 to 300")?;
            if seconds < 5 {
                return Err("must be a number of seconds from 5 to 300");
            }
            if policy.watchdog_seconds.is_some() {
                policy.watchdog_seconds = Some(seconds.try_into().unwrap_or(300));
            }
            Ok(())
        },
    ),
    later("loader", "native_pe", AUTO, is_auto_always_never),
    later("drivers", "legacy_uefi_drivers", AUTO, is_auto_always_never),
    later("diagnostics", "verbose", BOOLEAN, is_boolean),
    key(
        "boot-from-iso",
        "enabled",
        BOOLEAN,
        "false",
        "List what can be started from `.iso` files in `\\isos` and `\\boot\\isos` of every volume.",
        |policy, value| {
            policy.boot_from_iso = boolean(value)?;
            Ok(())
        },
    ),
    later("boot-from-iso", "optical", BOOLEAN, is_boolean),
    key(
        "snapshots",
        "enabled",
        BOOLEAN,
        "true",
        "List the newest snapshots that Snapper and Timeshift made on btrfs, in a list of their own.",
        |policy, value| {
            policy.snapshots = boolean(value)?;
            Ok(())
        },
    ),
    key(
        "trust-log",
        "hash_images",
        BOOLEAN,
        "false",
        "Write the SHA-256 of each kernel and image into the trust log; costs time for each byte.",
        |policy, value| {
            policy.hash_images = boolean(value)?;
            Ok(())
        },
    ),
    key(
        "trust-log",
        "show_key",
        BOOLEAN,
        "false",
        "Begin a new chain of the trust log, show its key once, and start nothing before the next restart.",
        |policy, value| {
            policy.show_trust_key = boolean(value)?;
            Ok(())
        },
    ),
    later("boot-entry", "self_install", BOOLEAN, is_boolean),
];

const AUTO: &str = "\"auto\", \"always\" or \"never\"";
const DEFAULT_GRACE_SECONDS: u16 = 15;

/// What keys of files in the field mean that this version does not act on yet.
const LATER: &str = "Known, and without effect in this version.";

type Apply = fn(&mut Policy, &Value<'_>) -> Result<(), &'static str>;

const fn key(
    section: &'static str,
    name: &'static str,
    form: &'static str,
    default: &'static str,
    meaning: &'static str,
    apply: Apply,
) -> KeyInfo {
    KeyInfo { section, name, form, default, meaning, apply, fail_closed: None }
}

const fn guard(
    section: &'static str,
    name: &'static str,
    form: &'static str,
    default: &'static str,
    meaning: &'static str,
    apply: Apply,
    fail_closed: fn(&mut Policy),
) -> KeyInfo {
    KeyInfo { section, name, form, default, meaning, apply, fail_closed: Some(fail_closed) }
}

const fn later(section: &'static str, name: &'static str, form: &'static str, apply: Apply) -> KeyInfo {
    key(section, name, form, "", LATER, apply)
}

/// A list of images that cannot be read could have named any of them.
fn nothing_starts(policy: &mut Policy) {
    policy.deny = alloc::vec![String::from("*")];
}

fn boolean(value: &Value<'_>) -> Result<bool, &'static str> {
    let Value::Boolean(value) = value else { return Err("must be true or false, without quotes") };
    Ok(*value)
}

fn is_boolean(_: &mut Policy, value: &Value<'_>) -> Result<(), &'static str> {
    boolean(value).map(|_| ())
}

fn text(value: &Value<'_>) -> Result<String, &'static str> {
    value.as_str().map(String::from).ok_or(TEXT_IN_QUOTES)
}

fn is_auto_always_never(_: &mut Policy, value: &Value<'_>) -> Result<(), &'static str> {
    match value.as_str() {
        Some("auto" | "always" | "never") => Ok(()),
        _ => Err("must be \"auto\", \"always\" or \"never\""),
    }
}

fn texts(value: &Value<'_>) -> Result<Vec<String>, &'static str> {
    const WRONG: &str = "must be a list of texts in quotes";
    let Value::List(items) = value else { return Err(WRONG) };
    items.iter().map(|item| text(item).map_err(|_| WRONG)).collect()
}

fn integer(value: &Value<'_>) -> Result<i64, &'static str> {
    let Value::Integer(number) = value else { return Err("must be a whole number") };
    Ok(*number)
}

fn ranged(value: &Value<'_>, most: u32, wrong: &'static str) -> Result<u32, &'static str> {
    let number = u32::try_from(integer(value)?).map_err(|_| wrong)?;
    if number <= most { Ok(number) } else { Err(wrong) }
}
