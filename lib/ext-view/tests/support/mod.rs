// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images that are kept packed, damaged in one place or many, and all that can be read of them.
//!
//! `cargo xtask fixtures ext small-ext4 small-ext2 small-dirty` makes and packs them.

#![allow(unexpected_cfgs)] // `fuzzing` is set by cargo-fuzz

use ext_view::{Error, Ext, File, FileType, Metadata, OutOfRange, ReadAt};
use lamboot_packed as packed;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

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
    /// With checksums, extents and data in inodes.
    pub(crate) fn ext4() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-ext4.packed")))
    }

    /// Without.
    pub(crate) fn ext2() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-ext2.packed")))
    }

    /// As a crash left it: with a journal that has checksums.
    pub(crate) fn dirty() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small-dirty.packed")))
    }

    /// The places of sectors of the journal.
    pub(crate) fn journal(&self) -> Vec<u64> {
        let table = self.number(2 * BLOCK + 8, 4) * BLOCK;
        let root = table + 7 * 256 + 0x28;
        let (length, first) = (self.number(root + 16, 2) * BLOCK, self.number(root + 20, 4) * BLOCK);
        self.places().into_iter().filter(|place| (first..first + length).contains(place)).collect()
    }

    /// The volume's checksum of nothing.
    fn seed(&self) -> u32 {
        if self.number(0x460, 4) & 0x2000 == 0 {
            crc32c(u32::MAX, &self.get(0x400 + 0x68, 16))
        } else {
            self.number(0x670, 4) as u32
        }
    }

    /// Makes the checksums true of the superblock and of all descriptors and inodes, and of the directory's
    /// block, the index or the tree of extents that the byte `at` is in, as if it belonged to each inode that
    /// has one: a reader then looks at what comes behind them.
    pub(crate) fn seal(&mut self, at: u64) {
        if self.number(0x464, 4) & 0x400 == 0 {
            return;
        }
        let superblock = self.get(0x400, 0x3FC);
        self.put(0x7FC, &crc32c(u32::MAX, &superblock).to_le_bytes());
        let seed = self.seed();
        let descriptor = 2 * BLOCK;
        let size = self.number(0x4FE, 2).clamp(32, 64);
        for group in 0..2_u64 {
            let place = descriptor + group * size;
            let mut bytes = self.get(place, size as usize);
            bytes[0x1E..0x20].fill(0);
            let sum = crc32c(crc32c(seed, &(group as u32).to_le_bytes()), &bytes) as u16;
            self.put(place + 0x1E, &sum.to_le_bytes());
        }
        let (table, each) = (self.number(descriptor + 8, 4) * BLOCK, self.number(0x458, 2));
        if each != 256 || table >= self.size() {
            return;
        }
        let owner = self.owner(at - at % BLOCK);
        for inode in 0..80_u64 {
            let place = table + inode * each;
            let mut bytes = self.get(place, 256);
            if bytes[..2] == [0, 0] {
                continue;
            }
            let own = crc32c(seed, &(inode as u32 + 1).to_le_bytes());
            let own = crc32c(own, &bytes[0x64..0x68]);
            if at >= place && at < place + 256 {
                bytes[0x7C..0x7E].fill(0);
                bytes[0x82..0x84].fill(0);
                let sum = crc32c(own, &bytes).to_le_bytes();
                self.put(place + 0x7C, &sum[..2]);
                self.put(place + 0x82, &sum[2..]);
            }
            if owner == Some(inode) {
                self.seal_block(at - at % BLOCK, own);
            }
        }
    }

    /// Makes the checksum true of a block that belongs to the inode whose own is `seed`.
    fn seal_block(&mut self, start: u64, seed: u32) {
        let block = self.get(start, BLOCK as usize);
        let put = |image: &mut Self, at: usize, sum: u32| image.put(start + at as u64, &sum.to_le_bytes());
        if block[..2] == [0x0A, 0xF3] {
            let tail = (12 + 12 * usize::from(u16::from_le_bytes([block[4], block[5]]))).min(1020);
            return put(self, tail, crc32c(seed, &block[..tail]));
        }
        if block[1012 + 4..1012 + 8] == [12, 0, 0, 0xDE] {
            return put(self, 1020, crc32c(seed, &block[..1012]));
        }
        let records = if block[4] == 12 { 32 } else { 8 };
        let count = usize::from(u16::from_le_bytes([block[records + 2], block[records + 3]])).min(100);
        let sum = crc32c(seed, &block[..records + count * 8]);
        let sum = crc32c(crc32c(sum, &block[1016..1020]), &[0; 4]);
        put(self, 1020, sum);
    }

    /// The inode whose root of extents, of depth 0 or 1, leads to the block at `start`; inodes count from 0.
    fn owner(&self, start: u64) -> Option<u64> {
        let table = self.number(2 * BLOCK + 8, 4) * BLOCK;
        (0..80).find(|inode| {
            let root = self.get(table + inode * 256 + 0x28, 60);
            root[..2] == [0x0A, 0xF3]
                && root[12..].chunks(12).take(usize::from(root[2]).min(4)).any(|record| {
                    let word =
                        |at: usize| u64::from(u32::from_le_bytes(record[at..at + 4].try_into().unwrap()));
                    let (first, count) =
                        if root[6] == 0 { (word(8), word(4) & 0x7FFF) } else { (word(4), 1) };
                    (first..first + count).contains(&(start / BLOCK))
                })
        })
    }
}

/// CRC-32C by its definition, without the last inversion, from `state` on.
fn crc32c(state: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(state, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |state, _| {
            (state >> 1) ^ (0x82F6_3B78 & 0_u32.wrapping_sub(state & 1))
        })
    })
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
    pub(crate) fn read(ext: &Ext<Image>) -> Self {
        let mut tree = Self::default();
        match ext.root() {
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
