// SPDX-License-Identifier: MIT OR Apache-2.0
//! CRC-32C (Castagnoli): two bytes a step, with 2 KiB of tables.

/// The polynomial 0x1EDC6F41 with its bits in reverse.
const POLYNOMIAL: u32 = 0x82F6_3B78;
/// Bytes in a step.
const STEP: usize = 2;

/// What a byte does to the checksum, when it is followed by 0 or 1 more bytes in its step.
static TABLES: [[u32; 256]; STEP] = crc_tables();

/// What a byte does to a CRC-32C, by how many more bytes follow it in a step of `STEP` bytes: for those who
/// check so much that larger steps are worth their tables.
///
/// ```
/// static TABLES: [[u32; 256]; 4] = view_parts::crc_tables();
/// assert_eq!(TABLES[0][128], 0x82F6_3B78);
/// ```
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)] // by the compiler
#[must_use]
pub const fn crc_tables<const STEP: usize>() -> [[u32; 256]; STEP] {
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

/// A CRC-32C of bytes that come in parts (RFC 3720, section 12.1).
///
/// ```
/// use view_parts::Crc;
///
/// assert_eq!(Crc::new().with(b"1234").with(b"56789").value(), 0xE306_9283);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc(u32);

impl Default for Crc {
    fn default() -> Self {
        Self::new()
    }
}

impl Crc {
    /// Of no bytes yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    /// After bytes that left this state.
    #[must_use]
    pub const fn seeded(value: u32) -> Self {
        Self(value)
    }

    /// With `bytes` after those before.
    #[must_use]
    pub fn with(self, bytes: &[u8]) -> Self {
        let (steps, rest) = bytes.as_chunks::<STEP>();
        let state =
            steps.iter().fold(self.0, |state, step| two(state ^ u32::from(u16::from_le_bytes(*step))));
        Self(rest.iter().fold(state, |state, &byte| (state >> 8) ^ entry(0, state ^ u32::from(byte))))
    }

    /// The checksum.
    #[must_use]
    pub const fn value(self) -> u32 {
        !self.0
    }

    /// The state after the bytes so far: the checksum without its last inversion, as some store it.
    #[must_use]
    pub const fn state(self) -> u32 {
        self.0
    }
}

fn two(word: u32) -> u32 {
    (word >> 16) ^ entry(1, word) ^ entry(0, word >> 8)
}

/// The entry for the lowest byte of `word`.
fn entry(step: usize, word: u32) -> u32 {
    let [lowest, ..] = word.to_le_bytes();
    TABLES.get(step).and_then(|table| table.get(usize::from(lowest))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // RFC 3720, B.4.
        for (bytes, value) in [(&[0; 32], 0x8A91_36AA_u32), (&[0xFF; 32], 0x62A8_AB43)] {
            assert_eq!(Crc::new().with(bytes).value(), value);
            assert_eq!(Crc::new().with(bytes).state(), !value);
        }
        assert_eq!(Crc::new().with(b"123456789").value(), 0xE306_9283);
    }

    fn bit_by_bit(seed: u32, bytes: &[u8]) -> u32 {
        bytes.iter().fold(seed, |state, &byte| {
            (0..8).fold(state ^ u32::from(byte), |state, _| {
                (state >> 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(state & 1))
            })
        })
    }

    proptest! {
        #[test]
        fn tables_agree_with_the_definition(seed in any::<u32>(), bytes in prop::collection::vec(any::<u8>(), 0..100), cut in 0_usize..100) {
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(Crc::seeded(seed).with(first).with(second).state(), bit_by_bit(seed, &bytes));
            prop_assert_eq!(Crc::new().with(first).with(second).value(), !bit_by_bit(u32::MAX, &bytes));
        }
    }
}
