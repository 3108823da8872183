// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells what is on a volume by its superblocks, for boot loaders and tools: file systems, physical volumes of
//! LVM, members of md arrays, what is locked. The type that a partition table has for it is not asked.
//!
//! | module | noun |
//! |---|---|
//! | `probe` | all formats: [`probe()`] |
//! | `found` | what a superblock says: [`Found`], [`Kind`] |
//! | `linux`, `windows`, `disc` | formats by where they come from |
//!
//! ```
//! let mut volume = vec![0; 1 << 20];
//! volume[..4].copy_from_slice(b"XFSB");
//! volume[108..112].copy_from_slice(b"boot");
//! let found = fs_probe::probe(volume.as_slice(), 1 << 20).unwrap();
//! assert_eq!(found[0].kind, fs_probe::Kind::Xfs);
//! assert_eq!(found[0].label.as_deref(), Some(&b"boot"[..]));
//! ```
//!
//! What is read and kept is bounded, whatever the volume has.
//!
//! # What this does not do
//!
//! It does not verify checksums of file systems, and says nothing of whether they can be read. It knows neither
//! name nor number of a pool of ZFS, no UDF, and no disks with partitions.
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

mod bytes;
mod disc;
mod found;
mod linux;
mod probe;
mod windows;

pub use found::{Found, Kind};
pub use probe::probe;
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
