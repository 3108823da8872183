// SPDX-License-Identifier: MIT OR Apache-2.0
//! Long names from their parts (Microsoft FAT specification, section 7), and names that are equal.

use crate::record::{self, LongPart, PART_UNITS, PARTS_MAX};
use alloc::string::String;
use alloc::vec::Vec;

/// The most characters of a long name, in units of UTF-16.
const UNITS_MAX: usize = 255;

/// The parts of a long name so far. The last comes first, and the short name after the first.
#[derive(Debug, Default)]
pub(crate) struct LongName {
    units: Vec<u16>,
    checksum: u8,
    /// The part that must come next; none where there is no name, or where it is complete.
    next: Option<u8>,
}

impl LongName {
    /// Forgets what was found: what comes next does not belong to it.
    pub(crate) fn clear(&mut self) {
        self.units.clear();
        self.next = None;
    }

    /// Adds a part. One that is not in order belongs to no name.
    pub(crate) fn add(&mut self, part: &LongPart) {
        let possible = (1..=PARTS_MAX).contains(&part.order.into());
        if part.is_last && possible {
            self.clear();
            self.units.resize(usize::from(part.order).saturating_mul(PART_UNITS), 0);
            self.checksum = part.checksum;
        } else if self.next != Some(part.order) || self.checksum != part.checksum || !possible {
            return self.clear();
        }
        let before = part.order.saturating_sub(1);
        let start = usize::from(before).saturating_mul(PART_UNITS);
        if let Some(place) = self.units.get_mut(start..).and_then(|rest| rest.get_mut(..PART_UNITS)) {
            place.copy_from_slice(&part.units);
        }
        self.next = Some(before);
    }

    /// The name, if it is complete and of the file with this checksum.
    pub(crate) fn take(&mut self, checksum: u8) -> Option<String> {
        let fits = self.next == Some(0) && self.checksum == checksum;
        let length = self.units.iter().position(|unit| *unit == 0).unwrap_or(self.units.len());
        let units = self.units.get(..length).filter(|units| fits && units.len() <= UNITS_MAX);
        let name = units.map(|units| {
            let characters = char::decode_utf16(units.iter().copied());
            let characters = characters.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
            characters.map(record::in_a_name).collect::<String>()
        });
        self.clear();
        name.filter(|name| !matches!(name.as_str(), "" | "." | ".."))
    }
}

/// Whether two names are the same in any case.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.chars().map(small).eq(other.chars().map(small))
}

/// The small letter, where it is one character. Capitals would be another table of 12 KiB, beside that of small
/// letters, which others need.
fn small(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut letters = character.to_lowercase();
    match (letters.next(), letters.next()) {
        (Some(small), None) => small,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The parts of `name` in the order in which they are stored.
    fn parts(name: &str, checksum: u8) -> Vec<LongPart> {
        let mut units: Vec<u16> = name.encode_utf16().collect();
        let count = units.len().div_ceil(PART_UNITS);
        if units.len() < count * PART_UNITS {
            units.push(0);
            units.resize(count * PART_UNITS, 0xFFFF);
        }
        let part = |(index, units): (usize, &[u16])| LongPart {
            order: index as u8 + 1,
            is_last: index + 1 == count,
            checksum,
            units: units.try_into().unwrap(),
        };
        let mut parts: Vec<LongPart> = units.chunks(PART_UNITS).enumerate().map(part).collect();
        parts.reverse();
        parts
    }

    fn put_together(parts: &[LongPart], checksum: u8) -> Option<String> {
        let mut name = LongName::default();
        for part in parts {
            name.add(part);
        }
        name.take(checksum)
    }

    proptest! {
        #[test]
        fn a_name_is_what_its_parts_say(name in "[^\0/]{1,120}", checksum: u8) {
            prop_assume!(name.encode_utf16().count() <= UNITS_MAX && name != "." && name != "..");
            let stored = parts(&name, checksum);
            prop_assert_eq!(put_together(&stored, checksum), Some(name));
            prop_assert_eq!(put_together(&stored, checksum.wrapping_add(1)), None);
        }

        #[test]
        fn a_part_less_or_in_another_order_is_no_name(at in 0_usize..5, other in 0_usize..5) {
            let stored = parts(&"a long name of five parts, ".repeat(3)[..62], 7);
            let mut less = stored.clone();
            less.remove(at);
            prop_assert_eq!(put_together(&less, 7), None);
            if at != other {
                let mut moved = stored.clone();
                moved.swap(at, other);
                prop_assert_eq!(put_together(&moved, 7), None);
            }
            let mut changed = stored;
            changed[at].checksum = 8;
            prop_assert_eq!(put_together(&changed, 7), None);
        }
    }

    #[test]
    fn a_name_that_is_none_is_none() {
        for name in [".", "..", "\0"] {
            assert_eq!(put_together(&parts(name, 7), 7), None);
        }
        assert_eq!(LongName::default().take(0), None);
        let half = LongPart { order: 1, is_last: true, checksum: 7, units: [0xD800; PART_UNITS] };
        assert_eq!(put_together(&[half], 7), Some("\u{FFFD}".repeat(13)));
    }

    #[test]
    fn names_are_the_same_in_any_case() {
        assert!(same("Kernel-Ünïx.IMG", "kERNEL-üNÏX.img"));
        assert!(same("Файл", "фАЙЛ"));
        assert!(!same("kernel", "kernel2") && !same("straße", "STRASSE"));
        // Letters that have a capital which is another letter's.
        assert!(!same("ı", "i") && !same("ſ", "s") && !same("ς", "σ"));
    }
}
