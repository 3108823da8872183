// SPDX-License-Identifier: MIT OR Apache-2.0
//! The decision as a table, and its writes judged by the loader's own code after every power cut.

use lamboot_core::health::{Previous, Verdict, assess};
use lamboot_host::efivars::Stored;
use lamboot_host::mark_success::{Decision, Loader, Observed, Write, perform};
use lamboot_host::memory_vars::MemoryVars;
use lamboot_schema::variables::{
    CRASH_COUNT, HealthState, LAST_ENTRY, LOADER_ENTRY_SELECTED, LOADER_INFO, STATE,
};
use proptest::prelude::*;

const NEW: &str = "debian-6.12.conf";
const OLD: &str = "debian-6.1.conf";

/// A system that LamBoot started with the entry `NEW`.
fn started(state: Option<HealthState>, crash_count: Option<u8>, last_entry: Option<&str>) -> MemoryVars {
    let mut vars = MemoryVars::default()
        .with(&LOADER_INFO, &"LamBoot 0.20.0".to_owned())
        .with(&LOADER_ENTRY_SELECTED, &NEW.to_owned());
    if let Some(state) = state {
        vars = vars.with(&STATE, &state);
    }
    if let Some(count) = crash_count {
        vars = vars.with(&CRASH_COUNT, &count);
    }
    match last_entry {
        Some(id) => vars.with(&LAST_ENTRY, &id.to_owned()),
        None => vars,
    }
}

fn decide(vars: &MemoryVars) -> Decision {
    Observed::read(vars).unwrap().decide()
}

fn mark(vars: &mut MemoryVars) -> bool {
    match decide(vars) {
        Decision::Mark(writes) => perform(&writes, vars).is_ok(),
        _ => true,
    }
}

/// What the loader makes of the variables at its next start.
fn next_start(vars: &MemoryVars) -> (Verdict, Option<String>, Option<String>) {
    let previous = Previous {
        state: vars.value(&STATE),
        crash_count: vars.value(&CRASH_COUNT).unwrap_or(0),
        last_entry: vars.value(&LAST_ENTRY),
        ..Previous::default()
    };
    let (health, _) = assess(previous, None, 3);
    (health.verdict, health.failed_entry().map(str::to_owned), health.last_good)
}

#[test]
fn every_state() {
    use HealthState::{BootedOk, Booting, CrashLoop, Fresh};
    let new = || Write::LastEntry(NEW.to_owned());
    let table = [
        (Some(Booting), Some(0), Some(NEW), vec![Write::BootedOk]),
        (Some(Booting), Some(2), Some(NEW), vec![Write::BootedOk, Write::NoCrashes]),
        (Some(Booting), None, Some(NEW), vec![Write::BootedOk, Write::NoCrashes]),
        (Some(BootedOk), Some(0), Some(NEW), vec![]),
        (Some(BootedOk), Some(2), Some(NEW), vec![Write::NoCrashes]),
        (Some(BootedOk), Some(0), Some(OLD), vec![]),
        (Some(CrashLoop), Some(3), Some(NEW), vec![Write::BootedOk, Write::NoCrashes]),
        (Some(CrashLoop), Some(3), Some(OLD), vec![new(), Write::BootedOk, Write::NoCrashes]),
        (Some(Fresh), Some(0), Some(OLD), vec![new(), Write::BootedOk]),
        (Some(Fresh), Some(2), None, vec![new(), Write::BootedOk, Write::NoCrashes]),
        (None, None, None, vec![new(), Write::BootedOk, Write::NoCrashes]),
    ];
    for (state, count, last_entry, writes) in table {
        let expected = if writes.is_empty() { Decision::AlreadyGood } else { Decision::Mark(writes) };
        let found = decide(&started(state, count, last_entry));
        assert_eq!(found, expected, "{state:?} {count:?} {last_entry:?}");
    }
}

