// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files from an ISO 9660 image: Rock Ridge, Joliet, files over 4 GiB, and where they lie in
//! the image.
//!
//! Start with [`Iso::open`] on anything that can [`ReadAt`]; then [`Iso::lookup`] a path.
//!
//! | module | noun | specification |
//! |---|---|---|
//! | [`iso`] | an opened image | |
//! | [`node`] | files, folders, where they lie | |
//! | [`error`] | what can go wrong, sorted by who can act | |
//! | `descriptor` | volume descriptors | ECMA-119, 8; Joliet |
//! | `record` | directory records | ECMA-119, 9.1 |
//! | `system_use` | names, modes and links in them | SUSP 1.12; RRIP 1.12 |
//! | `name` | names without them | ECMA-119, 7.5; Joliet |
//! | `directory` | a folder's records, one after another | ECMA-119, 6.8 |
//! | `walk` | the way along a path | |
//! | `builder` (feature) | small images for tests | |
//!
//! Names are Rock Ridge's where the image has them, else Joliet's, else the plain ones without
//! their version (`;1`). Rock Ridge names are compared as they are; of the others, a name that
//! differs in case only is found where no equal one is.
//!
//! Everything takes any image. What is read and kept for one call is bounded by
//! [`DIRECTORY_MAX`], [`PATH_MAX`], [`STEPS_MAX`], [`LINKS_MAX`] and [`EXTENTS_MAX`], so a folder
//! that contains itself, or a link to itself, does no harm.
//!
//! ```no_run
//! use iso_view::{Iso, ReadAt};
//! use std::os::unix::fs::FileExt;
//!
//! struct Image(std::fs::File);
//! impl ReadAt for Image {
//!     type Error = std::io::Error;
//!     fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
//!         self.0.read_exact_at(buffer, offset)
//!     }
//! }
//!
//! let mut iso = Iso::open(Image(std::fs::File::open("live.iso")?))?;
//! let kernel = iso.lookup("/boot/vmlinuz")?;
//! println!("{}: {} bytes at {:?}", iso.label(), kernel.size, kernel.extents);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It writes nothing. It does not read UDF, El Torito boot images, sessions after the first, block
//! sizes other than 2048 bytes, interleaved files, or files compressed by zisofs. It does not check
//! the path table, the big-endian copies of numbers, or that files end inside of the volume.
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

#[cfg(any(test, feature = "builder"))]
pub mod builder;
mod bytes;
mod descriptor;
mod directory;
pub mod error;
pub mod iso;
mod name;
pub mod node;
mod record;
mod system_use;
mod walk;

pub use error::{Damage, Error, Family, NotFound, Unsupported};
pub use iso::{Iso, Names};
pub use node::{DIRECTORY_MAX, EXTENTS_MAX, Entry, Extent, Kind, Node};
pub use read_at::{OutOfRange, ReadAt};
pub use walk::{LINKS_MAX, PATH_MAX, STEPS_MAX};

/// The size of a block: of a sector of a disc, and here of a logical block (ECMA-119, 6.1.2).
pub const BLOCK: usize = 2048;

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
