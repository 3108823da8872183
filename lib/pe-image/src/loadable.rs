// SPDX-License-Identifier: MIT OR Apache-2.0
//! What headers say about loading, as it is in the file (PE Format, COFF File Header and Optional Header).

use crate::bytes::{array, index, u16_at, u32_at};

const PE32_PLUS: u16 = 0x20B;
/// `IMAGE_FILE_RELOCS_STRIPPED`.
const RELOCS_STRIPPED: u16 = 0x0001;
/// The directories that the format defines. More have no meaning.
const DIRECTORIES_MAX: usize = 16;
/// Bytes of a data directory.
const DIRECTORY: usize = 8;

/// A data directory: where something is in memory, and its size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    pub(crate) address: u32,
    pub(crate) size: u32,
}

/// Where `ImageBase` is in the file, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BaseField {
    /// PE32.
    Bits32(usize),
    /// PE32+.
    Bits64(usize),
}

/// Fields of the headers. Nothing is checked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loadable {
    pub(crate) entry: u32,
    pub(crate) alignment: u32,
    pub(crate) image_base: u64,
    pub(crate) base_field: BaseField,
    pub(crate) relocations_stripped: bool,
    /// `None` when they do not fit into the Optional Header.
    pub(crate) directories: Option<[Directory; DIRECTORIES_MAX]>,
}

impl Loadable {
    /// From the Optional Header, which begins at `at` in the file, and `Characteristics` of the COFF header.
    /// `None` when it is too short.
    pub(crate) fn read(optional: &[u8], at: usize, characteristics: u16) -> Option<Self> {
        let plus = u16_at(optional, 0)? == PE32_PLUS;
        let (image_base, base_field) = if plus {
            (u64::from_le_bytes(array(optional, 24)?), BaseField::Bits64(at.checked_add(24)?))
        } else {
            (u64::from(u32_at(optional, 28)?), BaseField::Bits32(at.checked_add(28)?))
        };
        Some(Self {
            entry: u32_at(optional, 16)?,
            alignment: u32_at(optional, 32)?,
            image_base,
            base_field,
            relocations_stripped: characteristics & RELOCS_STRIPPED != 0,
            directories: directories(optional, if plus { 112 } else { 96 }),
        })
    }
}

/// The directories, which begin at `at`, behind their number. Those that are not there are empty.
fn directories(optional: &[u8], at: usize) -> Option<[Directory; DIRECTORIES_MAX]> {
    let count = index(u32_at(optional, at.checked_sub(4)?)?).min(DIRECTORIES_MAX);
    let lines = optional.get(at..)?.get(..count.checked_mul(DIRECTORY)?)?;
    let mut directories = [Directory::default(); DIRECTORIES_MAX];
    for (directory, line) in directories.iter_mut().zip(lines.chunks_exact(DIRECTORY)) {
        *directory = Directory { address: u32_at(line, 0)?, size: u32_at(line, 4)? };
    }
    Some(directories)
}
