// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boot counters in file names (UAPI.1, Boot counting).
//!
//! A file `NAME+LEFT.conf` or `NAME+LEFT-DONE.conf` says how many tries are left and were made. A
//! boot loader spends one try before it starts the entry, by renaming the file; the running system
//! takes the counter away when it has come up.

use alloc::format;
use alloc::string::String;

/// The most bytes that a file name may have (UAPI.1, file names).
pub const NAME_MAX: usize = 255;

/// A file name taken apart into `STEM[+LEFT[-DONE]]SUFFIX`.
///
/// The last plus sign counts. What follows it must be decimal digits, or two groups of them with a
/// dash between; each at most `u32::MAX`. Anything else is part of the stem, so that a kernel
/// version with a plus sign in it stays whole. A counter without a stem before it is none either:
/// taking it away would leave a hidden file.
///
/// ```
/// use bootspec::counter::{CountedName, State};
///
/// let name = CountedName::parse("linux-6.1+3-0.conf", ".conf").ok_or("no such suffix")?;
/// assert_eq!(name.id(), "linux-6.1.conf");
/// assert_eq!(name.state(), State::Indeterminate);
/// assert_eq!(name.spend().as_deref(), Some("linux-6.1+2-1.conf"));
///
/// let plain = CountedName::parse("linux-6.1+deb12.conf", ".conf").ok_or("no such suffix")?;
/// assert_eq!((plain.id().as_str(), plain.spend()), ("linux-6.1+deb12.conf", None));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedName<'n> {
    /// What stands before the counter.
    pub stem: &'n str,
    /// The counter, if the name has one.
    pub counter: Option<Counter>,
    /// The suffix, as the name spells it.
    pub suffix: &'n str,
}

/// Tries left and made, with the widths that the name gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Tries left.
    pub left: Digits,
    /// Tries made; `None` when the name does not say.
    pub done: Option<Digits>,
}

/// A number and how many digits it is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The number.
    pub value: u32,
    /// Digits, leading zeros included; at least 1.
    pub width: usize,
}

/// What an entry's counter says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No counter: the entry has come up before, or nobody counts.
    Good,
    /// Tries are left: nobody knows yet.
    Indeterminate,
    /// No tries are left: it never came up.
    Bad,
}

impl<'n> CountedName<'n> {
    /// Takes `file_name` apart; `None` when it does not end in `suffix`, whatever the case.
    #[must_use]
    pub fn parse(file_name: &'n str, suffix: &str) -> Option<Self> {
        let at = file_name.len().checked_sub(suffix.len())?;
        let (whole, own_suffix) = file_name.split_at_checked(at)?;
        if !own_suffix.eq_ignore_ascii_case(suffix) {
            return None;
        }
        let (stem, counter) = match split_counter(whole) {
            Some((stem, counter)) => (stem, Some(counter)),
            None => (whole, None),
        };
        Some(Self { stem, counter, suffix: own_suffix })
    }

    /// The name without its counter.
    #[must_use]
    pub fn id(&self) -> String {
        [self.stem, self.suffix].concat()
    }

    /// What the counter says.
    #[must_use]
    pub fn state(&self) -> State {
        match self.counter {
            None => State::Good,
            Some(counter) if counter.left.value > 0 => State::Indeterminate,
            Some(_) => State::Bad,
        }
    }

    /// The name to give the file before one more try, `None` for a name without a counter.
    ///
    /// Left goes down and stays at 0; done goes up and stays at the highest number that its digits
    /// can hold. Both keep their digits, so that the name keeps its length, and a FAT directory its
    /// records. A counter without done gets one, unless that would make the name too long.
    #[must_use]
    pub fn spend(&self) -> Option<String> {
        let counter = self.counter?;
        let spent = self.with(counter.spent());
        if spent.len() > NAME_MAX && counter.done.is_none() {
            return Some(self.with(Counter { done: None, ..counter.spent() }));
        }
        Some(spent)
    }

    fn with(&self, counter: Counter) -> String {
        let Digits { value: left, width } = counter.left;
        let done =
            counter.done.map(|Digits { value, width }| format!("-{value:0width$}")).unwrap_or_default();
        format!("{}+{left:0width$}{done}{}", self.stem, self.suffix)
    }
}

impl Counter {
    /// The counter after one more try.
    #[must_use]
    pub fn spent(self) -> Self {
        let left = Digits { value: self.left.value.saturating_sub(1), ..self.left };
        let done = match self.done {
            Some(done) => Digits { value: done.value.saturating_add(1).min(done.highest()), ..done },
            None => Digits { value: 1, width: 1 },
        };
        Self { left, done: Some(done) }
    }
}

impl Digits {
    fn parse(text: &str) -> Option<Self> {
        let decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = decimal.then(|| text.parse().ok())??;
        Some(Self { value, width: text.len() })
    }

