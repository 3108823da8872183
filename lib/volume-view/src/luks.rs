// SPDX-License-Identifier: MIT OR Apache-2.0
//! LUKS headers: that a volume is locked, and which it is (LUKS1 and LUKS2 On-Disk Format Specifications).

use crate::bytes::{array, until_zero};
use alloc::vec::Vec;

/// The bytes from the beginning that [`Luks::parse`] wants.
pub const LENGTH: usize = 512;

/// A volume that is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Luks {
    /// 1 or 2.
    pub version: u16,
    /// As it stands there: text.
    pub uuid: Vec<u8>,
    /// LUKS1 has none.
    pub label: Vec<u8>,
}

impl Luks {
    /// What `bytes`, the first of a volume, say; none where it is not locked by LUKS.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let version = u16::from_be_bytes(array(bytes, 6));
        if !bytes.starts_with(b"LUKS\xBA\xBE") || !matches!(version, 1 | 2) {
            return None;
        }
        let text = |at: usize, length: usize| {
            let field = bytes.get(at..).and_then(|rest| rest.get(..length));
            until_zero(field.unwrap_or_default()).to_vec()
        };
        let label = if version == 2 { text(24, 48) } else { Vec::new() };
        Some(Self { version, uuid: text(168, 40), label })
    }
}
