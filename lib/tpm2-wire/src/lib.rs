// SPDX-License-Identifier: MIT OR Apache-2.0
//! TPM 2.0 commands and responses as bytes, and typed functions over any way to send them.
//!
//! | module | noun | TPM 2.0 Library |
//! |---|---|---|
//! | `transport` | the way to a TPM: [`Transport`] | |
//! | `tpm` | one command and its response: [`Tpm`] | part 1, 18 |
//! | `response_code`, `error` | what a TPM says of a command: [`ResponseCode`], [`Error`] | part 2, 6.6 |
//! | `command_code`, `algorithm`, `handle` | numbers with names: [`CommandCode`], [`Algorithm`], [`Handle`] | part 2, 6 and 7 |
//! | `capability` | what it is, random numbers, its clock: [`Property`], [`Permanent`], [`ClockInfo`] | part 3, 16, 29, 30 |
//! | `pcr_selection`, `pcr` | which PCRs, and their values: [`PcrSelection`], [`PcrValues`] | part 3, 22 |
//! | `policy` | digests of policies, without a TPM: [`Policy`] | part 1, 19.7 |
//! | `session` | showing that a policy is met: [`Session`] | part 3, 11 and 23 |
//! | `nv_public`, `nv` | memory in the TPM: [`NvPublic`], [`NvAttributes`], [`NvAuthorizer`] | part 3, 31 |
//! | `public`, `key`, `attest` | a key that signs PCRs: [`Key`], [`Quote`], [`Attest`] | part 3, 18 and 24 |
//! | `locked_index`, `finding` | a secret that is renewed at every boot: [`LockedIndex`], [`Finding`] | |
//!
//! Everything takes any response: nothing panics, nothing is allocated, every loop is bounded by what was asked for,
//! by [`RETRIES_MAX`] and by [`PCR_READS_MAX`]. Keys and sessions are flushed when their guards are dropped.
//!
//! ```
//! use tpm2_wire::{Algorithm, Error, Key, PcrSelection, Quote, Tpm, Transport};
//!
//! /// Has a TPM vouch for its first eight PCRs, and for `hash`.
//! fn vouch(transport: &mut dyn Transport, hash: &[u8; 32]) -> Result<Quote, Error> {
//!     let pcrs = PcrSelection::new(Algorithm::SHA256, &[0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
//!     let mut tpm = Tpm::new(transport);
//!     Key::restricted_signing(&mut tpm)?.quote(pcrs, hash)
//! }
//! ```
//!
//! # What this does not do
//!
//! It has no sessions with an HMAC and encrypts no parameters: whoever listens on the wires between processor and
//! TPM reads what is read and written, and whoever sits in them can change it. It gives no passwords but empty
//! ones. It does not start a TPM, clear it, or end a lockout. It checks no signatures, and no certificates of
//! endorsement keys. Of keys it makes one kind, of policies those of PCRs, and any of several.
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

mod algorithm;
mod attest;
mod bounded;
mod bytes;
mod capability;
mod command_code;
mod error;
mod finding;
mod handle;
mod key;
mod locked_index;
mod nv;
mod nv_public;
mod pcr;
mod pcr_selection;
mod policy;
mod public;
mod response_code;
mod session;
mod tpm;
mod transport;

pub use algorithm::Algorithm;
pub use attest::Attest;
pub use bounded::{AttestBytes, Bounded, Digest, Name};
pub use capability::{ClockInfo, Permanent, Property, StartupClear};
pub use command_code::CommandCode;
pub use error::{Error, Family};
pub use finding::{Difference, Finding, Unusable};
pub use handle::Handle;
pub use key::{Key, QUALIFYING_BYTES_MAX, Quote, SIGNATURE_BYTES, Signature};
pub use locked_index::{LockedIndex, Opened};
pub use nv::{NV_CHUNK_MAX, NvAuthorizer};
pub use nv_public::{NvAttributes, NvPublic};
pub use pcr::{PCR_READS_MAX, PcrValues};
pub use pcr_selection::{BANKS_MAX, PCR_COUNT, PcrSelection, PcrSelections};
pub use policy::{BRANCHES_MAX, BRANCHES_MIN, Policy};
pub use public::{P256Point, Public};
pub use response_code::{ResponseCode, Subject};
pub use session::Session;
pub use tpm::{COMMAND_BYTES, RESPONSE_BYTES, RETRIES_MAX, Tpm};
pub use transport::{Transport, TransportError};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
