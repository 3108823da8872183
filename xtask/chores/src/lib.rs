// SPDX-License-Identifier: MIT OR Apache-2.0
//! The chores of LamBoot: each subcommand of `cargo xtask`, and the parts they share.
//!
//! As a library it serves the tests that need a built loader or a kernel to boot:
//!
//! ```no_run
//! use lamboot_chores::{artifacts, build, tree::Tree};
//!
//! # fn main() -> anyhow::Result<()> {
//! let tree = Tree::find()?;
//! build::all(&tree)?;                           // target/artifacts/x86_64/lambootx64.efi, ...
//! artifacts::ensure(&tree, artifacts::Age::Any)?; // target/artifacts/x86_64/vmlinuz, ...
//! # Ok(())
//! # }
//! ```
//!
//! # What this does not do
//! It knows nothing of what the loader does, and nothing here is part of what is shipped.

#![forbid(unsafe_code)]

pub mod arch;
pub mod artifacts;
pub mod bench;
pub mod build;
pub mod check;
pub mod demo;
pub mod docs;
pub mod fixtures;
pub mod process;
pub mod setup;
pub mod sign;
pub mod test;
pub mod tree;
