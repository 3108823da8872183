// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers in bytes (ECMA-119, 7): those that are stored in both orders are read as little-endian.

/// The byte at `at`.
pub(crate) fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The little-endian 16-bit number at `at`.
pub(crate) fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*two))
}

/// The little-endian 32-bit number at `at`.
pub(crate) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// A number as an index. UEFI machines have pointers of 32 bits or more.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A length as a 64-bit number.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
