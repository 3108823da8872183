// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sections (PE Format, Section Table): where they are in the file and in memory, and whether that
//! can be true.

use crate::bytes::{array, u32_at};
use crate::refusal::Refusal;
use alloc::vec::Vec;

/// The most sections that an image may have. Windows allows 96; unified kernel images with many
/// device trees and profiles have more.
pub const SECTIONS_MAX: usize = 512;

/// Bytes of one line of the section table.
pub(crate) const LINE: usize = 40;

/// One section, checked against the sizes of the file and the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name, filled up with NULs.
    pub name: [u8; 8],
    /// Bytes in memory.
    pub virtual_size: u32,
    /// Where it is in memory, from the beginning of the image.
    pub virtual_address: u32,
    /// Where it is in the file. Without meaning when `file_size` is 0.
    pub file_offset: u32,
    /// Bytes in the file, with what fills them up.
    pub file_size: u32,
    /// `Characteristics`: flags, such as that it may be run.
    pub characteristics: u32,
}

/// What a section must fit into.
pub(crate) struct Room {
    pub(crate) file_size: u64,
    pub(crate) size_of_headers: u32,
    pub(crate) size_of_image: u32,
}

impl Section {
    /// Whether this is its name. A section's name has at most 8 bytes.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let end = self.name.iter().position(|byte| *byte == 0).unwrap_or(self.name.len());
        self.name.get(..end) == Some(name.as_bytes())
    }

    /// Bytes of the file that are content: what fills up the section's place in the file is none,
    /// and what memory has beyond them is zero.
    #[must_use]
    pub fn content_size(&self) -> u32 {
        self.virtual_size.min(self.file_size)
    }

    /// One line of the table.
    fn read(line: &[u8]) -> Option<Self> {
        Some(Self {
            name: array(line, 0)?,
            virtual_size: u32_at(line, 8)?,
            virtual_address: u32_at(line, 12)?,
            file_size: u32_at(line, 16)?,
            file_offset: u32_at(line, 20)?,
            characteristics: u32_at(line, 36)?,
        })
    }

    fn check(&self, room: &Room) -> Result<(), Refusal> {
        let (from, to) = self.in_memory();
        if from != to && to > u64::from(room.size_of_image) {
            return Err(Refusal::OutsideImage { section: self.name });
        }
        let (from, to) = self.in_file();
        if from == to {
            return Ok(());
        }
        if to > room.file_size {
            return Err(Refusal::OutsideFile { section: self.name });
        }
        if from < u64::from(room.size_of_headers) {
            return Err(Refusal::InHeaders { section: self.name });
        }
        Ok(())
    }

    fn in_file(&self) -> (u64, u64) {
        extent(self.file_offset, self.file_size)
    }

    fn in_memory(&self) -> (u64, u64) {
        extent(self.virtual_address, self.virtual_size)
    }
}

fn extent(from: u32, size: u32) -> (u64, u64) {
    (u64::from(from), u64::from(from).saturating_add(u64::from(size)))
}

/// Reads and checks the whole table.
///
/// # Errors
///
/// A section is not in the file or the image, is in the headers, or shares bytes with another.
pub(crate) fn table(bytes: &[u8], room: &Room) -> Result<Vec<Section>, Refusal> {
    let mut sections = Vec::with_capacity((bytes.len() / LINE).min(SECTIONS_MAX));
    for line in bytes.chunks_exact(LINE).take(SECTIONS_MAX) {
        let section = Section::read(line).ok_or(Refusal::Truncated)?;
        section.check(room)?;
        sections.push(section);
    }
    if overlap(&sections, Section::in_file) {
        return Err(Refusal::OverlapInFile);
    }
    if overlap(&sections, Section::in_memory) {
        return Err(Refusal::OverlapInMemory);
    }
    Ok(sections)
}

fn overlap(sections: &[Section], place: fn(&Section) -> (u64, u64)) -> bool {
    let places: Vec<(u64, u64)> = sections.iter().map(place).filter(|(from, to)| from != to).collect();
    let meets = |(from, to): (u64, u64), (start, end): (u64, u64)| from < end && start < to;
    // There are too few of them for sorting to be worth its code.
    let mut rest = places.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| meets(*first, *other)) {
            return true;
        }
        rest = others;
    }
    false
}
