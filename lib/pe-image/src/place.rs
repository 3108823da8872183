// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does what a plan says: copies an image and moves its addresses (PE Format, Base Relocation Types).
//!
//! The table of relocations is read from the file, not from memory: it could otherwise change itself while
//! it is followed.

use crate::bytes::index;
use crate::loadable::BaseField;
use crate::plan::LoadPlan;
use crate::relocations::{Relocation, RelocationRefusal, Relocations, Width};
use crate::segment::Segment;
use core::fmt;
use core::ops::Range;

/// The first address that PE32 cannot have.
const END_32: u64 = 1 << 32;

impl LoadPlan {
    /// Fills `memory` with the image from `file` so that it can run at the address `base`: headers, sections,
    /// zeros everywhere else, `ImageBase` in the headers and every relocated address for `base`.
    ///
    /// `file` is the whole file that the plan was made for, the same bytes. `memory` has exactly
    /// [`memory_size`](Self::memory_size) bytes; what was in it does not matter. Nothing is run, and no
    /// processor is told that there is new code.
    ///
    /// # Errors
    ///
    /// See [`PlaceRefusal`]. The memory then holds no whole image and must not be run.
    pub fn place(&self, file: &[u8], memory: &mut [u8], base: u64) -> Result<(), PlaceRefusal> {
        self.fits(memory.len(), base)?;
        self.copy(file, memory)?;
        self.write_base(memory, base)?;
        let table = file.get(range(&self.relocations)).ok_or(PlaceRefusal::FileTooShort)?;
        for relocation in Relocations::new(table) {
            self.relocate(memory, relocation.map_err(PlaceRefusal::Relocation)?, base)?;
        }
        Ok(())
    }

    /// Whether the image can be there.
    fn fits(&self, size: usize, base: u64) -> Result<(), PlaceRefusal> {
        if size != index(self.memory_size) {
            return Err(PlaceRefusal::MemorySize { given: size });
        }
        if !base.is_multiple_of(u64::from(self.alignment)) {
            return Err(PlaceRefusal::Unaligned { base });
        }
        if !self.movable && base != self.image_base {
            return Err(PlaceRefusal::Immovable { base });
        }
        let end = base.checked_add(u64::from(self.memory_size));
        match (end, self.base_field) {
            (None, _) => Err(PlaceRefusal::OutOfReach { base }),
            (Some(end), BaseField::Bits32(_)) if end > END_32 => Err(PlaceRefusal::OutOfReach { base }),
            _ => Ok(()),
        }
    }

    /// Headers and sections, and zeros between and behind them.
    fn copy(&self, file: &[u8], memory: &mut [u8]) -> Result<(), PlaceRefusal> {
        let mut reached = copy(file, 0..self.size_of_headers, memory, 0)?;
        for Segment { memory: to, file: from, .. } in &self.segments {
            zero(memory, reached..index(to.start));
            reached = copy(file, from.clone(), memory, to.start)?;
        }
        let end = memory.len();
        zero(memory, reached..end);
        Ok(())
    }

    /// Makes the headers in memory true: who relocates the image once more counts from there.
    fn write_base(&self, memory: &mut [u8], base: u64) -> Result<(), PlaceRefusal> {
        match self.base_field {
            BaseField::Bits32(at) => {
                let base = u32::try_from(base).map_err(|_| PlaceRefusal::OutOfReach { base })?;
                put(memory, at, base.to_le_bytes())
            }
            BaseField::Bits64(at) => put(memory, at, base.to_le_bytes()),
        }
        .ok_or(PlaceRefusal::FileTooShort)
    }

