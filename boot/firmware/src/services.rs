// SPDX-License-Identifier: MIT OR Apache-2.0
//! The firmware's tables: where every call starts.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::{self, NonNull};
use uefi::{Guid, Handle, Status};
use uefi_raw::table::boot::BootServices;
use uefi_raw::table::runtime::RuntimeServices;
use uefi_raw::table::system::SystemTable;

/// `EFI_OPEN_PROTOCOL_GET_PROTOCOL` (UEFI 2.10, section 7.3.9): look at an interface without
/// taking it from its driver. Exclusive access is never asked for: it would disconnect the drivers
/// of the ESP or of the console.
const GET_PROTOCOL: u32 = 2;

/// `EFI_OPEN_PROTOCOL_BY_DRIVER` (UEFI 2.10, section 7.3.9): take an interface that nobody has taken.
const BY_DRIVER: u32 = 0x10;

/// `ByProtocol` of `EFI_LOCATE_SEARCH_TYPE` (UEFI 2.10, section 7.3.12).
const BY_PROTOCOL: i32 = 2;

/// The system table; `None` on a host, where there is no firmware.
pub(crate) fn system_table() -> Option<&'static SystemTable> {
    let table = uefi::table::system_table_raw()?;
    // SAFETY: UEFI 2.10, section 4.3: the table that the entry point was given is valid until
    // ExitBootServices, which only a started image calls, and that does not come back.
    Some(unsafe { table.as_ref() })
}

/// The boot services.
pub(crate) fn boot_services() -> Option<&'static BootServices> {
    let table = NonNull::new(system_table()?.boot_services)?;
    // SAFETY: UEFI 2.10, section 4.4: as for the system table, which points to it.
    Some(unsafe { table.as_ref() })
}

/// The runtime services.
pub(crate) fn runtime_services() -> Option<&'static RuntimeServices> {
    let table = NonNull::new(system_table()?.runtime_services)?;
    // SAFETY: UEFI 2.10, section 4.5: as for the system table, which points to it.
    Some(unsafe { table.as_ref() })
}

/// Success or the status itself. Warnings count as success (UEFI 2.10, appendix D).
pub(crate) fn check(status: Status) -> Result<(), Status> {
    if status.is_error() { Err(status) } else { Ok(()) }
}

/// The interface of a protocol on a handle, opened without any claim to it.
pub(crate) fn interface(handle: Handle, protocol: &Guid) -> Result<NonNull<c_void>, Status> {
    open(handle, protocol, ptr::null_mut(), GET_PROTOCOL)
}

fn open(
    handle: Handle,
    protocol: &Guid,
    controller: *mut c_void,
    attributes: u32,
) -> Result<NonNull<c_void>, Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    let agent = uefi::boot::image_handle();
    let mut found = ptr::null_mut();
    // SAFETY: UEFI 2.10, section 7.3.9: handle and agent are handles, as the controller is where the
    // attributes need one; the other pointers are valid for the call. GET_PROTOCOL changes nothing and
    // needs no close; the only other attribute is closed by `Claim`.
    let status = unsafe {
        (services.open_protocol)(
            handle.as_ptr(),
            protocol,
            &mut found,
            agent.as_ptr(),
            controller,
            attributes,
        )
    };
    check(status)?;
    NonNull::new(found).ok_or(Status::UNSUPPORTED)
}

/// An interface that is ours alone until this is dropped. Firmware keeps it while it is claimed: it
/// cannot be uninstalled, not even when its device is unplugged.
pub(crate) struct Claim {
    handle: Handle,
    protocol: &'static Guid,
    pub(crate) interface: NonNull<c_void>,
}

impl Claim {
    /// Takes an interface.
    ///
    /// # Errors
    ///
    /// `EFI_ACCESS_DENIED` where a driver manages it: it is not taken away.
    pub(crate) fn new(handle: Handle, protocol: &'static Guid) -> Result<Self, Status> {
        let interface = open(handle, protocol, handle.as_ptr(), BY_DRIVER)?;
        Ok(Self { handle, protocol, interface })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let Some(services) = boot_services() else { return };
        let (handle, agent) = (self.handle.as_ptr(), uefi::boot::image_handle());
        // SAFETY: UEFI 2.10, section 7.3.10: the same handles that the interface was opened with.
        let _ = unsafe { (services.close_protocol)(handle, self.protocol, agent.as_ptr(), handle) };
    }
}

/// The first interface of a protocol that any handle offers.
pub(crate) fn locate(protocol: &Guid) -> Result<NonNull<c_void>, Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    let mut found = ptr::null_mut();
    // SAFETY: UEFI 2.10, section 7.3.16: both pointers are valid for the call; no registration.
    let status = unsafe { (services.locate_protocol)(protocol, ptr::null_mut(), &mut found) };
    check(status)?;
    NonNull::new(found).ok_or(Status::NOT_FOUND)
}

/// Every handle that offers a protocol; none when firmware fails.
pub(crate) fn handles_with(protocol: &Guid) -> Vec<Handle> {
    let Some(services) = boot_services() else { return Vec::new() };
    let (mut count, mut buffer) = (0, ptr::null_mut());
    // SAFETY: UEFI 2.10, section 7.3.15: the protocol and both results are valid for the call.
    let status = unsafe {
        (services.locate_handle_buffer)(BY_PROTOCOL, protocol, ptr::null(), &mut count, &mut buffer)
    };
    let Some(first) = NonNull::new(buffer).filter(|_| status == Status::SUCCESS) else { return Vec::new() };
    let handle = |index| {
        // SAFETY: section 7.3.15: the buffer has `count` handles, and index is below.
        let at = unsafe { first.add(index) };
        // SAFETY: as above; firmware wrote every one of them.
        let raw = unsafe { at.read() };
        // SAFETY: firmware gave a handle.
        unsafe { Handle::from_ptr(raw) }
    };
    let handles = (0..count).filter_map(handle).collect();
    // SAFETY: section 7.3.15: the buffer comes from the pool, and the caller frees it.
    let _ = unsafe { (services.free_pool)(buffer.cast()) };
    handles
}

/// Address of the configuration table with this GUID (UEFI 2.10, section 4.6).
pub(crate) fn configuration_table(guid: &Guid) -> Option<u64> {
    let table = system_table()?;
    let first = NonNull::new(table.configuration_table)?;
    (0..table.number_of_configuration_table_entries).find_map(|index| {
        // SAFETY: UEFI 2.10, section 4.3: the array has that many entries, and index is below.
        let entry = unsafe { first.add(index) };
        // SAFETY: as above; firmware initialised every entry of the array.
        let entry = unsafe { entry.read() };
        (entry.vendor_guid == *guid).then(|| entry.vendor_table.addr() as u64)
    })
}
