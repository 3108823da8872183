// SPDX-License-Identifier: MIT OR Apache-2.0
//! The machine's own description (DMTF DSP0134, SMBIOS 3.7): types 1 and 11.

use crate::bytes::{sums_to_zero, u16_at, u32_at, u64_at};
use crate::memory::physical;
use crate::services::configuration_table;
use alloc::string::String;
use alloc::vec::Vec;
use uefi::{Guid, guid};

/// Configuration table of the 64-bit entry point (section 5.2.2).
const ENTRY_64: Guid = guid!("f2fd1544-9794-4a2c-992e-e5bbcf20e394");
/// Configuration table of the 32-bit entry point (section 5.2.1).
const ENTRY_32: Guid = guid!("eb9d2d31-2d88-11d3-9a16-0090273fc14d");

/// The largest table that is looked at. Real ones have a few kilobytes; the 64-bit entry point
/// gives an upper bound instead of a size.
const MAX_TABLE: usize = 64 * 1024;
/// The longest string that is taken over, in bytes.
const MAX_STRING: usize = 128;

const SYSTEM: u8 = 1;
const OEM_STRINGS: u8 = 11;
const END_OF_TABLE: u8 = 127;

/// What LamBoot wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Smbios {
    /// Type 1, manufacturer.
    pub(crate) manufacturer: Option<String>,
    /// Type 1, product name.
    pub(crate) product: Option<String>,
    /// Type 11, `lamboot.fleet-id=`.
    pub(crate) fleet_id: Option<String>,
    /// Type 11, `lamboot.vmid=`.
    pub(crate) vmid: Option<String>,
}

/// Reads the table that firmware offers; an absent or broken one says nothing.
pub(crate) fn read() -> Smbios {
    let Some((address, length)) = locate() else { return Smbios::default() };
    // SAFETY: firmware's entry point says that the table is there. Up to MAX_TABLE bytes of
    // identity-mapped memory behind its start are read at most.
    let table = unsafe { physical(address, length.min(MAX_TABLE)) };
    table.map(|table| parse(&table)).unwrap_or_default()
}

/// Address and size of the structure table.
fn locate() -> Option<(u64, usize)> {
    let from = |guid, size, parse: fn(&[u8]) -> Option<(u64, usize)>| {
        let address = configuration_table(guid)?;
        // SAFETY: the configuration table with this GUID points to an entry point of that size.
        let entry = unsafe { physical(address, size) }?;
        parse(&entry)
    };
    from(&ENTRY_64, 24, entry_64).or_else(|| from(&ENTRY_32, 31, entry_32))
}

fn entry_64(entry: &[u8]) -> Option<(u64, usize)> {
    let whole = entry.get(..usize::from(*entry.get(6)?))?;
    (whole.starts_with(b"_SM3_") && sums_to_zero(whole)).then_some(())?;
    Some((u64_at(whole, 0x10)?, usize::try_from(u32_at(whole, 0x0C)?).ok()?))
}

fn entry_32(entry: &[u8]) -> Option<(u64, usize)> {
    let whole = entry.get(..usize::from(*entry.get(5)?))?;
    (whole.starts_with(b"_SM_") && sums_to_zero(whole)).then_some(())?;
    Some((u64::from(u32_at(whole, 0x18)?), usize::from(u16_at(whole, 0x16)?)))
}

/// One structure: its formatted part, and the strings behind it.
struct Structure<'t> {
    formatted: &'t [u8],
    strings: &'t [u8],
}

/// The structures of a table up to its end marker, its end, or the first broken one.
fn structures(table: &[u8]) -> impl Iterator<Item = Structure<'_>> {
    let mut rest = table;
    core::iter::from_fn(move || {
        let [kind, length, ..] = *rest else { return None };
        if kind == END_OF_TABLE || length < 4 {
            return None;
        }
        let (formatted, tail) = rest.split_at_checked(usize::from(length))?;
        // Strings end with an empty one, so two zeros in a row end the structure (section 6.1.3).
        let end = tail.windows(2).position(|pair| pair == [0, 0])?;
        let (strings, next) = tail.split_at_checked(end)?;
        rest = next.get(2..)?;
        Some(Structure { formatted, strings })
    })
}

impl<'t> Structure<'t> {
    fn kind(&self) -> Option<u8> {
        self.formatted.first().copied()
    }

    fn all_strings(&self) -> impl Iterator<Item = &'t [u8]> {
        self.strings.split(|byte| *byte == 0).filter(|text| !text.is_empty())
    }

    /// The string whose number stands at `offset`; number 0 means none.
    fn string_at(&self, offset: usize) -> Option<&'t [u8]> {
        let number = usize::from(*self.formatted.get(offset)?);
        self.all_strings().nth(number.checked_sub(1)?)
    }
}