    fn relocate(&self, memory: &mut [u8], place: Relocation, base: u64) -> Result<(), PlaceRefusal> {
        let Relocation { address, width } = place;
        let outside = PlaceRefusal::RelocationOutside { address };
        self.segment_at(address, width.bytes()).ok_or(outside)?;
        let delta = base.wrapping_sub(self.image_base);
        let field = memory.get_mut(index(address)..).ok_or(outside)?;
        match width {
            Width::Bits32 => {
                let field = field.first_chunk_mut().ok_or(outside)?;
                let moved = u64::from(u32::from_le_bytes(*field)).wrapping_add(delta);
                *field = u32::try_from(moved).map_err(|_| PlaceRefusal::OutOfReach { base })?.to_le_bytes();
            }
            Width::Bits64 => {
                let field = field.first_chunk_mut().ok_or(outside)?;
                *field = u64::from_le_bytes(*field).wrapping_add(delta).to_le_bytes();
            }
        }
        Ok(())
    }
}

/// Copies bytes of the file to `to` in memory, and says where they end there.
fn copy(file: &[u8], from: Range<u32>, memory: &mut [u8], to: u32) -> Result<usize, PlaceRefusal> {
    let bytes = file.get(range(&from)).ok_or(PlaceRefusal::FileTooShort)?;
    let end = index(to).saturating_add(bytes.len());
    let place = memory.get_mut(index(to)..end).ok_or(PlaceRefusal::FileTooShort)?;
    place.copy_from_slice(bytes);
    Ok(end)
}

fn zero(memory: &mut [u8], bytes: Range<usize>) {
    memory.get_mut(bytes).unwrap_or_default().fill(0);
}

fn put<const N: usize>(memory: &mut [u8], at: usize, bytes: [u8; N]) -> Option<()> {
    *memory.get_mut(at..)?.first_chunk_mut()? = bytes;
    Some(())
}

fn range(bytes: &Range<u32>) -> Range<usize> {
    index(bytes.start)..index(bytes.end)
}

/// Why an image was not placed, in words for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceRefusal {
    /// The memory has another size than the plan says: a mistake of the program that loads.
    MemorySize {
        /// Its size.
        given: usize,
    },
    /// The file is shorter than the one that the plan is for.
    FileTooShort,
    /// The address is not on the image's alignment: a mistake of the program that loads.
    Unaligned {
        /// The address.
        base: u64,
    },
    /// The image can only be at its own address, and should be at another.
    Immovable {
        /// The address where it should be.
        base: u64,
    },
    /// An address of the image does not fit into its place when the image is there.
    OutOfReach {
        /// Where the image should be.
        base: u64,
    },
    /// A relocation is not within one section's memory.
    RelocationOutside {
        /// Where it is, from the beginning of the image.
        address: u32,
    },
    /// The table of relocations is damaged.
    Relocation(RelocationRefusal),
}

impl PlaceRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::MemorySize { .. } => "memory_size",
            Self::FileTooShort => "file_too_short",
            Self::Unaligned { .. } => "base_unaligned",
            Self::Immovable { .. } => "image_immovable",
            Self::OutOfReach { .. } => "address_out_of_reach",
            Self::RelocationOutside { .. } => "relocation_outside",
            Self::Relocation(refusal) => refusal.token(),
        }
    }
}

impl fmt::Display for PlaceRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemorySize { given } => write!(f, "{given} bytes of memory are not what the image needs"),
            Self::FileTooShort => f.write_str("the file is shorter than its headers were"),
            Self::Unaligned { base } => write!(f, "{base:#x} is not on the image's alignment"),
            Self::Immovable { base } => write!(f, "the image cannot be moved to {base:#x}"),
            Self::OutOfReach { base } => write!(f, "the image has addresses that cannot reach {base:#x}"),
            Self::RelocationOutside { address } => {
                write!(f, "the relocation at {address:#x} is in no section")
            }
            Self::Relocation(refusal) => refusal.fmt(f),
        }
    }
}

