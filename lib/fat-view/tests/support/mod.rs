// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes that another program wrote, changed in some places, and all that can be read of them.

#![allow(dead_code)] // each test uses a part

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use fat_view::{Error, Fat, File, FileType, OutOfRange, ReadAt};

/// A kind of volume to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fat12,
    Fat16,
    Fat32,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Fat12, Kind::Fat16, Kind::Fat32];

static FAT12: LazyLock<Vec<u8>> = LazyLock::new(|| make(fatfs::FatType::Fat12, 300 << 10));
static FAT16: LazyLock<Vec<u8>> = LazyLock::new(|| make(fatfs::FatType::Fat16, 3 << 20));
static FAT32: LazyLock<Vec<u8>> = LazyLock::new(|| make(fatfs::FatType::Fat32, 40 << 20));

/// Files of every volume, with their bytes.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let bytes = |length: usize, seed: usize| (0..length).map(|n| (n * 7 + n / 251 + seed) as u8).collect();
    let mut files = vec![
        ("EMPTY".to_owned(), Vec::new()),
        ("A long name with spaces.and.dots".to_owned(), bytes(5000, 1)),
        ("Größe.txt".to_owned(), bytes(511, 2)),
        (format!("{}.x", "n".repeat(200)), bytes(512, 3)),
        ("loader/entries/debian.conf".to_owned(), bytes(513, 4)),
        ("loader/loader.conf".to_owned(), bytes(20_000, 5)),
    ];
    files.extend((0..20).map(|n| (format!("loader/many/a file of many {n}"), bytes(n, n))));
    files
}

fn make(fat_type: fatfs::FatType, size: usize) -> Vec<u8> {
    let mut image = Cursor::new(vec![0; size]);
    let options = fatfs::FormatVolumeOptions::new();
    let options = options.fat_type(fat_type).bytes_per_cluster(512).volume_label(*b"A LABEL    ");
    fatfs::format_volume(&mut image, options.volume_id(0x1234_ABCD)).unwrap();
    let volume = fatfs::FileSystem::new(&mut image, fatfs::FsOptions::new()).unwrap();
    let root = volume.root_dir();
    for folder in ["loader", "loader/entries", "loader/many"] {
        root.create_dir(folder).unwrap();
    }
    for (name, bytes) in files() {
        root.create_file(&name).unwrap().write_all(&bytes).unwrap();
    }
    // Two files that grow by turns are in pieces.
    let pieces = pieces();
    for part in 0..8 {
        for (name, bytes) in &pieces {
            let mut file = root.create_file(name).unwrap();
            std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
            file.write_all(&bytes[part * 1000..][..1000]).unwrap();
        }
    }
    root.create_file("removed later with a long name").unwrap();
    root.remove("removed later with a long name").unwrap();
    drop(root);
    volume.unmount().unwrap();
    image.into_inner()
}

/// The files whose clusters take turns.
pub(crate) fn pieces() -> [(&'static str, Vec<u8>); 2] {
    let bytes = |seed: usize| (0..8000_usize).map(|n| (n / 3 + seed) as u8).collect();
    [("pieces-1", bytes(1)), ("pieces-2", bytes(2))]
}

/// A volume with changes over it.
#[derive(Clone)]
pub(crate) struct Image {
    base: &'static [u8],
    changes: BTreeMap<u64, u8>,
    /// What cannot be read.
    pub(crate) bad: Range<u64>,
    /// Requests so far, of this and its clones.
    pub(crate) requests: Rc<Cell<u64>>,
}

impl Image {
    pub(crate) fn new(kind: Kind) -> Self {
        let base = match kind {
            Kind::Fat12 => &*FAT12,
            Kind::Fat16 => &*FAT16,
            Kind::Fat32 => &*FAT32,
        };
        Self { base, changes: BTreeMap::new(), bad: 0..0, requests: Rc::default() }
    }

    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) {
        self.changes.extend(bytes.iter().enumerate().map(|(index, byte)| (at + index as u64, *byte)));
    }

    pub(crate) fn get<const N: usize>(&self, at: u64) -> [u8; N] {
        let mut bytes = [0; N];
        self.clone().read_at(at, &mut bytes).unwrap();
        bytes
    }

    /// Where the first table, the second, and what is behind them begin.
    pub(crate) fn tables(&self) -> [u64; 3] {
        let sectors = |at| u64::from(u16::from_le_bytes(self.get(at)));
        let short = sectors(22);
        let size = if short == 0 { u64::from(u32::from_le_bytes(self.get(36))) } else { short };
        let start = sectors(14) * 512;
        [start, start + size * 512, start + 2 * size * 512]
    }
}

impl ReadAt for Image {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        self.requests.set(self.requests.get() + 1);
        self.base.read_at(offset, buffer)?;
        let end = offset + buffer.len() as u64;
        if offset < self.bad.end && end > self.bad.start {
            return Err(OutOfRange);
        }
        for (at, byte) in self.changes.range(offset..end) {
            buffer[(at - offset) as usize] = *byte;
        }
        Ok(())
    }
}

/// Directories and files that a tree at most has: one whose directories lead in a circle ends there.
const TREE_MAX: usize = 3000;
/// Bytes of a file that are read.
const BYTES_MAX: usize = 100_000;

/// All that can be read, by path, and what could not be.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) errors: Vec<Error<OutOfRange>>,
    seen: usize,
}

impl Tree {
    pub(crate) fn read<R: ReadAt<Error = OutOfRange>>(fat: &Fat<R>) -> Self {
        let mut tree = Self::default();
        let mut folders = vec![(Vec::new(), fat.root())];
        while let Some((path, folder)) = folders.pop() {
            let Some(entries) = tree.or_error(folder.read_dir()) else { continue };
            for entry in entries {
                tree.seen += 1;
                if tree.seen > TREE_MAX {
                    return tree;
                }
                let Some(entry) = tree.or_error(entry) else { continue };
                assert!(!entry.name().is_empty() && entry.name().len() <= fat_view::NAME_MAX);
                assert!(!entry.name().contains(&b'/') && !entry.name().contains(&0));
                let path = [&path[..], b"/", entry.name()].concat();
                match entry.file_type() {
                    FileType::Directory => folders.push((path, entry.open())),
                    FileType::File => tree.file(path, &entry.open()),
                }
            }
        }
        tree
    }

    fn file<R: ReadAt<Error = OutOfRange>>(&mut self, path: Vec<u8>, file: &File<'_, R>) {
        let mut end = 0;
        for extent in file.extents().unwrap().take(1000) {
            let Some(extent) = self.or_error(extent) else { return };
            assert!(extent.offset == end && extent.length > 0);
            end += extent.length;
        }
        let length = BYTES_MAX.min(usize::try_from(file.metadata().size).unwrap());
        let mut bytes = vec![0; length];
        let read = self.or_error(file.read_at(0, &mut bytes));
        if read.is_some() {
            assert_eq!(read, Some(length));
            self.files.insert(path, bytes);
        }
    }

    fn or_error<T>(&mut self, result: Result<T, Error<OutOfRange>>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }
}
