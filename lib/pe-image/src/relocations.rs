// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which places of an image hold addresses of its own (PE Format, The .reloc Section).
//!
//! The table is a row of blocks, one a page: its address, the bytes of the block, and a number of 16 bits for
//! each place in it. Nothing is written here; [`LoadPlan::place`](crate::LoadPlan::place) does.

use crate::bytes::{index, u32_at};
use core::fmt;

/// Address and size of a block.
const HEADER: usize = 8;
/// Blocks begin on a multiple of this.
const ALIGNMENT: usize = 4;
/// `IMAGE_REL_BASED_ABSOLUTE`: fills up a block.
const ABSOLUTE: u16 = 0;
/// `IMAGE_REL_BASED_HIGHLOW`.
const HIGHLOW: u16 = 3;
/// `IMAGE_REL_BASED_DIR64`.
const DIR64: u16 = 10;
/// The place within its page: the low 12 bits of an entry.
const PLACE: u16 = 0x0FFF;

/// How long the address is that an image holds at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 32 bits: `IMAGE_REL_BASED_HIGHLOW`.
    Bits32,
    /// 64 bits: `IMAGE_REL_BASED_DIR64`.
    Bits64,
}

impl Width {
    /// How many bytes it has.
    #[must_use]
    pub fn bytes(self) -> u32 {
        match self {
            Self::Bits32 => 4,
            Self::Bits64 => 8,
        }
    }
}

/// One place that must change when an image is not where its `ImageBase` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Where it is, from the beginning of the image. Not checked against the image.
    pub address: u32,
    /// How long it is.
    pub width: Width,
}

/// Reads a table of base relocations: the bytes that
/// [`LoadPlan::relocations`](crate::LoadPlan::relocations) names.
///
/// Entries that only fill up a block are left out. Nothing follows a refusal. Needs time in proportion to the
/// table. A block whose size is not a multiple of 4, which `gnu-efi` makes, is followed by bytes that fill it
/// up, in the block's size or not.
///
/// ```
/// use pe_image::{Relocation, Relocations, Width};
///
/// // The page 0x1000, a block of 12 bytes, a DIR64 at 0x1008, and what fills it up.
/// let table = [0, 0x10, 0, 0, 12, 0, 0, 0, 0x08, 0xA0, 0, 0];
/// let places: Vec<_> = Relocations::new(&table).collect::<Result<_, _>>()?;
/// assert_eq!(places, [Relocation { address: 0x1008, width: Width::Bits64 }]);
/// # Ok::<(), pe_image::RelocationRefusal>(())
/// ```
#[derive(Clone, Debug)]
pub struct Relocations<'b> {
    page: u32,
    entries: &'b [u8],
    rest: &'b [u8],
}

impl<'b> Relocations<'b> {
    /// All of `table`.
    #[must_use]
    pub fn new(table: &'b [u8]) -> Self {
        Self { page: 0, entries: &[], rest: table }
    }

    /// Goes on to the next block, if there is one.
    fn block(&mut self) -> Result<bool, RelocationRefusal> {
        let (Some(page), Some(size)) = (u32_at(self.rest, 0), u32_at(self.rest, 4)) else {
            let filled = self.rest.iter().all(|byte| *byte == 0);
            return if filled { Ok(false) } else { Err(RelocationRefusal::Trailing) };
        };
        let bad = RelocationRefusal::BadBlock { page, size };
        let length = index(size);
        if length < HEADER || !length.is_multiple_of(2) {
            return Err(bad);
        }
        self.entries = self.rest.get(HEADER..length).ok_or(bad)?;
        // The last block need not be filled up.
        let next = length.checked_next_multiple_of(ALIGNMENT).ok_or(bad)?;
        self.rest = self.rest.get(next..).unwrap_or_default();
        self.page = page;
        Ok(true)
    }

    /// `None` for what fills up a block.
    fn entry(&self, entry: u16) -> Result<Option<Relocation>, RelocationRefusal> {
        let width = match entry >> 12 {
            ABSOLUTE => return Ok(None),
            HIGHLOW => Width::Bits32,
            DIR64 => Width::Bits64,
            kind => return Err(RelocationRefusal::UnknownKind { kind }),
        };
        let place = u32::from(entry & PLACE);
        let address = self.page.checked_add(place).ok_or(RelocationRefusal::Overflow { page: self.page })?;
        Ok(Some(Relocation { address, width }))
    }

    /// The next relocation, or `None` at the end.
    fn step(&mut self) -> Result<Option<Relocation>, RelocationRefusal> {
        loop {
            while let Some((entry, rest)) = self.entries.split_first_chunk() {
                self.entries = rest;
                if let Some(relocation) = self.entry(u16::from_le_bytes(*entry))? {
                    return Ok(Some(relocation));
                }
            }
            if !self.block()? {
                return Ok(None);
            }
        }
    }
}