impl core::error::Error for PlaceRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, Headers, MACHINE_IA32, MACHINE_X64, SECTION_CODE, SECTION_DATA};
    use proptest::prelude::*;

    const PLACES: [(u32, Width); 3] =
        [(0x1008, Width::Bits64), (0x1010, Width::Bits32), (0x2000, Width::Bits64)];

    fn builder() -> Builder {
        let code: Vec<u8> = (0..40).collect();
        Builder::new(MACHINE_X64)
            .entry(0x1000)
            .image_base(0x1_0000)
            .section(".text", code)
            .flags(SECTION_CODE)
            .section_sized(".data", [7; 16], 0x1800)
            .flags(SECTION_DATA)
    }

    fn relocated(builder: Builder, places: &[(u32, Width)]) -> Vec<u8> {
        let places: Vec<_> =
            places.iter().map(|(address, width)| Relocation { address: *address, width: *width }).collect();
        builder.relocations(&places).build()
    }

    fn plan(file: &[u8]) -> LoadPlan {
        Headers::parse(file, file.len() as u64).unwrap().load_plan().unwrap()
    }

    fn placed(file: &[u8], base: u64) -> Result<Vec<u8>, PlaceRefusal> {
        let plan = plan(file);
        let mut memory = vec![0xEE; plan.memory_size() as usize];
        plan.place(file, &mut memory, base).map(|()| memory)
    }

    #[test]
    fn every_byte_is_told() {
        let file = relocated(builder(), &PLACES);
        let memory = placed(&file, 0x1_0000).unwrap();
        let mut expected = vec![0; 0x5000];
        expected[..0x200].copy_from_slice(&file[..0x200]);
        expected[0x1000..0x1028].copy_from_slice(&file[0x200..0x228]);
        expected[0x2000..0x2010].fill(7);
        let table = (8 + 4) + (8 + 4);
        expected[0x4000..0x4000 + table].copy_from_slice(&file[0x600..0x600 + table]);
        assert!(memory == expected);
    }

    #[test]
    fn addresses_move_with_the_image() {
        let file = relocated(builder(), &PLACES);
        let (at_home, moved) = (placed(&file, 0x1_0000).unwrap(), placed(&file, 0x5000).unwrap());
        let delta = 0x5000_u64.wrapping_sub(0x1_0000);
        let eight = |memory: &[u8], at: usize| u64::from_le_bytes(memory[at..at + 8].try_into().unwrap());
        for at in [0x1008, 0x2000] {
            assert_eq!(eight(&moved, at), eight(&at_home, at).wrapping_add(delta));
        }
        assert_eq!(moved[0x1010..0x1014], (0x1312_1110_u32 - 0xB000).to_le_bytes());
        assert_eq!(moved[0x1014..0x1028], at_home[0x1014..0x1028]);
        assert_eq!((eight(&moved, 64 + 24 + 24), eight(&at_home, 64 + 24 + 24)), (0x5000, 0x1_0000));
    }

    #[test]
    fn the_table_does_not_change_itself() {
        // The first relocation is of the second block's header.
        let file = relocated(builder(), &[(0x4008, Width::Bits64), (0x1008, Width::Bits64)]);
        let (at_home, moved) = (placed(&file, 0x1_0000).unwrap(), placed(&file, 0x5000).unwrap());
        assert_ne!(moved[0x4008..0x4010], at_home[0x4008..0x4010]);
        assert_ne!(moved[0x1008..0x1010], at_home[0x1008..0x1010]);
    }

    #[test]
    fn an_image_of_32_bits_is_below_4_gib() {
        let builder =
            Builder::new(MACHINE_IA32).pe32().entry(0x1000).section(".text", [0; 9]).flags(SECTION_CODE);
        let file = relocated(builder, &[(0x1004, Width::Bits32)]);
        let last = END_32 - u64::from(plan(&file).memory_size());
        let memory = placed(&file, last).unwrap();
        assert_eq!(memory[0x1004..0x1008], memory[64 + 24 + 28..][..4]);
        assert_eq!(placed(&file, last + 0x1000), Err(PlaceRefusal::OutOfReach { base: last + 0x1000 }));
    }

    #[test]
    fn what_is_not_placed() {
        let good = relocated(builder(), &PLACES);
        let one = |address, width| relocated(builder(), &[(address, width)]);
        let far = !0xFFF;
        let fixed = builder().characteristics(0x23).build();
        let broken = builder().section(".reloc", [0; 12]).directory(5, 0x4000, 12).build();
        let block = RelocationRefusal::BadBlock { page: 0, size: 0 };
        let outside = |address| PlaceRefusal::RelocationOutside { address };
        let cases = [
            (&good, 0x1_0800, PlaceRefusal::Unaligned { base: 0x1_0800 }),
            (&good, far, PlaceRefusal::OutOfReach { base: far }),
            (&good, END_32, PlaceRefusal::OutOfReach { base: END_32 }),
            (&fixed, 0x2_0000, PlaceRefusal::Immovable { base: 0x2_0000 }),
            (&broken, 0x1_0000, PlaceRefusal::Relocation(block)),
            // In the headers, over the end of a section, between sections, behind the image.
            (&one(0x70, Width::Bits64), 0, outside(0x70)),
            (&one(0x1021, Width::Bits64), 0, outside(0x1021)),
            (&one(0x37FD, Width::Bits32), 0, outside(0x37FD)),
            (&one(0x1800, Width::Bits32), 0, outside(0x1800)),
            (&one(0x8000, Width::Bits64), 0, outside(0x8000)),
        ];
        for (file, base, refusal) in cases {
            assert_eq!(placed(file, base), Err(refusal), "{}", refusal.token());
            assert!(!refusal.to_string().contains(char::is_control));
        }
        assert!(placed(&fixed, 0x1_0000).is_ok());
        // Zeros behind a section's bytes are its own.
        assert!(
            placed(&one(0x37FC, Width::Bits32), 0)
                .is_err_and(|refusal| refusal.token() == "address_out_of_reach")
        );
        assert!(placed(&one(0x37F8, Width::Bits64), 0).is_ok());
    }

    #[test]
    fn memory_and_file_must_be_those_of_the_plan() {
        let file = relocated(builder(), &PLACES);
        let plan = plan(&file);
        let place = |file: &[u8], size: usize| plan.place(file, &mut vec![0; size], 0x1_0000);
        assert_eq!(place(&file, 0x4FFF), Err(PlaceRefusal::MemorySize { given: 0x4FFF }));
        assert_eq!(place(&file, 0x6000), Err(PlaceRefusal::MemorySize { given: 0x6000 }));
        for cut in [0, 0x100, 0x300, 0x600, 0x610] {
            assert_eq!(place(&file[..cut], 0x5000), Err(PlaceRefusal::FileTooShort), "{cut}");
        }
    }

    proptest! {
        /// However headers and table are damaged: nothing panics, and what is placed is headers, sections
        /// and zeros but for the relocations.
        #[test]
        fn a_damaged_image_is_placed_or_refused(
            changes in proptest::collection::vec((0_usize..0x620, any::<u8>()), 0..4),
            base in (0_u64..1 << 40).prop_map(|base| base & !0xFFFF),
        ) {
            let mut file = relocated(builder(), &PLACES);
            changes.into_iter().for_each(|(at, byte)| file[at] = byte);
            let Ok(headers) = Headers::parse(&file, file.len() as u64) else { return Ok(()) };
            let Ok(plan) = headers.load_plan() else { return Ok(()) };
            prop_assume!(plan.memory_size() <= 1 << 20);
            let mut memory = vec![0xEE; plan.memory_size() as usize];
            if plan.place(&file, &mut memory, base).is_err() {
                return Ok(());
            }
            let mut reached = headers.size_of_headers() as usize;
            for segment in plan.segments() {
                let to = segment.memory.start as usize..segment.memory.end as usize;
                prop_assert!(memory[reached..to.start].iter().all(|byte| *byte == 0));
                if base == plan.image_base() {
                    let bytes = &file[segment.file.start as usize..segment.file.end as usize];
                    prop_assert_eq!(&memory[to.start..to.start + bytes.len()], bytes);
                }
                reached = to.end;
            }
            prop_assert!(memory[reached..].iter().all(|byte| *byte == 0));
        }
    }
}
