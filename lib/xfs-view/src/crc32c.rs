// SPDX-License-Identifier: MIT OR Apache-2.0
//! CRC-32C (Castagnoli), the checksum of XFS: two bytes a step, with 2 KiB of tables.

use crate::bytes::{array, index};

/// The polynomial 0x1EDC6F41 with its bits in reverse.
const POLYNOMIAL: u32 = 0x82F6_3B78;
/// Bytes in a step.
const STEP: usize = 2;
/// Bytes of a checksum.
const SIZE: usize = 4;

/// What a byte does to the checksum, when it is followed by 0 or 1 more bytes in its step.
static TABLES: [[u32; 256]; STEP] = tables();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)] // by the compiler
const fn tables() -> [[u32; 256]; STEP] {
    let mut tables = [[0; 256]; STEP];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        let mut step = 1;
        while step < STEP {
            let before = tables[step - 1][byte];
            tables[step][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            step += 1;
        }
        byte += 1;
    }
    tables
}

/// A checksum of bytes that come in parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crc(u32);

impl Crc {
    /// Of no bytes yet.
    pub(crate) const fn new() -> Self {
        Self(u32::MAX)
    }

    /// With `bytes` after those before.
    pub(crate) fn with(self, bytes: &[u8]) -> Self {
        let (steps, rest) = bytes.as_chunks::<STEP>();
        let state =
            steps.iter().fold(self.0, |state, step| two(state ^ u32::from(u16::from_le_bytes(*step))));
        Self(rest.iter().fold(state, |state, &byte| (state >> 8) ^ entry(0, state ^ u32::from(byte))))
    }

    /// The checksum.
    pub(crate) const fn value(self) -> u32 {
        !self.0
    }
}

fn two(word: u32) -> u32 {
    (word >> 16) ^ entry(1, word) ^ entry(0, word >> 8)
}

/// The entry for the lowest byte of `word`.
fn entry(step: usize, word: u32) -> u32 {
    TABLES.get(step).and_then(|table| table.get(index(word & 0xFF))).copied().unwrap_or_default()
}

/// Whether `bytes` have their own checksum at `at`, made with zeros in its place.
pub(crate) fn holds(bytes: &[u8], at: usize) -> bool {
    let Some(stored) = array::<4>(bytes, at) else { return false };
    value_without(bytes, at) == Some(u32::from_le_bytes(stored))
}

/// The checksum of `bytes` with zeros in place of the four at `at`.
pub(crate) fn value_without(bytes: &[u8], at: usize) -> Option<u32> {
    let (before, rest) = bytes.split_at_checked(at)?;
    let after = rest.get(SIZE..)?;
    Some(Crc::new().with(before).with(&[0; SIZE]).with(after).value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // RFC 3720, B.4.
        for (bytes, value) in [(&[0; 32], 0x8A91_36AA), (&[0xFF; 32], 0x62A8_AB43)] {
            assert_eq!(Crc::new().with(bytes).value(), value);
        }
        assert_eq!(Crc::new().with(b"123456789").value(), 0xE306_9283);
    }

    fn bit_by_bit(bytes: &[u8]) -> u32 {
        let mut state = u32::MAX;
        for byte in bytes {
            state ^= u32::from(*byte);
            for _ in 0..8 {
                state = if state & 1 == 1 { (state >> 1) ^ POLYNOMIAL } else { state >> 1 };
            }
        }
        !state
    }

    proptest! {
        #[test]
        fn tables_agree_with_the_definition(bytes in prop::collection::vec(any::<u8>(), 0..100), cut in 0_usize..100) {
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(Crc::new().with(first).with(second).value(), bit_by_bit(&bytes));
        }

        #[test]
        fn a_changed_bit_is_noticed(mut bytes in prop::collection::vec(any::<u8>(), 8..200), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let value = value_without(&bytes, 4).unwrap();
            bytes[4..8].copy_from_slice(&value.to_le_bytes());
            prop_assert!(holds(&bytes, 4));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(!holds(&bytes, 4));
        }
    }
}
