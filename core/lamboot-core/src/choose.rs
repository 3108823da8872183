// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which entry, if nobody presses a key?
//!
//! In this order, the first that applies:
//!
//! 1. a crash loop: the first of `fallback_order`, the entry that last came up, the first entry
//!    that is not bad, never the one that failed;
//! 2. after a failed start: the entry below it that has not failed yet;
//! 3. the first entry that `default_pattern` matches;
//! 4. `default_entry`;
//! 5. the first entry.

use crate::entry::Entry;
use crate::glob;
use crate::health::Health;
use crate::policy::{MenuMode, Policy, means};

/// Time for the owner to step in when something went wrong, in milliseconds.
pub const RECOVERY_TIMEOUT_MS: u32 = 8_000;
/// The same, when the only entry is the one that keeps failing.
pub const LAST_RESORT_TIMEOUT_MS: u32 = 30_000;

/// Who or what chose the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// It is the first in order.
    First,
    /// There is no other.
    OnlyEntry,
    /// `default_entry`.
    DefaultEntry,
    /// `default_pattern`.
    DefaultPattern,
    /// The crash threshold was reached.
    CrashLoopFallback,
    /// Another entry failed to start in this boot.
    NextAfterFailure,
    /// The owner, at the keyboard.
    Owner,
}

impl ChosenBy {
    /// The word that records use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::OnlyEntry => "only_entry",
            Self::DefaultEntry => "default_entry",
            Self::DefaultPattern => "default_pattern",
            Self::CrashLoopFallback => "crash_loop_fallback",
            Self::NextAfterFailure => "next_after_failure",
            Self::Owner => "owner",
        }
    }
}

/// How the choice becomes a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At once, without a menu, unless a key was pressed already.
    AtOnce,
    /// After this many milliseconds in the menu.
    Countdown(u32),
    /// When the owner says so.
    Wait,
}

/// An entry, who chose it, and how it becomes a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The entry's place in the list.
    pub index: usize,
    /// Who or what chose it.
    pub by: ChosenBy,
    /// How it becomes a start.
    pub way: Way,
}

/// What happened in this boot so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures<'f> {
    /// Places of entries that failed to start in this boot, the latest last.
    pub places: &'f [usize],
    /// Whether the latest was the owner's own choice.
    pub by_owner: bool,
    /// Whether policy forbids that anything starts by itself.
    pub stopped: bool,
}

/// Chooses. With nothing to choose from, the place is 0 and the way is to wait.
#[must_use]
pub fn choose(entries: &[Entry], policy: &Policy, health: &Health, failures: Failures<'_>) -> Choice {
    let (index, by) = match failures.places.last() {
        Some(latest) => next_after(entries, *latest, failures.places),
        None if health.is_crash_loop() => fallback(entries, policy, health),
        None => default_entry(entries, policy),
    };
    let out_of_choices = failures.places.contains(&index) && !failures.places.is_empty();
    let way = if entries.is_empty() || failures.stopped || failures.by_owner || out_of_choices {
        Way::Wait
    } else if failures.places.is_empty() && !health.is_crash_loop() {
        ordinary_way(policy)
    } else if by == ChosenBy::OnlyEntry {
        Way::Countdown(LAST_RESORT_TIMEOUT_MS)
    } else {
        Way::Countdown(RECOVERY_TIMEOUT_MS)
    };
    Choice { index, by, way }
}

const fn ordinary_way(policy: &Policy) -> Way {
    match (policy.menu, policy.timeout_ms) {
        (MenuMode::Hidden, _) => Way::AtOnce,
        (MenuMode::Show, Some(milliseconds)) => Way::Countdown(milliseconds),
        (MenuMode::Show, None) => Way::Wait,
    }
}

