// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers in bytes. Partition tables are little-endian.

/// The `N` bytes at `at`; zeros where the bytes end before.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// The 16-bit number at `at`.
pub(crate) fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

/// The 32-bit number at `at`.
pub(crate) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

/// A length as a 64-bit number.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A length, as far as it can be one on this machine.
pub(crate) fn narrow(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// The 64-bit number at `at`.
pub(crate) fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

/// The CRC-32 of UEFI (section 5.3.2 names the polynomial of ITU-T V.42), `before` being that of what
/// comes before; 0 where nothing does.
pub(crate) fn crc32(before: u32, bytes: &[u8]) -> u32 {
    let state = bytes.iter().fold(!before, |state, byte| {
        let mut state = state ^ u32::from(*byte);
        for _ in 0..8 {
            let low = state & 1;
            state = (state >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(low));
        }
        state
    });
    !state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_in_one_piece_or_two() {
        assert_eq!(crc32(0, b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(crc32(0, b"1234"), b"56789"), 0xCBF4_3926);
    }
}
