// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files from an XFS file system, for boot loaders and tools.
//!
//! Start with [`Xfs::open`] on anything that can [`ReadAt`]; then [`Xfs::lookup`] a path.
//!
//! | module | noun | XFS Algorithms & Data Structures |
//! |---|---|---|
//! | `volume` | an opened file system: [`Xfs`] | |
//! | `file` | a file of any type: [`File`] | |
//! | `extents` | where its bytes lie: [`Extents`] | |
//! | [`error`] | what can go wrong, sorted by who can act | |
//! | `walk` | the way along a path | |
//! | `superblock`, `features`, `geometry` | how it is laid out | Superblocks; Allocation Groups |
//! | `stamp`, `crc32c` | what a block says of itself | Metadata Integrity |
//! | `inode`, `metadata` | inodes | On-disk Inode |
//! | `extent`, `tree`, `map` | from a file's blocks to the volume's | Data Fork |
//! | `symlink` | targets | Symbolic Links |
//! | `dir` | directories in four forms, and their index | Directories |
//! | `log` | whether all is in place, and a replay in memory | Journaling Log |
//! | `disk`, `cache` | the device, and the blocks that were read last | |
//!
//! Everything takes any image. One block of metadata is at most 64 KiB; [`CACHE_MAX`] bytes of them are
//! kept; a path has at most [`PATH_MAX`] bytes and [`LINKS_MAX`] links on it; a tree has at most 16 levels,
//! an index 5; a replayed log has at most [`REPLAY_MAX`] bytes of changes, and each of its blocks is looked at
//! a bounded number of times. So an image that leads in circles does no harm.
//!
//! ```no_run
//! use xfs_view::{ReadAt, Xfs};
//! use std::os::unix::fs::FileExt;
//!
//! struct Partition(std::fs::File);
//! impl ReadAt for Partition {
//!     type Error = std::io::Error;
//!     fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
//!         self.0.read_exact_at(buffer, offset)
//!     }
//! }
//!
//! let xfs = Xfs::open(Partition(std::fs::File::open("/dev/vda2")?))?;
//! for entry in xfs.read_dir("/loader/entries")? {
//!     println!("{}", entry?.name().escape_ascii());
//! }
//! let kernel = xfs.lookup("/vmlinuz")?;
//! let mut first = [0; 64];
//! let length = kernel.read_at(0, &mut first)?;
//! println!("{} bytes, beginning with {:x?}", kernel.metadata().size, &first[..length]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It writes nothing. It does not read extended attributes (nor what fscrypt keeps there), quotas, files on
//! a realtime device, volumes with their log on another device, names that are equal in any case, or zoned
//! volumes: those are refused by name. It does not look at free space, and does not repair.
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
#[cfg(feature = "std")]
extern crate std;

mod bytes;
mod cache;
mod crc32c;
mod dir;
mod disk;
pub mod error;
mod extent;
mod extents;
mod features;
mod file;
mod geometry;
mod inode;
mod log;
mod map;
mod metadata;
mod options;
mod stamp;
#[cfg(feature = "std")]
mod stream;
mod superblock;
mod symlink;
mod tree;
mod volume;
mod walk;

pub use cache::CACHE_MAX;
pub use dir::{DirEntry, NAME_MAX, ReadDir};
pub use error::{Damage, Error, Family, Fault, LogContent, Misuse, Structure, Unsupported};
pub use extents::{Extent, Extents};
pub use features::Features;
pub use file::File;
pub use log::{LogState, REPLAY_MAX};
pub use metadata::{FileType, Metadata, Timestamp};
pub use options::{LogPolicy, Options, Verify};
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};
#[cfg(feature = "std")]
pub use stream::Stream;
pub use superblock::Superblock;
pub use volume::Xfs;
pub use walk::{LINKS_MAX, PATH_MAX};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
