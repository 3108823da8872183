// SPDX-License-Identifier: MIT OR Apache-2.0
//! A bounded view of TCG event logs: events, the PCR values that they lead to, and what their data say.
//!
//! | module | noun | TCG PC Client Platform Firmware Profile 1.06 |
//! |---|---|---|
//! | `log` | a log: [`EventLog`], [`Events`] | 10.4 |
//! | `header` | its banks: [`Header`] | 10.4.5 |
//! | `event` | one event: [`Event`], [`Digests`] | 10.2 |
//! | `event_type`, `algorithm` | numbers with names: [`EventType`], [`Algorithm`] | 10.4.1; TCG Algorithm Registry |
//! | `final_events` | what was measured after the log was asked for: [`FinalEvents`] | TCG EFI Protocol Specification, 7 |
//! | `replay` | values of PCRs: [`Replay`] | 10.4 |
//! | `recheck` | whether data are what was hashed: [`Recheck`] | 10.4.1 |
//! | `describe` | data in words: [`Description`] | 10.2 |
//! | `error` | why a log could not be read: [`Error`] | |
//!
//! Everything takes any bytes: nothing panics, nothing is allocated, and every loop is bounded by
//! [`LOG_BYTES_MAX`], [`EVENTS_MAX`], [`DATA_BYTES_MAX`] and [`ALGORITHMS_MAX`].
//!
//! # What vouches for what
//!
//! A log is a file that anybody may have written. Its replay, compared with the TPM's PCRs, vouches for its
//! digests and their order. [`Event::recheck`] vouches for an event's data where they are what was hashed. All
//! other data, and the PCR-less events ([`EventType::NO_ACTION`]), are claims.
//!
//! ```
//! use tcg_eventlog::{Algorithm, Builder, EventLog, EventType, Recheck, Replay};
//!
//! let bytes = Builder::agile(&[Algorithm::SHA256, Algorithm::SHA384])
//!     .event(4, EventType::EFI_ACTION, b"Calling EFI Application from Boot Option")
//!     .build();
//! let log = EventLog::parse(&bytes)?;
//! for event in log.events() {
//!     let event = event?;
//!     assert_ne!(event.recheck(), Recheck::Differs, "{}: {}", event.number, event.describe());
//! }
//! let replay = Replay::of(Algorithm::SHA384, log.events()).unwrap();
//! assert_eq!(replay.pcr(4).unwrap().extended, 1);
//! # Ok::<(), tcg_eventlog::Error>(())
//! ```
//!
//! # What this does not do
//!
//! It asks no TPM, checks no quote, and does not judge whether what was measured is good. It computes no SM3
//! digests. Logs of Intel TXT, of IMA and of confidential machines have other forms.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

#[cfg(any(test, feature = "builder"))]
extern crate alloc;

mod algorithm;
#[cfg(any(test, feature = "builder"))]
mod builder;
mod bytes;
pub mod describe;
mod digest;
mod error;
mod event;
mod event_type;
mod final_events;
mod header;
mod locality;
mod log;
mod recheck;
mod replay;

pub use algorithm::Algorithm;
#[cfg(any(test, feature = "builder"))]
pub use builder::Builder;
pub use describe::Description;
pub use digest::{Digest, is_supported};
pub use error::{Error, Family, Fault, Part};
pub use event::{Digests, Event};
pub use event_type::EventType;
pub use final_events::{FinalEvents, Overlap};
pub use header::Header;
pub use log::{ALGORITHMS_MAX, DATA_BYTES_MAX, EVENTS_MAX, EventLog, Events, LOG_BYTES_MAX};
pub use recheck::{Hashed, Recheck};
pub use replay::{PCR_COUNT, Pcr, Replay, ReplayError};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
