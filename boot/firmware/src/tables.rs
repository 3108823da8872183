// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables that the system finds in memory, and random numbers to fill them with.

use alloc::vec::Vec;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{Table, Tables};

/// [`Tables`] on firmware.
pub(crate) struct FirmwareTables;

impl Tables for FirmwareTables {
    fn entropy(&mut self, _: usize) -> Option<Vec<u8>> {
        None
    }

    fn get(&mut self, _: Table) -> Option<Vec<u8>> {
        None
    }

    fn install(&mut self, _: Table, _: &[u8]) -> PortResult<()> {
        Err(ErrorKind::Unsupported.into())
    }
}