    /// The highest number that these digits can hold.
    fn highest(self) -> u32 {
        let width = u32::try_from(self.width).unwrap_or(u32::MAX);
        10_u32.checked_pow(width).map_or(u32::MAX, |beyond| beyond.saturating_sub(1))
    }
}

fn split_counter(whole: &str) -> Option<(&str, Counter)> {
    let (stem, text) = whole.rsplit_once('+')?;
    if stem.is_empty() {
        return None;
    }
    let counter = match text.split_once('-') {
        Some((left, done)) => Counter { left: Digits::parse(left)?, done: Some(Digits::parse(done)?) },
        None => Counter { left: Digits::parse(text)?, done: None },
    };
    Some((stem, counter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(name: &str) -> CountedName<'_> {
        CountedName::parse(name, ".conf").unwrap()
    }

    type Tries = (u32, Option<u32>);

    #[test]
    fn names_are_taken_apart_at_a_real_counter_only() {
        let cases: &[(&str, &str, Option<Tries>)] = &[
            ("a.conf", "a.conf", None),
            ("a+3.conf", "a.conf", Some((3, None))),
            ("a+3-1.conf", "a.conf", Some((3, Some(1)))),
            ("a+05-003.CONF", "a.CONF", Some((5, Some(3)))),
            ("a+1+2.conf", "a+1.conf", Some((2, None))),
            ("a+0.conf", "a.conf", Some((0, None))),
            ("6.1+deb12.conf", "6.1+deb12.conf", None),
            ("6.1+3.1.conf", "6.1+3.1.conf", None),
            ("a+.conf", "a+.conf", None),
            ("a+3-.conf", "a+3-.conf", None),
            ("a+-3.conf", "a+-3.conf", None),
            ("a+3-1-2.conf", "a+3-1-2.conf", None),
            ("a++3.conf", "a+.conf", Some((3, None))),
            ("a+٣.conf", "a+٣.conf", None),
            ("a+4294967296.conf", "a+4294967296.conf", None),
            ("+3.conf", "+3.conf", None),
        ];
        for (name, id, counter) in cases {
            let parsed = parse(name);
            let found = parsed.counter.map(|c| (c.left.value, c.done.map(|d| d.value)));
            assert_eq!((parsed.id().as_str(), found), (*id, *counter), "{name}");
        }
    }

    #[test]
    fn another_suffix_is_another_file() {
        assert_eq!(CountedName::parse("a.efi", ".conf"), None);
        assert_eq!(CountedName::parse("conf", ".conf"), None);
        assert_eq!(CountedName::parse("ä", "."), None);
    }

    #[test]
    fn spending_keeps_digits_and_never_wraps() {
        let cases = [
            ("a.conf", None),
            ("a+3-0.conf", Some("a+2-1.conf")),
            ("a+10-0.conf", Some("a+09-1.conf")),
            ("a+3-9.conf", Some("a+2-9.conf")),
            ("a+0-1.conf", Some("a+0-2.conf")),
            ("a+3.CONF", Some("a+2-1.CONF")),
            ("a+3-4294967295.conf", Some("a+2-4294967295.conf")),
            ("a+0000000000003-07.conf", Some("a+0000000000002-08.conf")),
        ];
        for (name, after) in cases {
            assert_eq!(parse(name).spend().as_deref(), after, "{name}");
        }
    }

    #[test]
    fn a_full_name_gets_no_done() {
        let name = format!("{}+3.conf", "x".repeat(NAME_MAX - 7));
        assert_eq!(name.len(), NAME_MAX);
        let after = parse(&name).spend().unwrap();
        assert!(after.ends_with("x+2.conf") && after.len() == NAME_MAX, "{after}");
    }

    #[test]
    fn states() {
        assert_eq!(parse("a.conf").state(), State::Good);
        assert_eq!(parse("a+1.conf").state(), State::Indeterminate);
        assert_eq!(parse("a+0-3.conf").state(), State::Bad);
    }

    proptest! {
        #[test]
        fn spending_never_changes_the_id_or_the_length(
            stem in "[a-z+0-9.-]{1,20}", left in "[0-9]{1,4}", done in "[0-9]{1,4}",
        ) {
            let name = format!("{stem}+{left}-{done}.conf");
            let after = parse(&name).spend().unwrap();
            prop_assert_eq!(after.len(), name.len());
            prop_assert_eq!(parse(&after).id(), format!("{stem}.conf"));
            let (before, after) = (parse(&name).counter.unwrap(), parse(&after).counter.unwrap());
            prop_assert_eq!(after.left.value, before.left.value.saturating_sub(1));
            prop_assert!(after.done.unwrap().value >= before.done.unwrap().value);
        }

        #[test]
        fn any_text_is_put_together_again(name in "\\PC{0,20}[+0-9-]{0,8}\\.conf") {
            let parsed = parse(&name);
            let whole = parsed.counter.map_or_else(|| parsed.id(), |counter| parsed.with(counter));
            prop_assert_eq!(whole, name);
        }
    }
}
