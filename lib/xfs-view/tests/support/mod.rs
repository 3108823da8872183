// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images that are kept packed, damaged in one place or many, and all that can be read of them.
//!
//! `cargo xtask fixtures xfs small-v5 small-v4 small-crash` makes and packs them.

#![allow(unexpected_cfgs)] // `fuzzing` is set by cargo-fuzz
#![allow(dead_code)] // each test and fuzz target uses its part

pub(crate) mod log;

use lamboot_packed as packed;
use packed::SECTOR;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use xfs_view::{Error, File, FileType, Metadata, OutOfRange, ReadAt, Xfs};

/// Blocks of both images.
pub(crate) const BLOCK: u64 = 1024;

/// Such an image.
#[derive(Clone)]
pub(crate) struct Image(packed::Image);

impl Deref for Image {
    type Target = packed::Image;

    fn deref(&self) -> &packed::Image {
        &self.0
    }
}

impl DerefMut for Image {
    fn deref_mut(&mut self) -> &mut packed::Image {
        &mut self.0
    }
}

impl Image {
    /// Of version 5 with checksums.
    pub(crate) fn v5() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-v5.packed")))
    }

    /// Of version 4 without.
    pub(crate) fn v4() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-v4.packed")))
    }

    /// As a crash left it, with all in the log.
    pub(crate) fn crashed() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-crash.packed")))
    }

    /// What the kernel recovered of it.
    pub(crate) fn recovered() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-crash.recovered.packed")))
    }

    /// The places of sectors that are in use, in bytes: not zero, and no inode without a file.
    pub(crate) fn places(&self) -> Vec<u64> {
        let used = self.sectors().filter(|(_, bytes)| !bytes.starts_with(b"IN\0\0"));
        used.map(|(place, _)| place).collect()
    }

    /// The first bytes of the sector at `place`.
    pub(crate) fn first(&self, place: u64) -> [u8; 10] {
        self.get(place, 10).try_into().unwrap()
    }

    /// Makes the checksum true of whatever structure the byte `at` is in, so that a reader looks at
    /// what comes behind it.
    pub(crate) fn seal(&mut self, at: u64) {
        if at < SECTOR as u64 {
            return self.seal_at(0, SECTOR, 224);
        }
        if at % SECTOR as u64 > 1 && self.get(at - at % SECTOR as u64, 2) == b"IN" {
            return self.seal_at(at - at % SECTOR as u64, SECTOR, 100);
        }
        // A directory's block has up to four blocks of the volume; its first says what it is.
        for back in 0..4 {
            let Some(start) = (at - at % BLOCK).checked_sub(back * BLOCK) else { return };
            let first = self.get(start, 16);
            match (&first[..4], &first[8..10]) {
                (b"XDB3" | b"XDD3", _) => return self.seal_at(start, 4096, 4),
                (_, [0x3D, 0xF1 | 0xFF] | [0x3E, 0xBE]) => return self.seal_at(start, 4096, 12),
                (b"BMA3", _) if back == 0 => return self.seal_at(start, 1024, 64),
                (b"XSLM", _) if back < 2 => return self.seal_at(start, 2048, 12),
                _ => {}
            }
        }
    }

    fn seal_at(&mut self, start: u64, length: usize, checksum: usize) {
        let mut bytes = self.get(start, length);
        bytes[checksum..checksum + 4].fill(0);
        self.put(start + checksum as u64, &crc32c(&bytes).to_le_bytes());
    }
}

/// CRC-32C by its definition, a byte at a time.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let (mut value, mut bit) = (byte as u32, 0);
            while bit < 8 {
                value = (value >> 1) ^ (0x82F6_3B78 & 0_u32.wrapping_sub(value & 1));
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        table
    };
    let step = |state: u32, &byte: &u8| (state >> 8) ^ TABLE[usize::from(state as u8 ^ byte)];
    !bytes.iter().fold(u32::MAX, step)
}

impl ReadAt for Image {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        self.0.read_at(offset, buffer)
    }
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Its bytes up to a limit.
    File(Vec<u8>),
    /// Where it leads.
    Link(Vec<u8>),
    Directory,
    Other,
}

/// All that can be read, by path, and what could not be.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<Vec<u8>, (Metadata, Content)>,
    pub(crate) errors: Vec<Error<OutOfRange>>,
}

/// The most names that are read of one image; fewer while looking for faults, which is all about speed.
const NAMES_MAX: usize = if cfg!(fuzzing) { 200 } else { 5000 };
/// The most names that are read of one directory.
const NAMES_EACH: usize = if cfg!(fuzzing) { 20 } else { NAMES_MAX };
/// The most bytes that are read of one file.
const BYTES_MAX: usize = 1 << 16;

impl Tree {
    /// Reads everything, directories at most ten deep.
    pub(crate) fn read(xfs: &Xfs<Image>) -> Self {
        let mut tree = Self::default();
        match xfs.root() {
            Ok(root) => tree.directory(&root, b""),
            Err(error) => tree.errors.push(error),
        }
        tree
    }

    fn directory(&mut self, directory: &File<'_, Image>, path: &[u8]) {
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) => return self.errors.push(error),
        };
        for entry in entries.take(NAMES_EACH) {
            if self.files.len() + self.errors.len() > NAMES_MAX {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.errors.push(error),
            };
            let path = [path, b"/", entry.name()].concat();
            // By the index, which must lead to the same inode as the listing.
            match directory.child(entry.name()) {
                Ok(file) if file.metadata().inode == entry.inode() => self.file(&file, path),
                Ok(_) => {}
                Err(error) => self.errors.push(error),
            }
        }
    }

    fn file(&mut self, file: &File<'_, Image>, path: Vec<u8>) {
        let metadata = file.metadata();
        let content = match metadata.file_type {
            FileType::Directory => {
                self.files.insert(path.clone(), (*metadata, Content::Directory));
                if path.len() < 4096 && path.iter().filter(|&&byte| byte == b'/').count() < 10 {
                    self.directory(file, &path);
                }
                return;
            }
            FileType::Symlink => file.read_link().map(Content::Link),
            FileType::File => bytes(file).map(Content::File),
            _ => Ok(Content::Other),
        };
        match content {
            Ok(content) => drop(self.files.insert(path, (*metadata, content))),
            Err(error) => self.errors.push(error),
        }
    }
}

fn bytes(file: &File<'_, Image>) -> Result<Vec<u8>, Error<OutOfRange>> {
    let mut end = 0;
    for extent in file.extents()?.take(1000) {
        let extent = extent?;
        assert_eq!(extent.offset, end);
        end += extent.length;
    }
    let mut bytes = vec![0; BYTES_MAX];
    let length = file.read_at(0, &mut bytes)?;
    let size = usize::try_from(file.metadata().size).unwrap_or(usize::MAX);
    assert_eq!(length, size.min(BYTES_MAX));
    bytes.truncate(length);
    Ok(bytes)
}
