// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opening protocols without taking them from their drivers.

use uefi::{
    Handle, Result, boot,
    boot::{OpenProtocolAttributes, OpenProtocolParams, ScopedProtocol},
    proto::ProtocolPointer,
};

/// Opens a protocol for a moment, beside whoever uses it already.
///
/// # Errors
/// When the handle does not have it.
pub fn open<P: ProtocolPointer + ?Sized>(handle: Handle) -> Result<ScopedProtocol<P>> {
    let parameters = OpenProtocolParams { handle, agent: boot::image_handle(), controller: None };
    // SAFETY: the probe is the only program that runs, and it closes the protocol before it starts or
    // disconnects anything that could remove the interface (UEFI 2.10, section 7.3.9).
    unsafe { boot::open_protocol(parameters, OpenProtocolAttributes::GetProtocol) }
}

/// Lets every driver look at every device, as firmware does before its boot menu.
pub fn connect_everything() {
    let Ok(handles) = boot::locate_handle_buffer(boot::SearchType::AllHandles) else { return };
    for &handle in handles.iter() {
        let _not_every_handle_is_a_controller = boot::connect_controller(handle, &[], None, true);
    }
}
