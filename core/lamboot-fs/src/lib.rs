// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every file system that a boot loader meets, behind one interface that only reads.
//!
//! [`open`] looks at what is on a volume, never at the type of its partition, and gives a
//! [`FileSystem`]. The loader and `lamboot fs` use the very same code.
//!
//! | file system | reader |
//! |---|---|
//! | XFS | [`xfs_view`] |
//! | FAT12, FAT16, FAT32 | [`fat_view`] |
//!
//! # What this does not do
//!
//! It writes nothing, knows no partition tables, and decides nothing about boots. What one call reads and
//! keeps is bounded by its reader, whatever is on the volume.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod error;
mod fat;
mod probe;
mod shape;
mod system;
mod xfs;

pub use error::{Error, Kind, Result};
pub use probe::open;
pub use read_at::{Part, ReadAt, ReadSectors, Sectors};
pub use system::{Extent, FileSystem, FileType, Follow, Identity, Metadata};
