// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mice and tablets that no driver of firmware manages, through `EFI_USB_IO_PROTOCOL` (UEFI 2.10, section
//! 17.2) and HID 1.11.
//!
//! An interface is claimed as a driver claims it: one that has a driver already is not to be had, and
//! so a keyboard that shares its receiver with a mouse is left alone. Reports are read as firmware's own
//! drivers read them, by an asynchronous transfer: a synchronous one may block, or lose reports when it
//! ends. What it calls back copies the report and signals an event, nothing else.

mod interface;

use super::Source;
use super::ring::{REPORT_MAX, Ring};
use crate::event::{OwnEvent, signal};
use crate::services::{check, handles_with};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::NonNull;
use hid_pointer::{Device, Report};
use interface::Interface;
use uefi::{Handle, Status};
use uefi_raw::Event;
use uefi_raw::protocol::usb::io::UsbIoProtocol;
use uefi_raw::protocol::usb::{EndpointDescriptor, UsbTransferStatus};

/// How often a transfer that failed is started again.
const MAX_RESTARTS: u8 = 8;

/// Every interface that some USB device has.
pub(super) fn handles() -> Vec<Handle> {
    handles_with(&UsbIoProtocol::GUID)
}

/// What the callback is given. It lives until firmware has let go of it.
struct Line {
    ring: Ring,
    event: Event,
}

/// Copies a report to where the menu finds it.
unsafe extern "efiapi" fn received(
    data: *const c_void,
    length: usize,
    context: *const c_void,
    outcome: UsbTransferStatus,
) -> Status {
    let Some(line) = NonNull::new(context.cast_mut().cast::<Line>()) else { return Status::SUCCESS };
    // SAFETY: the context is the line that `submit` passed, which is freed only after firmware let go.
    let line = unsafe { line.as_ref() };
    let wanted = match NonNull::new(data.cast_mut().cast::<u8>()) {
        _ if outcome != UsbTransferStatus::SUCCESS => line.ring.fail(outcome.bits()),
        Some(data) => {
            // SAFETY: UEFI 2.10, section 17.2.4: the data are valid for the call, and so long.
            line.ring.push(unsafe { core::slice::from_raw_parts(data.as_ptr(), length.min(REPORT_MAX)) })
        }
        None => false,
    };
    if wanted {
        signal(line.event);
    }
    Status::SUCCESS
}

/// A mouse or tablet that is being read.
pub(super) struct UsbPointer {
    // Fields are dropped in this order: the interface is given back after the rest.
    event: OwnEvent,
    line: NonNull<Line>,
    device: Device,
    endpoint: EndpointDescriptor,
    /// Whether firmware has a transfer of ours.
    running: bool,
    restarts: u8,
    interface: Interface,
}

impl UsbPointer {
    /// Takes the interface of a handle, if it is one of a pointer that no driver has.
    pub(super) fn take(handle: Handle) -> Option<Self> {
        let interface = Interface::take(handle)?;
        let endpoint = interface.endpoint()?;
        let device = interface.prepare()?;
        let event = OwnEvent::plain()?;
        let line = NonNull::from(Box::leak(Box::new(Line { ring: Ring::new(), event: event.raw() })));
        let mut pointer = Self { event, line, device, endpoint, running: false, restarts: 0, interface };
        pointer.submit().ok()?;
        Some(pointer)
    }

    fn ring(&self) -> &Ring {
        // SAFETY: the line was leaked by `take`, and `drop` alone frees it.
        &unsafe { self.line.as_ref() }.ring
    }

    fn submit(&mut self) -> Result<(), Status> {
        let length = usize::from(self.endpoint.max_packet_size & 0x07FF).max(1);
        let interval = usize::from(self.endpoint.interval.max(1));
        self.transfer(true, interval, length)?;
        self.running = true;
        Ok(())
    }

    /// Has firmware let go of the transfer.
    fn cancel(&mut self) -> Result<(), Status> {
        if self.running {
            self.transfer(false, 0, 0)?;
            self.running = false;
        }
        Ok(())
    }

    fn transfer(&self, is_new: bool, interval: usize, length: usize) -> Result<(), Status> {
        let io = self.interface.io();
        let call = self.interface.calls().async_interrupt_transfer;
        let address = self.endpoint.endpoint_address;
        let line = self.line.as_ptr().cast_const().cast();
        // SAFETY: UEFI 2.10, section 17.2.4: the endpoint is an interrupt endpoint of this interface, and
        // the line outlives the transfer: `drop` frees it only after the transfer was cancelled.
        check(unsafe { call(io.as_ptr(), address, is_new.into(), interval, length, Some(received), line) })
    }

    /// Starts a transfer that failed once more, but not for ever: the device may be gone.
    fn restart(&mut self, failure: u32) {
        if self.cancel().is_err() || self.restarts >= MAX_RESTARTS {
            self.ring().close();
            return;
        }
        self.restarts += 1;
        if failure & UsbTransferStatus::STALL.bits() != 0 {
            // What fails here, fails again below.
            let _ = self.interface.clear_halt(self.endpoint.endpoint_address);
        }
        if self.submit().is_err() {
            self.ring().close();
        }
    }
}

impl Source for UsbPointer {
    fn event(&self) -> Event {
        self.event.raw()
    }

    fn read(&mut self) -> Option<Report> {
        if let Some(failure) = self.ring().failure() {
            self.restart(failure);
        }
        let mut bytes = [0; REPORT_MAX];
        while let Some(length) = self.ring().pop(&mut bytes) {
            let said = bytes.get(..length).and_then(|report| self.device.read(report));
            if said.is_some() {
                return said;
            }
        }
        None
    }
}

impl Drop for UsbPointer {
    fn drop(&mut self) {
        self.ring().close();
        if self.cancel().is_ok() {
            // SAFETY: `take` leaked it from a box, and firmware has no transfer with it any more. One that
            // firmware keeps is left to it: the callback finds the ring closed and does nothing.
            drop(unsafe { Box::from_raw(self.line.as_ptr()) });
        }
    }
}
