// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk that lives in memory and counts what is asked of it.
//!
//! The firmware's partition and file system drivers attach to it as to any disk (Block I/O Protocol,
//! UEFI 2.10, section 13.9). Nothing that is written survives the machine.

use alloc::boxed::Box;
use core::{cell::Cell, ffi::c_void, ptr, slice};

use uefi::{
    Handle, Result, Status,
    boot::{self, AllocateType},
    guid,
    mem::memory_map::MemoryType,
    proto::{
        device_path::{DevicePath, build},
        media::block::BlockIO,
    },
};
use uefi_raw::{
    Boolean, Guid,
    protocol::{
        block::{BlockIoMedia, BlockIoProtocol, Lba},
        device_path::DevicePathProtocol,
    },
};

/// The vendor node that is the disk's whole device path.
const VENDOR: Guid = guid!("d2a4f6b1-57c3-4e88-b09e-6a1f83c7e552");
const PAGE: usize = 4096;
/// Copied from the real disk in pieces of this many bytes.
const PIECE: usize = 4 << 20;

/// Requests and bytes in one direction.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Calls.
    pub requests: Cell<u64>,
    /// Bytes in all of them.
    pub bytes: Cell<u64>,
}

impl Traffic {
    fn count(&self, bytes: usize) {
        self.requests.set(self.requests.get().wrapping_add(1));
        self.bytes.set(self.bytes.get().wrapping_add(bytes as u64));
    }

    /// Forgets what was counted.
    pub fn reset(&self) {
        self.requests.set(0);
        self.bytes.set(0);
    }
}

/// The disk as the firmware sees it, and what belongs to it.
#[repr(C)]
#[derive(Debug)]
pub struct MemoryDisk {
    /// First, so that the firmware's pointer to it is a pointer to the whole.
    protocol: BlockIoProtocol,
    media: BlockIoMedia,
    bytes: *mut u8,
    len: usize,
    /// What was read.
    pub reads: Traffic,
    /// What was written.
    pub writes: Traffic,
}

impl MemoryDisk {
    /// Copies a whole disk into memory. The memory is never given back.
    ///
    /// # Errors
    /// The disk cannot be read, or there is no memory for it.
    pub fn copy_of(disk: &mut BlockIO) -> Result<&'static Self> {
        let (id, block) = (disk.media().media_id(), disk.media().block_size() as usize);
        let len = (disk.media().last_block() as usize + 1) * block;
        let pages = len.div_ceil(PAGE);
        let memory = boot::allocate_pages(AllocateType::AnyPages, MemoryType::BOOT_SERVICES_DATA, pages)?;
        // SAFETY: the pages were just allocated, nothing else refers to them, and any byte is a valid `u8`.
        let bytes = unsafe { slice::from_raw_parts_mut(memory.as_ptr(), len) };
        for (number, piece) in bytes.chunks_mut(PIECE).enumerate() {
            disk.read_blocks(id, (number * PIECE / block) as u64, piece)?;
        }
        Ok(Self::leak(memory.as_ptr(), len, block))
    }

    fn leak(bytes: *mut u8, len: usize, block: usize) -> &'static Self {
        let protocol = BlockIoProtocol {
            revision: BlockIoProtocol::REVISION_3,
            media: ptr::null(),
            reset,
            read_blocks,
            write_blocks,
            flush_blocks,
        };
        let (reads, writes) = Default::default();
        let disk = Self { protocol, media: media(len, block), bytes, len, reads, writes };
        let disk = Box::leak(Box::new(disk));
        disk.protocol.media = &raw const disk.media;
        disk
    }

    /// Offers the disk to the firmware, without connecting drivers to it yet.
    ///
    /// # Errors
    /// The firmware refuses, for want of memory.
    pub fn publish(&'static self) -> Result<Handle> {
        let path = Box::leak(device_path()?);
        // SAFETY: a device path that is never freed or changed.
        let handle = unsafe {
            boot::install_protocol_interface(None, &DevicePathProtocol::GUID, path.as_ffi_ptr().cast())
        }?;
        let interface = ptr::from_ref(self).cast();
        // SAFETY: the interface is never freed; its functions take it for the whole that it is part of.
        unsafe { boot::install_protocol_interface(Some(handle), &BlockIoProtocol::GUID, interface) }
    }

    /// Where `size` bytes from this block on begin, if they are all on the disk.
    fn place(&self, lba: Lba, size: usize) -> Option<*mut u8> {
        let start = usize::try_from(lba).ok()?.checked_mul(self.media.block_size as usize)?;
        let end = start.checked_add(size)?;
        (end <= self.len).then(|| self.bytes.wrapping_add(start))
    }
}

fn media(len: usize, block: usize) -> BlockIoMedia {
    BlockIoMedia {
        media_id: 1,
        removable_media: Boolean::FALSE,
        media_present: Boolean::TRUE,
        logical_partition: Boolean::FALSE,
        read_only: Boolean::FALSE,
        write_caching: Boolean::FALSE,
        block_size: block as u32,
        io_align: 0,
        last_block: (len / block) as u64 - 1,
        lowest_aligned_lba: 0,
        logical_blocks_per_physical_block: 1,
        optimal_transfer_length_granularity: 0,
    }
}

fn device_path() -> Result<Box<DevicePath>> {
    let mut node = alloc::vec::Vec::new();
    let path = build::DevicePathBuilder::with_vec(&mut node)
        .push(&build::hardware::Vendor { vendor_guid: VENDOR, vendor_defined_data: &[] })
        .and_then(build::DevicePathBuilder::finalize)
        .map_err(|_| Status::OUT_OF_RESOURCES)?;
    Ok(path.to_boxed())
}

/// The disk that the firmware calls.
///
/// # Safety
/// `this` is the interface that [`MemoryDisk::publish`] installed.
unsafe fn disk<'a>(this: *const BlockIoProtocol) -> &'a MemoryDisk {
    // SAFETY: by the caller's promise, and because the interface is the first field of a `repr(C)` struct
    // that is never freed.
    unsafe { &*this.cast() }
}

unsafe extern "efiapi" fn reset(_this: *mut BlockIoProtocol, _extended_verification: Boolean) -> Status {
    Status::SUCCESS
}

unsafe extern "efiapi" fn read_blocks(
    this: *const BlockIoProtocol,
    _media_id: u32,
    lba: Lba,
    size: usize,
    buffer: *mut c_void,
) -> Status {
    // SAFETY: the firmware passes the interface it was given.
    let disk = unsafe { disk(this) };
    let Some(from) = disk.place(lba, size) else { return Status::INVALID_PARAMETER };
    disk.reads.count(size);
    // SAFETY: `from` has `size` bytes; the caller's buffer has them too, and is not within the disk's own
    // memory, which only these functions know.
    unsafe { ptr::copy_nonoverlapping(from, buffer.cast(), size) };
    Status::SUCCESS
}

unsafe extern "efiapi" fn write_blocks(
    this: *mut BlockIoProtocol,
    _media_id: u32,
    lba: Lba,
    size: usize,
    buffer: *const c_void,
) -> Status {
    // SAFETY: the firmware passes the interface it was given.
    let disk = unsafe { disk(this) };
    let Some(to) = disk.place(lba, size) else { return Status::INVALID_PARAMETER };
    disk.writes.count(size);
    // SAFETY: as in `read_blocks`, the other way round.
    unsafe { ptr::copy_nonoverlapping(buffer.cast(), to, size) };
    Status::SUCCESS
}

unsafe extern "efiapi" fn flush_blocks(_this: *mut BlockIoProtocol) -> Status {
    Status::SUCCESS
}