fn default_entry(entries: &[Entry], policy: &Policy) -> (usize, ChosenBy) {
    let by_pattern = policy.default_pattern.as_deref().and_then(|pattern| {
        entries
            .iter()
            .position(|entry| glob::matches(pattern, &entry.id) || glob::matches(pattern, stem(&entry.id)))
    });
    let by_id = || policy.default_entry.as_deref().and_then(|wanted| find(entries, wanted));
    match (by_pattern, entries.len()) {
        (Some(index), _) => (index, ChosenBy::DefaultPattern),
        (None, 1) => (0, ChosenBy::OnlyEntry),
        (None, _) => by_id().map_or((0, ChosenBy::First), |index| (index, ChosenBy::DefaultEntry)),
    }
}

fn stem(id: &str) -> &str {
    id.strip_suffix(".conf").unwrap_or(id)
}

fn find(entries: &[Entry], wanted: &str) -> Option<usize> {
    entries.iter().position(|entry| means(wanted, &entry.id))
}

fn fallback(entries: &[Entry], policy: &Policy, health: &Health) -> (usize, ChosenBy) {
    let failed = health.failed_entry();
    let usable = |index: &usize| {
        entries.get(*index).is_some_and(|entry| !failed.is_some_and(|failed| entry.is_remembered_as(failed)))
    };
    let listed = policy.fallback_order.iter().filter_map(|wanted| find(entries, wanted)).find(usable);
    let last_good = || {
        let good = health.last_good.as_deref()?;
        entries.iter().position(|entry| entry.is_remembered_as(good)).filter(usable)
    };
    let first_not_bad = || (0..entries.len()).find(|index| usable(index) && !is_bad(entries, *index));
    let any = || (0..entries.len()).find(usable);
    match listed.or_else(last_good).or_else(first_not_bad).or_else(any) {
        Some(index) => (index, ChosenBy::CrashLoopFallback),
        None => (0, ChosenBy::OnlyEntry),
    }
}

fn is_bad(entries: &[Entry], index: usize) -> bool {
    entries.get(index).is_some_and(Entry::is_bad)
}

