// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small image that is kept packed, damaged in one place or many, and all that can be read of it.
//!
//! `cargo xtask fixtures btrfs small` makes and packs it.

#![allow(unexpected_cfgs)] // `fuzzing` is set by cargo-fuzz

use btrfs_view::{Btrfs, Error, File, FileType, Metadata, OutOfRange, ReadAt};
use lamboot_packed as packed;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// Bytes of a node, and of a sector of the file system.
pub(crate) const BLOCK: u64 = 4096;
/// Where the first superblock is.
const SUPERBLOCK: u64 = 65536;

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
    /// With CRC-32C, nodes of 4 KiB, and data and metadata in the same chunks.
    pub(crate) fn small() -> Self {
        Self(packed::Image::unpack(include_bytes!("../images/small.packed")))
    }

    /// Whether the byte at `at` is of a node or a superblock.
    #[allow(dead_code)] // only fuzz targets ask
    pub(crate) fn is_metadata(&self, at: u64) -> bool {
        self.get(at - at % BLOCK + 32, 16) == self.get(SUPERBLOCK + 32, 16)
    }

    /// The level of the node that the byte at `at` is in, and the kind of its first key.
    #[allow(dead_code)] // only fuzz targets ask
    pub(crate) fn first_kind(&self, at: u64) -> (u8, u8) {
        let start = at - at % BLOCK;
        (self.get(start + 100, 1)[0], self.get(start + 101 + 8, 1)[0])
    }

    /// Makes the checksum true of the node or superblock that the byte `at` is in, so that a reader looks at
    /// what comes behind it.
    pub(crate) fn seal(&mut self, at: u64) {
        let start = at - at % BLOCK;
        if !self.is_metadata(at) {
            return;
        }
        let sum = crc32c(&self.get(start, BLOCK as usize)[32..]).to_le_bytes();
        self.put(start, &sum);
    }
}

/// CRC-32C by its definition.
fn crc32c(bytes: &[u8]) -> u32 {
    let state = bytes.iter().fold(u32::MAX, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |state, _| {
            (state >> 1) ^ (0x82F6_3B78 & 0_u32.wrapping_sub(state & 1))
        })
    });
    !state
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
const NAMES_MAX: usize = if cfg!(fuzzing) { 150 } else { 2000 };
/// The most names that are read of one directory.
const NAMES_EACH: usize = if cfg!(fuzzing) { 25 } else { NAMES_MAX };
/// The most bytes that are read of one file.
const BYTES_MAX: usize = 1 << 18;

impl Tree {
    /// Reads everything, directories at most ten deep, and the list of subvolumes.
    pub(crate) fn read(btrfs: &Btrfs<Image>) -> Self {
        let mut tree = Self::default();
        match btrfs.root() {
            Ok(root) => tree.directory(&root, b""),
            Err(error) => tree.errors.push(error),
        }
        for subvolume in btrfs.subvolumes().take(20) {
            match subvolume.and_then(|subvolume| btrfs.subvolume_path(subvolume.id)) {
                Ok(path) => assert!(path.starts_with(b"/")),
                Err(error) => tree.errors.push(error),
            }
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
            // By the hash, which must lead to the same inode as the listing.
            let opened = (directory.child(entry.name()), entry.open());
            match opened {
                (Ok(file), Ok(listed)) if file.metadata() == listed.metadata() => self.file(&file, path),
                (Ok(_), Ok(_)) => {}
                (Err(error), _) | (_, Err(error)) => self.errors.push(error),
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
