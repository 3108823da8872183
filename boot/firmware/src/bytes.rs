// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers at offsets of a table, or `None` where the table ends before them.

/// 16 bits, little endian.
pub(crate) fn u16_at(table: &[u8], offset: usize) -> Option<u16> {
    table.get(offset..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// 32 bits, little endian.
pub(crate) fn u32_at(table: &[u8], offset: usize) -> Option<u32> {
    table.get(offset..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// 64 bits, little endian.
pub(crate) fn u64_at(table: &[u8], offset: usize) -> Option<u64> {
    table.get(offset..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// Whether all bytes add up to zero, as the checksums of SMBIOS and ACPI demand.
pub(crate) fn sums_to_zero(table: &[u8]) -> bool {
    table.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == 0
}
