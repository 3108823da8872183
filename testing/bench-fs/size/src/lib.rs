// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the programs have in common: the first block device, and a line on the console.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use uefi::boot::{self, ScopedProtocol};
use uefi::proto::media::block::BlockIO;

/// A block device of the firmware.
pub struct Disk(ScopedProtocol<BlockIO>);

impl Disk {
    /// The first one there is.
    #[must_use]
    pub fn first() -> Option<Self> {
        let handle = boot::get_handle_for_protocol::<BlockIO>().ok()?;
        boot::open_protocol_exclusive::<BlockIO>(handle).ok().map(Self)
    }

    /// The size of a sector.
    #[must_use]
    pub fn sector(&self) -> usize {
        self.0.media().block_size() as usize
    }

    /// Reads sectors.
    ///
    /// # Errors
    /// As the firmware says.
    pub fn read(&mut self, first: u64, buffer: &mut [u8]) -> uefi::Result<()> {
        let media = self.0.media().media_id();
        self.0.read_blocks(media, first, buffer)
    }
}

impl xfs_view::ReadSectors for Disk {
    type Error = uefi::Error;

    fn sector_size(&self) -> usize {
        self.sector()
    }

    fn read_sectors(&mut self, first: u64, buffer: &mut [u8]) -> uefi::Result<()> {
        self.read(first, buffer)
    }
}

/// The sum of `bytes`, so that reading them is of use.
#[must_use]
pub fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte)).sum()
}

/// Bytes from anywhere, for readers that want them so.
pub struct Bytes(pub xfs_view::Sectors<Disk>);

impl lamxfs::BlockRead for Bytes {
    type Error = uefi::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> uefi::Result<()> {
        xfs_view::ReadAt::read_at(&mut self.0, offset, buffer)
    }
}
