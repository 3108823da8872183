// SPDX-License-Identifier: MIT OR Apache-2.0
//! The firmware's own boot options: `EFI_LOAD_OPTION` (UEFI 2.10, section 3.1.3).

use alloc::string::String;

/// The bit of an option that firmware may start by itself (`LOAD_OPTION_ACTIVE`).
const ACTIVE: u32 = 1;
/// Bytes before the description: attributes, and the length of the device path.
const HEADER: usize = 6;

/// What an option says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOption {
    /// Whether firmware may start it by itself.
    pub active: bool,
    /// What the firmware's menu calls it.
    pub description: String,
}

impl LoadOption {
    /// Reads an option; `None` when the bytes are none, for instance without the description's end.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let attributes = bytes.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))?;
        let (pairs, _) = bytes.get(HEADER..)?.as_chunks::<2>();
        let end = pairs.iter().position(|pair| *pair == [0, 0])?;
        let units = pairs.get(..end)?.iter().map(|pair| u16::from_le_bytes(*pair));
        let description = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        Some(Self { active: attributes & ACTIVE != 0, description: description.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn option(description: &str) -> Vec<u8> {
        let text = description.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
        [1, 0, 0, 0, 4, 0].into_iter().chain(text).chain([0x7F, 0xFF, 4, 0]).collect()
    }

    #[test]
    fn the_description_ends_at_its_nul() {
        let parsed = LoadOption::parse(&option("Windows Boot Manager")).unwrap();
        assert_eq!((parsed.description.as_str(), parsed.active), ("Windows Boot Manager", true));
        assert_eq!(LoadOption::parse(&[]), None);
        assert_eq!(LoadOption::parse(&[1, 0, 0, 0, 4, 0, b'a', 0]), None, "no end");
        assert_eq!(LoadOption::parse(&[1, 0, 0, 0, 4, 0, 0, 0xD8, 0, 0]).unwrap().description, "\u{FFFD}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = LoadOption::parse(&bytes);
        }
    }
}
