// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which entry, if nobody presses a key?
//!
//! In this order, the first that applies:
//!
//! 1. after a failed start in this boot: the entry below it that has not failed yet;
//! 2. `LoaderEntrySysFail`, when the firmware says that its own update failed;
//! 3. `LoaderEntryOneShot`: somebody asked for it just now;
//! 4. a crash loop: the first of `fallback_order`, the entry that last came up, the first entry
//!    that is not bad, never the one that failed;
//! 5. `LoaderEntryPreferred`, unless it has no tries left;
//! 6. `LoaderEntryDefault`; for `@saved`, the entry that was started last;
//! 7. the first entry that `default_pattern` of `policy.toml` matches, then `default_entry`;
//! 8. `preferred` of `loader.conf`, unless it has no tries left, then `default`;
//! 9. the first entry that may start by itself.
//!
//! Whoever names an entry may name any, except one on a medium that was put in: its files can call
//! themselves what they like. A snapshot starts when it is asked for, each time anew: only
//! `LoaderEntryOneShot` may name it.

use crate::entry::Entry;
use crate::health::Health;
use crate::interface::{Requests, SAVED};
use crate::policy::{Policy, means};
use crate::settings::{MenuWait, Settings};
use bootspec::loader_conf::LoaderConf;
use bootspec::pattern;

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
    /// `LoaderEntrySysFail`.
    SysFail,
    /// `LoaderEntryOneShot`.
    OneShot,
    /// `LoaderEntryPreferred`.
    Preferred,
    /// `LoaderEntryDefault`.
    Default,
    /// `@saved`: it was started last.
    LastBooted,
    /// `preferred` in `loader.conf`.
    ConfPreferred,
    /// `default` in `loader.conf`.
    ConfDefault,
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
            Self::SysFail => "loader_entry_sys_fail",
            Self::OneShot => "loader_entry_one_shot",
            Self::Preferred => "loader_entry_preferred",
            Self::Default => "loader_entry_default",
            Self::LastBooted => "last_booted",
            Self::ConfPreferred => "loader_conf_preferred",
            Self::ConfDefault => "loader_conf_default",
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
    /// At once, whatever is pressed.
    Silent,
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

/// Everything that the choice is made from, beside the entries.
#[derive(Clone, Copy)]
pub struct Grounds<'g> {
    /// What the owner allows.
    pub policy: &'g Policy,
    /// What `loader.conf` says.
    pub conf: &'g LoaderConf,
    /// What the system asked for.
    pub requests: &'g Requests,
    /// What holds for this boot.
    pub settings: &'g Settings,
    /// What the boots before this one told.
    pub health: &'g Health,
    /// Whether the firmware's own update failed.
    pub firmware_update_failed: bool,
}

/// Chooses. With nothing to choose from, the place is 0 and the way is to wait.
#[must_use]
pub fn choose(entries: &[Entry], grounds: Grounds<'_>, failures: Failures<'_>) -> Choice {
    let (index, by) = match failures.places.last() {
        Some(latest) => next_after(entries, *latest, failures.places),
        None => first_choice(entries, grounds),
    };
    let way = way(entries, index, by, grounds, failures);
    Choice { index, by, way }
}

fn way(entries: &[Entry], index: usize, by: ChosenBy, grounds: Grounds<'_>, failures: Failures<'_>) -> Way {
    let out_of_choices = failures.places.contains(&index);
    let by_itself = matches!(by, ChosenBy::First | ChosenBy::OnlyEntry);
    let nobody_asked = by_itself && !entries.get(index).is_some_and(|entry| entry.unattended);
    if entries.is_empty() || failures.stopped || failures.by_owner || out_of_choices || nobody_asked {
        return Way::Wait;
    }
    let is_recovery = !failures.places.is_empty() || by == ChosenBy::CrashLoopFallback;
    let in_vain = by == ChosenBy::OnlyEntry && grounds.health.is_crash_loop();
    match () {
        () if in_vain => Way::Countdown(LAST_RESORT_TIMEOUT_MS),
        () if is_recovery => Way::Countdown(RECOVERY_TIMEOUT_MS),
        () => ordinary_way(grounds.settings.wait),
    }
}

const fn ordinary_way(wait: MenuWait) -> Way {
    match wait {
        MenuWait::Hidden => Way::AtOnce,
        MenuWait::Disabled => Way::Silent,
        MenuWait::Millis(milliseconds) => Way::Countdown(milliseconds),
        MenuWait::Forever => Way::Wait,
    }
}

