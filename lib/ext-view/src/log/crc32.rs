// SPDX-License-Identifier: MIT OR Apache-2.0
//! CRC-32 with the highest bit first, the checksum of whole transactions in journals of before 2012.

/// IEEE 802.3, 3.2.9.
const POLYNOMIAL: u32 = 0x04C1_1DB7;

/// `state` after `bytes`.
pub(super) fn crc32(state: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(state, |state, &byte| {
        (0..8).fold(state ^ (u32::from(byte) << 24), |state, _| {
            (state << 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(state >> 31))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_value() {
        // The check value of the catalogue of CRCs, for CRC-32/MPEG-2.
        assert_eq!(crc32(u32::MAX, b"123456789"), 0x0376_E6E7);
    }
}
