// SPDX-License-Identifier: MIT OR Apache-2.0
//! `EFI_FILE_INFO` as bytes (UEFI 2.10, section 13.5).
//!
//! ```text
//!  0  Size              whole structure, name included
//!  8  FileSize
//! 16  PhysicalSize
//! 24  three EFI_TIMEs, 16 bytes each
//! 72  Attribute
//! 80  FileName          UTF-16, NUL-terminated
//! ```

use alloc::string::String;
use lamboot_core::ports::{FileKind, Metadata};

/// Where the three times are.
const TIMES: usize = 24;
/// Room for the fixed part and the longest name of FAT, 255 UTF-16 units.
const CAPACITY: usize = 80 + 2 * 256 + 8;
const FIXED: usize = 80;
const READ_ONLY: u64 = 1;
const DIRECTORY: u64 = 0x10;

/// The structure's bytes, aligned as firmware demands.
#[repr(C, align(8))]
pub(crate) struct FileInfo {
    bytes: [u8; CAPACITY],
    used: usize,
}

impl FileInfo {
    pub(crate) const fn empty() -> Self {
        Self { bytes: [0; CAPACITY], used: 0 }
    }

    /// The buffer for firmware to fill.
    pub(crate) const fn buffer(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Keeps the first `used` bytes as what firmware gave; `None` when they cannot be a file's.
    pub(crate) fn accept(&mut self, used: usize) -> Option<()> {
        self.used = used;
        (FIXED..=CAPACITY).contains(&used).then_some(())
    }

    /// The bytes to hand back to firmware.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    fn number(&self, offset: usize) -> u64 {
        let field = self.bytes.get(offset..).and_then(|rest| rest.first_chunk());
        field.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    fn put(&mut self, offset: usize, bytes: &[u8]) -> Option<()> {
        let end = offset.checked_add(bytes.len())?;
        self.bytes.get_mut(offset..end)?.copy_from_slice(bytes);
        Some(())
    }

    /// File or directory, size, protection.
    pub(crate) fn metadata(&self) -> Metadata {
        let attributes = self.number(72);
        let directory = attributes & DIRECTORY != 0;
        Metadata {
            kind: if directory { FileKind::Directory } else { FileKind::File },
            size: if directory { 0 } else { self.number(8) },
            read_only: attributes & READ_ONLY != 0,
        }
    }

    /// The name up to its terminator; what is not valid Unicode becomes a replacement character.
    pub(crate) fn name(&self) -> String {
        text(self.bytes.get(FIXED..self.used).unwrap_or_default())
    }

    /// Leaves the file's times alone: zero is ignored (UEFI 2.10, section 13.5). What the firmware
    /// reported may be no valid time, and handing that back makes it refuse the whole change.
    fn keep_times(&mut self) {
        let _ = self.put(TIMES, &[0; 48]);
    }

    /// Asks for another file size.
    pub(crate) fn set_size(&mut self, size: u64) {
        self.keep_times();
        // The offsets are constants inside the buffer, so this cannot fail.
        let _ = self.put(8, &size.to_le_bytes());
    }

    /// Asks for another name; `None` when it is too long.
    pub(crate) fn set_name(&mut self, name: &str) -> Option<()> {
        self.keep_times();
        let mut end = FIXED;
        for unit in name.encode_utf16().chain([0]) {
            self.put(end, &unit.to_le_bytes())?;
            end = end.checked_add(2)?;
        }
        self.used = end;
        self.put(0, &u64::try_from(end).ok()?.to_le_bytes())
    }
}

/// UTF-16 text up to its terminator; what is not valid Unicode becomes a replacement character.
pub(crate) fn text(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    let mut text = String::with_capacity(bytes.len() / 2);
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(name: &str, size: u64, attributes: u64) -> FileInfo {
        let mut info = FileInfo::empty();
        info.set_name(name).expect("short name");
        info.set_size(size);
        info.put(72, &attributes.to_le_bytes()).expect("inside");
        let used = info.used;
        info.accept(used).expect("whole");
        info
    }

    #[test]
    fn fields_are_where_the_specification_puts_them() {
        let info = filled("a.conf", 700, READ_ONLY);
        assert_eq!(info.name(), "a.conf");
        assert_eq!(info.metadata(), Metadata { kind: FileKind::File, size: 700, read_only: true });
        assert_eq!(info.as_bytes().len(), 80 + 14);
        assert_eq!(info.as_bytes()[..8], 94_u64.to_le_bytes());
    }

    #[test]
    fn a_change_leaves_the_times_alone() {
        let mut info = filled("a", 0, 0);
        info.put(TIMES, &[0xFF; 48]).expect("inside");
        info.set_size(9);
        assert_eq!(info.as_bytes()[TIMES..TIMES + 48], [0; 48]);
    }

    #[test]
    fn a_directory_has_no_size() {
        let metadata = filled("EFI", 4096, DIRECTORY).metadata();
        assert_eq!(metadata, Metadata { kind: FileKind::Directory, size: 0, read_only: false });
    }

    #[test]
    fn a_name_without_terminator_or_with_half_a_character_is_still_a_name() {
        let mut info = filled("ab", 0, 0);
        info.put(82, &0xD800_u16.to_le_bytes()).expect("inside");
        info.used = 84;
        assert_eq!(info.name(), "a\u{FFFD}");
    }

    #[test]
    fn impossible_lengths_and_too_long_names_are_refused() {
        assert!(FileInfo::empty().accept(79).is_none());
        assert!(FileInfo::empty().accept(CAPACITY + 1).is_none());
        assert!(filled("a", 0, 0).set_name(&"x".repeat(300)).is_none());
    }
}
