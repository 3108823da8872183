// SPDX-License-Identifier: MIT OR Apache-2.0
//! What holds for this boot? `policy.toml`, `loader.conf` and the Boot Loader Interface in one value.
//!
//! Where several say something, the first of these counts:
//!
//! 1. what was asked for once (`LoaderConfigTimeoutOneShot`);
//! 2. what was set with `bootctl` or in the menu (`LoaderConfigTimeout`, `LoaderConfigConsoleMode`);
//! 3. what stands in `policy.toml`;
//! 4. what stands in `\loader\loader.conf` of the ESP;
//! 5. the default.
//!
//! What protects is different: every voice that restricts is heard.

use crate::facts::SecureBoot;
use crate::policy::{MenuMode, Policy};
use bootspec::loader_conf::{ConsoleMode, LoaderConf, Timeout};

/// The most bytes of `loader.conf`.
pub const MAX_BYTES: usize = bootspec::TEXT_MAX;
/// The timeout where nobody says anything, in milliseconds.
const DEFAULT_TIMEOUT_MS: u32 = 5000;

/// Whether and how long the menu is shown when nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuWait {
    /// Shown, with a countdown of so many milliseconds.
    Millis(u32),
    /// Shown until somebody chooses.
    Forever,
    /// Not shown, unless a key was pressed.
    Hidden,
    /// Not shown, whatever is pressed.
    Disabled,
}

/// What was asked of the menu's time, by variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedTimeouts {
    /// `LoaderConfigTimeoutOneShot`.
    pub once: Option<Timeout>,
    /// `LoaderConfigTimeout`.
    pub always: Option<Timeout>,
}

/// What holds for this boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether and how long the menu is shown.
    pub wait: MenuWait,
    /// Which text mode is set before the menu is shown; `None` leaves the firmware's.
    pub console_mode: Option<ConsoleMode>,
    /// Whether command lines may be edited.
    pub editor: bool,
    /// Whether Windows and other loaders are listed.
    pub auto_entries: bool,
    /// Whether the firmware's set-up screen is listed.
    pub auto_firmware: bool,
    /// Whether a restart is listed.
    pub auto_reboot: bool,
    /// Whether power-off is listed.
    pub auto_poweroff: bool,
    /// Whether Windows is started by a restart where a disk is encrypted by `BitLocker`.
    pub reboot_for_bitlocker: bool,
}

impl Settings {
    /// Merges all voices.
    #[must_use]
    pub fn merge(
        policy: &Policy,
        conf: &LoaderConf,
        asked: AskedTimeouts,
        console_mode: Option<u32>,
        secure_boot: SecureBoot,
    ) -> Self {
        let either = |written: Option<bool>, conf: Option<bool>, default| written.or(conf).unwrap_or(default);
        Self {
            wait: wait(policy, conf, asked),
            console_mode: console_mode.map(ConsoleMode::Mode).or(conf.console_mode),
            editor: policy.may_edit_command_line(secure_boot) && conf.editor != Some(false),
            auto_entries: either(policy.auto_entries, conf.auto_entries, true),
            auto_firmware: either(policy.auto_firmware, conf.auto_firmware, true),
            auto_reboot: either(policy.auto_reboot, conf.auto_reboot, false),
            auto_poweroff: either(policy.auto_poweroff, conf.auto_poweroff, false),
            reboot_for_bitlocker: either(policy.reboot_for_bitlocker, conf.reboot_for_bitlocker, false),
        }
    }
}

fn wait(policy: &Policy, conf: &LoaderConf, asked: AskedTimeouts) -> MenuWait {
    // Asked for once, no time at all means: the menu, and all the time in the world.
    let once = asked.once.map(|timeout| match timeout {
        Timeout::Seconds(0) => MenuWait::Forever,
        other => meaning(other),
    });
    let always = || asked.always.map(meaning);
    let written = || match (policy.menu, policy.timeout_ms) {
        (Some(MenuMode::Hidden), _) => Some(MenuWait::Hidden),
        (_, Some(0)) => Some(MenuWait::Forever),
        (_, Some(milliseconds)) => Some(MenuWait::Millis(milliseconds)),
        (Some(MenuMode::Show), None) => Some(MenuWait::Millis(DEFAULT_TIMEOUT_MS)),
        (None, None) => None,
    };
    let conf = || conf.timeout.map(meaning);
    once.or_else(always).or_else(written).or_else(conf).unwrap_or(MenuWait::Millis(DEFAULT_TIMEOUT_MS))
}