impl Iterator for Relocations<'_> {
    type Item = Result<Relocation, RelocationRefusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let answer = self.step();
        if !matches!(answer, Ok(Some(_))) {
            (self.entries, self.rest) = (&[], &[]);
        }
        answer.transpose()
    }
}

/// Why a table of relocations is not believed, in words for the image's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocationRefusal {
    /// A block is smaller than its header, larger than what is left of the table, or of odd size.
    BadBlock {
        /// The page that it is for.
        page: u32,
        /// The size that it says.
        size: u32,
    },
    /// A few bytes that are not zero follow the last block.
    Trailing,
    /// A kind that is neither ABSOLUTE, HIGHLOW nor DIR64. No processor that this is for has others.
    UnknownKind {
        /// The kind: 0 to 15.
        kind: u16,
    },
    /// A place is behind 4 GiB.
    Overflow {
        /// The page that it is counted from.
        page: u32,
    },
}

impl RelocationRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::BadBlock { .. } => "relocation_block_bad",
            Self::Trailing => "relocation_table_trailing",
            Self::UnknownKind { .. } => "relocation_kind_unknown",
            Self::Overflow { .. } => "relocation_overflow",
        }
    }
}

impl fmt::Display for RelocationRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadBlock { page, size } => {
                write!(f, "the relocations for page {page:#x} cannot have {size} bytes")
            }
            Self::Trailing => f.write_str("the table of relocations ends within a block"),
            Self::UnknownKind { kind } => write!(f, "a relocation is of the unknown kind {kind}"),
            Self::Overflow { page } => write!(f, "a relocation for page {page:#x} is behind 4 GiB"),
        }
    }
}

impl core::error::Error for RelocationRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(page: u32, size: u32, entries: &[u16]) -> Vec<u8> {
        let head = [page.to_le_bytes(), size.to_le_bytes()].concat();
        head.into_iter().chain(entries.iter().flat_map(|entry| entry.to_le_bytes())).collect()
    }

    fn read(table: &[u8]) -> Result<Vec<(u32, u32)>, RelocationRefusal> {
        Relocations::new(table)
            .map(|answer| answer.map(|place| (place.address, place.width.bytes())))
            .collect()
    }

    #[test]
    fn blocks_follow_each_other() {
        let table = [block(0x1000, 12, &[0xA008, 0x3FFC]), block(0x5000, 12, &[0xA000, 0])].concat();
        assert_eq!(read(&table), Ok(vec![(0x1008, 8), (0x1FFC, 4), (0x5000, 8)]));
        assert_eq!(read(&[]), Ok(vec![]));
        assert_eq!(read(&block(0x1000, 8, &[])), Ok(vec![]));
    }

    #[test]
    fn a_block_of_ten_bytes_is_filled_up() {
        let ten = block(0x68F2, 10, &[0]);
        assert_eq!(read(&ten), Ok(vec![]));
        let table = [&ten[..], &[0; 2], &block(0x2000, 10, &[0xA010])].concat();
        assert_eq!(read(&table), Ok(vec![(0x2010, 8)]));
    }

    #[test]
    fn what_cannot_be_true() {
        let bad = |page, size| RelocationRefusal::BadBlock { page, size };
        let cases = [
            (block(0x1000, 0, &[0; 4]), bad(0x1000, 0)),
            (block(0, 0, &[]), bad(0, 0)),
            (block(0, 7, &[0]), bad(0, 7)),
            (block(0, 9, &[0]), bad(0, 9)),
            (block(0, 12, &[0]), bad(0, 12)),
            (block(9, u32::MAX - 1, &[0]), bad(9, u32::MAX - 1)),
            ([block(0, 8, &[]), vec![0, 1]].concat(), RelocationRefusal::Trailing),
            (block(0, 10, &[0x1000]), RelocationRefusal::UnknownKind { kind: 1 }),
            (block(0, 12, &[0x2000, 0x4000]), RelocationRefusal::UnknownKind { kind: 2 }),
            (block(0, 10, &[0xF000]), RelocationRefusal::UnknownKind { kind: 15 }),
            (block(u32::MAX, 10, &[0xA001]), RelocationRefusal::Overflow { page: u32::MAX }),
        ];
        for (table, refusal) in cases {
            assert_eq!(read(&table), Err(refusal), "{}", refusal.token());
            assert!(!refusal.to_string().contains(char::is_control));
            assert_eq!(Relocations::new(&table).filter(Result::is_err).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(table in proptest::collection::vec(any::<u8>(), 0..300)) {
            let count = Relocations::new(&table).count();
            prop_assert!(count <= table.len() / 2 + 1);
        }
    }
}
