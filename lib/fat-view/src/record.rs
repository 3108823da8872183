// SPDX-License-Identifier: MIT OR Apache-2.0
//! The records of a directory (Microsoft FAT specification, sections 6 and 7).

use crate::bytes::{array, le16, le32};
use crate::metadata::{Attributes, FileType, Metadata, Timestamp};
use crate::options::CodePage;
use alloc::string::String;

/// A directory's record as it is stored.
pub(crate) type Bytes = [u8; 32];

/// The characters of a long name that one record has, and the records that one name may have.
pub(crate) const PART_UNITS: usize = 13;
pub(crate) const PARTS_MAX: usize = 20;

const READ_ONLY: u8 = 0x01;
const HIDDEN: u8 = 0x02;
const SYSTEM: u8 = 0x04;
const LABEL: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
const ARCHIVE: u8 = 0x20;
/// All that a record of a long name has (section 7).
const LONG: u8 = 0x0F;
/// The upper two bits are reserved.
const ATTRIBUTES: u8 = 0x3F;

/// The bits of Windows NT that say that a part of a short name is in small letters.
const SMALL_BASE: u8 = 0x08;
const SMALL_EXTENSION: u8 = 0x10;

/// What a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// The directory ends before it.
    End,
    /// It is free.
    Free,
    /// `.` or `..`.
    Dots,
    /// A part of a long name.
    Long(LongPart),
    /// The label of the volume.
    Label([u8; 11]),
    /// A file or directory by its short name.
    Short,
}

/// A part of a long name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LongPart {
    /// Which part, from 1 on.
    pub(crate) order: u8,
    /// Whether it is the name's last part, which is stored first.
    pub(crate) is_last: bool,
    /// Of the short name that it belongs to.
    pub(crate) checksum: u8,
    pub(crate) units: [u16; PART_UNITS],
}

/// What `bytes` are.
pub(crate) fn parse(bytes: &Bytes) -> Record {
    let [attributes] = array(bytes, 11);
    let name: [u8; 11] = array(bytes, 0);
    match (name[0], attributes & ATTRIBUTES) {
        (0, _) => Record::End,
        (0xE5, _) => Record::Free,
        (_, LONG) => Record::Long(long(bytes)),
        // No file is called nothing (section 6.1): Linux passes over it, too.
        _ if name == [b' '; 11] => Record::Free,
        (_, attributes) if attributes & LABEL != 0 => Record::Label(name),
        _ if name == *b".          " || name == *b"..         " => Record::Dots,
        _ => Record::Short,
    }
}

fn long(bytes: &Bytes) -> LongPart {
    let [order] = array(bytes, 0);
    let [checksum] = array(bytes, 13);
    let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain((28..32).step_by(2));
    let mut units = [0; PART_UNITS];
    for (unit, at) in units.iter_mut().zip(places) {
        *unit = le16(bytes, at);
    }
    LongPart { order: order & 0x1F, is_last: order & 0x40 != 0, checksum, units }
}

/// The checksum of a short name, by which long names know theirs (section 7.2).
pub(crate) fn checksum(bytes: &Bytes) -> u8 {
    let name: [u8; 11] = array(bytes, 0);
    name.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

/// The short name: `KERNEL.IMG`, or in small letters where the bits of Windows NT say so.
pub(crate) fn short_name(bytes: &Bytes, code_page: CodePage, with_case: bool) -> String {
    let mut name: [u8; 11] = array(bytes, 0);
    let [case] = array(bytes, 12);
    let case = if with_case { case } else { 0 };
    // 0xE5 marks free records, so a name that begins with it has another byte (section 6.1).
    if name[0] == 0x05 {
        name[0] = 0xE5;
    }
    let (base, extension) = name.split_at(8);
    let mut text = String::new();
    push(&mut text, base, code_page, case & SMALL_BASE != 0);
    if extension.iter().any(|byte| *byte != b' ') {
        text.push('.');
        push(&mut text, extension, code_page, case & SMALL_EXTENSION != 0);
    }
    text
}

fn push(text: &mut String, padded: &[u8], code_page: CodePage, small: bool) {
    let length = padded.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1));
    let characters = padded.iter().take(length).map(|byte| in_a_name(code_page.decode(*byte)));
    text.extend(characters.map(|character| if small { in_small(character) } else { character }));
}

