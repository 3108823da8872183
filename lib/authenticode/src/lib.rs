// SPDX-License-Identifier: MIT OR Apache-2.0
//! Judges the signatures of EFI programs as UEFI firmware does: Authenticode against signature databases.
//!
//! Start with [`verify`] for an image in memory. Who reads from a disk asks `pe-image` for the ranges that are
//! signed, hashes them with [`ImageHasher`], and gives [`judge()`] what it found.
//!
//! | module | noun | specification |
//! |---|---|---|
//! | `image` | an image in memory: [`verify`] | |
//! | `judge`, `verdict` | whether it may be started: [`Judgement`] | UEFI 2.10, 32.5.3.3 |
//! | `digest` | the hash of an image: [`ImageHasher`] | Authenticode PE Signature Format |
//! | `signed_data` | a signature: [`SignedData`] | RFC 2315, RFC 5652, Authenticode |
//! | `chain` | authorities above a signer | RFC 5280, 6.1 |
//! | `certificate`, `extensions`, `subject` | X.509 certificates | RFC 5280, 4 |
//! | `public_key` | RSA and ECDSA | RFC 8017, RFC 5480 |
//! | `signature_list` | what is allowed or forbidden: [`SignatureDatabase`] | UEFI 2.10, 32.4.1 |
//! | `algorithm`, `element` | object identifiers, DER | X.690 |
//! | `refusal` | why something does not count: [`Refusal`] | |
//!
//! Everything takes any bytes, and needs bounded time and memory: a signature has at most
//! [`SIGNED_DATA_BYTES_MAX`] bytes and [`CERTIFICATES_MAX`] certificates, a chain [`CHAIN_MAX`] links, an image
//! costs [`VERIFICATIONS_MAX`] verifications, and RSA keys have from [`RSA_BITS_MIN`] to [`RSA_BITS_MAX`] bits.
//!
//! ```
//! use authenticode::{Keeper, List, Lists, Refusal, SignatureDatabase, Verdict, verify};
//! use pe_image::{Builder, MACHINE_X64};
//!
//! let image = Builder::new(MACHINE_X64).section(".text", [0x90; 64]).build();
//! let database = SignatureDatabase::read(&[]).unwrap();
//! let db = List { name: "db", keeper: Keeper::Firmware, database: &database };
//!
//! let judgement = verify(&image, &Lists { allowed: &[db], forbidden: &[] }).unwrap();
//! assert_eq!(judgement.verdict, Verdict::Refused(Refusal::NotSigned));
//! ```
//!
//! # What this does not do
//!
//! It opens no files and reads no variables. It signs nothing. As firmware, it does not look at dates: an
//! expired certificate counts. It looks at no time stamps, so a certificate that is revoked from some day on is
//! revoked for images from before, too. It does not ask SBAT, which is about versions of programs. SHA-1 is
//! refused by name in signatures and certificates; entries of a list that are hashes by SHA-1, or keys without
//! a certificate ([`Entry::NotUsed`]), are compared with nothing, so they forbid nothing either.
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

extern crate alloc;

mod algorithm;
mod certificate;
mod chain;
mod digest;
mod element;
mod extensions;
mod image;
mod judge;
mod public_key;
mod refusal;
#[cfg(test)]
mod sample;
mod signature_list;
mod signed_data;
mod subject;
mod verdict;

pub use algorithm::DigestAlgorithm;
pub use certificate::CERTIFICATE_BYTES_MAX;
pub use chain::{CHAIN_MAX, VERIFICATIONS_MAX};
pub use digest::{ImageDigests, ImageHasher, Wanted};
pub use image::{ImageRefusal, signatures, verify};
pub use judge::{Keeper, List, Lists, judge};
pub use public_key::{RSA_BITS_MAX, RSA_BITS_MIN};
pub use refusal::Refusal;
pub use signature_list::{DATABASE_BYTES_MAX, Entry, ListRefusal, SignatureDatabase};
pub use signed_data::{CERTIFICATES_MAX, SIGNED_DATA_BYTES_MAX, SignedData};
pub use verdict::{CertificateName, Examined, How, Judgement, Trust, Verdict};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
