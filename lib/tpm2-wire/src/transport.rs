// SPDX-License-Identifier: MIT OR Apache-2.0
//! How commands reach a TPM.

use core::fmt;

/// A way to a TPM: the TCG2 protocol of UEFI, a character device, a socket.
pub trait Transport {
    /// Sends `command`, waits, and puts the response at the beginning of `response`, which is zeroed and has
    /// [`RESPONSE_BYTES`](crate::RESPONSE_BYTES) bytes.
    ///
    /// The response tells its own length, and this crate heeds it; what stands behind it does not matter.
    /// An answer of the TPM that it will not do the command is a response, not an error.
    ///
    /// # Errors
    /// When the TPM did not get the command, or its response could not be had whole.
    fn submit(&mut self, command: &[u8], response: &mut [u8]) -> Result<(), TransportError>;

    /// Waits some milliseconds. Called when a TPM asks to be sent a command again, at most
    /// [`RETRIES_MAX`](crate::RETRIES_MAX) times a command. What cannot wait does nothing.
    fn pause(&mut self) {}
}

/// Why a command did not reach a TPM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What the transport says of it: an `EFI_STATUS`, an `errno`.
    pub status: u64,
}

/// With the number in hexadecimal.
impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the TPM could not be asked (status {:#x})", self.status)
    }
}

impl core::error::Error for TransportError {}
