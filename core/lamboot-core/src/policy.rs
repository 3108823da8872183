// SPDX-License-Identifier: MIT OR Apache-2.0
//! What does the owner allow? `\EFI\LamBoot\policy.toml`, as questions with names.

mod builder;
mod decoded;
mod document;
mod keys;
mod read;
mod reader;

pub use keys::{KEYS, KeyInfo};
pub use read::{Finding, MAX_BYTES, Reading, read};

use crate::error::ErrorKind;
use crate::facts::SecureBoot;
use crate::glob;
use alloc::string::String;
use alloc::vec::Vec;
use bootspec::order::Cohorts;

/// Whether the menu is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuMode {
    /// Always.
    Show,
    /// Only when a key was pressed, or when something needs the owner.
    Hidden,
}

/// Whether command lines may be edited in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// Only while Secure Boot does not restrict what runs.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the owner allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Milliseconds until the default entry starts by itself; `None` waits for a key.
    pub timeout_ms: Option<u32>,
    /// The entry to start by default.
    pub default_entry: Option<String>,
    /// The first entry that matches is the default; goes before `default_entry`.
    pub default_pattern: Option<String>,
    /// Order by machine and version alone.
    pub ignore_sort_key: bool,
    /// Start nothing unless Secure Boot is on.
    pub secure_boot_required: bool,
    /// Measure the command line into the TPM.
    pub measured_boot: bool,
    /// Failed attempts in a row after which a fallback is chosen; 0 for never.
    pub crash_threshold: u8,
    /// Entries to fall back to, the best first.
    pub fallback_order: Vec<String>,
    /// Images that may be started; empty for all.
    pub allow: Vec<String>,
    /// Images that may not be started; goes before `allow`.
    pub deny: Vec<String>,
    /// Whether the menu is shown.
    pub menu: MenuMode,
    /// Whether command lines may be edited.
    pub editor: Editor,
    /// Seconds without progress after which the machine resets; `None` for never.
    pub watchdog_seconds: Option<u16>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout_ms: Some(5000),
            default_entry: None,
            default_pattern: None,
            ignore_sort_key: false,
            secure_boot_required: false,
            measured_boot: true,
            crash_threshold: 3,
            fallback_order: Vec::new(),
            allow: Vec::new(),
            deny: Vec::new(),
            menu: MenuMode::Show,
            editor: Editor::Auto,
            watchdog_seconds: Some(15),
        }
    }
}

impl Policy {
    /// The policy when the owner's cannot be read at all: what needs no permission still works.
    #[must_use]
    pub fn strict() -> Self {
        Self { editor: Editor::Never, ..Self::default() }
    }

    /// The policy when the file is there and cannot be read: strict. A file that is too large was
    /// written by somebody, so the wish for Secure Boot is assumed; a device that fails is no wish,
    /// and leaves the owner at the keyboard a way to start.
    #[must_use]
    pub fn unreadable(why: ErrorKind) -> Self {
        Self { secure_boot_required: matches!(why, ErrorKind::TooLarge), ..Self::strict() }
    }

    /// How entries with and without a sort key stand to each other.
    #[must_use]
    pub const fn cohorts(&self) -> Cohorts {
        if self.ignore_sort_key { Cohorts::Collapsed } else { Cohorts::Separate }
    }

    /// Whether the owner at the keyboard may change a command line.
    #[must_use]
    pub const fn may_edit_command_line(&self, secure_boot: SecureBoot) -> bool {
        match self.editor {
            Editor::Always => true,
            Editor::Auto => !secure_boot.restricts(),
            Editor::Never => false,
        }
    }

    /// Why this image may not be started, or `None` when it may.
    #[must_use]
    pub fn refusal(&self, image_path: &str, secure_boot: SecureBoot) -> Option<&'static str> {
        if self.secure_boot_required && !matches!(secure_boot, SecureBoot::On) {
            return Some("policy requires Secure Boot, and it is not on: press F2 to turn it on");
        }
        if self.deny.iter().any(|pattern| glob::matches(pattern, image_path)) {
            return Some("the denylist in policy.toml names this image");
        }
        let allowed =
            self.allow.is_empty() || self.allow.iter().any(|pattern| glob::matches(pattern, image_path));
        if allowed { None } else { Some("the allowlist in policy.toml does not name this image") }
    }
}

/// Whether an entry with this id is the one that `wanted` means.
///
/// Accepts the id with or without its suffix, and earlier releases' form with `bls-` in front.
///
/// ```
/// use lamboot_core::policy::means;
/// assert!(means("debian-6.12", "debian-6.12.conf"));
/// assert!(means("bls-debian-6.12", "debian-6.12.conf"));
/// assert!(means("Debian-6.12.conf", "debian-6.12.conf"));
/// assert!(!means("debian", "debian-6.12.conf"));
/// ```
#[must_use]
pub fn means(wanted: &str, id: &str) -> bool {
    let stem = |text: &str| {
        let mut folded = glob::folded(text);
        folded.truncate(folded.strip_suffix(".conf").map_or(folded.len(), str::len));
        folded
    };
    let (wanted, id) = (stem(wanted), stem(id));
    wanted == id || wanted.strip_prefix("bls-") == Some(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deny_goes_before_allow_and_empty_allow_means_all() {
        let policy = Policy {
            allow: alloc::vec![r"\efi\*".into()],
            deny: alloc::vec!["*old*".into()],
            ..Policy::default()
        };
        assert_eq!(policy.refusal(r"\EFI\Linux\new.efi", SecureBoot::Off), None);
        assert!(policy.refusal(r"\EFI\Linux\old.efi", SecureBoot::Off).unwrap().contains("denylist"));
        assert!(policy.refusal(r"\vmlinuz", SecureBoot::Off).unwrap().contains("allowlist"));
        assert_eq!(Policy::default().refusal(r"\vmlinuz", SecureBoot::Off), None);
    }

    #[test]
    fn required_secure_boot_is_enforced() {
        let policy = Policy { secure_boot_required: true, ..Policy::default() };
        for state in [SecureBoot::Off, SecureBoot::Setup, SecureBoot::Unknown] {
            assert!(policy.refusal(r"\vmlinuz", state).is_some());
        }
        assert_eq!(policy.refusal(r"\vmlinuz", SecureBoot::On), None);
    }

    #[test]
    fn the_editor_follows_secure_boot_unless_told_otherwise() {
        let with = |editor| Policy { editor, ..Policy::default() };
        assert!(with(Editor::Auto).may_edit_command_line(SecureBoot::Off));
        assert!(!with(Editor::Auto).may_edit_command_line(SecureBoot::On));
        assert!(!with(Editor::Auto).may_edit_command_line(SecureBoot::Unknown));
        assert!(with(Editor::Always).may_edit_command_line(SecureBoot::On));
        assert!(!Policy::strict().may_edit_command_line(SecureBoot::Off));
    }
}