const fn meaning(timeout: Timeout) -> MenuWait {
    match timeout {
        Timeout::Seconds(0) | Timeout::MenuHidden => MenuWait::Hidden,
        Timeout::Seconds(seconds) => MenuWait::Millis(seconds.saturating_mul(1000)),
        Timeout::MenuDisabled => MenuWait::Disabled,
        Timeout::MenuForce => MenuWait::Forever,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Editor;

    fn merged(policy: &str, conf: &str, once: Option<&str>, always: Option<&str>) -> Settings {
        let reading = crate::policy::read(policy.as_bytes());
        assert_eq!(reading.findings, []);
        let parse = |text: Option<&str>| text.map(|text| Timeout::parse(text).unwrap());
        let asked = AskedTimeouts { once: parse(once), always: parse(always) };
        Settings::merge(&reading.policy, &LoaderConf::parse(conf.as_bytes()), asked, None, SecureBoot::Off)
    }

    #[test]
    fn the_first_voice_decides_the_time() {
        type Case = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, MenuWait);
        let table: &[Case] = &[
            ("", "", None, None, MenuWait::Millis(5000)),
            ("", "timeout 7", None, None, MenuWait::Millis(7000)),
            ("", "timeout 0", None, None, MenuWait::Hidden),
            ("", "timeout menu-hidden", None, None, MenuWait::Hidden),
            ("", "timeout menu-disabled", None, None, MenuWait::Disabled),
            ("", "timeout menu-force", None, None, MenuWait::Forever),
            ("default_timeout_ms = 1500", "timeout 7", None, None, MenuWait::Millis(1500)),
            ("default_timeout_ms = 0", "timeout 7", None, None, MenuWait::Forever),
            ("[ui]\nmenu = \"hidden\"", "timeout 7", None, None, MenuWait::Hidden),
            ("[ui]\nmenu = \"show\"", "timeout 0", None, None, MenuWait::Millis(5000)),
            ("default_timeout_ms = 1500", "timeout 7", None, Some("3"), MenuWait::Millis(3000)),
            ("", "", None, Some("menu-hidden"), MenuWait::Hidden),
            ("", "", None, Some("menu-disabled"), MenuWait::Disabled),
            ("", "", None, Some("menu-force"), MenuWait::Forever),
            ("", "", None, Some("0"), MenuWait::Hidden),
            ("", "", Some("9"), Some("3"), MenuWait::Millis(9000)),
            ("", "", Some("0"), Some("3"), MenuWait::Forever),
            ("", "", Some("menu-hidden"), Some("3"), MenuWait::Hidden),
        ];
        for (policy, conf, once, always, expected) in table {
            let found = merged(policy, conf, *once, *always).wait;
            assert_eq!(found, *expected, "{policy} {conf} {once:?} {always:?}");
        }
    }

    #[test]
    fn written_policy_goes_before_loader_conf() {
        let settings =
            merged("[entries]\nloaders = true\n", "auto-entries no\nauto-reboot yes\n", None, None);
        assert!(
            settings.auto_entries
                && settings.auto_reboot
                && settings.auto_firmware
                && !settings.auto_poweroff
        );
    }

    #[test]
    fn the_editor_needs_everybodys_consent() {
        for (policy, conf, secure_boot, expected) in [
            (Editor::Auto, "", SecureBoot::Off, true),
            (Editor::Auto, "editor yes", SecureBoot::On, false),
            (Editor::Never, "editor yes", SecureBoot::Off, false),
            (Editor::Always, "editor no", SecureBoot::Off, false),
            (Editor::Always, "", SecureBoot::On, true),
        ] {
            let policy = Policy { editor: policy, ..Policy::default() };
            let conf = LoaderConf::parse(conf.as_bytes());
            let settings = Settings::merge(&policy, &conf, AskedTimeouts::default(), None, secure_boot);
            assert_eq!(settings.editor, expected);
        }
    }

    #[test]
    fn a_stored_text_mode_goes_before_a_written_one() {
        let conf = LoaderConf::parse(b"console-mode 2\n");
        let merge = |stored| {
            Settings::merge(&Policy::default(), &conf, AskedTimeouts::default(), stored, SecureBoot::Off)
                .console_mode
        };
        assert_eq!((merge(None), merge(Some(1))), (Some(ConsoleMode::Mode(2)), Some(ConsoleMode::Mode(1))));
    }
}
