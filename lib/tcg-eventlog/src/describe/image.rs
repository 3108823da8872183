// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that were loaded (`UEFI_IMAGE_LOAD_EVENT`, section 10.2).

use super::device_path::DevicePath;
use crate::bytes::{Reader, length};
use core::fmt;

/// A program that was loaded, as an event tells it. Its digests are Authenticode's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// Where it lies in memory.
    pub address: u64,
    /// Its length in memory, in bytes.
    pub length: u64,
    /// Where it was linked to.
    pub link_address: u64,
    /// Where it came from.
    pub device_path: DevicePath<'a>,
}

impl<'a> Image<'a> {
    /// The program in an event's data; `None` when they end before it does.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(data);
        let (address, size, link_address) = (reader.u64()?, reader.u64()?, reader.u64()?);
        let path = length(reader.u64()?);
        let device_path = DevicePath(reader.take(path)?);
        Some(Self { address, length: size, link_address, device_path })
    }
}

/// Where it came from, or how long it is where nothing tells.
impl fmt::Display for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.device_path.0.is_empty() {
            return write!(f, "{} bytes from nowhere that is told", self.length);
        }
        write!(f, "{}", self.device_path)
    }
}
