// SPDX-License-Identifier: MIT OR Apache-2.0
//! The port to UEFI variables, from the running system.

use core::fmt;
use lamboot_schema::variables::{Variable, VariableId};
use std::io;

/// Reads and writes UEFI variables.
pub trait EfiVars {
    /// The variable as it is stored; `None` when it does not exist.
    ///
    /// # Errors
    ///
    /// The variable store, or the way to it, failed.
    fn get(&self, id: VariableId) -> Result<Option<Stored>, VarError>;

    /// Creates the variable with its id's attributes, or overwrites it. All of `bytes` is stored,
    /// or nothing.
    ///
    /// # Errors
    ///
    /// As [`Self::get`]; also when the store is full, or the variable exists with other attributes.
    fn set(&mut self, id: VariableId, bytes: &[u8]) -> Result<(), VarError>;
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The attribute bits (UEFI 2.10, section 8.2).
    pub attributes: u32,
    /// The value.
    pub bytes: Vec<u8>,
}

impl Stored {
    /// Whether the value can only be from this boot: it does not survive a reset.
    #[must_use]
    pub const fn is_volatile(&self) -> bool {
        const NON_VOLATILE: u32 = 1;
        self.attributes & NON_VOLATILE == 0
    }

    /// The value, if it has the form of `variable`.
    #[must_use]
    pub fn decode<T>(&self, variable: &Variable<T>) -> Option<T> {
        variable.decode(&self.bytes)
    }
}

/// A variable that could not be read or written.
#[derive(Debug)]
pub struct VarError {
    /// The variable's name.
    pub name: &'static str,
    /// What was tried: "read" or "written".
    pub tried: &'static str,
    /// What the system said.
    pub cause: io::Error,
}

impl VarError {
    pub(crate) fn read(id: VariableId, cause: io::Error) -> Self {
        Self { name: id.name, tried: "read", cause }
    }

    pub(crate) fn write(id: VariableId, cause: io::Error) -> Self {
        Self { name: id.name, tried: "written", cause }
    }

    /// What the owner can do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self.cause.kind() {
            io::ErrorKind::PermissionDenied => {
                "run this as root; as root, look for a security policy (SELinux, lockdown) that denies it"
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                "efivarfs is mounted read-only; `mount -o remount,rw /sys/firmware/efi/efivars`"
            }
            io::ErrorKind::StorageFull => {
                "the firmware's variable store is full; a restart lets most firmware make room"
            }
            io::ErrorKind::InvalidInput => {
                "the firmware refuses it; the variable may exist with other attributes"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for VarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be {}: {}", self.name, self.tried, self.cause)?;
        match self.advice() {
            Some(advice) => write!(f, " ({advice})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for VarError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
