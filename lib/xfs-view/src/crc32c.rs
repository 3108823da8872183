// SPDX-License-Identifier: MIT OR Apache-2.0
//! The checksum that structures of XFS have of themselves: CRC-32C.

use crate::bytes::array;
use view_parts::Crc;

/// Bytes of a checksum.
const SIZE: usize = 4;

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

    proptest! {
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
