// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opening an epoch: what was found of the one before, and with which key does this one begin?

use crate::chain::Chain;
use crate::key::EpochKey;
use crate::line::{Line, hex};
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::trust_log::{Degraded, Epoch, Found, KeyStore, Level};
use lamboot_schema::variables::{TrustHead, TrustState};
use zeroize::Zeroize as _;

/// Random bytes that a new chain needs: its name, then its first key.
pub const RANDOM_BYTES: usize = 48;
/// How much of the log's end is needed: no epoch writes more.
pub const TAIL_BYTES: usize = 160 * 1024;

/// The end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail<'t> {
    /// There is no log.
    Missing,
    /// It cannot be read.
    Unreadable,
    /// The last bytes of it; what is before the first newline may be part of a line.
    Bytes(&'t [u8]),
}

/// What machine the epoch begins on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether Secure Boot is on.
    pub secure_boot: bool,
    /// Whether there is a TPM.
    pub tpm: bool,
    /// Whether the TPM keeps the state, in place of a variable.
    pub kept_by_tpm: bool,
    /// Whether this is a virtual machine, whose host has its variables in a file.
    pub virtual_machine: bool,
    /// Whether the ESP cannot be written.
    pub esp_read_only: bool,
    /// Whether a hibernated system waits, so that the ESP is not written.
    pub resumes: bool,
}

/// An epoch that is about to begin.
pub struct Opening {
    /// What its first record says.
    pub epoch: Epoch,
    /// The chain that its records continue.
    pub chain: Chain,
    /// What has to be stored before the first record; none where the epoch has no key.
    pub state: Option<TrustState>,
    /// What is known outside of the log of where it ends.
    pub head: TrustHead,
}

/// The epoch that follows on what is stored and on the log's end.
///
/// `stored` is what the loader keeps outside of the log, none where there is nothing or nothing that it wrote.
/// `random` is for a new chain. Without a key to go on with and without random numbers the epoch has no key.
#[must_use]
pub fn open(
    stored: Option<TrustState>,
    tail: Tail<'_>,
    random: Option<[u8; RANDOM_BYTES]>,
    around: Surroundings,
) -> Opening {
    let seen = Seen::of(tail);
    let found = found(stored.as_ref(), tail, &seen);
    let prev =
        seen.hashes.last().copied().or(stored.as_ref().map(|state| state.head.head)).unwrap_or_default();
    let known = stored.as_ref().map(|state| state.head);
    let shown = stored.as_ref().is_some_and(|state| state.shown);
    let mut degraded = shortcomings(tail, around);
    let key = match stored {
        Some(state) => {
            Some(EpochKey::new(state.head.chain, state.head.epoch.saturating_add(1), &state.next_key))
        }
        None => random.map(first_key),
    };
    if key.is_none() {
        degraded.push(Degraded::NoRandomSource);
    }
    let head = TrustHead {
        chain: key.as_ref().map_or([0; 16], EpochKey::chain),
        epoch: key.as_ref().map_or(0, EpochKey::epoch),
        count: 0,
        head: prev,
    };
    let epoch = Epoch {
        number: head.epoch,
        chain: key.as_ref().map_or_else(String::new, |key| hex(&key.chain())),
        found,
        head: known.map_or_else(String::new, |known| hex(&known.head)),
        count: known.map_or(0, |known| known.count),
        level: if key.is_some() { level(around) } else { Level::Chain },
        key_store: match (&key, around.kept_by_tpm) {
            (None, _) => KeyStore::None,
            (Some(_), false) => KeyStore::Nvram,
            (Some(_), true) => KeyStore::TpmNv,
        },
        degraded,
    };
    let state =
        key.as_ref().map(|key| TrustState { sealed: false, shown, head, next_key: *key.next().secret() });
    Opening { epoch, chain: Chain::new(prev, key.map(|key| key.first_record())), state, head }
}

impl Opening {
    /// The same epoch with one more shortcoming.
    #[must_use]
    pub fn lacking(mut self, what: Option<Degraded>) -> Self {
        self.epoch.degraded.extend(what);
        self
    }

    /// The same epoch where what is known outside of the log cannot be had any more in this boot.
    #[must_use]
    pub fn after_lock(mut self) -> Self {
        self.epoch.found = Found::Unwitnessed;
        self.epoch.degraded.retain(|what| *what != Degraded::NoRandomSource);
        self
    }

