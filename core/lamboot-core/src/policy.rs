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
use crate::password::PasswordHash;
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

/// Whether a password opens the editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EditorPassword {
    /// None is asked for.
    #[default]
    None,
    /// The one with this hash.
    Hash(PasswordHash),
    /// One was set and cannot be understood: no password is the right one.
    Unreadable,
}

/// How the graphical menu looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Black, white and yellow only.
    HighContrast,
}

/// How large the graphical menu's letters are, beside what the screen's resolution asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FontSize {
    /// A fifth smaller.
    Small,
    /// As the resolution asks for.
    #[default]
    Medium,
    /// A third larger.
    Large,
}

/// Which menu is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Display {
    /// The graphical one where the screen can, and text on serial lines.
    #[default]
    Auto,
    /// Text everywhere.
    Text,
}

/// What the owner allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Milliseconds until the default entry starts by itself, 0 to wait for a key; `None` where the
    /// owner did not say.
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
    /// Whether the menu is shown; `None` where the owner did not say.
    pub menu: Option<MenuMode>,
    /// How the graphical menu looks.
    pub theme: Theme,
    /// How large its letters are.
    pub font_size: FontSize,
    /// Which menu is shown.
    pub display: Display,
    /// Whether a mouse is looked for.
    pub mouse: bool,
    /// Whether Windows and other loaders are listed; `None` where the owner did not say.
    pub auto_entries: Option<bool>,
    /// Whether the firmware's set-up screen is listed.
    pub auto_firmware: Option<bool>,
    /// Whether a restart is listed.
    pub auto_reboot: Option<bool>,
    /// Whether power-off is listed.
    pub auto_poweroff: Option<bool>,
    /// Whether Windows is started by a restart where a disk is encrypted by `BitLocker`.
    pub reboot_for_bitlocker: Option<bool>,
    /// Whether what is in ISO files is listed.
    pub boot_from_iso: bool,
    /// Whether snapshots are listed.
    pub snapshots: bool,
    /// Whether images are hashed for the trust log.
    pub hash_images: bool,
    /// Whether the key of the trust log is shown, once.
    pub show_trust_key: bool,
    /// Whether command lines may be edited.
    pub editor: Editor,
    /// Whether a password opens the editor, where it may be opened at all.
    pub editor_password: EditorPassword,
    /// Seconds without progress after which the machine resets; `None` for never.
    pub watchdog_seconds: Option<u16>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout_ms: None,
            default_entry: None,
            default_pattern: None,
            ignore_sort_key: false,
            secure_boot_required: false,
            measured_boot: true,
            crash_threshold: 3,
            fallback_order: Vec::new(),
            allow: Vec::new(),
            deny: Vec::new(),
            menu: None,
            theme: Theme::Dark,
            font_size: FontSize::Medium,
            display: Display::Auto,
            mouse: true,
            auto_entries: None,
            auto_firmware: None,
            auto_reboot: None,
            auto_poweroff: None,
            reboot_for_bitlocker: None,
            boot_from_iso: false,
            snapshots: true,
            hash_images: false,
            show_trust_key: false,
            editor: Editor::Auto,
            editor_password: EditorPassword::None,
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

    /// Whether the owner at the keyboard may change a command line, with a password where one is set.
    #[must_use]
    pub const fn may_edit_command_line(&self, secure_boot: SecureBoot) -> bool {
        match (self.editor, &self.editor_password) {
            (_, EditorPassword::Unreadable) | (Editor::Never, _) => false,
            (Editor::Always, EditorPassword::None | EditorPassword::Hash(_)) => true,
            (Editor::Auto, EditorPassword::None | EditorPassword::Hash(_)) => !secure_boot.restricts(),
        }
    }

    /// Whether the command line is measured. One that somebody changed under Secure Boot is, whatever
    /// the owner wrote: whoever verifies the machine must see it.
    #[must_use]
    pub const fn measures_command_line(&self, edited: bool, secure_boot: SecureBoot) -> bool {
        self.measured_boot || (edited && secure_boot.restricts())
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
/// assert!(means("iso-arch", "iso-arch.iso"));
/// assert!(means("arch", "arch.efi") && means("grub", "auto-grub-debian"));
/// assert!(!means("debian", "debian-6.12.conf"));
/// ```
#[must_use]
pub fn means(wanted: &str, id: &str) -> bool {
    let stem = |text: &str| {
        let mut folded = glob::folded(text);
        let stem = [".conf", ".efi", ".iso"].iter().find_map(|end| folded.strip_suffix(end));
        folded.truncate(stem.map_or(folded.len(), str::len));
        folded
    };
    let (wanted, id) = (stem(wanted), stem(id));
    wanted == id || wanted.strip_prefix("bls-") == Some(&id) || is_earlier_name(&wanted, &id)
}

/// Ids that earlier releases gave to what now has an `auto-` id.
fn is_earlier_name(wanted: &str, id: &str) -> bool {
    match wanted {
        "windows" => id == "auto-windows",
        "fallback" => id == "auto-efi-default",
        "grub" | "refind" => id
            .strip_prefix("auto-")
            .and_then(|rest| rest.strip_prefix(wanted))
            .is_some_and(|rest| rest.starts_with('-')),
        _ => false,
    }
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

    #[test]
    fn a_password_opens_no_editor_that_is_forbidden() {
        let hash = PasswordHash::make("x", [0; 16], 1000).unwrap();
        let with = |editor, editor_password| Policy { editor, editor_password, ..Policy::default() };
        for (editor, secure_boot, expected) in [
            (Editor::Always, SecureBoot::On, true),
            (Editor::Always, SecureBoot::Off, true),
            (Editor::Auto, SecureBoot::On, false),
            (Editor::Auto, SecureBoot::Unknown, false),
            (Editor::Auto, SecureBoot::Off, true),
            (Editor::Never, SecureBoot::Off, false),
        ] {
            let set = with(editor, EditorPassword::Hash(hash.clone()));
            assert_eq!(set.may_edit_command_line(secure_boot), expected, "{editor:?} {secure_boot:?}");
            let unreadable = with(editor, EditorPassword::Unreadable);
            assert!(!unreadable.may_edit_command_line(secure_boot), "{editor:?} {secure_boot:?}");
        }
    }

    #[test]
    fn a_command_line_that_was_changed_under_secure_boot_is_always_measured() {
        for (measured_boot, edited, secure_boot, expected) in [
            (true, false, SecureBoot::Off, true),
            (true, true, SecureBoot::On, true),
            (false, false, SecureBoot::On, false),
            (false, true, SecureBoot::Off, false),
            (false, true, SecureBoot::Setup, false),
            (false, true, SecureBoot::On, true),
            (false, true, SecureBoot::Unknown, true),
        ] {
            let policy = Policy { measured_boot, ..Policy::default() };
            let measured = policy.measures_command_line(edited, secure_boot);
            assert_eq!(measured, expected, "{measured_boot} {edited} {secure_boot:?}");
        }
    }
}
