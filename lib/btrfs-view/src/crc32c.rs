// SPDX-License-Identifier: MIT OR Apache-2.0
//! CRC-32C (Castagnoli): eight bytes a step, with 8 KiB of tables, since it runs over every byte of files.

/// Bytes in a step.
const STEP: usize = 8;

/// What a byte does to the checksum, when it is followed by 0 to 7 more bytes in its step.
static TABLES: [[u32; 256]; STEP] = view_parts::crc_tables();

/// The checksum of `bytes`.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    !with(u32::MAX, bytes)
}

/// The checksum's inner state after `bytes`, from `state` on.
pub(crate) fn with(state: u32, bytes: &[u8]) -> u32 {
    let (steps, rest) = bytes.as_chunks::<STEP>();
    let state = steps.iter().fold(state, |state, step| eight(state, *step));
    rest.iter().fold(state, one)
}

fn eight(state: u32, step: [u8; STEP]) -> u32 {
    let [t0, t1, t2, t3, t4, t5, t6, t7] = &TABLES;
    let [a, b, c, d, e, f, g, h] = (u64::from_le_bytes(step) ^ u64::from(state)).to_le_bytes();
    let first = entry(t7, a) ^ entry(t6, b) ^ entry(t5, c) ^ entry(t4, d);
    first ^ entry(t3, e) ^ entry(t2, f) ^ entry(t1, g) ^ entry(t0, h)
}

fn one(state: u32, byte: &u8) -> u32 {
    let [table, ..] = &TABLES;
    let [lowest, ..] = state.to_le_bytes();
    (state >> 8) ^ entry(table, lowest ^ byte)
}

/// A byte always has an entry, so nothing is looked at twice.
#[inline(always)]
fn entry(table: &[u32; 256], byte: u8) -> u32 {
    table.get(usize::from(byte)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The polynomial 0x1EDC6F41 with its bits in reverse.
    const POLYNOMIAL: u32 = 0x82F6_3B78;

    fn by_definition(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |state, &byte| {
            (0..8).fold(state ^ u32::from(byte), |state, _| {
                (state >> 1) ^ (POLYNOMIAL & 0_u32.wrapping_sub(state & 1))
            })
        })
    }

    #[test]
    fn the_check_value() {
        // RFC 3720, B.4, and the value that every catalogue of checksums gives.
        assert_eq!(checksum(b"123456789"), 0xE306_9283);
        assert_eq!(checksum(&[0; 32]), 0x8A91_36AA);
    }

    proptest! {
        #[test]
        fn as_by_definition(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(checksum(&bytes), by_definition(&bytes));
        }
    }
}