fn first_choice(entries: &[Entry], grounds: Grounds<'_>) -> (usize, ChosenBy) {
    let Grounds { requests, .. } = grounds;
    let sys_fail = || named(entries, requests.sys_fail.as_deref()).filter(|_| grounds.firmware_update_failed);
    if let Some(index) = sys_fail() {
        return (index, ChosenBy::SysFail);
    }
    if let Some(index) = asked_once(entries, requests.one_shot.as_deref()) {
        return (index, ChosenBy::OneShot);
    }
    if grounds.health.is_crash_loop() {
        return fallback(entries, grounds.policy, grounds.health);
    }
    stored_default(entries, grounds)
        .or_else(|| written_default(entries, grounds))
        .unwrap_or_else(|| first(entries))
}

/// What `bootctl` or the menu stored.
fn stored_default(entries: &[Entry], grounds: Grounds<'_>) -> Option<(usize, ChosenBy)> {
    let Requests { preferred, default, .. } = grounds.requests;
    let preferred = named_not_bad(entries, preferred.as_deref());
    let default = || resolve(entries, default.as_deref(), grounds.requests, ChosenBy::Default);
    preferred.map(|index| (index, ChosenBy::Preferred)).or_else(default)
}

/// What stands in files.
fn written_default(entries: &[Entry], grounds: Grounds<'_>) -> Option<(usize, ChosenBy)> {
    let Grounds { policy, conf, requests, .. } = grounds;
    let only = || match entries {
        [entry] if entry.unattended => Some((0, ChosenBy::OnlyEntry)),
        _ => None,
    };
    let by_pattern = policy.default_pattern.as_deref().and_then(|wanted| matching(entries, wanted));
    let by_id = || named(entries, policy.default_entry.as_deref());
    let preferred = || named_not_bad(entries, conf.preferred.as_deref());
    by_pattern
        .map(|index| (index, ChosenBy::DefaultPattern))
        .or_else(only)
        .or_else(|| by_id().map(|index| (index, ChosenBy::DefaultEntry)))
        .or_else(|| preferred().map(|index| (index, ChosenBy::ConfPreferred)))
        .or_else(|| resolve(entries, conf.default.as_deref(), requests, ChosenBy::ConfDefault))
}

/// The first entry that may start by itself; without any, the first at all.
fn first(entries: &[Entry]) -> (usize, ChosenBy) {
    (entries.iter().position(|entry| entry.unattended).unwrap_or(0), ChosenBy::First)
}

/// An id or pattern, or the entry that was started last.
fn resolve(
    entries: &[Entry],
    wanted: Option<&str>,
    requests: &Requests,
    by: ChosenBy,
) -> Option<(usize, ChosenBy)> {
    if wanted? == SAVED {
        let last = named(entries, requests.last_booted.as_deref());
        return last.map(|index| (index, ChosenBy::LastBooted));
    }
    named(entries, wanted).map(|index| (index, by))
}

/// The entry with this id in one of its forms, else the first that it matches as a pattern.
fn named(entries: &[Entry], wanted: Option<&str>) -> Option<usize> {
    let wanted = wanted?;
    find(entries, wanted).or_else(|| matching(entries, wanted))
}

fn named_not_bad(entries: &[Entry], wanted: Option<&str>) -> Option<usize> {
    let wanted = wanted?;
    let fits = |entry: &Entry| {
        entry.may_be_default()
            && !entry.is_bad()
            && (means(wanted, &entry.id) || pattern::matches(wanted, &entry.id))
    };
    entries.iter().position(fits)
}

fn matching(entries: &[Entry], wanted: &str) -> Option<usize> {
    let fits =
        |entry: &Entry| pattern::matches(wanted, &entry.id) || pattern::matches(wanted, stem(&entry.id));
    entries.iter().position(|entry| entry.may_be_default() && fits(entry))
}

fn stem(id: &str) -> &str {
    id.strip_suffix(".conf").or_else(|| id.strip_suffix(".efi")).unwrap_or(id)
}

fn find(entries: &[Entry], wanted: &str) -> Option<usize> {
    entries.iter().position(|entry| entry.may_be_default() && means(wanted, &entry.id))
}

