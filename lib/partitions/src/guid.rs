// SPDX-License-Identifier: MIT OR Apache-2.0
//! GUIDs as UEFI stores them.

use core::fmt;

/// A GUID in the order in which UEFI stores it (appendix A): the first three numbers little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// The type of an entry that is free.
    pub(crate) const UNUSED: Self = Self([0; 16]);
}

/// In small letters, as Linux writes it.
impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, j, k, rest @ ..] = self.0;
        let (first, second, third) =
            (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, g]), u16::from_le_bytes([h, i]));
        write!(f, "{first:08x}-{second:04x}-{third:04x}-{j:02x}{k:02x}-")?;
        rest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn the_esp_as_people_know_it() {
        let stored =
            [0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B];
        assert_eq!(Guid(stored).to_string(), "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    }
}
