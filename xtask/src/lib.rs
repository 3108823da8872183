// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds a Rust new enough for LamBoot, or installs one where the distribution packages it.
//!
//! The program of this package is the first thing that runs on a fresh machine, compiled by
//! whatever cargo is there. So this code must stay compatible with Rust 1.63, use no crates,
//! and compile in a second. The chores themselves (`chores/`) use this library too, to find
//! the distribution's Rust beside rustup's.
//!
//! # What this does not do
//! No chore at all; those are in `chores/`, and may use everything the workspace may.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod install;
pub mod toolchain;
