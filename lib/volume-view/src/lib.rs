// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads what lies below a file system, for boot loaders and tools: logical volumes of LVM2, members of md
//! mirrors, and the headers of what LUKS has locked.
//!
//! | module | noun |
//! |---|---|
//! | [`lvm`] | physical volumes, groups, logical volumes |
//! | [`md`] | members of arrays: [`md::Member`] |
//! | [`luks`] | locked volumes: [`luks::Luks`] |
//! | [`error`] | what can go wrong, sorted by who can act |
//!
//! A logical volume is a [`ReadAt`], so a reader of a file system takes it as it takes a partition.
//!
//! ```no_run
//! use volume_view::lvm::{PhysicalVolume, assemble};
//! use volume_view::{Error, ReadAt};
//!
//! fn first_bytes<R: ReadAt>(disks: Vec<R>) -> Result<[u8; 512], Error<R::Error>> {
//!     let members = disks.into_iter().map(PhysicalVolume::open).collect::<Result<Vec<_>, _>>()?;
//!     let mut first = [0; 512];
//!     for group in assemble(members) {
//!         group?.open("root")?.read_at(0, &mut first)?;
//!     }
//!     Ok(first)
//! }
//! ```
//!
//! Everything takes any bytes: metadata has at most [`lvm::TEXT_MAX`] bytes, and volumes are made of at most
//! [`lvm::DEPTH_MAX`] layers and [`lvm::PARTS_MAX`] parts.
//!
//! # What this does not do
//!
//! It writes nothing, and unlocks nothing. It does not read snapshots, thin volumes, caches, `raid5`, `raid6`
//! and other segments of LVM, nor md arrays other than mirrors: they are refused by name. It does not look
//! whether the copies of a mirror are the same.
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
pub mod error;
pub mod luks;
pub mod lvm;
pub mod md;

pub use error::{Damage, Error, Family, Fault, Misuse, Structure, Unsupported};
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
