// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory: pages of our own, and bytes that the firmware placed at a physical address.

use crate::services::{boot_services, check};
use alloc::vec::Vec;
use core::ptr::NonNull;
use core::slice;
use uefi::Status;
use uefi_raw::table::boot::{AllocateType, MemoryType};

const PAGE: usize = 4096;

/// Whole pages of loader data, given back when dropped. Their content starts as whatever the
/// memory held: nothing is cleared, because everything is read over it anyway.
pub(crate) struct Pages {
    start: NonNull<u8>,
    count: usize,
    /// How many bytes from the start have been written.
    filled: usize,
}

impl Pages {
    /// Pages for at least `bytes` bytes.
    pub(crate) fn allocate(bytes: usize) -> Result<Self, Status> {
        let services = boot_services().ok_or(Status::UNSUPPORTED)?;
        let count = bytes.div_ceil(PAGE).max(1);
        let mut address = 0;
        // SAFETY: UEFI 2.10, section 7.2.1: any pages of a loader memory type may be asked for;
        // the address is valid for the call.
        let status = unsafe {
            (services.allocate_pages)(AllocateType::ANY_PAGES, MemoryType::LOADER_DATA, count, &mut address)
        };
        check(status)?;
        let address = usize::try_from(address).map_err(|_| Status::OUT_OF_RESOURCES)?;
        let start = NonNull::new(core::ptr::with_exposed_provenance_mut(address));
        Ok(Self { start: start.ok_or(Status::OUT_OF_RESOURCES)?, count, filled: 0 })
    }

    /// Where the pages start; `capacity` bytes may be written there.
    pub(crate) const fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many bytes there is room for.
    pub(crate) const fn capacity(&self) -> usize {
        self.count.saturating_mul(PAGE)
    }

    /// Declares the first `bytes` bytes written.
    ///
    /// # Safety
    ///
    /// They have been, from the start and without a gap.
    pub(crate) unsafe fn set_filled(&mut self, bytes: usize) {
        self.filled = bytes.min(self.capacity());
    }

    /// The bytes that were written.
    pub(crate) fn filled(&self) -> &[u8] {
        // SAFETY: the pages are ours until they are dropped, and `set_filled` promised that this
        // many bytes are initialised.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.filled) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let Some(services) = boot_services() else { return };
        let address = self.start.addr().get() as u64;
        // SAFETY: UEFI 2.10, section 7.2.2: exactly these pages came from allocate_pages, and
        // nothing refers to them any more. A failure would only keep the memory in use.
        let _ = unsafe { (services.free_pages)(address, self.count) };
    }
}

/// A copy of `length` bytes of physical memory, or `None` for an address that cannot be one.
///
/// # Safety
///
/// Firmware or its tables must have said that at least `length` bytes of readable memory are
/// there. Before `ExitBootServices` all memory is mapped one to one (UEFI 2.10, section 2.3).
pub(crate) unsafe fn physical(address: u64, length: usize) -> Option<Vec<u8>> {
    let address = usize::try_from(address).ok()?;
    address.checked_add(length)?;
    let start = NonNull::new(core::ptr::with_exposed_provenance_mut::<u8>(address))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).ok()?;
    // SAFETY: the caller promises that the memory is readable; it is firmware's own and does not
    // change while this single-threaded program copies it.
    let source = unsafe { slice::from_raw_parts(start.as_ptr().cast_const(), length) };
    bytes.extend_from_slice(source);
    Some(bytes)
}
