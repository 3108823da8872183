// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disk images: a GPT or an MBR with an EFI system partition, perhaps an extended boot loader partition and
//! others, made and read without tools, mounts or root.

mod attributes;
mod contents;
mod esp;
mod image;
mod iso;
mod mbr;
mod partition;
mod region;

use std::path::{Path, PathBuf};

use uuid::{Uuid, uuid};

pub use self::{contents::Contents, esp::Esp, image::DiskImage, iso::IsoImage, partition::FatPartition};
use crate::Result;

/// Size of the EFI system partition unless a scenario asks for another, in MiB.
///
/// Saved machine states depend on the disk's size, so most scenarios share this one.
pub const STANDARD_ESP_MIB: u64 = 96;

/// The unique GUID of the EFI system partition in every image.
pub const ESP_PARTITION_GUID: Uuid = uuid!("a0c1e5d2-3b47-4f86-9c1e-5d2f60718293");

/// Size of the extended boot loader partition unless a scenario asks for another, in MiB.
pub const XBOOTLDR_MIB: u64 = 40;

/// The unique GUID of the extended boot loader partition.
pub const XBOOTLDR_PARTITION_GUID: Uuid = uuid!("b1d2f6e3-4c58-4a97-8d2f-6e30718293a4");

/// The unique GUID of the first partition that a scenario made by itself, less one; others follow.
pub(super) const RAW_PARTITION_GUID: Uuid = uuid!("c2e3f7f4-5d69-4ba8-9e30-7f4182930000");

/// The GUID of every image's disk.
pub const DISK_GUID: Uuid = uuid!("5f0d7c9a-1e2b-4c3d-8a9b-0c1d2e3f4a5b");

/// Bytes of a sector, unless a scenario asks for others.
const SECTOR: u64 = 512;
const MIB: u64 = 1 << 20;
/// The partition begins here; the rest of the first and last MiB holds the two tables.
const ESP_START: u64 = MIB;

/// A disk image file that a machine can use.
#[derive(Clone, Debug)]
pub struct Disk {
    path: PathBuf,
    esp_bytes: u64,
    size_bytes: u64,
    sector: u64,
}

impl Disk {
    /// The image file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole disk's size in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Bytes of a sector.
    #[must_use]
    pub fn sector_bytes(&self) -> u64 {
        self.sector
    }

    /// Opens the EFI system partition for reading; no machine may be using the disk.
    ///
    /// # Errors
    /// When the image cannot be opened or holds no FAT file system.
    pub fn esp(&self) -> Result<Esp> {
        Esp::open(&self.path, self.esp_bytes)
    }
}

/// The end of a disk whose last partition ends here.
fn disk_end(partitions: u64) -> u64 {
    partitions + MIB
}
