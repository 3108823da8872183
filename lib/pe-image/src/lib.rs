// SPDX-License-Identifier: MIT OR Apache-2.0
//! A bounded view of the headers of PE/COFF images, as UEFI starts them.
//!
//! Start with [`Headers::parse`] on the first bytes of a file. It reads headers only, asks for more
//! bytes when they do not end there, and believes nothing: what it returns has been checked against
//! the size of the file and of the image.
//!
//! | module | noun | specification |
//! |---|---|---|
//! | [`headers`] | the headers of an image | PE Format, MS-DOS stub to Optional Header |
//! | [`section`] | one section | PE Format, Section Table |
//! | [`authenticode`] | which bytes are signed | Authenticode PE Signature Format, Calculating the PE Image Hash |
//! | [`certificates`] | the signatures of an image | PE Format, The Attribute Certificate Table |
//! | [`refusal`] | what is wrong, in words for the owner | |
//! | `builder` (feature) | small images for tests | |
//!
//! Everything takes any input, needs time of `n log n` in the number of sections, and is bounded by
//! [`HEADERS_MAX`] and [`SECTIONS_MAX`].
//!
//! ```
//! use pe_image::{Builder, Headers, MACHINE_X64, Refusal};
//!
//! let image = Builder::new(MACHINE_X64).section(".osrel", b"ID=debian\n").build();
//! let size = image.len() as u64;
//!
//! // Too little of it: the answer says how much is needed.
//! let Err(Refusal::NeedsMore(bytes)) = Headers::parse(&image[..64], size) else { panic!() };
//! assert!(bytes > 64);
//!
//! let headers = Headers::parse(&image, size)?;
//! assert_eq!(headers.machine(), MACHINE_X64);
//! let osrel = headers.sections().iter().find(|section| section.is(".osrel")).unwrap();
//! assert_eq!(osrel.content_size(), 10);
//! # Ok::<(), Refusal>(())
//! ```
//!
//! # What this does not do
//!
//! It opens no files, loads no image and runs none. Of the data directories it looks at the Certificate
//! Table only. It hashes nothing and verifies no signature: it says which bytes are signed and where
//! signatures are. It says nothing about the content of a section.
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

pub mod authenticode;
#[cfg(any(test, feature = "builder"))]
pub mod builder;
mod bytes;
pub mod certificates;
pub mod headers;
pub mod refusal;
pub mod section;

pub use authenticode::{AuthenticodeRanges, HashRefusal};
#[cfg(any(test, feature = "builder"))]
pub use builder::Builder;
pub use certificates::{CERTIFICATES_MAX, Certificate, CertificateRefusal, Certificates};
pub use headers::{
    HEADERS_MAX, Headers, MACHINE_AA64, MACHINE_ARM, MACHINE_IA32, MACHINE_LOONGARCH64, MACHINE_RISCV64,
    MACHINE_X64, SUBSYSTEM_EFI_APPLICATION,
};
pub use refusal::Refusal;
pub use section::{SECTIONS_MAX, Section};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
