// SPDX-License-Identifier: MIT OR Apache-2.0
//! Firmware status codes, in the words of the border (UEFI 2.10, appendix D).

use alloc::format;
use alloc::string::String;
use lamboot_core::error::{ErrorKind, PortError};
use uefi::Status;

/// The specification's name of a status, for instance `EFI_CRC_ERROR`.
#[must_use]
pub fn name(status: Status) -> String {
    match known_name(status) {
        Some(name) => String::from(name),
        None => format!("EFI_STATUS({:#x})", status.0),
    }
}

const fn known_name(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::SUCCESS => "EFI_SUCCESS",
        Status::LOAD_ERROR => "EFI_LOAD_ERROR",
        Status::INVALID_PARAMETER => "EFI_INVALID_PARAMETER",
        Status::UNSUPPORTED => "EFI_UNSUPPORTED",
        Status::BAD_BUFFER_SIZE => "EFI_BAD_BUFFER_SIZE",
        Status::BUFFER_TOO_SMALL => "EFI_BUFFER_TOO_SMALL",
        Status::NOT_READY => "EFI_NOT_READY",
        Status::DEVICE_ERROR => "EFI_DEVICE_ERROR",
        Status::WRITE_PROTECTED => "EFI_WRITE_PROTECTED",
        Status::OUT_OF_RESOURCES => "EFI_OUT_OF_RESOURCES",
        Status::VOLUME_CORRUPTED => "EFI_VOLUME_CORRUPTED",
        Status::VOLUME_FULL => "EFI_VOLUME_FULL",
        Status::NO_MEDIA => "EFI_NO_MEDIA",
        Status::MEDIA_CHANGED => "EFI_MEDIA_CHANGED",
        Status::NOT_FOUND => "EFI_NOT_FOUND",
        Status::ACCESS_DENIED => "EFI_ACCESS_DENIED",
        Status::NO_RESPONSE => "EFI_NO_RESPONSE",
        Status::NO_MAPPING => "EFI_NO_MAPPING",
        Status::TIMEOUT => "EFI_TIMEOUT",
        Status::NOT_STARTED => "EFI_NOT_STARTED",
        Status::ALREADY_STARTED => "EFI_ALREADY_STARTED",
        Status::ABORTED => "EFI_ABORTED",
        Status::PROTOCOL_ERROR => "EFI_PROTOCOL_ERROR",
        Status::INCOMPATIBLE_VERSION => "EFI_INCOMPATIBLE_VERSION",
        Status::SECURITY_VIOLATION => "EFI_SECURITY_VIOLATION",
        Status::CRC_ERROR => "EFI_CRC_ERROR",
        Status::END_OF_MEDIA => "EFI_END_OF_MEDIA",
        Status::END_OF_FILE => "EFI_END_OF_FILE",
        Status::COMPROMISED_DATA => "EFI_COMPROMISED_DATA",
        _ => return None,
    })
}

const fn kind(status: Status) -> ErrorKind {
    match status {
        Status::NOT_FOUND | Status::NO_MAPPING => ErrorKind::NotFound,
        Status::VOLUME_FULL => ErrorKind::Full,
        Status::WRITE_PROTECTED => ErrorKind::ReadOnly,
        Status::ACCESS_DENIED | Status::SECURITY_VIOLATION => ErrorKind::AccessDenied,
        Status::OUT_OF_RESOURCES => ErrorKind::OutOfMemory,
        Status::UNSUPPORTED | Status::INCOMPATIBLE_VERSION => ErrorKind::Unsupported,
        Status::VOLUME_CORRUPTED | Status::LOAD_ERROR | Status::COMPROMISED_DATA | Status::CRC_ERROR => {
            ErrorKind::Damaged
        }
        _ => ErrorKind::Device,
    }
}

/// The error that a status stands for where nothing is known beyond the status.
#[must_use]
pub fn error(status: Status) -> PortError {
    error_as(kind(status), status)
}

/// The error of opening a path: a path that the volume cannot even express is one that it does not have.
#[must_use]
pub fn open_error(status: Status) -> PortError {
    match status {
        Status::INVALID_PARAMETER | Status::BAD_BUFFER_SIZE => error_as(ErrorKind::NotFound, status),
        _ => error(status),
    }
}

/// An error of a kind that the caller knows better, with the status as its detail.
#[must_use]
pub fn error_as(kind: ErrorKind, status: Status) -> PortError {
    PortError { kind, detail: name(status) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_keeps_its_name_and_finds_who_can_act() {
        for (status, kind, detail) in [
            (Status::CRC_ERROR, ErrorKind::Damaged, "EFI_CRC_ERROR"),
            (Status::VOLUME_FULL, ErrorKind::Full, "EFI_VOLUME_FULL"),
            (Status::WRITE_PROTECTED, ErrorKind::ReadOnly, "EFI_WRITE_PROTECTED"),
            (Status::SECURITY_VIOLATION, ErrorKind::AccessDenied, "EFI_SECURITY_VIOLATION"),
            (Status(Status::ERROR_BIT | 0x123), ErrorKind::Device, "EFI_STATUS(0x8000000000000123)"),
        ] {
            assert_eq!(error(status), PortError { kind, detail: detail.into() });
        }
    }

    #[test]
    fn a_path_that_cannot_exist_does_not_exist() {
        assert_eq!(open_error(Status::INVALID_PARAMETER).kind, ErrorKind::NotFound);
        assert_eq!(open_error(Status::DEVICE_ERROR).kind, ErrorKind::Device);
    }
}
