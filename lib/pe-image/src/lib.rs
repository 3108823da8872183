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
//! | [`plan`] | how to load an image | UEFI, UEFI Images; PE Format, Optional Header |
//! | [`plan_refusal`] | why it cannot be loaded | |
//! | [`segment`] | what of the file comes where in memory | PE Format, Section Table |
//! | [`pages`] | what may be done with its pages | PE Format, Section Flags |
//! | [`relocations`] | which places hold its addresses | PE Format, The .reloc Section |
//! | [`place`] | its bytes in memory | PE Format, Base Relocation Types |
//! | [`refusal`] | what is wrong, in words for the owner | |
//! | `builder` (feature) | small images for tests | |
//!
//! Everything takes any input, and is bounded by [`HEADERS_MAX`], [`SECTIONS_MAX`] and [`IMAGE_MAX`]. To
//! place an image takes time in proportion to its size in memory and that of its table of relocations.
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
//! It opens no files, allocates no memory for images, enforces no permission and runs nothing. It does not
//! know other entry points than `AddressOfEntryPoint`, such as a kernel's for firmware of 32 bits. It
//! hashes nothing and verifies no signature: it says which bytes are signed and where signatures are. It
//! says nothing about the content of a section.
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
mod loadable;
pub mod pages;
pub mod place;
pub mod plan;
pub mod plan_refusal;
pub mod refusal;
pub mod relocations;
pub mod section;
pub mod segment;

pub use authenticode::{AuthenticodeRanges, HashRefusal};
#[cfg(any(test, feature = "builder"))]
pub use builder::{Builder, SECTION_CODE, SECTION_DATA};
pub use certificates::{CERTIFICATES_MAX, Certificate, CertificateRefusal, Certificates};
pub use headers::{
    HEADERS_MAX, Headers, MACHINE_AA64, MACHINE_ARM, MACHINE_IA32, MACHINE_LOONGARCH64, MACHINE_RISCV64,
    MACHINE_X64, NX_COMPAT, SUBSYSTEM_EFI_APPLICATION, SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER,
    SUBSYSTEM_EFI_RUNTIME_DRIVER,
};
pub use pages::{PAGE, Permissions, Region};
pub use place::PlaceRefusal;
pub use plan::{ALIGNMENT_MAX, IMAGE_MAX, LoadPlan};
pub use plan_refusal::PlanRefusal;
pub use refusal::Refusal;
pub use relocations::{Relocation, RelocationRefusal, Relocations, Width};
pub use section::{SECTIONS_MAX, Section};
pub use segment::Segment;

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
