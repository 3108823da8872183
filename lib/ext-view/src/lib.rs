// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files from an ext2, ext3 or ext4 file system, for boot loaders and tools.
//!
//! Start with [`Ext::open`] on anything that can [`ReadAt`]; then [`Ext::lookup`] a path.
//!
//! | module | noun | ext4 Data Structures and Algorithms |
//! |---|---|---|
//! | `volume` | an opened file system: [`Ext`] | |
//! | `file` | a file of any type: [`File`] | |
//! | `extents` | where its bytes lie: [`Extents`] | |
//! | [`error`] | what can go wrong, sorted by who can act | |
//! | `walk` | the way along a path | |
//! | `superblock`, `features` | how it is laid out | Super Block |
//! | `geometry`, `group` | groups of blocks | Layout; Block Group Descriptors |
//! | `inode`, `metadata` | inodes | Index Nodes |
//! | `attribute` | what does not fit in an inode's first part | Extended Attributes; Inline Data |
//! | `map`, `tree` | from a file's blocks to the volume's | Extent Tree; Direct/Indirect Block Addressing |
//! | `symlink` | targets | Symbolic Links |
//! | `dir`, `hash` | directories, and their index | Directory Entries; Hash Tree Directories |
//! | `log` | the journal, and a replay in memory | Journal (jbd2) |
//! | `disk`, `cache` | the device, and the blocks that were read last | |
//!
//! Everything takes any image. A block is at most 64 KiB; [`CACHE_MAX`] bytes of them are kept; a path has at
//! most [`PATH_MAX`] bytes and [`LINKS_MAX`] links on it; a tree of extents has at most 5 levels below its
//! root, a map of blocks 3, an index 2; a directory has no more blocks than the volume; a replayed journal has
//! changes of at most [`REPLAY_MAX`] blocks. So an image that leads in circles does no harm.
//!
//! ```no_run
//! use ext_view::{ReadAt, Ext};
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
//! let ext = Ext::open(Partition(std::fs::File::open("/dev/vda2")?))?;
//! for entry in ext.read_dir("/loader/entries")? {
//!     println!("{}", entry?.name().escape_ascii());
//! }
//! let kernel = ext.lookup("/vmlinuz")?;
//! let mut first = [0; 64];
//! let length = kernel.read_at(0, &mut first)?;
//! println!("{} bytes, beginning with {:x?}", kernel.metadata().size, &first[..length]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It writes nothing. It does not read encrypted files, volumes whose journal is on another device and has
//! changes, fast commits, nor compressed files: those are refused or told by name. It does not read extended attributes but
//! the one with inline data, nor bitmaps and quotas, so it does not look at their checksums. It does not
//! check files against fs-verity, and does not repair.
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

mod attribute;
mod bytes;
mod cache;
mod dir;
mod disk;
pub mod error;
mod extents;
mod features;
mod file;
mod geometry;
mod group;
mod hash;
mod inode;
mod log;
mod map;
mod metadata;
mod options;
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
pub use volume::Ext;
pub use walk::{LINKS_MAX, PATH_MAX};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
