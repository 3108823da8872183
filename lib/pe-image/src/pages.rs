// SPDX-License-Identifier: MIT OR Apache-2.0
//! What may be done with each page of an image in memory (PE Format, Section Flags; UEFI 2.10, section
//! 37.1, `EFI_MEMORY_ATTRIBUTE_PROTOCOL`, which gives attributes to whole pages).

use alloc::vec::Vec;
use core::ops::Range;

/// Bytes of a page (UEFI 2.10, section 7.2, Memory Allocation Services: 4 KiB on every processor).
pub const PAGE: u32 = 4096;

const EXECUTE: u32 = 0x2000_0000;
const READ: u32 = 0x4000_0000;
const WRITE: u32 = 0x8000_0000;

/// What may be done with memory: `IMAGE_SCN_MEM_READ`, `_WRITE` and `_EXECUTE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// It may be read.
    pub read: bool,
    /// It may be written.
    pub write: bool,
    /// It may be run.
    pub execute: bool,
}

impl Permissions {
    /// To be read only: headers, and what belongs to no section.
    pub const READ: Self = Self { read: true, write: false, execute: false };

    /// From a section's `Characteristics`.
    pub(crate) fn of(characteristics: u32) -> Self {
        let has = |flag: u32| characteristics & flag != 0;
        Self { read: has(READ), write: has(WRITE), execute: has(EXECUTE) }
    }

    /// What either of them allows.
    fn or(self, other: Self) -> Self {
        Self {
            read: self.read || other.read,
            write: self.write || other.write,
            execute: self.execute || other.execute,
        }
    }
}

/// Pages that follow each other with the same permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where they are, from the beginning of the image: from and to a multiple of [`PAGE`].
    pub memory: Range<u32>,
    /// What may be done with them: what any section allows that has a byte in them.
    pub permissions: Permissions,
}

/// The regions of an image, from its beginning to `end`. `parts` ascend and do not overlap; they and `end`,
/// a multiple of [`PAGE`], are within `IMAGE_MAX`.
pub(crate) fn regions(parts: impl Iterator<Item = (Range<u32>, Permissions)>, end: u32) -> Vec<Region> {
    let mut regions = Vec::new();
    for (memory, permissions) in parts.filter(|(memory, _)| !memory.is_empty()) {
        let pages = down(memory.start)..up(memory.end);
        let fresh = share(&mut regions, pages, permissions);
        push(&mut regions, fresh, permissions);
    }
    let rest = reached(&regions)..end;
    push(&mut regions, rest, Permissions::READ);
    regions
}

/// Where the last of them ends.
fn reached(regions: &[Region]) -> u32 {
    regions.last().map_or(0, |last| last.memory.end)
}

/// Comes to the beginning of `pages`, and gives `permissions` also to a page that is there already. Returns
/// those that are not.
fn share(regions: &mut Vec<Region>, pages: Range<u32>, permissions: Permissions) -> Range<u32> {
    let reached = reached(regions);
    if pages.start >= reached {
        push(regions, reached..pages.start, Permissions::READ);
        return pages;
    }
    // Parts do not overlap, so that it is one page: the last.
    if let Some(last) = regions.pop() {
        push(regions, last.memory.start..pages.start, last.permissions);
        push(regions, pages.start..last.memory.end, last.permissions.or(permissions));
    }
    reached..pages.end
}

/// Adds pages, if there are any; to the last ones where they have the same permissions.
fn push(regions: &mut Vec<Region>, memory: Range<u32>, permissions: Permissions) {
    if memory.is_empty() {
        return;
    }
    match regions.last_mut() {
        Some(last) if last.permissions == permissions => last.memory.end = memory.end,
        _ => regions.push(Region { memory, permissions }),
    }
}

fn down(address: u32) -> u32 {
    address & !PAGE.saturating_sub(1)
}

/// The next multiple of [`PAGE`]. Addresses within `IMAGE_MAX` do not overflow.
pub(crate) fn up(address: u32) -> u32 {
    address.checked_next_multiple_of(PAGE).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const R: u32 = READ;
    const RW: u32 = READ | WRITE;
    const RX: u32 = READ | EXECUTE;

    fn of(parts: &[(Range<u32>, u32)], end: u32) -> Vec<(u32, u32, u32)> {
        let parts = parts.iter().map(|(memory, flags)| (memory.clone(), Permissions::of(*flags)));
        let bits = |permissions: Permissions| {
            [(permissions.read, READ), (permissions.write, WRITE), (permissions.execute, EXECUTE)]
                .into_iter()
                .filter_map(|(has, bit)| has.then_some(bit))
                .sum()
        };
        let shown = |region: Region| (region.memory.start, region.memory.end, bits(region.permissions));
        regions(parts, end).into_iter().map(shown).collect()
    }

    #[test]
    fn each_page_once() {
        let aligned = [(0..0x400, R), (0x1000..0x2800, RX), (0x4000..0x4001, RW)];
        assert_eq!(
            of(&aligned, 0x7000),
            [
                (0, 0x1000, R),
                (0x1000, 0x3000, RX),
                (0x3000, 0x4000, R),
                (0x4000, 0x5000, RW),
                (0x5000, 0x7000, R)
            ]
        );
        assert_eq!(of(&[], 0x1000), [(0, 0x1000, R)]);
    }

    #[test]
    fn a_shared_page_allows_what_either_does() {
        let three = [(0..0x200, R), (0x200..0x2800, RX), (0x2800..0x2900, RW), (0x2900..0x5000, R)];
        let all = READ | WRITE | EXECUTE;
        assert_eq!(of(&three, 0x5000), [(0, 0x2000, RX), (0x2000, 0x3000, all), (0x3000, 0x5000, R)]);
    }

    proptest! {
        #[test]
        fn every_page_is_told_and_no_permission_lost(
            sizes in proptest::collection::vec((0_u32..9000, 0_u32..9000, 0_u32..8), 0..30),
        ) {
            let mut at = 0;
            let parts: Vec<_> = sizes.iter().map(|(gap, size, flags)| {
                let from = at + gap;
                at = from + size;
                (from..at, flags << 29)
            }).collect();
            let regions = of(&parts, up(at));
            let mut reached = 0;
            for (from, to, _) in &regions {
                prop_assert!(*from == reached && to > from && to % PAGE == 0);
                reached = *to;
            }
            prop_assert_eq!(reached, up(at));
            for page in (0..up(at)).step_by(4096) {
                let meets = |part: &&(Range<u32>, u32)| !part.0.is_empty() && part.0.start < page + PAGE && page < part.0.end;
                let union = parts.iter().filter(meets).map(|part| part.1).reduce(|one, other| one | other);
                let told = regions.iter().find(|(from, to, _)| (*from..*to).contains(&page)).unwrap().2;
                prop_assert_eq!(told, union.unwrap_or(READ));
            }
        }
    }
}
