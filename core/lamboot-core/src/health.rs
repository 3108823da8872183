// SPDX-License-Identifier: MIT OR Apache-2.0
//! What did the boots before this one tell us, and what is written now?
//!
//! Upstream's variables with upstream's encodings, and all transitions defined:
//!
//! | found | means | becomes |
//! |---|---|---|
//! | generation id changed | a snapshot was restored, or the machine was cloned | Fresh, count 0 |
//! | nothing, or nonsense | a new machine | nothing is written |
//! | Booting | the last attempt did not come up | count + 1, then Fresh or `CrashLoop` |
//! | Fresh, count above 0 | failures were counted, nothing is under way | `CrashLoop` when the count is reached |
//! | `BootedOK` | the running system said that it came up | count 0, that entry is the last good one |
//! | `CrashLoop` | nobody has come up since | stays, until a boot succeeds |
//!
//! *Booting* is written at hand-over and nowhere else, so leaving through the menu never counts.
//! `BootedOK` is written by the running system and nobody else. An image that gives control back
//! is a failed attempt. Writes are ordered so that a power cut between two of them may count a
//! failure twice, but never forgets one.

use crate::ports::Variables;
use crate::variables;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::time::WallTime;
use lamboot_schema::variables as schema;
use lamboot_schema::variables::{HealthState, Release, stored_id};

/// The variables as they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Previous {
    /// How the last boot ended, as far as was known.
    pub state: Option<HealthState>,
    /// Attempts in a row that did not come up.
    pub crash_count: u8,
    /// The entry handed control last.
    pub last_entry: Option<String>,
    /// The entry that last came up.
    pub last_good: Option<String>,
    /// The virtual machine's generation id at that time.
    pub vm_generation_id: Option<[u8; 16]>,
}

impl Previous {
    /// Reads the variables.
    pub fn read(port: &mut dyn Variables) -> Self {
        Self {
            state: variables::get(port, &schema::STATE),
            crash_count: variables::get(port, &schema::CRASH_COUNT).unwrap_or(0),
            last_entry: variables::get(port, &schema::LAST_ENTRY),
            last_good: variables::get(port, &schema::LAST_GOOD),
            vm_generation_id: variables::get(port, &schema::VM_GENERATION_ID),
        }
    }
}

/// What the boots before this one told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// LamBoot has not handed over on this machine before.
    First,
    /// The last boot came up.
    Good,
    /// The last attempt, or several, did not come up; the threshold is not reached.
    Failed,
    /// The threshold is reached: a fallback is due.
    CrashLoop,
    /// The machine went back in time or was cloned; nothing is held against any entry.
    Restored,
}

impl Verdict {
    /// The word that records use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Good => "good",
            Self::Failed => "failed",
            Self::CrashLoop => "crash_loop",
            Self::Restored => "restored",
        }
    }
}

/// What is known about the machine's health during this boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What the boots before this one told.
    pub verdict: Verdict,
    /// Attempts in a row that did not come up.
    pub crash_count: u8,
    /// The count from which a fallback is due; 0 for never.
    pub threshold: u8,
    /// The entry handed control last.
    pub last_entry: Option<String>,
    /// The entry that last came up.
    pub last_good: Option<String>,
}

/// One value to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// `LamBootCrashCount`.
    CrashCount(u8),
    /// `LamBootState`.
    State(HealthState),
    /// `LamBootLastEntry`.
    LastEntry(String),
    /// `LamBootLastGood`.
    LastGood(String),
    /// `LamBootTimestamp`.
    Timestamp(WallTime),
    /// `LamBootVersion`.
    Version(Release),
    /// `LamBootVmGenId`.
    VmGenerationId([u8; 16]),
}

impl Write {
    /// Performs it; a value that is already there is not written again.
    ///
    /// # Errors
    ///
    /// Those of [`Variables::set`].
    pub fn perform(&self, port: &mut dyn Variables) -> crate::error::PortResult<()> {
        match self {
            Self::CrashCount(count) => variables::set(port, &schema::CRASH_COUNT, count),
            Self::State(state) => variables::set(port, &schema::STATE, state),
            Self::LastEntry(id) => variables::set(port, &schema::LAST_ENTRY, id),
            Self::LastGood(id) => variables::set(port, &schema::LAST_GOOD, id),
            Self::Timestamp(time) => variables::set(port, &schema::TIMESTAMP, time),
            Self::Version(release) => variables::set(port, &schema::VERSION, release),
            Self::VmGenerationId(id) => variables::set(port, &schema::VM_GENERATION_ID, id),
        }
    }
}