fn parse(table: &[u8]) -> Smbios {
    let mut found = Smbios::default();
    for structure in structures(table) {
        match structure.kind() {
            Some(SYSTEM) if found.manufacturer.is_none() && found.product.is_none() => {
                found.manufacturer = structure.string_at(4).and_then(clean);
                found.product = structure.string_at(5).and_then(clean);
            }
            Some(OEM_STRINGS) => structure.all_strings().for_each(|text| take_tag(&mut found, text)),
            _ => {}
        }
    }
    found
}

fn take_tag(found: &mut Smbios, text: &[u8]) {
    if let Some(value) = text.strip_prefix(b"lamboot.fleet-id=") {
        found.fleet_id = found.fleet_id.take().or_else(|| clean(value));
    } else if let Some(value) = text.strip_prefix(b"lamboot.vmid=") {
        found.vmid = found.vmid.take().or_else(|| clean(value));
    }
}

/// A string as people may see it: bounded, printable, trimmed; `None` when nothing is left.
fn clean(text: &[u8]) -> Option<String> {
    let text = text.get(..MAX_STRING).unwrap_or(text);
    let printable: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
    let text = String::from_utf8_lossy(&printable);
    let text = text.trim();
    (!text.is_empty()).then(|| String::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(kind: u8, fields: &[u8], strings: &[&str]) -> Vec<u8> {
        let mut bytes = alloc::vec![kind, 4 + fields.len() as u8, 0, 0];
        bytes.extend_from_slice(fields);
        for text in strings {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
        if strings.is_empty() {
            bytes.push(0);
        }
        bytes.push(0);
        bytes
    }

    fn machine() -> Vec<u8> {
        [
            structure(0, &[1], &["Vendor"]),
            structure(1, &[1, 2, 0], &["QEMU", "Standard PC (Q35 + ICH9, 2009)  "]),
            structure(32, &[], &[]),
            structure(11, &[2], &["lamboot.vmid=104", "lamboot.fleet-id=lab\x07-1"]),
            structure(127, &[], &[]),
            structure(1, &[1, 1], &["after the end"]),
        ]
        .concat()
    }

    #[test]
    fn the_strings_are_found() {
        let found = parse(&machine());
        assert_eq!(found.manufacturer.as_deref(), Some("QEMU"));
        assert_eq!(found.product.as_deref(), Some("Standard PC (Q35 + ICH9, 2009)"));
        assert_eq!(found.vmid.as_deref(), Some("104"));
        assert_eq!(found.fleet_id.as_deref(), Some("lab-1"));
    }

    #[test]
    fn string_number_zero_and_numbers_beyond_the_last_mean_nothing() {
        let found = parse(&structure(1, &[0, 9], &["only one"]));
        assert_eq!(found, Smbios::default());
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_survived() {
        let whole = machine();
        for end in 0..whole.len() {
            let _ = parse(&whole[..end]);
            for value in [0, 1, 3, 127, 255] {
                let mut broken = whole.clone();
                broken[end] = value;
                let _ = parse(&broken);
            }
        }
    }

    #[test]
    fn a_long_string_is_cut() {
        let found = parse(&structure(1, &[1, 0], &[&"x".repeat(5000)]));
        assert_eq!(found.manufacturer.map(|text| text.len()), Some(MAX_STRING));
    }

    fn with_checksum(mut entry: Vec<u8>, at: usize) -> Vec<u8> {
        let sum = entry.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        entry[at] = 0_u8.wrapping_sub(sum);
        entry
    }

    #[test]
    fn both_entry_points_are_understood() {
        let mut entry = b"_SM3_\0\x18\x03\x03\0\x01\0\x34\x12\0\0".to_vec();
        entry.extend_from_slice(&0x1_2345_6000_u64.to_le_bytes());
        let entry = with_checksum(entry, 5);
        assert_eq!(entry_64(&entry), Some((0x1_2345_6000, 0x1234)));
        assert_eq!(entry_64(&entry[..20]), None);

        let mut entry = b"_SM_\0\x1F\x02\x08".to_vec();
        entry.resize(0x16, 0);
        entry.extend_from_slice(&[0x34, 0x12, 0, 0x60, 0x45, 0x23, 0, 0, 0]);
        let mut entry = with_checksum(entry, 4);
        assert_eq!(entry_32(&entry), Some((0x2345_6000, 0x1234)));
        entry[0x18] ^= 1;
        assert_eq!(entry_32(&entry), None, "the checksum no longer holds");
    }
}