/// The next entry that has not failed in this boot, below the latest failure, else above it.
fn next_after(entries: &[Entry], latest: usize, failed: &[usize]) -> (usize, ChosenBy) {
    let untried = || {
        let below = latest.saturating_add(1)..entries.len();
        below.chain(0..latest).filter(|index| !failed.contains(index))
    };
    match untried().find(|index| !is_bad(entries, *index)).or_else(|| untried().next()) {
        Some(index) => (index, ChosenBy::NextAfterFailure),
        None => (latest, ChosenBy::OnlyEntry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Counted, EntryKind};
    use crate::health::Verdict;
    use crate::ports::VolumeId;
    use proptest::prelude::*;

    fn entry(id: &str) -> Entry {
        Entry::new(id.into(), id.into(), EntryKind::Linux, VolumeId(0))
    }

    fn bad(id: &str) -> Entry {
        Entry { counter: Some(Counted { left: 0, spent_name: String::new() }), ..entry(id) }
    }

    fn entries() -> Vec<Entry> {
        vec![entry("new.conf"), entry("old.conf"), entry("older.conf"), bad("bad.conf")]
    }

    fn health(verdict: Verdict) -> Health {
        Health { verdict, crash_count: 3, threshold: 3, last_entry: Some("new.conf".into()), last_good: None }
    }

    fn pick(policy: &Policy, health: &Health) -> (usize, ChosenBy, Way) {
        let choice = choose(&entries(), policy, health, Failures::default());
        (choice.index, choice.by, choice.way)
    }

    #[test]
    fn the_default_is_pattern_then_id_then_first() {
        let good = health(Verdict::Good);
        let mut policy = Policy::default();
        assert_eq!(pick(&policy, &good), (0, ChosenBy::First, Way::Countdown(5000)));
        policy.default_entry = Some("bls-old".into());
        assert_eq!(pick(&policy, &good), (1, ChosenBy::DefaultEntry, Way::Countdown(5000)));
        policy.default_pattern = Some("older*".into());
        assert_eq!(pick(&policy, &good), (2, ChosenBy::DefaultPattern, Way::Countdown(5000)));
        policy.default_pattern = Some("nothing*".into());
        policy.default_entry = Some("nothing".into());
        assert_eq!(pick(&policy, &good).1, ChosenBy::First);
    }

    #[test]
    fn the_menu_follows_policy() {
        let good = health(Verdict::Good);
        let hidden = Policy { menu: MenuMode::Hidden, timeout_ms: None, ..Policy::default() };
        assert_eq!(pick(&hidden, &good).2, Way::AtOnce);
        let waiting = Policy { timeout_ms: None, ..Policy::default() };
        assert_eq!(pick(&waiting, &good).2, Way::Wait);
    }

    #[test]
    fn a_crash_loop_falls_back_and_gives_the_owner_time() {
        let mut policy = Policy { menu: MenuMode::Hidden, ..Policy::default() };
        let mut looping = health(Verdict::CrashLoop);
        let way = Way::Countdown(RECOVERY_TIMEOUT_MS);
        assert_eq!(pick(&policy, &looping), (1, ChosenBy::CrashLoopFallback, way));
        looping.last_good = Some("older.conf".into());
        assert_eq!(pick(&policy, &looping), (2, ChosenBy::CrashLoopFallback, way));
        policy.fallback_order = vec!["missing".into(), "new".into(), "bad".into()];
        assert_eq!(pick(&policy, &looping), (3, ChosenBy::CrashLoopFallback, way));
    }

    #[test]
    fn the_only_entry_is_tried_again_with_more_time() {
        let choice = choose(
            &[entry("new.conf")],
            &Policy::default(),
            &health(Verdict::CrashLoop),
            Failures::default(),
        );
        assert_eq!((choice.by, choice.way), (ChosenBy::OnlyEntry, Way::Countdown(LAST_RESORT_TIMEOUT_MS)));
    }

    #[test]
    fn after_a_failure_the_next_one_until_none_is_left() {
        let good = health(Verdict::Good);
        let next = |places: &[usize]| {
            choose(&entries(), &Policy::default(), &good, Failures { places, ..Failures::default() })
        };
        assert_eq!(next(&[0]).index, 1);
        assert_eq!(next(&[2]).index, 0);
        assert_eq!(next(&[0, 1, 2]).index, 3);
        assert_eq!(next(&[0, 1, 2, 3]).way, Way::Wait);
    }

    #[test]
    fn an_owner_who_is_there_is_not_overruled() {
        let failures = Failures { places: &[1], by_owner: true, stopped: false };
        let choice = choose(&entries(), &Policy::default(), &health(Verdict::Good), failures);
        assert_eq!(choice.way, Way::Wait);
        let stopped = Failures { stopped: true, ..Failures::default() };
        let policy = Policy { menu: MenuMode::Hidden, ..Policy::default() };
        assert_eq!(choose(&entries(), &policy, &health(Verdict::Good), stopped).way, Way::Wait);
        assert_eq!(choose(&[], &policy, &health(Verdict::Good), Failures::default()).way, Way::Wait);
    }

    proptest! {
        #[test]
        fn a_fallback_is_never_the_entry_that_failed(count in 2_usize..6, failed in 0_usize..6, order in proptest::collection::vec(0_usize..6, 0..4)) {
            let entries: Vec<Entry> = (0..count).map(|n| entry(&format!("e{n}.conf"))).collect();
            let failed_id = format!("e{}.conf", failed % count);
            let health = Health { last_entry: Some(failed_id.clone()), ..health(Verdict::CrashLoop) };
            let policy = Policy { fallback_order: order.iter().map(|n| format!("e{n}")).collect(), ..Policy::default() };
            let choice = choose(&entries, &policy, &health, Failures::default());
            prop_assert_ne!(&entries[choice.index].id, &failed_id);
        }

        #[test]
        fn a_choice_is_always_an_entry(count in 1_usize..6, places in proptest::collection::vec(0_usize..6, 0..6)) {
            let entries: Vec<Entry> = (0..count).map(|n| entry(&format!("e{n}.conf"))).collect();
            let places: Vec<usize> = places.into_iter().map(|n| n % count).collect();
            let failures = Failures { places: &places, ..Failures::default() };
            let choice = choose(&entries, &Policy::default(), &health(Verdict::Good), failures);
            prop_assert!(choice.index < count);
        }
    }
}
