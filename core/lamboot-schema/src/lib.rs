// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every document that LamBoot stores or sends, with its version.
//!
//! The loader writes these documents, the tools and services read them. They are the only
//! serialised types of the project: inner types are converted by hand at the border, so that a
//! change of a decision's data structure can never change a file format by accident.
//!
//! | module | document | where it lives |
//! |---|---|---|
//! | [`variables`] | UEFI variables | firmware NVRAM |
//! | [`trust_log`] | one record of the trust log | `\loader\boot-trust.log`, JSON Lines |
//! | [`boot_report`] | what the last boot did | `\EFI\LamBoot\reports\boot.json` |
//! | [`paths`] | where all of that lives on the ESP | |
//!
//! # What this does not do
//!
//! It performs no I/O, takes no decision, and does not read `policy.toml`: that file is the
//! owner's, not ours, and `lamboot-core` reads it with line numbers.
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

pub mod boot_report;
pub mod measurements;
pub mod paths;
pub mod time;
mod tokens;
pub mod trust_log;
pub mod variables;
pub mod volume;
