// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk or partition as whole sectors (`EFI_BLOCK_IO_PROTOCOL`, UEFI 2.10, section 13.9).

use crate::memory::Pages;
use crate::services::{check, interface};
use crate::status;
use alloc::vec::Vec;
use core::fmt;
use core::ptr::NonNull;
use lamboot_fs::ReadSectors;
use uefi::proto::media::block::BlockIO;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::block::BlockIoProtocol;

/// Size of the requests after a firmware has failed a larger one, and of those that go through a buffer.
const CAREFUL_REQUEST: usize = 1 << 20;
/// The sizes of sectors that exist.
const SECTORS: core::ops::RangeInclusive<usize> = 512..=32 * 1024;

/// A device that sectors are read from.
pub(crate) struct Disk {
    raw: NonNull<BlockIoProtocol>,
    media_id: u32,
    sector: usize,
    /// Sectors of the medium.
    count: u64,
    /// What the address of a buffer must be a multiple of.
    alignment: usize,
    /// A buffer for callers whose own is not aligned.
    bounce: Option<Pages>,
    largest: usize,
}

/// Why a device could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DiskError(pub(crate) Status);

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&status::name(self.0))
    }
}

impl Disk {
    /// The device, if it has a medium with sectors of a size that is read.
    pub(crate) fn open(device: Handle) -> Option<Self> {
        let block: NonNull<BlockIO> = interface(device, &BlockIO::GUID).ok()?.cast();
        // SAFETY: UEFI 2.10, section 13.9: the interface is a Block I/O protocol of a live handle.
        let media = unsafe { block.as_ref() }.media();
        let sector = usize::try_from(media.block_size()).ok()?;
        let usable = media.is_media_present() && SECTORS.contains(&sector) && sector.is_power_of_two();
        usable.then(|| Self {
            raw: block.cast(),
            media_id: media.media_id(),
            sector,
            count: media.last_block().saturating_add(1),
            alignment: usize::try_from(media.io_align()).unwrap_or(1).max(1),
            bounce: None,
            largest: usize::MAX,
        })
    }

    /// In bytes.
    pub(crate) const fn size(&self) -> u64 {
        self.count.saturating_mul(self.sector as u64)
    }

    /// The first sector.
    pub(crate) fn first_sector(&mut self) -> Option<Vec<u8>> {
        let mut sector = alloc::vec![0; self.sector];
        self.read_sectors(0, &mut sector).ok()?;
        Some(sector)
    }

    /// One request.
    ///
    /// # Safety
    ///
    /// `length` bytes at `to`, whole sectors, may be written.
    unsafe fn request(&self, first: u64, to: NonNull<u8>, length: usize) -> Result<(), Status> {
        // SAFETY: as in `open`; handles of disks stay while they are plugged in, and later calls fail.
        let read = unsafe { self.raw.as_ref() }.read_blocks;
        // SAFETY: section 13.9.3: whole sectors, and the caller promises the buffer; what lies outside
        // of the medium is refused.
        check(unsafe { read(self.raw.as_ptr(), self.media_id, first, length, to.as_ptr().cast()) })
    }

    /// Reads as much as one request may be, and says how much it was.
    fn step(&mut self, first: u64, buffer: &mut [u8]) -> Result<usize, Status> {
        let aligned = buffer.as_ptr().addr().is_multiple_of(self.alignment);
        let most = if aligned { self.largest } else { self.largest.min(CAREFUL_REQUEST) };
        let length = buffer.len().min(most);
        let part = buffer.get_mut(..length).unwrap_or_default();
        match if aligned { self.direct(first, part) } else { self.bounced(first, part) } {
            Ok(()) => Ok(length),
            Err(_) if length > CAREFUL_REQUEST => {
                self.largest = CAREFUL_REQUEST;
                Ok(0)
            }
            Err(why) => Err(why),
        }
    }

    fn direct(&self, first: u64, buffer: &mut [u8]) -> Result<(), Status> {
        let Some(to) = NonNull::new(buffer.as_mut_ptr()) else { return Ok(()) };
        // SAFETY: a mutable slice is writable over its whole length.
        unsafe { self.request(first, to, buffer.len()) }
    }

    fn bounced(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), Status> {
        let mut pages = match self.bounce.take() {
            Some(pages) => pages,
            None => Pages::allocate(CAREFUL_REQUEST)?,
        };
        // SAFETY: the pages have room for a careful request, which `buffer` is not longer than.
        let read = unsafe { self.request(first, pages.start(), buffer.len()) };
        if read.is_ok() {
            // SAFETY: the device has just written this many bytes.
            unsafe { pages.set_filled(buffer.len()) };
            buffer.copy_from_slice(pages.filled());
        }
        self.bounce = Some(pages);
        read
    }
}

impl ReadSectors for Disk {
    type Error = DiskError;

    fn sector_size(&self) -> usize {
        self.sector
    }

    fn read_sectors(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        let mut sector = first;
        let mut rest = buffer;
        while !rest.is_empty() {
            let done = self.step(sector, rest).map_err(DiskError)?;
            sector = sector.saturating_add((done / self.sector) as u64);
            rest = rest.get_mut(done..).unwrap_or_default();
        }
        Ok(())
    }
}
