// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories as a careless or hostile hand leaves them, written byte by byte (Microsoft, "FAT: General
//! Overview of On-Disk Format", version 1.03, sections on directories and on long directory entries).

use anyhow::Context as _;
use lamboot_vm::Disk;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

/// How much of a disk is searched: its tables and the first clusters, where small folders are.
const HEAD: usize = 16 << 20;
/// Attributes of a long name's entry, of a file, and of a folder.
const LONG_NAME: u8 = 0x0f;
const FILE: u8 = 0x20;
const FOLDER: u8 = 0x10;

/// Writes `bytes` at the first place where the disk holds `pattern`, so many bytes behind its begin.
///
/// # Errors
/// When it is nowhere among the first clusters, or the disk cannot be written.
pub fn patch(disk: &Disk, pattern: &[u8], offset: usize, bytes: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(disk.path())?;
    let mut head = vec![0; HEAD];
    file.read_exact_at(&mut head, 0)?;
    let found = head.windows(pattern.len()).position(|window| window == pattern);
    let place = found.context("the disk's first clusters do not hold the pattern")? + offset;
    Ok(file.write_all_at(bytes, place as u64)?)
}

/// Makes the file with this short name, padded to eleven characters, a folder: its bytes are the entries.
///
/// # Errors
/// As [`patch`].
pub fn make_folder(disk: &Disk, short_name: [u8; 11]) -> anyhow::Result<()> {
    // A folder has no size of its own, at byte 28.
    patch(disk, &short_name, 28, &[0; 4])?;
    patch(disk, &short_name, 11, &[FOLDER])
}

/// A folder's bytes: so many empty files called `00000.conf` and on.
#[must_use]
pub fn folder_of_empty_entries(count: u32) -> Vec<u8> {
    (0..count).flat_map(empty_entry).collect()
}

/// The two directory entries of an empty file: long name first.
fn empty_entry(number: u32) -> [u8; 64] {
    let mut bytes = [0; 64];
    let short = format!("{number:08}CON");
    let sum = short.bytes().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(byte));
    let mut units: Vec<u16> = format!("{number:05}.conf\0").encode_utf16().collect();
    units.resize(13, 0xffff);
    bytes[0] = 0x41;
    bytes[11] = LONG_NAME;
    bytes[13] = sum;
    let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain((28..32).step_by(2));
    for (place, unit) in places.zip(units) {
        bytes[place..place + 2].copy_from_slice(&unit.to_le_bytes());
    }
    bytes[32..43].copy_from_slice(short.as_bytes());
    bytes[43] = FILE;
    bytes
}
