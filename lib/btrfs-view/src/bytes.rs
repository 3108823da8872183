// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers in bytes. All of btrfs is little-endian.

/// The byte at `at`.
pub(crate) fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The `N` bytes at `at`.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// The little-endian 16-bit number at `at`.
pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// The little-endian 32-bit number at `at`.
pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// The little-endian 64-bit number at `at`.
pub(crate) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// The `length` bytes at `at`.
pub(crate) fn part(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// A number as an index. UEFI machines have pointers of 32 bits or more.
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A length as a 64-bit number.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A length, as far as it can be one on this machine.
pub(crate) fn narrow(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// `at` rounded down to a multiple of `step`, which is a power of two.
pub(crate) fn align_down(at: u64, step: usize) -> u64 {
    at & !wide(step).saturating_sub(1)
}

/// How many of the first of `len` items are `before` the point; all of them come before all others.
pub(crate) fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    for _ in 0..usize::BITS {
        if low >= high {
            break;
        }
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_cut_off_is_none() {
        assert_eq!(le32(&[1, 2, 3, 4], 0), Some(0x0403_0201));
        assert_eq!(le32(&[1, 2, 3, 4], 1), None);
        assert_eq!(le64(&[0; 8], usize::MAX), None);
        assert_eq!(part(&[0; 8], 1, usize::MAX), None);
        assert_eq!(align_down(8191, 4096), 4096);
    }

    proptest! {
        #[test]
        fn a_partition_is_where_the_order_turns(len in 0_usize..200, point in 0_usize..200) {
            prop_assert_eq!(partition(len, |index| index < point), point.min(len));
        }
    }
}