/// What cannot be a part of a path becomes U+FFFD.
pub(crate) fn in_a_name(character: char) -> char {
    if matches!(character, '\0' | '/') { char::REPLACEMENT_CHARACTER } else { character }
}

/// The small letter of a capital that code pages have.
fn in_small(capital: char) -> char {
    match capital {
        'Ç' => 'ç',
        'Ä' => 'ä',
        'Å' => 'å',
        'É' => 'é',
        'Æ' => 'æ',
        'Ö' => 'ö',
        'Ü' => 'ü',
        'Ñ' => 'ñ',
        _ => capital.to_ascii_lowercase(),
    }
}

/// What a record of a file says; `place` is where it is.
pub(crate) fn metadata(bytes: &Bytes, place: u64, is_fat32: bool) -> Metadata {
    let [attributes] = array(bytes, 11);
    let [hundredths] = array(bytes, 13);
    let high = if is_fat32 { u32::from(le16(bytes, 20)) << 16 } else { 0 };
    let is_directory = attributes & DIRECTORY != 0;
    Metadata {
        file_type: if is_directory { FileType::Directory } else { FileType::File },
        size: if is_directory { 0 } else { le32(bytes, 28).into() },
        first_cluster: high | u32::from(le16(bytes, 26)),
        attributes: Attributes {
            read_only: attributes & READ_ONLY != 0,
            hidden: attributes & HIDDEN != 0,
            system: attributes & SYSTEM != 0,
            archive: attributes & ARCHIVE != 0,
        },
        created: Timestamp::decode(le16(bytes, 16), le16(bytes, 14), hundredths),
        accessed: Timestamp::decode(le16(bytes, 18), 0, 0),
        modified: Timestamp::decode(le16(bytes, 24), le16(bytes, 22), 0),
        record: Some(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &[u8; 11], attributes: u8, case: u8) -> Bytes {
        let mut bytes = [0; 32];
        bytes[..11].copy_from_slice(name);
        (bytes[11], bytes[12]) = (attributes, case);
        bytes
    }

    #[test]
    fn short_names_as_people_write_them() {
        let name = |stored, case| short_name(&record(stored, 0, case), CodePage::Cp437, true);
        assert_eq!(name(b"KERNEL  IMG", 0), "KERNEL.IMG");
        assert_eq!(name(b"KERNEL  IMG", SMALL_BASE), "kernel.IMG");
        assert_eq!(name(b"KERNEL  IMG", SMALL_EXTENSION), "KERNEL.img");
        assert_eq!(name(b"A B        ", 0), "A B");
        assert_eq!(name(b"\x05\x8E\x81     TXT", 0), "σÄü.TXT");
        assert_eq!(name(b"\x8EA      TXT", SMALL_BASE), "äa.TXT");
        assert_eq!(name(b"A/B        ", 0), "A\u{FFFD}B");
    }

    #[test]
    fn what_a_record_is() {
        assert_eq!(parse(&[0; 32]), Record::End);
        assert_eq!(parse(&record(b"\xE5ERNEL  IMG", 0, 0)), Record::Free);
        assert_eq!(parse(&record(b"           ", ARCHIVE, 0)), Record::Free);
        assert_eq!(parse(&record(b"..         ", DIRECTORY, 0)), Record::Dots);
        assert_eq!(parse(&record(b"A LABEL    ", LABEL | ARCHIVE, 0)), Record::Label(*b"A LABEL    "));
        assert_eq!(parse(&record(b"KERNEL  IMG", ARCHIVE, 0)), Record::Short);
        let Record::Long(part) = parse(&record(b"\x42a\0b\0c\0d\0e\0", LONG, 0)) else { panic!() };
        assert_eq!((part.order, part.is_last, &part.units[..5]), (2, true, &[97, 98, 99, 100, 101][..]));
    }
}
