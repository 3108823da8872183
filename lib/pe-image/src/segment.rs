// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sections as they are loaded (PE Format, Section Table): what of the file comes where in memory.

use crate::pages::Permissions;
use crate::plan_refusal::PlanRefusal;
use crate::section::Section;
use alloc::vec::Vec;
use core::ops::Range;

/// One section in the file and in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The section's name, filled up with NULs.
    pub name: [u8; 8],
    /// Where it is in memory, from the beginning of the image. Never empty.
    pub memory: Range<u32>,
    /// Its bytes in the file: as many as `memory` has, or fewer. Memory behind them is zero.
    pub file: Range<u32>,
    /// What the section may be used for.
    pub permissions: Permissions,
}

/// The sections that have memory, in its order. That they are within the image and do not overlap, reading
/// the headers has seen.
pub(crate) fn segments(sections: &[Section], size_of_headers: u32) -> Result<Vec<Segment>, PlanRefusal> {
    let mut segments = Vec::with_capacity(sections.len());
    for section in sections {
        segments.extend(segment(section, size_of_headers)?);
    }
    segments.sort_unstable_by_key(|segment| segment.memory.start);
    Ok(segments)
}

fn segment(section: &Section, size_of_headers: u32) -> Result<Option<Segment>, PlanRefusal> {
    let Section { name, virtual_size, virtual_address, .. } = *section;
    if virtual_size == 0 {
        // Some firmware takes the size in the file for it, some does not.
        return if section.file_size == 0 { Ok(None) } else { Err(PlanRefusal::NoMemory { section: name }) };
    }
    if virtual_address < size_of_headers {
        return Err(PlanRefusal::OverHeaders { section: name });
    }
    let file =
        if section.content_size() == 0 { 0..0 } else { at(section.file_offset, section.content_size()) };
    let permissions = Permissions::of(section.characteristics);
    Ok(Some(Segment { name, memory: at(virtual_address, virtual_size), file, permissions }))
}

/// Places that were found to be within the file or the image, whose sizes have 32 bits.
fn at(from: u32, size: u32) -> Range<u32> {
    from..from.saturating_add(size)
}

/// The segment that has all of these bytes of memory.
pub(crate) fn segment_at(segments: &[Segment], address: u32, size: u32) -> Option<&Segment> {
    let end = address.checked_add(size)?;
    let behind = segments.partition_point(|segment| segment.memory.start <= address);
    segments.get(behind.checked_sub(1)?).filter(|segment| end <= segment.memory.end)
}

/// Where bytes of memory are in the file.
pub(crate) fn in_file(segments: &[Segment], address: u32, size: u32) -> Option<(&Segment, Range<u32>)> {
    let segment = segment_at(segments, address, size)?;
    let from = segment.file.start.checked_add(address.checked_sub(segment.memory.start)?)?;
    let file = from..from.checked_add(size)?;
    (file.end <= segment.file.end).then_some((segment, file))
}