/// Judges the boots before this one: the verdict, and what to store about it.
#[must_use]
pub fn assess(previous: Previous, vm_generation_id: Option<[u8; 16]>, threshold: u8) -> (Health, Vec<Write>) {
    if let Some(new) = vm_generation_id.filter(|new| previous.vm_generation_id != Some(*new)) {
        return restored(previous, new, threshold);
    }
    let crash_count = match previous.state {
        None | Some(HealthState::BootedOk) => 0,
        Some(HealthState::Fresh | HealthState::CrashLoop) => previous.crash_count,
        Some(HealthState::Booting) => previous.crash_count.saturating_add(1),
    };
    let in_loop = threshold > 0 && crash_count >= threshold;
    let verdict = match previous.state {
        None => Verdict::First,
        Some(HealthState::BootedOk) => Verdict::Good,
        Some(_) if in_loop => Verdict::CrashLoop,
        Some(HealthState::Fresh) if crash_count == 0 => Verdict::First,
        Some(_) => Verdict::Failed,
    };
    let came_up = if verdict == Verdict::Good { previous.last_entry.clone() } else { None };
    let health = Health {
        verdict,
        crash_count,
        threshold,
        last_good: came_up.clone().or_else(|| previous.last_good.clone()),
        last_entry: previous.last_entry,
    };
    let writes = match verdict {
        Verdict::First | Verdict::Restored => Vec::new(),
        Verdict::Good => came_up.map(Write::LastGood).into_iter().chain([Write::CrashCount(0)]).collect(),
        Verdict::Failed | Verdict::CrashLoop => health.failure_writes(),
    };
    (health, writes)
}

/// The generation id is stored last: until then, a power cut finds the change again.
fn restored(previous: Previous, new: [u8; 16], threshold: u8) -> (Health, Vec<Write>) {
    let writes = match previous.state {
        None => Vec::new(),
        Some(_) => alloc::vec![Write::State(HealthState::Fresh), Write::CrashCount(0)],
    };
    let verdict = if previous.state.is_none() { Verdict::First } else { Verdict::Restored };
    let Previous { last_entry, last_good, .. } = previous;
    let health = Health { verdict, crash_count: 0, threshold, last_entry, last_good };
    (health, writes.into_iter().chain([Write::VmGenerationId(new)]).collect())
}

impl Health {
    /// The entry that did not come up, where one is known.
    #[must_use]
    pub fn failed_entry(&self) -> Option<&str> {
        match self.verdict {
            Verdict::Failed | Verdict::CrashLoop => self.last_entry.as_deref(),
            Verdict::First | Verdict::Good | Verdict::Restored => None,
        }
    }

    /// Whether a fallback is due.
    #[must_use]
    pub const fn is_crash_loop(&self) -> bool {
        matches!(self.verdict, Verdict::CrashLoop)
    }

    /// What to store when control is handed to `entry_id`: the state comes last.
    #[must_use]
    pub fn attempt(&mut self, entry_id: &str, release: Release, wall: Option<WallTime>) -> Vec<Write> {
        let id = String::from(stored_id(entry_id));
        self.last_entry = Some(id.clone());
        let mut writes = alloc::vec![Write::LastEntry(id), Write::Version(release)];
        writes.extend(wall.map(Write::Timestamp));
        writes.push(Write::State(HealthState::Booting));
        writes
    }

    /// What to store when the image gave control back: one more failure, nothing under way.
    #[must_use]
    pub fn returned(&mut self) -> Vec<Write> {
        self.crash_count = self.crash_count.saturating_add(1);
        let in_loop = self.threshold > 0 && self.crash_count >= self.threshold;
        self.verdict = if in_loop { Verdict::CrashLoop } else { Verdict::Failed };
        self.failure_writes()
    }