    /// The same epoch without a key, for a machine that did not store the key of the next one: this key would be
    /// used again.
    #[must_use]
    pub fn without_key(self, why: Degraded) -> Self {
        let Epoch { found, head: known, count, mut degraded, .. } = self.epoch;
        degraded.push(why);
        let (level, key_store) = (Level::Chain, KeyStore::None);
        let epoch =
            Epoch { number: 0, chain: String::new(), found, head: known, count, level, key_store, degraded };
        let head = TrustHead { chain: [0; 16], epoch: 0, ..self.head };
        Self { epoch, chain: Chain::new(self.chain.head(), None), state: None, head }
    }
}

/// The key of a new chain's first epoch.
#[must_use]
pub fn first_key(mut random: [u8; RANDOM_BYTES]) -> EpochKey {
    let (mut chain, mut secret) = ([0; 16], [0; 32]);
    chain.copy_from_slice(&random[..16]);
    secret.copy_from_slice(&random[16..]);
    let key = EpochKey::new(chain, 1, &secret);
    random.zeroize();
    secret.zeroize();
    key
}

/// Only what was found counts. Without Secure Boot, PCR 7 keeps no other program from the TPM's index.
const fn level(around: Surroundings) -> Level {
    match around {
        Surroundings { secure_boot: true, kept_by_tpm: true, .. } => Level::MacTpm,
        Surroundings { secure_boot: true, virtual_machine: false, .. } => Level::MacNvramLockdown,
        _ => Level::MacNvram,
    }
}

fn shortcomings(tail: Tail<'_>, around: Surroundings) -> Vec<Degraded> {
    let all = [
        (!around.tpm, Degraded::NoTpm),
        (!around.secure_boot, Degraded::SecureBootOff),
        (around.esp_read_only && !around.resumes, Degraded::EspReadOnly),
        (around.resumes, Degraded::ResumesFromHibernation),
        (tail == Tail::Unreadable, Degraded::LogUnreadable),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, what)| what).collect()
}

/// The whole lines at the log's end that belong to a chain, the last last.
#[derive(Default)]
struct Seen {
    hashes: Vec<[u8; 32]>,
    prevs: Vec<[u8; 32]>,
    /// Which of them open an epoch without a key.
    keyless: Vec<usize>,
    /// Whether something stands behind or between them that is no such line.
    torn: bool,
}

impl Seen {
    fn of(tail: Tail<'_>) -> Self {
        let mut seen = Self::default();
        let Tail::Bytes(bytes) = tail else { return seen };
        // A last line that lacks nothing but its newline is whole: whoever appends begins a new one.
        for line in bytes.split(|byte| *byte == b'\n') {
            let split = Line::split(line);
            match split.and_then(|line| Some((line, line.prev()?))) {
                Some((line, prev)) => {
                    seen.keyless.extend(line.opens_without_key().then_some(seen.hashes.len()));
                    seen.hashes.push(line.hash());
                    seen.prevs.push(prev);
                }
                // The first one may be a part, and earlier releases wrote others.
                None => seen.torn |= !line.is_empty() && !seen.hashes.is_empty(),
            }
        }
        seen
    }

    /// Whether each of the lines from `from` on follows the one before.
    fn follow(&self, from: usize) -> bool {
        let prevs = self.prevs.get(from.saturating_add(1)..).unwrap_or_default();
        let hashes = self.hashes.get(from..).unwrap_or_default();
        prevs.iter().zip(hashes).all(|(prev, hash)| prev == hash)
    }
}

fn found(stored: Option<&TrustState>, tail: Tail<'_>, seen: &Seen) -> Found {
    let Some(state) = stored else {
        return if seen.hashes.is_empty() { Found::First } else { Found::Rekeyed };
    };
    // A place behind which everything should follow: the last known line, or the first one behind it.
    let head = state.head.head;
    let last_known = seen.hashes.iter().rposition(|hash| *hash == head);
    let first_new = seen.prevs.iter().position(|prev| *prev == head);
    match last_known.or(first_new) {
        // Nothing was ever written, as on an ESP that cannot be.
        _ if seen.hashes.is_empty() && head == [0; 32] => Found::Unsealed,
        _ if tail == Tail::Missing => Found::Missing,
        Some(place) if state.sealed => {
            let next = place.saturating_add(1);
            match last_known {
                Some(_) if next == seen.hashes.len() && !seen.torn => Found::Intact,
                Some(_) if seen.keyless.contains(&next) && seen.follow(place) => Found::Unwitnessed,
                // The epoch without a key began a new file.
                None if seen.keyless.contains(&place) && seen.follow(place) => Found::Unwitnessed,
                _ => Found::Modified,
            }
        }
        Some(place) if seen.follow(place) => Found::Unsealed,
        None if seen.follow(0) && !seen.torn => Found::Truncated,
        _ => Found::Modified,
    }
}
