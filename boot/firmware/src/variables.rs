// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI variables (UEFI 2.10, section 8.2).

use crate::services::{check, runtime_services};
use crate::status;
use alloc::vec::Vec;
use core::ptr;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::Variables;
use lamboot_schema::variables::{GLOBAL_VENDOR, Lifetime, VariableId};
use uefi::{CStr16, CString16, Guid, Status};
use uefi_raw::table::runtime::VariableAttributes;

/// The largest value that is read.
const MAX_VALUE: usize = 4096;

/// [`Variables`] on firmware.
pub(crate) struct FirmwareVariables;

impl Variables for FirmwareVariables {
    fn get(&mut self, id: VariableId) -> PortResult<Option<Vec<u8>>> {
        let name = name(id)?;
        if id.lifetime == Lifetime::BootServices {
            let wanted = VariableAttributes::from_bits_retain(id.lifetime.attributes());
            if attributes_of(&name, &id.vendor) != Some(wanted) {
                return Ok(None);
            }
        }
        value(&name, &id.vendor)
    }

    fn set(&mut self, id: VariableId, bytes: &[u8]) -> PortResult<()> {
        let name = name(id)?;
        let attributes = VariableAttributes::from_bits_retain(id.lifetime.attributes());
        let Err(why) = write(&name, &id.vendor, attributes, bytes) else { return Ok(()) };
        match attributes_of(&name, &id.vendor) {
            // Firmware refuses to change attributes, so the old variable goes first.
            Some(other) if other != attributes => {
                write(&name, &id.vendor, VariableAttributes::empty(), &[]).map_err(store_error)?;
                write(&name, &id.vendor, attributes, bytes).map_err(store_error)
            }
            _ => Err(store_error(why)),
        }
    }

    fn remove(&mut self, id: VariableId) -> PortResult<()> {
        match write(&name(id)?, &id.vendor, VariableAttributes::empty(), &[]) {
            Ok(()) | Err(Status::NOT_FOUND) => Ok(()),
            Err(why) => Err(store_error(why)),
        }
    }

    fn boot_option(&mut self, number: u16) -> PortResult<Option<Vec<u8>>> {
        let name = CString16::try_from(alloc::format!("Boot{number:04X}").as_str());
        value(&name.map_err(|_| ErrorKind::NotFound)?, &GLOBAL_VENDOR)
    }
}

/// A variable's bytes, `None` when it does not exist.
fn value(name: &CStr16, vendor: &Guid) -> PortResult<Option<Vec<u8>>> {
    let mut buffer = [0; MAX_VALUE];
    match read(name, vendor, &mut buffer) {
        Ok(value) => Ok(Some(value.to_vec())),
        Err(Status::NOT_FOUND) => Ok(None),
        Err(why @ Status::BUFFER_TOO_SMALL) => Err(status::error_as(ErrorKind::TooLarge, why)),
        Err(why) => Err(status::error(why)),
    }
}

fn name(id: VariableId) -> PortResult<CString16> {
    CString16::try_from(id.name).map_err(|_| ErrorKind::NotFound.into())
}

fn store_error(why: Status) -> PortError {
    match why {
        Status::OUT_OF_RESOURCES => status::error_as(ErrorKind::Full, why),
        _ => status::error(why),
    }
}

/// Reads a variable into `buffer`; the part that it filled.
pub(crate) fn read<'b>(name: &CStr16, vendor: &Guid, buffer: &'b mut [u8]) -> Result<&'b [u8], Status> {
    let services = runtime_services().ok_or(Status::UNSUPPORTED)?;
    let mut size = buffer.len();
    // SAFETY: UEFI 2.10, section 8.2.1: the name ends with NUL, the buffer has `size` bytes, and
    // attributes need not be asked for.
    let status = unsafe {
        (services.get_variable)(name.as_ptr().cast(), vendor, ptr::null_mut(), &mut size, buffer.as_mut_ptr())
    };
    check(status)?;
    buffer.get(..size).ok_or(Status::DEVICE_ERROR)
}

/// The attributes of a variable that exists.
fn attributes_of(name: &CStr16, vendor: &Guid) -> Option<VariableAttributes> {
    let services = runtime_services()?;
    let mut attributes = VariableAttributes::empty();
    let mut buffer = [0; MAX_VALUE];
    let mut size = buffer.len();
    // SAFETY: UEFI 2.10, section 8.2.1: as in `read`, and the attributes are valid for the call.
    let status = unsafe {
        (services.get_variable)(name.as_ptr().cast(), vendor, &mut attributes, &mut size, buffer.as_mut_ptr())
    };
    // Since UEFI 2.8 the attributes of a value that does not fit are given as well.
    matches!(status, Status::SUCCESS | Status::BUFFER_TOO_SMALL).then_some(attributes)
}

/// Writes a variable; no bytes and no attributes delete it.
fn write(name: &CStr16, vendor: &Guid, attributes: VariableAttributes, bytes: &[u8]) -> Result<(), Status> {
    let services = runtime_services().ok_or(Status::UNSUPPORTED)?;
    // SAFETY: UEFI 2.10, section 8.2.3: the name ends with NUL, and the value's bytes can be read.
    let status = unsafe {
        (services.set_variable)(name.as_ptr().cast(), vendor, attributes, bytes.len(), bytes.as_ptr())
    };
    check(status)
}
