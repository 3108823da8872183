// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a directory's record says of a file.

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// What a directory's record says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub file_type: FileType,
    /// In bytes; 0 of a directory, which does not say.
    pub size: u64,
    /// The cluster that its chain begins with; 0 where it has none.
    pub first_cluster: u32,
    /// What else it is.
    pub attributes: Attributes,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The day on which it was read last.
    pub accessed: Option<Timestamp>,
    /// When it was changed last.
    pub modified: Option<Timestamp>,
    /// Where its record is, in bytes from the beginning of the volume; the root directory has none.
    pub record: Option<u64>,
}

/// The bits of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)] // as they are stored
pub struct Attributes {
    /// It should not be changed.
    pub read_only: bool,
    /// It should not be listed.
    pub hidden: bool,
    /// It belongs to an operating system.
    pub system: bool,
    /// It was changed since somebody made a copy.
    pub archive: bool,
}

/// A moment on the clock of whoever wrote it: FAT does not say in which time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// 1980 to 2107.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 99.
    pub hundredths: u8,
}

impl Timestamp {
    /// From date, time and hundredths of a second as they are stored (section 6.3); none where that is
    /// no moment, as of files that nobody gave one.
    pub(crate) fn decode(date: u16, time: u16, hundredths: u8) -> Option<Self> {
        let bits = |word: u16, shift: u32, mask: u16| u8::try_from(word.checked_shr(shift)? & mask).ok();
        let moment = Self {
            year: (date >> 9).saturating_add(1980),
            month: bits(date, 5, 0xF)?,
            day: bits(date, 0, 0x1F)?,
            hour: bits(time, 11, 0x1F)?,
            minute: bits(time, 5, 0x3F)?,
            second: bits(time, 0, 0x1F)?.saturating_mul(2).saturating_add(hundredths / 100),
            hundredths: hundredths % 100,
        };
        let day = (1..=12).contains(&moment.month) && moment.day > 0;
        (day && moment.hour < 24 && moment.minute < 60 && moment.second < 60).then_some(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let date = (45 << 9) | (11 << 5) | 24;
        let time = (23 << 11) | (59 << 5) | 29;
        let moment = Timestamp::decode(date, time, 150).unwrap();
        assert_eq!((moment.year, moment.month, moment.day), (2025, 11, 24));
        assert_eq!((moment.hour, moment.minute, moment.second, moment.hundredths), (23, 59, 59, 50));
        assert_eq!(Timestamp::decode(0, 0, 0), None);
        assert_eq!(Timestamp::decode(date, 30, 0), None);
        assert_eq!(Timestamp::decode(date, 24 << 11, 0), None);
    }
}