/// What is asked for once may be anything that the owner could start, by its whole name at least.
fn asked_once(entries: &[Entry], wanted: Option<&str>) -> Option<usize> {
    let exactly = |entry: &Entry| !entry.foreign && wanted.is_some_and(|wanted| means(wanted, &entry.id));
    named(entries, wanted).or_else(|| entries.iter().position(exactly))
}

fn fallback(entries: &[Entry], policy: &Policy, health: &Health) -> (usize, ChosenBy) {
    let failed = health.failed_entry();
    let usable = |index: &usize| {
        entries.get(*index).is_some_and(|entry| !failed.is_some_and(|failed| entry.is_remembered_as(failed)))
    };
    let alone = |index: &usize| usable(index) && entries.get(*index).is_some_and(|entry| entry.unattended);
    let listed = policy.fallback_order.iter().filter_map(|wanted| find(entries, wanted)).find(usable);
    let last_good = || {
        let good = health.last_good.as_deref()?;
        entries.iter().position(|entry| entry.may_be_default() && entry.is_remembered_as(good)).filter(usable)
    };
    let first_not_bad = || (0..entries.len()).find(|index| alone(index) && !is_bad(entries, *index));
    let any = || (0..entries.len()).find(alone);
    match listed.or_else(last_good).or_else(first_not_bad).or_else(any) {
        Some(index) => (index, ChosenBy::CrashLoopFallback),
        None => (first(entries).0, ChosenBy::OnlyEntry),
    }
}

fn is_bad(entries: &[Entry], index: usize) -> bool {
    entries.get(index).is_some_and(Entry::is_bad)
}

