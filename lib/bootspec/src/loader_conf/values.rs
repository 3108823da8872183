// SPDX-License-Identifier: MIT OR Apache-2.0
//! The values that a setting can have (loader.conf(5)).

/// How long the menu waits before it starts the default entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// So many seconds. 0 shows no menu unless a key is held down.
    Seconds(u32),
    /// `menu-hidden`: no menu unless a key is held down.
    MenuHidden,
    /// `menu-disabled`: no menu, whatever is pressed.
    MenuDisabled,
    /// `menu-force`: the menu, without end.
    MenuForce,
}

/// Which resolution the screen gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleMode {
    /// The firmware's mode of that number.
    Mode(u32),
    /// `auto`: one that suits the screen.
    Auto,
    /// `max`: the last that the firmware has.
    Max,
    /// `keep`: the one that the firmware has chosen.
    Keep,
}

/// Whether the machine restarts when an entry does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebootOnError {
    /// Always.
    Yes,
    /// Never.
    No,
    /// `auto`: when the entry is counted and had tries left.
    Auto,
}

/// Whether keys for Secure Boot are enrolled when the firmware is in setup mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecureBootEnroll {
    /// `off`: never.
    Off,
    /// `manual`: when the owner chooses it.
    Manual,
    /// `if-safe`: by itself in a virtual machine, otherwise when the owner chooses it.
    IfSafe,
    /// `force`: by itself. May leave a machine unable to show anything.
    Force,
}

/// What follows enrolling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrollAction {
    /// `reboot`.
    Reboot,
    /// `shutdown`.
    Shutdown,
}

/// How long somebody can prevent enrolling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrollTimeout {
    /// So many seconds.
    Seconds(u32),
    /// `hidden`: not at all, and without a word.
    Hidden,
}

/// How important a message is, most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// `emerg`.
    Emergency,
    /// `alert`.
    Alert,
    /// `crit`.
    Critical,
    /// `err`.
    Error,
    /// `warning`.
    Warning,
    /// `notice`.
    Notice,
    /// `info`.
    Info,
    /// `debug`.
    Debug,
}

impl Timeout {
    /// The value of `timeout`, which `LoaderConfigTimeout` and `LoaderConfigTimeoutOneShot` have
    /// too (Boot Loader Interface); `None` for anything else.
    ///
    /// ```
    /// use bootspec::loader_conf::Timeout;
    /// assert_eq!(Timeout::parse("10"), Some(Timeout::Seconds(10)));
    /// assert_eq!(Timeout::parse("menu-force"), Some(Timeout::MenuForce));
    /// assert_eq!(Timeout::parse("-1"), None);
    /// ```
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "menu-hidden" => Some(Self::MenuHidden),
            "menu-disabled" => Some(Self::MenuDisabled),
            "menu-force" => Some(Self::MenuForce),
            _ => number(value).map(Self::Seconds),
        }
    }
}

impl ConsoleMode {
    pub(super) fn parse(value: &str) -> Option<Self> {
        match value {
            "auto" => Some(Self::Auto),
            "max" => Some(Self::Max),
            "keep" => Some(Self::Keep),
            _ => number(value).map(Self::Mode),
        }
    }
}

impl RebootOnError {
    pub(super) fn parse(value: &str) -> Option<Self> {
        match value {
            "auto" => Some(Self::Auto),
            _ => boolean(value).map(|yes| if yes { Self::Yes } else { Self::No }),
        }
    }
}

impl SecureBootEnroll {
    pub(super) fn parse(value: &str) -> Option<Self> {
        match value {
            "off" => Some(Self::Off),
            "manual" => Some(Self::Manual),
            "if-safe" => Some(Self::IfSafe),
            "force" => Some(Self::Force),
            _ => None,
        }
    }
}

impl EnrollAction {
    pub(super) fn parse(value: &str) -> Option<Self> {
        match value {
            "reboot" => Some(Self::Reboot),
            "shutdown" => Some(Self::Shutdown),
            _ => None,
        }
    }
}

impl EnrollTimeout {
    pub(super) fn parse(value: &str) -> Option<Self> {
        if value == "hidden" { Some(Self::Hidden) } else { number(value).map(Self::Seconds) }
    }
}

impl LogLevel {
    pub(super) fn parse(value: &str) -> Option<Self> {
        Some(match value {
            "emerg" => Self::Emergency,
            "alert" => Self::Alert,
            "crit" => Self::Critical,
            "err" => Self::Error,
            "warning" => Self::Warning,
            "notice" => Self::Notice,
            "info" => Self::Info,
            "debug" => Self::Debug,
            _ => return None,
        })
    }
}

/// Decimal digits only: no sign.
fn number(value: &str) -> Option<u32> {
    let decimal = value.bytes().all(|byte| byte.is_ascii_digit());
    decimal.then(|| value.parse().ok())?
}

/// A switch, in any of the spellings that systemd has for it.
pub(super) fn boolean(value: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is(&["1", "yes", "y", "true", "t", "on"]) {
        Some(true)
    } else if is(&["0", "no", "n", "false", "f", "off"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches() {
        for (words, expected) in [
            (["1", "yes", "y", "true", "t", "ON"], Some(true)),
            (["0", "no", "n", "FALSE", "f", "off"], Some(false)),
            (["", "2", "ye", "none", "-", "enabled"], None),
        ] {
            for word in words {
                assert_eq!(boolean(word), expected, "{word}");
            }
        }
    }

    #[test]
    fn waiting() {
        let cases = [
            ("0", Some(Timeout::Seconds(0))),
            ("4294967295", Some(Timeout::Seconds(u32::MAX))),
            ("4294967296", None),
            ("+1", None),
            ("", None),
            ("1s", None),
            ("menu-hidden", Some(Timeout::MenuHidden)),
            ("menu-disabled", Some(Timeout::MenuDisabled)),
            ("menu-force", Some(Timeout::MenuForce)),
            ("menu", None),
        ];
        for (value, expected) in cases {
            assert_eq!(Timeout::parse(value), expected, "{value}");
        }
        assert_eq!(EnrollTimeout::parse("15"), Some(EnrollTimeout::Seconds(15)));
        assert_eq!(ConsoleMode::parse("2"), Some(ConsoleMode::Mode(2)));
    }

    #[test]
    fn levels_are_ordered() {
        let words = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
        let levels: Vec<_> = words.iter().map(|word| LogLevel::parse(word).unwrap()).collect();
        assert!(levels.is_sorted() && levels.len() == 8);
    }
}