    /// The count before the state: a power cut in between counts once more, and forgets nothing.
    fn failure_writes(&self) -> Vec<Write> {
        let state = if self.is_crash_loop() { HealthState::CrashLoop } else { HealthState::Fresh };
        alloc::vec![Write::CrashCount(self.crash_count), Write::State(state)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthState::{BootedOk, Booting, CrashLoop, Fresh};
    use proptest::prelude::*;

    fn previous(state: Option<HealthState>, crash_count: u8) -> Previous {
        Previous { state, crash_count, last_entry: Some("a.conf".into()), ..Previous::default() }
    }

    #[test]
    fn every_transition() {
        for (state, count, verdict, new_count, new_state) in [
            (None, 0, Verdict::First, 0, None),
            (Some(Fresh), 0, Verdict::First, 0, None),
            (Some(Fresh), 2, Verdict::Failed, 2, Some(Fresh)),
            (Some(Fresh), 3, Verdict::CrashLoop, 3, Some(CrashLoop)),
            (Some(Booting), 0, Verdict::Failed, 1, Some(Fresh)),
            (Some(Booting), 1, Verdict::Failed, 2, Some(Fresh)),
            (Some(Booting), 2, Verdict::CrashLoop, 3, Some(CrashLoop)),
            (Some(Booting), 255, Verdict::CrashLoop, 255, Some(CrashLoop)),
            (Some(BootedOk), 2, Verdict::Good, 0, None),
            (Some(CrashLoop), 3, Verdict::CrashLoop, 3, Some(CrashLoop)),
            (Some(CrashLoop), 1, Verdict::Failed, 1, Some(Fresh)),
        ] {
            let (health, writes) = assess(previous(state, count), None, 3);
            assert_eq!((health.verdict, health.crash_count), (verdict, new_count), "{state:?} {count}");
            let written = writes.iter().find_map(|write| match write {
                Write::State(state) => Some(*state),
                _ => None,
            });
            assert_eq!(written, new_state, "{state:?} {count}");
        }
    }

    #[test]
    fn a_good_boot_makes_its_entry_the_last_good_one() {
        let (health, writes) = assess(previous(Some(BootedOk), 1), None, 3);
        assert_eq!(health.last_good.as_deref(), Some("a.conf"));
        assert_eq!(writes, [Write::LastGood("a.conf".into()), Write::CrashCount(0)]);
        assert_eq!(health.failed_entry(), None);
    }

    #[test]
    fn a_restored_snapshot_is_no_crash() {
        let (health, writes) = assess(previous(Some(Booting), 2), Some([7; 16]), 3);
        assert_eq!(health.verdict, Verdict::Restored);
        assert_eq!(writes, [Write::State(Fresh), Write::CrashCount(0), Write::VmGenerationId([7; 16])]);
    }

    #[test]
    fn the_same_generation_changes_nothing() {
        let before = Previous { vm_generation_id: Some([7; 16]), ..previous(Some(Booting), 0) };
        assert_eq!(assess(before, Some([7; 16]), 3).0.verdict, Verdict::Failed);
    }

    #[test]
    fn threshold_zero_never_falls_back() {
        assert_eq!(assess(previous(Some(Booting), 200), None, 0).0.verdict, Verdict::Failed);
    }

    #[test]
    fn a_returned_image_counts_and_leaves_nothing_under_way() {
        let (mut health, _) = assess(previous(Some(BootedOk), 0), None, 2);
        let _ = health.attempt("b.conf", Release { major: 1, minor: 0, patch: 0 }, None);
        assert_eq!(health.returned(), [Write::CrashCount(1), Write::State(Fresh)]);
        assert_eq!(health.failed_entry(), Some("b.conf"));
        assert_eq!(health.returned(), [Write::CrashCount(2), Write::State(CrashLoop)]);
    }

    proptest! {
        /// A machine that never comes up reaches the fallback after exactly `threshold` attempts.
        #[test]
        fn a_loop_is_seen_after_threshold_attempts(threshold in 1_u8..=10, start in 0_u8..4) {
            let states = [None, Some(Fresh), Some(BootedOk), Some(Booting)];
            let mut before = previous(states[usize::from(start)], 0);
            let mut attempts = 0_u8;
            loop {
                let (health, _) = assess(before.clone(), None, threshold);
                if health.is_crash_loop() { break; }
                attempts += 1;
                prop_assert!(attempts <= threshold);
                before = Previous { state: Some(Booting), crash_count: health.crash_count, ..before };
            }
            prop_assert!(attempts + u8::from(start == 3) == threshold);
        }
    }
}
