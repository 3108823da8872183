// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images for tests: a primary descriptor, folders and files, with plain names.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "what tests give it is small")]

use crate::BLOCK;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The flag of a folder (ECMA-119, 9.1.6).
const DIRECTORY: u8 = 2;
/// Descriptors come before.
const FIRST_FREE: u32 = 18;

/// Paths to the block and length of what they name; the root's is empty.
type Places = BTreeMap<String, (u32, u32)>;

/// An image with these files, by paths that begin with a slash. Folders are there because files are
/// in them.
///
/// ```
/// let image = iso_view::builder::image("LABEL", &[("/live/vmlinuz", b"MZ")]);
/// let mut iso = iso_view::Iso::open(&image[..]).unwrap();
/// let node = iso.lookup("/live/vmlinuz").unwrap();
/// assert_eq!(iso.read(&node, 2).unwrap(), b"MZ");
/// assert_eq!(iso.label(), "LABEL");
/// ```
#[must_use]
pub fn image(label: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let tree = Tree::new(files);
    let mut places = Places::new();
    let mut end = FIRST_FREE;
    let sizes = tree.folders.iter().map(|folder| (folder.clone(), tree.records(folder, &places).len()));
    let sizes: Vec<_> =
        sizes.chain(files.iter().map(|(path, bytes)| (path.to_string(), bytes.len()))).collect();
    for (path, size) in sizes {
        places.insert(path, (end, number(size)));
        end += number(size.div_ceil(BLOCK));
    }
    let mut image = Image(alloc::vec![0; BLOCK * place(end)]);
    image.put(16, &descriptor(label, places[""]));
    image.put(17, b"\xFFCD001\x01");
    for folder in &tree.folders {
        image.put(places[folder].0, &tree.records(folder, &places));
    }
    for (path, bytes) in files {
        image.put(places[*path].0, bytes);
    }
    image.0
}

struct Image(Vec<u8>);

impl Image {
    fn put(&mut self, block: u32, bytes: &[u8]) {
        let start = place(block) * BLOCK;
        self.0[start..start + bytes.len()].copy_from_slice(bytes);
    }
}

struct Tree {
    folders: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Tree {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folders =
            files.iter().flat_map(|(path, _)| path.match_indices('/').map(|(at, _)| path[..at].into()));
        let folders = folders.chain([String::new()]).collect();
        Self { folders, files: files.iter().map(|(path, _)| path.to_string()).collect() }
    }

    /// The records of a folder, none of them over the end of a block (ECMA-119, 6.8.1.1).
    fn records(&self, folder: &str, places: &Places) -> Vec<u8> {
        let at = |path: &str| places.get(path).copied().unwrap_or_default();
        let name_of = |path: &String| Some(path.strip_prefix(&format!("{folder}/"))?.to_string());
        let inside = |path: &String| name_of(path).filter(|name| !name.contains('/'));
        let (own, above) = (at(folder), at(folder.rsplit_once('/').map_or("", |(above, _)| above)));
        let mut records = alloc::vec![
            record(b"\0", own.0, own.1, DIRECTORY, b""),
            record(b"\x01", above.0, above.1, DIRECTORY, b""),
        ];
        for (path, flags, end) in self
            .folders
            .iter()
            .map(|path| (path, DIRECTORY, ""))
            .chain(self.files.iter().map(|path| (path, 0, ";1")))
        {
            let Some(name) = inside(path) else { continue };
            records.push(record(format!("{name}{end}").as_bytes(), at(path).0, at(path).1, flags, b""));
        }
        in_blocks(&records)
    }
}

fn in_blocks(records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        if bytes.len() % BLOCK + record.len() > BLOCK {
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        }
        bytes.extend(record);
    }
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

/// A primary volume descriptor (ECMA-119, 8.4).
#[must_use]
pub fn descriptor(label: &str, root: (u32, u32)) -> Vec<u8> {
    let mut primary = alloc::vec![0; BLOCK];
    primary[..7].copy_from_slice(b"\x01CD001\x01");
    primary[40..72].copy_from_slice(format!("{label:32}").as_bytes());
    primary[128..132].copy_from_slice(&[0, 8, 8, 0]);
    primary[156..190].copy_from_slice(&record(b"\0", root.0, root.1, DIRECTORY, b""));
    primary
}

/// A directory record (ECMA-119, 9.1).
#[must_use]
pub fn record(identifier: &[u8], block: u32, length: u32, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let mut bytes = alloc::vec![0; 33];
    bytes[2..10].copy_from_slice(&both(block));
    bytes[10..18].copy_from_slice(&both(length));
    bytes[25] = flags;
    bytes[32] = identifier.len().to_le_bytes()[0];
    bytes.extend(identifier);
    if identifier.len().is_multiple_of(2) {
        bytes.push(0);
    }
    bytes.extend(system_use);
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes[0] = bytes.len().to_le_bytes()[0];
    bytes
}

/// A number as it is stored, in both byte orders (ECMA-119, 7.3.3).
#[must_use]
pub fn both(number: u32) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn place(block: u32) -> usize {
    usize::try_from(block).unwrap_or(usize::MAX)
}
