// SPDX-License-Identifier: MIT OR Apache-2.0
//! A machine that writes a trust log as the loader does.

use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::variables::{TrustHead, TrustState};
use lamboot_trust::{EpochKey, Known, Opening, Surroundings, Tail, hex, open};

/// How a boot ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Sealed,
    /// The power fails before the seal.
    PowerCut,
}

/// What outlives a boot.
#[derive(Clone, Default)]
pub(crate) struct Machine {
    pub(crate) log: Vec<u8>,
    pub(crate) state: Option<TrustState>,
    pub(crate) boots: u8,
    /// Makes machines differ.
    pub(crate) seed: u8,
    pub(crate) around: Surroundings,
    /// Where the log ends.
    pub(crate) head: Option<TrustHead>,
}

impl Machine {
    pub(crate) fn new(seed: u8) -> Self {
        Self { seed, ..Self::default() }
    }

    /// What the machine's firmware would give.
    pub(crate) fn random(&self) -> [u8; 48] {
        core::array::from_fn(|at| self.seed.wrapping_mul(37).wrapping_add(at as u8).wrapping_add(self.boots))
    }

    pub(crate) fn open(&self) -> Opening {
        let tail =
            if self.log.is_empty() && self.boots == 0 { Tail::Missing } else { Tail::Bytes(&self.log) };
        open(self.state.clone(), tail, Some(self.random()), self.around)
    }

    /// One boot with these notes in its records.
    pub(crate) fn boot(&mut self, notes: &[&str], end: End) {
        let opening = self.open();
        self.write(opening, notes, end);
    }

    pub(crate) fn write(&mut self, opening: Opening, notes: &[&str], end: End) {
        self.boots += 1;
        let Opening { epoch, mut chain, state, mut head } = opening;
        self.state = state;
        let mut records = vec![Record::new(Event::EpochOpen, Status::Success)];
        records[0].epoch = Some(epoch);
        records.extend(notes.iter().map(|note| {
            let mut record = Record::new(Event::EntrySelected, Status::Success);
            (record.note, record.path) = (Some((*note).into()), r"\EFI\Linux\vmlinuz".into());
            record
        }));
        if end == End::Sealed {
            records.push(Record::new(Event::EpochSeal, Status::Success));
        }
        for mut record in records {
            record.seq = chain.count();
            record.boot_id = hex(&[self.seed, self.boots]);
            let sealed = chain.seal(record);
            self.log.extend(sealed.line.as_bytes());
            chain.advance(&sealed);
        }
        if end == End::Sealed {
            (head.count, head.head) = (chain.count(), chain.head());
            self.head = Some(head);
            if let Some(state) = &mut self.state {
                (state.sealed, state.head) = (true, head);
            }
        }
    }

    /// The key of the first epoch.
    pub(crate) fn key(&self) -> EpochKey {
        let random = Self { boots: 0, ..self.clone() }.random();
        EpochKey::new(random[..16].try_into().unwrap(), 1, random[16..].try_into().unwrap())
    }

    /// Everything that an auditor could have.
    pub(crate) fn known(&self) -> Known {
        Known { key: Some(self.key()), head: self.head }
    }
}

/// Four epochs, the third cut off.
pub(crate) fn golden() -> Machine {
    let mut machine = Machine::new(5);
    machine.boot(&["arch.conf by default", "a \"quoted\" name,\"mac\":\"x\""], End::Sealed);
    machine.boot(&["arch.conf by owner"], End::Sealed);
    machine.boot(&["new.conf by default", "it did not come back"], End::PowerCut);
    machine.boot(&["arch.conf by default"], End::Sealed);
    machine
}
