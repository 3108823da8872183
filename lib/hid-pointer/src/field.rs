// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bits of a report (HID 1.11, 5.8): little-endian, from the lowest bit of the first byte on.

/// Some bits of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its lowest bit.
    start: u32,
    /// How many bits it has: 1 to 32.
    size: u32,
    signed: bool,
}

impl Field {
    /// The field of `size` bits from the bit `start` on; `None` where nobody could read it.
    pub(crate) fn new(start: u32, size: u32, signed: bool) -> Option<Self> {
        (1..=32).contains(&size).then_some(Self { start, size, signed })
    }

    /// Its value; `None` when the report ends before it does.
    pub(crate) fn read(self, report: &[u8]) -> Option<i64> {
        let first = usize::try_from(self.start / 8).ok()?;
        let shift = self.start % 8;
        let length = usize::try_from(shift.saturating_add(self.size).div_ceil(8)).ok()?;
        let bytes = report.get(first..first.checked_add(length)?)?;
        let mut all = [0; 8];
        all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        // 32 bits and a shift of seven fit with room for the sign.
        let left = 64_u32.saturating_sub(shift).saturating_sub(self.size);
        let raised = u64::from_le_bytes(all).wrapping_shl(left);
        let lowered = 64_u32.saturating_sub(self.size);
        Some(if self.signed {
            raised.cast_signed().wrapping_shr(lowered)
        } else {
            raised.wrapping_shr(lowered).cast_signed()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(report: &[u8], start: u32, size: u32, signed: bool) -> Option<i64> {
        Field::new(start, size, signed).and_then(|field| field.read(report))
    }

    #[test]
    fn fields_may_lie_across_bytes() {
        // Two axes of 12 bits in three bytes, as many mice have them.
        let report = [0x34, 0xF2, 0xFF];
        assert_eq!(read(&report, 0, 12, true), Some(0x234));
        assert_eq!(read(&report, 12, 12, true), Some(-1));
        assert_eq!(read(&report, 12, 12, false), Some(0xFFF));
        assert_eq!(read(&report, 13, 12, true), None, "the report ends before the field");
    }

    #[test]
    fn only_fields_that_can_be_read_are_fields() {
        assert_eq!((Field::new(0, 0, false), Field::new(0, 33, false)), (None, None));
        assert_eq!(read(&[0xFF; 5], 7, 32, true), Some(-1));
        assert_eq!(read(&[0xFF; 5], 7, 32, false), Some(0xFFFF_FFFF));
        assert_eq!(read(&[0xFF; 5], u32::MAX, 32, false), None);
    }

    proptest! {
        #[test]
        fn every_bit_of_a_field_is_read(
            value in any::<u32>(), start in 0_u32..200, size in 1_u32..=32, noise in any::<u8>(),
        ) {
            let mut report = vec![noise; 32];
            for bit in 0..size {
                let at = start + bit;
                let mask = 1 << (at % 8);
                let byte = &mut report[(at / 8) as usize];
                *byte = if value >> bit & 1 == 1 { *byte | mask } else { *byte & !mask };
            }
            let wanted = i64::from(value) & ((1 << size) - 1);
            prop_assert_eq!(read(&report, start, size, false), Some(wanted));
            let signed = if wanted >> (size - 1) == 1 { wanted - (1 << size) } else { wanted };
            prop_assert_eq!(read(&report, start, size, true), Some(signed));
        }
    }
}
