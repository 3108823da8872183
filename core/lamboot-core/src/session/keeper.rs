// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the state of the trust log is kept: in an index of the TPM, or else in a variable.

use super::Session;
use crate::error::PortResult;
use crate::ports::Secret;
use crate::variables;
use lamboot_schema::trust_log::Degraded;
use lamboot_schema::variables::{self as schema, TrustState};
use zeroize::Zeroizing;

/// Who keeps the state in this boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// A variable that only boot services read.
    Nvram,
    /// An index of the TPM.
    Tpm,
    /// The TPM, which does not give it out again in this boot.
    Nobody,
}

/// What was found, who keeps it, and what is not as good as it could be.
pub(super) struct Kept {
    pub(super) state: Option<TrustState>,
    pub(super) keeper: Keeper,
    pub(super) lacks: Option<Degraded>,
}

impl Session<'_, '_> {
    /// The state of the epoch before. What a variable kept before there was a TPM is forgotten: another key begins.
    pub(super) fn kept(&mut self) -> Kept {
        if !self.facts.tpm {
            return self.kept_in_nvram(None);
        }
        match self.ports.tpm.secret() {
            Ok(Secret::Stored(bytes)) => {
                let bytes = Zeroizing::new(bytes);
                Kept { state: schema::TRUST_STATE.decode(&bytes), keeper: Keeper::Tpm, lacks: None }
            }
            Ok(Secret::Absent) => self.new_index(None),
            Ok(Secret::OtherPolicy) => self.new_index(Some(Degraded::PolicyMismatch)),
            Ok(Secret::Locked) => {
                Kept { state: None, keeper: Keeper::Nobody, lacks: Some(Degraded::TpmLocked) }
            }
            Ok(Secret::Foreign) | Err(_) => self.kept_in_nvram(Some(Degraded::TpmRefused)),
        }
    }

    fn new_index(&mut self, lacks: Option<Degraded>) -> Kept {
        if self.ports.tpm.define_secret().is_err() {
            return self.kept_in_nvram(Some(Degraded::TpmRefused));
        }
        if variables::get(self.ports.variables, &schema::TRUST_STATE).is_some() {
            let removed = self.ports.variables.remove(schema::TRUST_STATE.id);
            self.complain(&schema::TRUST_STATE, removed);
        }
        Kept { state: None, keeper: Keeper::Tpm, lacks }
    }

    fn kept_in_nvram(&mut self, lacks: Option<Degraded>) -> Kept {
        let state = variables::get(self.ports.variables, &schema::TRUST_STATE);
        Kept { state, keeper: Keeper::Nvram, lacks }
    }

    /// Has it kept.
    pub(super) fn keep(&mut self, state: &TrustState) -> PortResult<()> {
        match self.keeper {
            Keeper::Nvram => variables::set(self.ports.variables, &schema::TRUST_STATE, state),
            Keeper::Tpm => {
                let bytes = Zeroizing::new(schema::TRUST_STATE.encode(state));
                self.ports.tpm.store_secret(&bytes)
            }
            Keeper::Nobody => Ok(()),
        }
    }

    /// Nobody else gets at it before the next reset. Where the TPM does not lock it, it is better gone.
    pub(super) fn lock_state(&mut self) {
        if self.keeper != Keeper::Tpm {
            return;
        }
        if let Err(error) = self.ports.tpm.lock_secret() {
            let removed = self.ports.tpm.remove_secret().is_ok();
            let what = if removed { "and its key was removed" } else { "and its key can be read" };
            let now = self.now();
            self.recorder.degrade(
                now,
                alloc::format!("the TPM does not lock the trust log's index ({error}), {what}"),
            );
        }
    }
}
