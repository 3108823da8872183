// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every file system that a boot loader meets, behind one interface that only reads.
//!
//! [`assemble()`] takes all devices of a machine and gives its volumes. What is on a device is told by its
//! superblock, never by the type of its partition. [`divide()`] makes devices of the partitions of a disk. The loader and `lamboot fs` use the very same code.
//!
//! | on the devices | reader |
//! |---|---|
//! | XFS | [`xfs_view`] |
//! | ext2, ext3, ext4 | [`ext_view`] |
//! | btrfs, on several devices too | [`btrfs_view`] |
//! | FAT12, FAT16, FAT32 | [`fat_view`] |
//! | logical volumes of LVM2, members of md mirrors | [`volume_view`] |
//! | what else is known by name, such as LUKS | [`fs_probe`] |
//!
//! Reading a large file and booting from it, beside others
//! ([all figures](https://github.com/lamboot/lamboot/blob/main/docs/reference/figures.md)):
//!
//! | | of the bare device | times the best published reader | instructions of a boot, of GRUB's |
//! |---|---:|---:|---:|
//! | XFS | 0.89 | 1.16 | 0.08 |
//! | ext4 | 0.96 | 1.99 | 0.08 |
//! | btrfs, every byte verified | 0.11 | 0.35 | 0.35 |
//! | btrfs, zstd | 0.04 | 1.12 | 0.50 |
//! | FAT | 0.56 | 1.40 | by the firmware |
//!
//! # What this does not do
//!
//! It writes nothing, and decides nothing about boots. What one call reads and
//! keeps is bounded by its reader, whatever is on the volume.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod assemble;
mod btrfs;
mod device;
mod divide;
mod error;
mod ext;
mod fat;
mod logical;
mod mirror;
mod probe;
mod shape;
mod system;
mod xfs;

pub use assemble::{VOLUMES_MAX, Volume, assemble};
pub use device::{Device, DeviceError};
pub use divide::{DIVIDED_MAX, divide};
pub use error::{Error, Kind, Result};
pub use partitions::{Entry, Partition};
pub use read_at::{Part, ReadAt, ReadSectors, Sectors};
pub use system::{Extent, FileSystem, FileType, Follow, Identity, Metadata, Place, Subvolume};