/// The next entry that has not failed in this boot, below the latest failure, else above it.
fn next_after(entries: &[Entry], latest: usize, failed: &[usize]) -> (usize, ChosenBy) {
    let untried = || {
        let below = latest.saturating_add(1)..entries.len();
        let alone = |index: &usize| entries.get(*index).is_some_and(|entry| entry.unattended);
        below.chain(0..latest).filter(|index| !failed.contains(index)).filter(alone)
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
    use crate::policy::MenuMode;
    use crate::ports::VolumeId;
    use proptest::prelude::*;

    fn entry(id: &str) -> Entry {
        Entry::new(id.into(), id.into(), EntryKind::Linux, VolumeId(0), std::rc::Rc::default())
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

    /// Chooses with nothing but a policy.
    fn by_policy(entries: &[Entry], policy: &Policy, health: &Health, failures: Failures<'_>) -> Choice {
        let (conf, requests) = (LoaderConf::default(), Requests::default());
        let settings = Settings::merge(policy, &conf, requests.timeouts, None, crate::facts::SecureBoot::Off);
        let grounds = Grounds {
            policy,
            conf: &conf,
            requests: &requests,
            settings: &settings,
            health,
            firmware_update_failed: false,
        };
        choose(entries, grounds, failures)
    }

    fn pick(policy: &Policy, health: &Health) -> (usize, ChosenBy, Way) {
        let choice = by_policy(&entries(), policy, health, Failures::default());
        (choice.index, choice.by, choice.way)
    }

    fn who(
        list: &[Entry],
        requests: &Requests,
        conf: &str,
        policy: &Policy,
        health: &Health,
    ) -> (String, ChosenBy) {
        let conf = LoaderConf::parse(conf.as_bytes());
        let settings = Settings::merge(policy, &conf, requests.timeouts, None, crate::facts::SecureBoot::Off);
        let grounds = Grounds {
            policy,
            conf: &conf,
            requests,
            settings: &settings,
            health,
            firmware_update_failed: requests.trouble.iter().any(|trouble| trouble == "the update failed"),
        };
        let choice = choose(list, grounds, Failures::default());
        (list[choice.index].id.clone(), choice.by)
    }

    #[test]
    fn who_names_the_entry() {
        let good = health(Verdict::Good);
        let looping = health(Verdict::CrashLoop);
        let plain = Policy::default();
        let some = |id: &str| Some(String::from(id));
        let policy = Policy { default_entry: some("older"), ..Policy::default() };
        let none = Requests::default();
        let default = Requests { default: some("old.conf"), ..none.clone() };
        let cases: Vec<(Requests, &str, &Policy, &Health, &str, ChosenBy)> = vec![
            (none.clone(), "", &plain, &good, "new.conf", ChosenBy::First),
            (none.clone(), "default old*", &plain, &good, "old.conf", ChosenBy::ConfDefault),
            (none.clone(), "default old*", &policy, &good, "older.conf", ChosenBy::DefaultEntry),
            (none.clone(), "preferred bad\ndefault old*", &plain, &good, "old.conf", ChosenBy::ConfDefault),
            (
                none.clone(),
                "preferred older\ndefault old*",
                &plain,
                &good,
                "older.conf",
                ChosenBy::ConfPreferred,
            ),
            (default.clone(), "default new*", &policy, &good, "old.conf", ChosenBy::Default),
            (
                Requests { default: some("BAD"), ..none.clone() },
                "",
                &policy,
                &good,
                "bad.conf",
                ChosenBy::Default,
            ),
            (
                Requests { preferred: some("bad.conf"), ..default.clone() },
                "",
                &policy,
                &good,
                "old.conf",
                ChosenBy::Default,
            ),
            (
                Requests { preferred: some("older.conf"), ..default.clone() },
                "",
                &policy,
                &good,
                "older.conf",
                ChosenBy::Preferred,
            ),
            (
                Requests { one_shot: some("bad.conf"), ..default.clone() },
                "",
                &policy,
                &good,
                "bad.conf",
                ChosenBy::OneShot,
            ),
            (
                Requests { one_shot: some("gone.conf"), ..default.clone() },
                "",
                &policy,
                &good,
                "old.conf",
                ChosenBy::Default,
            ),
            (
                Requests { default: some("@saved"), last_booted: some("older.conf"), ..none.clone() },
                "",
                &plain,
                &good,
                "older.conf",
                ChosenBy::LastBooted,
            ),
            (
                Requests { default: some("@saved"), ..none.clone() },
                "",
                &plain,
                &good,
                "new.conf",
                ChosenBy::First,
            ),
            (
                Requests { last_booted: some("older.conf"), ..none.clone() },
                "default @saved",
                &plain,
                &good,
                "older.conf",
                ChosenBy::LastBooted,
            ),
            (default.clone(), "", &plain, &looping, "old.conf", ChosenBy::CrashLoopFallback),
            (
                Requests { default: some("new.conf"), ..none.clone() },
                "",
                &plain,
                &looping,
                "old.conf",
                ChosenBy::CrashLoopFallback,
            ),
            (
                Requests { one_shot: some("new.conf"), ..none.clone() },
                "",
                &plain,
                &looping,
                "new.conf",
                ChosenBy::OneShot,
            ),
            (
                Requests { sys_fail: some("older.conf"), ..none.clone() },
                "",
                &plain,
                &good,
                "new.conf",
                ChosenBy::First,
            ),
            (
                Requests {
                    sys_fail: some("older.conf"),
                    one_shot: some("old.conf"),
                    trouble: vec!["the update failed".into()],
                    ..none
                },
                "",
                &plain,
                &good,
                "older.conf",
                ChosenBy::SysFail,
            ),
        ];
        for (requests, conf, policy, health, id, by) in cases {
            assert_eq!(
                who(&entries(), &requests, conf, policy, health),
                (id.into(), by),
                "{requests:?} {conf}"
            );
        }
    }

    #[test]
    fn what_was_put_in_is_nobodys_default() {
        let mut list = entries();
        list[0] = Entry { foreign: true, unattended: false, ..entry("new.conf") };
        let some = |id: &str| Some(String::from(id));
        let good = health(Verdict::Good);
        for requests in [
            Requests::default(),
            Requests { one_shot: some("new.conf"), ..Requests::default() },
            Requests { default: some("new*"), ..Requests::default() },
            Requests { preferred: some("n*"), ..Requests::default() },
        ] {
            let policy =
                Policy { default_entry: some("new"), default_pattern: some("new*"), ..Policy::default() };
            assert_eq!(who(&list, &requests, "default new*", &policy, &good).0, "old.conf");
        }
    }

    #[test]
    fn a_snapshot_starts_when_it_is_asked_for_and_never_else() {
        let mut list = entries();
        list[0] = Entry { never_default: true, unattended: false, ..entry("new.conf") };
        let some = |id: &str| Some(String::from(id));
        let (good, policy) = (health(Verdict::Good), Policy::default());
        let once = Requests { one_shot: some("new"), ..Requests::default() };
        assert_eq!(who(&list, &once, "", &policy, &good), ("new.conf".into(), ChosenBy::OneShot));
        for requests in [
            Requests::default(),
            Requests { one_shot: some("n*"), ..Requests::default() },
            Requests { default: some("new.conf"), ..Requests::default() },
            Requests { default: some(SAVED), last_booted: some("new.conf"), ..Requests::default() },
            Requests { preferred: some("new"), ..Requests::default() },
        ] {
            let policy = Policy {
                default_entry: some("new"),
                default_pattern: some("new*"),
                fallback_order: vec!["new".into()],
                ..Policy::default()
            };
            assert_eq!(who(&list, &requests, "default new*", &policy, &good).0, "old.conf");
            let looping = Health {
                last_entry: some("older.conf"),
                last_good: some("new.conf"),
                ..health(Verdict::CrashLoop)
            };
            assert_eq!(who(&list, &requests, "", &policy, &looping).0, "old.conf");
        }
    }

    #[test]
    fn with_nothing_that_may_start_by_itself_the_menu_waits() {
        let list = [
            Entry { unattended: false, ..entry("auto-poweroff") },
            Entry { unattended: false, ..entry("x@1") },
        ];
        for verdict in [Verdict::Good, Verdict::CrashLoop] {
            for list in [&list[..], &list[..1]] {
                let choice = by_policy(list, &Policy::default(), &health(verdict), Failures::default());
                assert_eq!((choice.index, choice.way), (0, Way::Wait));
            }
        }
        let wanted = Policy { default_entry: Some("x@1".into()), ..Policy::default() };
        let choice = by_policy(&list[1..], &wanted, &health(Verdict::Good), Failures::default());
        assert_eq!((choice.by, choice.way), (ChosenBy::DefaultEntry, Way::Countdown(5000)));
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
        let hidden = Policy { menu: Some(MenuMode::Hidden), ..Policy::default() };
        assert_eq!(pick(&hidden, &good).2, Way::AtOnce);
        let waiting = Policy { timeout_ms: Some(0), ..Policy::default() };
        assert_eq!(pick(&waiting, &good).2, Way::Wait);
    }

    #[test]
    fn a_crash_loop_falls_back_and_gives_the_owner_time() {
        let mut policy = Policy { menu: Some(MenuMode::Hidden), ..Policy::default() };
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
        let choice = by_policy(
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
            by_policy(&entries(), &Policy::default(), &good, Failures { places, ..Failures::default() })
        };
        assert_eq!(next(&[0]).index, 1);
        assert_eq!(next(&[2]).index, 0);
        assert_eq!(next(&[0, 1, 2]).index, 3);
        assert_eq!(next(&[0, 1, 2, 3]).way, Way::Wait);
    }

    #[test]
    fn an_owner_who_is_there_is_not_overruled() {
        let failures = Failures { places: &[1], by_owner: true, stopped: false };
        let choice = by_policy(&entries(), &Policy::default(), &health(Verdict::Good), failures);
        assert_eq!(choice.way, Way::Wait);
        let stopped = Failures { stopped: true, ..Failures::default() };
        let policy = Policy { menu: Some(MenuMode::Hidden), ..Policy::default() };
        assert_eq!(by_policy(&entries(), &policy, &health(Verdict::Good), stopped).way, Way::Wait);
        assert_eq!(by_policy(&[], &policy, &health(Verdict::Good), Failures::default()).way, Way::Wait);
    }

    proptest! {
        #[test]
        fn a_fallback_is_never_the_entry_that_failed(count in 2_usize..6, failed in 0_usize..6, order in proptest::collection::vec(0_usize..6, 0..4)) {
            let entries: Vec<Entry> = (0..count).map(|n| entry(&format!("e{n}.conf"))).collect();
            let failed_id = format!("e{}.conf", failed % count);
            let health = Health { last_entry: Some(failed_id.clone()), ..health(Verdict::CrashLoop) };
            let policy = Policy { fallback_order: order.iter().map(|n| format!("e{n}")).collect(), ..Policy::default() };
            let choice = by_policy(&entries, &policy, &health, Failures::default());
            prop_assert_ne!(&entries[choice.index].id, &failed_id);
        }

        #[test]
        fn a_choice_is_always_an_entry(count in 1_usize..6, places in proptest::collection::vec(0_usize..6, 0..6)) {
            let entries: Vec<Entry> = (0..count).map(|n| entry(&format!("e{n}.conf"))).collect();
            let places: Vec<usize> = places.into_iter().map(|n| n % count).collect();
            let failures = Failures { places: &places, ..Failures::default() };
            let choice = by_policy(&entries, &Policy::default(), &health(Verdict::Good), failures);
            prop_assert!(choice.index < count);
        }
    }
}
