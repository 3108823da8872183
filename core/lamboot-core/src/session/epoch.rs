// SPDX-License-Identifier: MIT OR Apache-2.0
//! An epoch of the trust log: from the loader's start, or from an image's return, to the next hand-over.
//!
//! The key of the next epoch is stored before this one begins: whatever happens from there on, no key is used
//! twice. What is stored at the end only says where the log ends. `keeper.rs` knows where.

use super::Session;
use super::keeper::{Keeper, Kept};
use crate::error::{ErrorKind, PortError, PortResult};
use crate::facts::SecureBoot;
use crate::recorder::TRUST_LOG_LIMIT;
use crate::variables;
use alloc::format;
use alloc::vec::Vec;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Degraded, Event, Found, Status};
use lamboot_schema::variables::{self as schema, TrustState};
use lamboot_trust::{Opening, RANDOM_BYTES, Surroundings, TAIL_BYTES, Tail, hex, open};

/// So much of the log's end has its last record, nearly always.
pub(super) const LAST_RECORD_BYTES: usize = 4096;

/// The end of the log, read.
pub(super) enum End {
    Missing,
    Unreadable,
    Bytes(Vec<u8>),
}

impl End {
    fn of(read: PortResult<Vec<u8>>) -> Self {
        match read {
            Ok(bytes) => Self::Bytes(bytes),
            Err(PortError { kind: ErrorKind::NotFound, .. }) => Self::Missing,
            Err(_) => Self::Unreadable,
        }
    }

    pub(super) fn tail(&self) -> Tail<'_> {
        match self {
            Self::Missing => Tail::Missing,
            Self::Unreadable => Tail::Unreadable,
            Self::Bytes(bytes) => Tail::Bytes(bytes),
        }
    }

    /// Whether there is nothing in it.
    const fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Unreadable => false,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }
}

impl Session<'_, '_> {
    /// What was found of the epoch before, and with which key does this one begin?
    pub(super) fn open_epoch(&mut self) {
        let kept = self.kept();
        self.keeper = kept.keeper;
        let opening = self.opening(kept);
        let _has_key = self.begin_epoch(opening);
    }

    /// Has stored what has to be stored first, then records the beginning. Whether the epoch has a key.
    pub(super) fn begin_epoch(&mut self, mut opening: Opening) -> bool {
        if let Some(state) = opening.state.take() {
            let kept = self.keep(&state);
            self.state = Some(state);
            if kept.is_err() {
                self.state = None;
                let full = matches!(self.keeper, Keeper::Nvram);
                opening = opening.without_key(if full { Degraded::NvramFull } else { Degraded::TpmRefused });
            }
        }
        let has_key = self.state.is_some();
        let prev = hex(&opening.chain.head());
        let now = self.now();
        self.recorder.begin(now, opening);
        let size = self.trust_log_size(paths::TRUST_LOG).unwrap_or(0);
        if size >= u64::try_from(TRUST_LOG_LIMIT).unwrap_or(u64::MAX) {
            let note =
                format!("{size} bytes go to {}, the last record of them is {prev}", paths::TRUST_LOG_OLD);
            self.note(Event::EpochArchive, Status::Success, note);
        }
        has_key
    }

    /// The epoch ends, and nothing more is recorded before the hand-over: nobody gets at the key from here on.
    pub(super) fn seal_epoch(&mut self) {
        self.close_epoch();
        self.lock_state();
    }

    /// The epoch ends, and where the log ends is stored.
    pub(super) fn close_epoch(&mut self) {
        let now = self.now();
        self.recorder.seal(now);
        self.flush();
        let (head, sealed) = self.recorder.written();
        if let Some(mut state) = self.state.take() {
            (state.sealed, state.head) = (sealed, head);
            let stored = self.keep(&state);
            self.complain(&schema::TRUST_STATE, stored);
        }
        let told = variables::set(self.ports.variables, &schema::TRUST_HEAD, &head);
        self.complain(&schema::TRUST_HEAD, told);
    }

    pub(super) fn complain<T>(&mut self, variable: &schema::Variable<T>, result: PortResult<()>) {
        if let Err(error) = result {
            let now = self.now();
            self.recorder.degrade(now, format!("{} cannot be set: {error}", variable.id.name));
        }
    }

    fn opening(&mut self, kept: Kept) -> Opening {
        let Kept { state: stored, keeper, lacks } = kept;
        let random = if stored.is_none() && keeper != Keeper::Nobody { self.random() } else { None };
        let around = self.surroundings();
        let short = self.end_of_log(paths::TRUST_LOG, LAST_RECORD_BYTES);
        let opening = open(stored.clone(), short.tail(), random, around).lacking(lacks);
        if keeper == Keeper::Nobody {
            return opening.after_lock();
        }
        if matches!(opening.epoch.found, Found::Intact | Found::First) {
            return opening;
        }
        let long = self.longer_end(stored.as_ref());
        open(stored, long.tail(), random, around).lacking(lacks)
    }

    /// All that the epoch before may have written. It may be in the older file, if the power failed amid rotation.
    fn longer_end(&mut self, stored: Option<&TrustState>) -> End {
        let end = self.end_of_log(paths::TRUST_LOG, TAIL_BYTES);
        if !end.is_empty() || stored.is_none() {
            return end;
        }
        match self.end_of_log(paths::TRUST_LOG_OLD, TAIL_BYTES) {
            End::Missing => end,
            older => older,
        }
    }

    pub(super) fn random(&mut self) -> Option<[u8; RANDOM_BYTES]> {
        self.ports.tables.entropy(RANDOM_BYTES)?.try_into().ok()
    }

    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings {
            secure_boot: self.facts.secure_boot == SecureBoot::On,
            tpm: self.facts.tpm,
            kept_by_tpm: self.keeper == Keeper::Tpm,
            virtual_machine: self.facts.hypervisor.is_some(),
            esp_read_only: self.esp.as_ref().map_or(true, |esp| esp.read_only),
            resumes: self.resumes,
        }
    }

    fn trust_log_size(&mut self, path: &str) -> PortResult<u64> {
        let esp = self.esp.as_ref().map_err(|_| ErrorKind::NotFound)?;
        self.ports.volumes.metadata(esp.volume, path).map(|metadata| metadata.size)
    }

    pub(super) fn end_of_log(&mut self, path: &str, length: usize) -> End {
        let read = self.trust_log_size(path).and_then(|size| {
            let esp = self.esp.as_ref().map_err(|_| ErrorKind::NotFound)?;
            let from = size.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
            self.ports.volumes.read_at(esp.volume, path, from, length)
        });
        End::of(read)
    }
}
