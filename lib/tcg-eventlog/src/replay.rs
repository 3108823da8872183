// SPDX-License-Identifier: MIT OR Apache-2.0
//! From events to the values of PCRs (TCG PC Client Platform Firmware Profile 1.06, section 10.4; TPM 2.0
//! Library, part 1, section 17).

use crate::algorithm::Algorithm;
use crate::bytes::length;
use crate::digest::{Digest, is_supported};
use crate::error::Error;
use crate::event::Event;
use crate::locality;
use core::fmt;

/// The PCRs of a PC: 0 to 23.
pub const PCR_COUNT: usize = 24;
/// The PCRs that hold ones until a dynamic launch sets them to zeros (TCG PC Client Platform TPM Profile,
/// section 4.6).
const DYNAMIC: core::ops::RangeInclusive<usize> = 17..=22;

/// The values that PCRs of one bank have after all events of a log.
///
/// They say what the log says. Only where the TPM has the same values, by its own answer or a quote, do the
/// log's digests tell what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The bank.
    pub algorithm: Algorithm,
    /// The locality from which the TPM was started, where the log tells: 0, 3, or 4 after a measurement before
    /// the processor started. It is the last byte of PCR 0's first value.
    pub startup_locality: Option<u8>,
    /// How many events extend PCRs that PCs do not have.
    pub out_of_range: u32,
    /// How many tell a locality too late to be the first thing about PCR 0, or one that cannot be. They were
    /// not heeded.
    pub late_localities: u32,
    pcrs: [Pcr; PCR_COUNT],
}

/// One PCR after all events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcr {
    /// Its value.
    pub value: Digest,
    /// How many events extended it.
    pub extended: u32,
    /// The number of the first one.
    pub first: Option<u32>,
    /// The number of the last one.
    pub last: Option<u32>,
    /// How many events for it have no digest for this bank. Where there are any, the value is not to be relied
    /// on.
    pub missing: u32,
}

/// Why there are no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// The log cannot be read to its end.
    Log(Error),
    /// No digests of this algorithm can be made here.
    Algorithm(Algorithm),
}

impl Replay {
    /// Replays events into the bank of this algorithm.
    ///
    /// # Errors
    /// An event cannot be read, or no digests of this algorithm can be made.
    ///
    /// ```
    /// use tcg_eventlog::{Algorithm, Builder, EventLog, EventType, Replay};
    ///
    /// let bytes = Builder::agile(&[Algorithm::SHA256]).event(7, EventType::SEPARATOR, &[0; 4]).build();
    /// let log = EventLog::parse(&bytes)?;
    /// let replay = Replay::of(Algorithm::SHA256, log.events()).unwrap();
    /// let pcr = replay.pcr(7).unwrap();
    /// assert_eq!((pcr.extended, pcr.last), (1, Some(1)));
    /// // SHA-256 of 32 zeros and the digest of the separator.
    /// assert!(pcr.value.to_string().starts_with("3d458cfe"));
    /// # Ok::<(), tcg_eventlog::Error>(())
    /// ```
    pub fn of<'a>(
        algorithm: Algorithm,
        events: impl IntoIterator<Item = Result<Event<'a>, Error>>,
    ) -> Result<Self, ReplayError> {
        let size = algorithm.digest_size().filter(|_| is_supported(algorithm));
        let mut replay = Self::new(algorithm, size.ok_or(ReplayError::Algorithm(algorithm))?);
        for event in events {
            replay.add(&event.map_err(ReplayError::Log)?);
        }
        Ok(replay)
    }

    /// A PCR from 0 to 23; `None` for any other number.
    #[must_use]
    pub fn pcr(&self, index: u32) -> Option<&Pcr> {
        self.pcrs.get(length(index.into()))
    }

    /// Every PCR with its number.
    pub fn pcrs(&self) -> impl Iterator<Item = (u32, &Pcr)> {
        (0..).zip(&self.pcrs)
    }

    fn new(algorithm: Algorithm, size: u16) -> Self {
        let zeros = Pcr { value: Digest::filled(size, 0), extended: 0, first: None, last: None, missing: 0 };
        let mut pcrs = [zeros; PCR_COUNT];
        let dynamic = pcrs.get_mut(DYNAMIC).unwrap_or_default();
        dynamic.iter_mut().for_each(|pcr| pcr.value = Digest::filled(size, 0xFF));
        Self { algorithm, startup_locality: None, out_of_range: 0, late_localities: 0, pcrs }
    }

    fn add(&mut self, event: &Event<'_>) {
        if !event.extends() {
            return self.note(event);
        }
        let algorithm = self.algorithm;
        let index = length(event.pcr.into());
        let Some(pcr) = self.pcrs.get_mut(index) else {
            self.out_of_range = self.out_of_range.saturating_add(1);
            return;
        };
        let before = match (pcr.extended, DYNAMIC.contains(&index)) {
            // Whoever extends one of these has launched something, which set it to zeros.
            (0, true) => pcr.value.zeroed(),
            _ => pcr.value,
        };
        pcr.extended = pcr.extended.saturating_add(1);
        pcr.first = pcr.first.or(Some(event.number));
        pcr.last = Some(event.number);
        let digest = event.digests.get(algorithm);
        match digest.and_then(|digest| Digest::of(algorithm, &[before.as_bytes(), digest])) {
            Some(value) => pcr.value = value,
            None => pcr.missing = pcr.missing.saturating_add(1),
        }
    }

    /// Heeds an event that extends nothing.
    fn note(&mut self, event: &Event<'_>) {
        let Some(locality) = locality::of(event) else { return };
        let Some(first) = self.pcrs.first_mut() else { return };
        if first.extended > 0 || self.startup_locality.is_some() || !locality::is_possible(locality) {
            self.late_localities = self.late_localities.saturating_add(1);
            return;
        }
        self.startup_locality = Some(locality);
        first.value = first.value.ending_with(locality);
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::Algorithm(algorithm) => write!(f, "no digests of {algorithm} can be made here"),
        }
    }
}

impl core::error::Error for ReplayError {}
