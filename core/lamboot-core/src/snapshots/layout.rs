// SPDX-License-Identifier: MIT OR Apache-2.0
//! Snapshots by their paths.
//!
//! | maker | subvolume | beside it |
//! |---|---|---|
//! | Snapper (snapper(8)) | `….snapshots/NUMBER/snapshot`, on openSUSE `@/.snapshots/…`, on others `@snapshots/…` | `info.xml` |
//! | Timeshift | `timeshift-btrfs/snapshots/DATE/@` | `info.json` |

use super::notes::{self, Notes};
use alloc::format;
use alloc::string::String;

/// Where Timeshift keeps its snapshots.
const TIMESHIFT: &str = "timeshift-btrfs/snapshots";
/// The most digits of the number of a snapshot.
const DIGITS_MAX: usize = 9;

/// What makes snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Snapper.
    Snapper,
    /// Timeshift.
    Timeshift,
}

/// A snapshot, by its path from the top level on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout<'p> {
    /// Who made it.
    pub maker: Maker,
    /// The folder of all that belong together.
    pub base: &'p str,
    /// What its maker calls it: a number, or a date.
    pub name: &'p str,
}

impl<'p> Layout<'p> {
    /// What the path is, if a maker of snapshots has made it.
    #[must_use]
    pub fn of(path: &'p str) -> Option<Self> {
        let (folder, last) = path.rsplit_once('/')?;
        let (base, name) = folder.rsplit_once('/')?;
        let is_number =
            (1..=DIGITS_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_digit());
        let maker = match last {
            "snapshot" if is_number => Maker::Snapper,
            _ if base == TIMESHIFT => Maker::Timeshift,
            _ => return None,
        };
        Some(Self { maker, base, name })
    }

    /// Where its maker says something of it, as a path of a volume whose root is the top level.
    #[must_use]
    pub fn notes_path(&self) -> String {
        let file = match self.maker {
            Maker::Snapper => "info.xml",
            Maker::Timeshift => "info.json",
        };
        format!("\\{}\\{}\\{file}", self.base.replace('/', "\\"), self.name)
    }

    /// What its maker says of it.
    #[must_use]
    pub fn read_notes(&self, bytes: &[u8]) -> Notes {
        match self.maker {
            Maker::Snapper => notes::of_snapper(bytes),
            Maker::Timeshift => notes::of_timeshift(bytes),
        }
    }

    /// What the menu calls it.
    #[must_use]
    pub fn title(&self, notes: &Notes) -> String {
        let name = match self.maker {
            Maker::Snapper => format!("#{}", self.name),
            Maker::Timeshift => notes::date_of_name(self.name).unwrap_or_else(|| notes::shown(self.name)),
        };
        let date = notes.date.as_deref().unwrap_or_default();
        let words = [name.as_str(), date, notes.description.as_str()];
        let mut title = String::new();
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(word);
        }
        title
    }
}

/// Whether a command line can name this path as it is: no blank, quote or comma ends it early.
#[must_use]
pub fn is_nameable(path: &str) -> bool {
    !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || "@._-+:~/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_known_by_their_paths() {
        for (path, maker, base, name) in [
            ("@/.snapshots/42/snapshot", Maker::Snapper, "@/.snapshots", "42"),
            ("@snapshots/7/snapshot", Maker::Snapper, "@snapshots", "7"),
            (".snapshots/1/snapshot", Maker::Snapper, ".snapshots", "1"),
            (
                "timeshift-btrfs/snapshots/2026-11-20_10-00-01/@",
                Maker::Timeshift,
                TIMESHIFT,
                "2026-11-20_10-00-01",
            ),
        ] {
            assert_eq!(Layout::of(path), Some(Layout { maker, base, name }), "{path}");
        }
        for path in [
            "",
            "@",
            "@home",
            "1/snapshot",
            "@/.snapshots/x/snapshot",
            "@/.snapshots/1234567890/snapshot",
            "a/timeshift-btrfs/snapshots/x/@",
            "@/.snapshots/1/snapshot/var",
            "@/.snapshots//snapshot",
        ] {
            assert_eq!(Layout::of(path), None, "{path}");
        }
    }

    #[test]
    fn what_the_menu_calls_them() {
        let notes = |date: &str, description: &str| Notes {
            date: (!date.is_empty()).then(|| date.into()),
            description: description.into(),
        };
        let title = |path: &str, notes: &Notes| Layout::of(path).unwrap().title(notes);
        assert_eq!(
            title("@/.snapshots/42/snapshot", &notes("2026-11-20 10:15 UTC", "zypp(zypper)")),
            "#42 2026-11-20 10:15 UTC zypp(zypper)"
        );
        assert_eq!(title("@/.snapshots/42/snapshot", &notes("", "")), "#42");
        let path = "timeshift-btrfs/snapshots/2026-11-20_10-00-01/@";
        assert_eq!(title(path, &notes("", "before upgrade")), "2026-11-20 10:00 before upgrade");
        assert_eq!(title("timeshift-btrfs/snapshots/\u{1b}[2J/@", &notes("", "")), "[2J");
    }

    #[test]
    fn paths_that_would_end_early_on_a_command_line_are_not_named() {
        assert!(is_nameable("@/.snapshots/42/snapshot"));
        for path in ["", "a b", "a,b", "a\"b", "a\nb", "a'b", "a\\b", "ä", "a=b", "a$b"] {
            assert!(!is_nameable(path), "{path}");
        }
    }
}
