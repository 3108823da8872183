// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which subvolume is a snapshot of a system, what does its maker say of it, and how is Linux told to start it?
//!
//! Everything here works on text: `src/discover/snapshots.rs` reads it from volumes. What it takes comes from
//! disk, so every form of it is bounded, and what is shown has no character that a console takes for a command.

mod json;
pub mod layout;
pub mod notes;
pub mod options;
mod xml;

pub use layout::{Layout, Maker};
pub use notes::Notes;

/// The most bytes of what a maker says of a snapshot.
pub const NOTES_MAX: usize = 16 * 1024;
