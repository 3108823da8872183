// SPDX-License-Identifier: MIT OR Apache-2.0
//! Secure Boot Advanced Targeting (shim, SBAT.md): which versions of an EFI program's components are revoked.
//!
//! | module | noun | SBAT.md |
//! |---|---|---|
//! | `component` | a component of a program: [`section`], [`Component`] | `.sbat` section |
//! | `level` | what is revoked: [`Level`], [`Revoked`] | `SbatLevel` |
//! | `rows` | lines of comma-separated values | |
//! | `refusal` | why something is not believed: [`Refusal`] | |
//!
//! A program lists its components with generations. A generation rises when a hole is closed. A component is
//! revoked when the level has its name with a larger generation; names that the level does not have are not
//! revoked.
//!
//! ```
//! use sbat::{Level, section};
//!
//! let image = section(b"sbat,1,SBAT Version,sbat,1,https://example.org\n")?;
//! assert_eq!(Level::read(b"sbat,1,2024010900\n")?.first_revoked(&image), None);
//! # Ok::<(), sbat::Refusal>(())
//! ```
//!
//! # What this does not do
//!
//! It reads no images and no variables, and decides nothing about programs without such a section: shim starts
//! none of its own accord.
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

mod component;
mod level;
mod refusal;
mod rows;

pub use component::{Component, section};
pub use level::{Level, Revoked};
pub use refusal::Refusal;
pub use rows::{BYTES_MAX, ROWS_MAX};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
