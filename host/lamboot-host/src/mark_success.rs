// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system has come up: what is stored about it?
//!
//! Only the running system can say that a boot succeeded, and only about the boot that it runs in.
//! Two volatile variables tell which that is: `LoaderInfo` that LamBoot started it, and
//! `LoaderEntrySelected` which entry it was.
//!
//! | `LamBootState` found | how it comes about | stored |
//! |---|---|---|
//! | Booting | the rule: written at hand-over | `BootedOK`, count 0 |
//! | `BootedOK`, count 0 | this ran before in this boot | nothing |
//! | `BootedOK`, count above 0 | power was lost between the two writes | count 0 |
//! | Fresh, `CrashLoop`, none, nonsense | the firmware did not take the loader's write at hand-over | the entry, `BootedOK`, count 0 |
//!
//! # The order of the writes
//!
//! 1. `LamBootLastEntry`, where it does not name the entry that runs. The loader takes it for the
//!    last good entry once the state is `BootedOK`, so it must be right before that.
//! 2. `LamBootState`. This is the verdict: the loader ignores the count beside `BootedOK`.
//! 3. `LamBootCrashCount`. Before the state, a power cut in between would leave *Booting* with a
//!    count of 0: a failure for a boot that succeeded.
//!
//! After a power cut between any two of them, the loader either finds what it would have found
//! without this, or a good boot of the right entry.

use crate::efivars::{EfiVars, Stored, VarError};
use lamboot_schema::variables::{
    CRASH_COUNT, HealthState, LAST_ENTRY, LOADER_ENTRY_SELECTED, LOADER_INFO, STATE, VariableId, stored_id,
};

/// What the variables say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Who started this boot.
    pub loader: Loader,
    /// The entry that was started, if the loader told.
    pub selected: Option<String>,
    /// `LamBootState`; `None` when it is missing or nonsense.
    pub state: Option<HealthState>,
    /// `LamBootCrashCount`; `None` when it is missing or nonsense.
    pub crash_count: Option<u8>,
    /// `LamBootLastEntry`.
    pub last_entry: Option<String>,
}

/// Who started this boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Loader {
    /// LamBoot, in its own words.
    LamBoot(String),
    /// Another boot loader, in its own words.
    Other(String),
    /// LamBoot's name, in a variable that survives resets: it may be left over from another boot.
    LeftOver,
    /// Nobody told.
    #[default]
    Unknown,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// LamBoot did not start this boot: nothing is ours to say.
    NotOurs(Loader),
    /// Everything is stored already.
    AlreadyGood,
    /// These values are to be stored, in this order.
    Mark(Vec<Write>),
}

/// One value to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// `LamBootLastEntry`.
    LastEntry(String),
    /// `LamBootState` becomes `BootedOK`.
    BootedOk,
    /// `LamBootCrashCount` becomes 0.
    NoCrashes,
}

impl Observed {
    /// Reads the variables.
    ///
    /// # Errors
    ///
    /// A variable exists and cannot be read.
    pub fn read(vars: &impl EfiVars) -> Result<Self, VarError> {
        Ok(Self {
            loader: Loader::of(vars.get(LOADER_INFO.id)?),
            selected: vars.get(LOADER_ENTRY_SELECTED.id)?.and_then(|v| v.decode(&LOADER_ENTRY_SELECTED)),
            state: vars.get(STATE.id)?.and_then(|v| v.decode(&STATE)),
            crash_count: vars.get(CRASH_COUNT.id)?.and_then(|v| v.decode(&CRASH_COUNT)),
            last_entry: vars.get(LAST_ENTRY.id)?.and_then(|v| v.decode(&LAST_ENTRY)),
        })
    }

    /// What is to be done.
    #[must_use]
    pub fn decide(&self) -> Decision {
        if !matches!(self.loader, Loader::LamBoot(_)) {
            return Decision::NotOurs(self.loader.clone());
        }
        let mut writes = Vec::new();
        if self.state != Some(HealthState::BootedOk) {
            writes.extend(self.wrong_last_entry().map(Write::LastEntry));
            writes.push(Write::BootedOk);
        }
        if self.crash_count != Some(0) {
            writes.push(Write::NoCrashes);
        }
        if writes.is_empty() { Decision::AlreadyGood } else { Decision::Mark(writes) }
    }

    /// The entry that runs, where `LamBootLastEntry` names another or none.
    fn wrong_last_entry(&self) -> Option<String> {
        let running = stored_id(self.selected.as_deref()?);
        (self.last_entry.as_deref() != Some(running)).then(|| running.to_owned())
    }
}

impl Loader {
    fn of(stored: Option<Stored>) -> Self {
        let Some(stored) = stored else { return Self::Unknown };
        match stored.decode(&LOADER_INFO) {
            Some(name) if !name.starts_with("LamBoot") => Self::Other(name),
            Some(_) if !stored.is_volatile() => Self::LeftOver,
            Some(name) => Self::LamBoot(name),
            None => Self::Unknown,
        }
    }
}

impl Write {
    /// The variable to store in, and the bytes.
    #[must_use]
    pub fn encode(&self) -> (VariableId, Vec<u8>) {
        match self {
            Self::LastEntry(id) => (LAST_ENTRY.id, LAST_ENTRY.encode(id)),
            Self::BootedOk => (STATE.id, STATE.encode(&HealthState::BootedOk)),
            Self::NoCrashes => (CRASH_COUNT.id, CRASH_COUNT.encode(&0)),
        }
    }
}

/// Stores the values, in order.
///
/// # Errors
///
/// The first value that could not be stored; those after it were not tried.
pub fn perform(writes: &[Write], vars: &mut impl EfiVars) -> Result<(), VarError> {
    writes.iter().map(Write::encode).try_for_each(|(id, bytes)| vars.set(id, &bytes))
}
