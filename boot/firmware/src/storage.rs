// SPDX-License-Identifier: MIT OR Apache-2.0
//! Storage that firmware left without drivers: a "fast boot" connects the disk that it boots from, and no other
//! (UEFI 2.10, section 3.1.3, "Boot Manager Programming").
//!
//! Controllers are told by what PCI says of them; nothing else on the machine is woken, least of all a network card
//! or a USB bus, which can take seconds.

use crate::services::{boot_services, check, handles_with, interface};
use core::ffi::c_void;
use core::ptr::{self, NonNull};
use uefi::proto::media::block::BlockIO;
use uefi::{Guid, Handle, Identify, Status, guid};
use uefi_raw::Boolean;

/// `EFI_PCI_IO_PROTOCOL` (UEFI 2.10, section 14.4).
const PCI_IO: Guid = guid!("4cf5b200-68b8-4ca5-9eec-b23e3f50029a");
/// `EfiPciIoWidthUint32`.
const WIDTH_32: u32 = 2;
/// Where revision, interface, subclass and class are in the configuration space (PCI 3.0, section 6.1).
const CLASS: u32 = 8;
/// Class codes (PCI Code and ID Assignment): mass storage, and SD host controllers, which eMMC is behind.
const MASS_STORAGE: u32 = 0x01;
const SD_HOST: u32 = 0x0805;
/// The most controllers that are looked at.
const MAX_CONTROLLERS: usize = 256;

/// The beginning of `EFI_PCI_IO_PROTOCOL`.
#[repr(C)]
struct PciIo {
    /// Polls, and accesses to memory and ports.
    _others: [usize; 6],
    /// `Pci.Read`.
    read: unsafe extern "efiapi" fn(
        this: *mut Self,
        width: u32,
        offset: u32,
        count: usize,
        buffer: *mut c_void,
    ) -> Status,
}

/// Has firmware find drivers for every storage controller and for the disks behind it, unless it is a disk itself and
/// has its driver: to connect that again would read its tables and its directories once more.
pub(crate) fn connect() {
    let controllers = handles_with(&PCI_IO);
    for controller in controllers.into_iter().take(MAX_CONTROLLERS).filter(|handle| is_wanted(*handle)) {
        // That no driver wants it, or that it has all of them, is no matter.
        let _ = connect_one(controller);
    }
}

fn is_wanted(controller: Handle) -> bool {
    let is_disk = interface(controller, &BlockIO::GUID).is_ok();
    !is_disk && class(controller).is_ok_and(|class| class >> 8 == MASS_STORAGE || class == SD_HOST)
}

/// Class and subclass of a controller.
fn class(controller: Handle) -> Result<u32, Status> {
    let pci: NonNull<PciIo> = interface(controller, &PCI_IO)?.cast();
    // SAFETY: UEFI 2.10, section 14.4: the interface is a PCI I/O protocol of a live handle, and begins so.
    let read = unsafe { pci.as_ref() }.read;
    let mut word = 0_u32;
    // SAFETY: section 14.4.8: one word is read into one.
    check(unsafe { read(pci.as_ptr(), WIDTH_32, CLASS, 1, (&raw mut word).cast()) })?;
    Ok(word >> 16)
}

fn connect_one(controller: Handle) -> Result<(), Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    // SAFETY: UEFI 2.10, section 7.3.12: a live handle, any driver, and everything below it. What is connected already
    // stays so: nothing is taken from a driver.
    check(unsafe {
        (services.connect_controller)(controller.as_ptr(), ptr::null(), ptr::null(), Boolean::TRUE)
    })
}