#[test]
fn a_boot_that_lamboot_did_not_start_is_left_alone() {
    let booting = MemoryVars::default().with(&STATE, &HealthState::Booting).with(&CRASH_COUNT, &2);
    assert_eq!(decide(&booting), Decision::NotOurs(Loader::Unknown));

    let other = booting.clone().with(&LOADER_INFO, &"systemd-boot 257".to_owned());
    assert_eq!(decide(&other), Decision::NotOurs(Loader::Other("systemd-boot 257".to_owned())));

    let bytes = LOADER_INFO.encode(&"LamBoot 0.16.5".to_owned());
    let left_over = booting.clone().with_stored(LOADER_INFO.id, Stored { attributes: 7, bytes });
    assert_eq!(decide(&left_over), Decision::NotOurs(Loader::LeftOver));

    let nonsense = booting.with_stored(LOADER_INFO.id, Stored { attributes: 6, bytes: vec![b'L'] });
    assert_eq!(decide(&nonsense), Decision::NotOurs(Loader::Unknown));
}

#[test]
fn nonsense_is_replaced() {
    let vars = started(None, Some(0), Some(NEW))
        .with_stored(STATE.id, Stored { attributes: 7, bytes: vec![9, 9] })
        .with_stored(CRASH_COUNT.id, Stored { attributes: 7, bytes: vec![] });
    assert_eq!(decide(&vars), Decision::Mark(vec![Write::BootedOk, Write::NoCrashes]));
}

#[test]
fn without_the_running_entry_the_last_one_stays() {
    let vars = MemoryVars::default()
        .with(&LOADER_INFO, &"LamBoot 0.20.0".to_owned())
        .with(&STATE, &HealthState::Booting)
        .with(&CRASH_COUNT, &0);
    assert_eq!(decide(&vars), Decision::Mark(vec![Write::BootedOk]));
}

fn any_state() -> impl Strategy<Value = Option<HealthState>> {
    proptest::sample::select(vec![
        None,
        Some(HealthState::Fresh),
        Some(HealthState::Booting),
        Some(HealthState::BootedOk),
        Some(HealthState::CrashLoop),
    ])
}

proptest! {
    /// After a cut: what the loader would have found anyway, or a good boot of the right entry.
    #[test]
    fn a_power_cut_never_leaves_a_wrong_verdict(
        state in any_state(), count in proptest::option::of(0_u8..6), same_entry: bool, cut in 0_usize..4,
    ) {
        // At hand-over the loader names the entry before it says Booting; systems that run BootedOK did so too.
        let told = matches!(state, Some(HealthState::Booting | HealthState::BootedOk));
        let last_entry = if told || same_entry { NEW } else { OLD };
        let before = started(state, count, Some(last_entry));
        let mut after = before.clone().failing_after(cut);
        mark(&mut after);
        let (verdict, failed, last_good) = next_start(&after);
        let (verdict_before, _, _) = next_start(&before);
        let good = verdict == Verdict::Good && failed.is_none() && last_good.as_deref() == Some(NEW);
        prop_assert!(good || verdict == verdict_before, "{verdict:?} after {:?}", after.written());
    }

    #[test]
    fn marking_twice_writes_once(state in any_state(), count in proptest::option::of(0_u8..6)) {
        let mut vars = started(state, count, Some(OLD));
        prop_assert!(mark(&mut vars));
        let writes = vars.written().len();
        prop_assert_eq!(decide(&vars), Decision::AlreadyGood);
        prop_assert!(mark(&mut vars));
        prop_assert_eq!(vars.written().len(), writes);
        prop_assert_eq!(vars.value(&STATE), Some(HealthState::BootedOk));
        prop_assert_eq!(vars.value(&CRASH_COUNT), Some(0));
    }

    /// Whatever is interrupted is finished by running it again.
    #[test]
    fn running_it_again_finishes_the_job(state in any_state(), count in proptest::option::of(0_u8..6), cut in 0_usize..3) {
        let mut vars = started(state, count, Some(NEW)).failing_after(cut);
        mark(&mut vars);
        let mut vars = vars.failing_after(usize::MAX);
        prop_assert!(mark(&mut vars));
        prop_assert_eq!(decide(&vars), Decision::AlreadyGood);
        prop_assert_eq!(next_start(&vars).0, Verdict::Good);
    }
}
