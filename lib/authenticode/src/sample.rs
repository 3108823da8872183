// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small elements of DER for tests.

use alloc::vec::Vec;

/// A value with its tag and length.
pub(crate) fn wrap(tag: u8, value: &[u8]) -> Vec<u8> {
    let size = value.len();
    let length = match size {
        0..0x80 => Vec::from([size as u8]),
        0x80..0x100 => Vec::from([0x81, size as u8]),
        0x100..0x1_0000 => Vec::from([0x82, (size >> 8) as u8, size as u8]),
        _ => Vec::from([0x83, (size >> 16) as u8, (size >> 8) as u8, size as u8]),
    };
    [&[tag], &length[..], value].concat()
}
