// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small logs for tests: proper headers and events, with digests of whatever a test says was hashed.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, reason = "what tests give it is small")]

use crate::algorithm::Algorithm;
use crate::digest::Digest;
use crate::event_type::EventType;
use crate::header::SIGNATURE;
use alloc::vec::Vec;

/// A log while its events come in.
#[derive(Clone, Debug)]
pub struct Builder {
    /// Empty for the form that has SHA-1 digests only.
    algorithms: Vec<Algorithm>,
    events: Vec<Vec<u8>>,
}

impl Builder {
    /// A crypto agile log with these banks, whose first event names them.
    #[must_use]
    pub fn agile(algorithms: &[Algorithm]) -> Self {
        let mut data = SIGNATURE.to_vec();
        // A client, version 2.0 with errata 2, pointers of 64 bits.
        data.extend([0, 0, 0, 0, 0, 2, 2, 2]);
        data.extend(size(algorithms.len()));
        for algorithm in algorithms {
            data.extend(algorithm.0.to_le_bytes());
            data.extend(digest_size(*algorithm).to_le_bytes());
        }
        // No bytes of the vendor's.
        data.push(0);
        let header = sha1_event(0, EventType::NO_ACTION, &[0; 20], &data);
        Self { algorithms: algorithms.to_vec(), events: [header].into() }
    }

    /// A log that has only SHA-1 digests, without any event.
    #[must_use]
    pub fn sha1() -> Self {
        Self { algorithms: Vec::new(), events: Vec::new() }
    }

    /// One more event, whose digests are those of its data.
    #[must_use]
    pub fn event(self, pcr: u32, event_type: EventType, data: &[u8]) -> Self {
        self.event_of(pcr, event_type, data, data)
    }

    /// One more event, whose digests are those of `hashed`.
    #[must_use]
    pub fn event_of(self, pcr: u32, event_type: EventType, hashed: &[u8], data: &[u8]) -> Self {
        let digest = |algorithm: Algorithm| match event_type {
            EventType::NO_ACTION => None,
            _ => Digest::of(algorithm, &[hashed]),
        };
        let bytes = |algorithm: Algorithm| {
            let zeros = Digest::filled(digest_size(algorithm), 0);
            digest(algorithm).unwrap_or(zeros).as_bytes().to_vec()
        };
        if self.algorithms.is_empty() {
            let event = sha1_event(pcr, event_type, &bytes(Algorithm::SHA1), data);
            return self.raw(event);
        }
        let digests: Vec<_> = self.algorithms.iter().map(|own| (*own, bytes(*own))).collect();
        self.event_with(pcr, event_type, &digests, data)
    }

    /// One more event with exactly these digests, in the form that names their algorithms.
    #[must_use]
    pub fn event_with(
        self,
        pcr: u32,
        event_type: EventType,
        digests: &[(Algorithm, Vec<u8>)],
        data: &[u8],
    ) -> Self {
        let mut event = [pcr.to_le_bytes(), event_type.0.to_le_bytes(), size(digests.len())].concat();
        for (algorithm, digest) in digests {
            event.extend(algorithm.0.to_le_bytes());
            event.extend(digest);
        }
        event.extend(size(data.len()));
        event.extend(data);
        self.raw(event)
    }

    /// Any bytes in the place of an event.
    #[must_use]
    pub fn raw(mut self, event: Vec<u8>) -> Self {
        self.events.push(event);
        self
    }

    /// The whole log.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.events.concat()
    }

    /// A final events table with the events from number `first` on.
    #[must_use]
    pub fn final_events(&self, first: usize) -> Vec<u8> {
        let events = self.events.get(first..).unwrap_or_default();
        let count = u64::try_from(events.len()).expect("a length has 64 bits");
        [&1_u64.to_le_bytes()[..], &count.to_le_bytes(), &events.concat()].concat()
    }
}

fn sha1_event(pcr: u32, event_type: EventType, digest: &[u8], data: &[u8]) -> Vec<u8> {
    [&pcr.to_le_bytes()[..], &event_type.0.to_le_bytes(), digest, &size(data.len()), data].concat()
}

fn size(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("tests are small").to_le_bytes()
}

/// Algorithms that have no name here get 32 bytes.
fn digest_size(algorithm: Algorithm) -> u16 {
    algorithm.digest_size().unwrap_or(32)
}
