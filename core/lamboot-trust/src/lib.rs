// SPDX-License-Identifier: MIT OR Apache-2.0
//! What makes the trust log evidence: each line has the hash of the one before and a message authentication code
//! whose key is gone when the next line is written.
//!
//! The loader opens an epoch ([`open()`]), continues its chain line by line ([`Chain`]), and forgets the key at the
//! hand-over. Whoever has the first key of a chain checks all of its epochs ([`verify()`]); whoever has none checks
//! the hashes.
//!
//! # Keys
//!
//! Everything is HMAC-SHA-256 (RFC 2104, FIPS 180-4). The input of each begins with a label, which ends with a zero
//! byte, then the chain (16 bytes) and the epoch's number (8 bytes, little-endian):
//!
//! | what | key | label | then |
//! |---|---|---|---|
//! | key of the next epoch | key of this epoch | `LamBoot trust log 1: next epoch` | |
//! | key of the first record | key of the epoch | `LamBoot trust log 1: first record` | |
//! | key of the next record | key of this record | `LamBoot trust log 1: next record` | |
//! | `mac` of a record | key of the record | `LamBoot trust log 1: record` | the line's bytes before `,"mac":` |
//!
//! `prev` is the SHA-256 of the line before, of the same bytes. A key of a later epoch says nothing about an earlier
//! one, and the epoch's number in each input keeps a line from being moved into another epoch (the mistake of
//! CVE-2023-31439).
//!
//! # What this does not do
//!
//! Whoever holds the key of an epoch can write that epoch and all later ones anew. Where keys are kept, and what that
//! is worth, is the level of each epoch ([`lamboot_schema::trust_log::Level`]).
//!
//! # Example
//!
//! ```
//! use lamboot_schema::trust_log::{Event, Record, Status};
//! use lamboot_trust::{Surroundings, Tail, open, verify};
//!
//! let mut opening = open(None, Tail::Missing, Some([7; 48]), Surroundings::default());
//! let mut log = String::new();
//! for event in [Event::EpochOpen, Event::EpochSeal] {
//!     let mut record = Record::new(event, Status::Success);
//!     record.seq = opening.chain.count();
//!     record.epoch = (event == Event::EpochOpen).then(|| opening.epoch.clone());
//!     let sealed = opening.chain.seal(record);
//!     log.push_str(&sealed.line);
//!     opening.chain.advance(&sealed);
//! }
//! let report = verify(&[log.as_bytes()], &Default::default());
//! assert!(report.problems.is_empty());
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod chain;
mod key;
mod line;
mod open;
mod verify;

pub use chain::{Chain, Sealed};
pub use key::{EpochKey, RecordKey};
pub use line::{Line, hash, hex, unhex};
pub use open::{Opening, RANDOM_BYTES, Surroundings, TAIL_BYTES, Tail, first_key, open};
pub use verify::{EpochReport, Known, Macs, Place, Problem, Remark, Report, Verdict, What, verify};
