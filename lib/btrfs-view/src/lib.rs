// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files from a btrfs file system, for boot loaders and tools.
//!
//! Start with [`Btrfs::open`] on anything that can [`ReadAt`], or [`Btrfs::open_devices`] on several; then
//! [`Btrfs::lookup`] a path.
//!
//! | module | noun | structure on disk |
//! |---|---|---|
//! | `volume` | an opened file system: [`Btrfs`] | |
//! | `file` | a file of any type: [`File`] | |
//! | `extents` | where its bytes lie: [`Extents`] | |
//! | `subvolumes` | subvolumes and snapshots: [`Subvolumes`] | `btrfs_root_item`, `btrfs_root_ref` |
//! | [`error`] | what can go wrong, sorted by who can act | |
//! | `walk` | the way along a path | |
//! | `devices`, `superblock`, `features` | which devices, and how it is laid out | `btrfs_super_block`, `btrfs_dev_item` |
//! | `chunk` | from logical addresses to devices | `btrfs_chunk`, `btrfs_stripe` |
//! | `pool`, `cache` | nodes and bytes, from whichever copy is well | |
//! | `node`, `tree` | keys, and search | `btrfs_header`, `btrfs_item`, `btrfs_key_ptr` |
//! | `roots` | where trees begin | `btrfs_root_item` |
//! | `inode`, `metadata` | inodes | `btrfs_inode_item` |
//! | `directory` | names, by hash and in order | `btrfs_dir_item` |
//! | `extent`, `map` | from a file's bytes to logical addresses | `btrfs_file_extent_item` |
//! | `checksum`, `crc32c`, `checksums` | what proves that bytes are well | |
//! | `unpack` | zlib, LZO and Zstandard | |
//!
//! Structures have the names of the kernel's description of the format; what they mean is in the btrfs
//! documentation, "On-disk format".
//!
//! Everything takes any image. A node has at most 64 KiB; [`CACHE_MAX`] bytes of them are kept; compressed bytes
//! are read and unpacked 128 KiB at a time; a path has at most [`PATH_MAX`] bytes and [`LINKS_MAX`] links on it;
//! a tree has at most 8 levels, and a walk through it goes on to larger keys only. So an image that leads in
//! circles does no harm.
//!
//! ```no_run
//! use btrfs_view::{Btrfs, ReadAt};
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
//! let btrfs = Btrfs::open(Partition(std::fs::File::open("/dev/vda2")?))?;
//! for subvolume in btrfs.subvolumes() {
//!     let subvolume = subvolume?;
//!     println!("{}: {}", subvolume.id, btrfs.subvolume_path(subvolume.id)?.escape_ascii());
//! }
//! let kernel = btrfs.lookup("/boot/vmlinuz")?;
//! let mut first = [0; 64];
//! let length = kernel.read_at(0, &mut first)?;
//! println!("{} bytes, beginning with {:x?}", kernel.metadata().size, &first[..length]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It writes nothing. It does not compute bytes of RAID 5 and 6 from parity, replay the log tree, or read
//! encrypted files, extent trees of version 2, trees of stripes, and copies made by `btrfs-image`: those are
//! refused by name. It does not read extended attributes, quotas or send streams, does not look at free space,
//! and does not repair.
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
mod checksum;
mod checksums;
mod chunk;
mod crc32c;
mod devices;
mod directory;
pub mod error;
mod extent;
mod extents;
mod features;
mod file;
mod inode;
mod map;
mod metadata;
mod node;
mod options;
mod pool;
mod roots;
#[cfg(feature = "std")]
mod stream;
mod subvolumes;
mod superblock;
mod tree;
mod unpack;
mod volume;
mod walk;

pub use cache::CACHE_MAX;
pub use checksum::ChecksumType;
pub use directory::{DirEntry, NAME_MAX, ReadDir};
pub use error::{Damage, Error, Family, Fault, Misuse, Structure, Unsupported};
pub use extent::Compression;
pub use extents::{Extent, Extents, Place};
pub use features::Features;
pub use file::File;
pub use metadata::{FileType, Metadata, Timestamp};
pub use options::{LogPolicy, Options, Root, Superblocks, Verify};
pub use pool::REQUEST_MAX;
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};
#[cfg(feature = "std")]
pub use stream::Stream;
pub use subvolumes::{Subvolume, Subvolumes};
pub use superblock::Superblock;
pub use tree::TOP_LEVEL;
pub use volume::{Btrfs, LogState};
pub use walk::{LINKS_MAX, PATH_MAX};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
