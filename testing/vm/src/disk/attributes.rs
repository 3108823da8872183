// SPDX-License-Identifier: MIT OR Apache-2.0
//! Setting a file's read-only attribute, which the FAT library only reads.
//!
//! The directory entry is found by its short name (Microsoft, "FAT: General Overview of On-Disk
//! Format", version 1.03: sections on the boot sector, the FAT data structure and directories).

use std::io::{self, Read, Seek, SeekFrom, Write};

use fatfs::{FileSystem, FsOptions};

use super::region::Region;

const ENTRY: usize = 32;
const ATTRIBUTES: usize = 11;
const READ_ONLY: u8 = 0x01;
const LONG_NAME: u8 = 0x0f;
const CLUSTER_MASK: u32 = 0x0fff_ffff;
const END_OF_CHAIN: u32 = 0x0fff_fff8;

/// Sets the read-only attribute of the file at `path`.
pub(super) fn set_read_only(region: &mut Region, path: &str) -> Result<(), String> {
    let names = short_names(region, path).map_err(|error| format!("{path}: {error}"))?;
    set(region, &names).map_err(|error| format!("{path}: {error}"))
}

/// The 11-byte name of every folder on the way and of the file itself.
fn short_names(region: &mut Region, path: &str) -> io::Result<Vec<[u8; 11]>> {
    region.rewind()?;
    let volume = FileSystem::new(region, FsOptions::new())?;
    let mut folder = volume.root_dir();
    let mut names = Vec::new();
    for wanted in path.split('/') {
        let entry = folder
            .iter()
            .find_map(|entry| entry.ok().filter(|entry| entry.file_name().eq_ignore_ascii_case(wanted)))
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        names.push(padded(entry.short_file_name_as_bytes()));
        if entry.is_dir() {
            folder = entry.to_dir();
        }
    }
    Ok(names)
}

/// `KERNEL~1.EFI` as it stands in a directory: eight and three characters, padded with spaces.
fn padded(name: &[u8]) -> [u8; 11] {
    let mut padded = [b' '; 11];
    let (base, extension) = match name.iter().position(|&byte| byte == b'.') {
        Some(dot) => (&name[..dot], &name[dot + 1..]),
        None => (name, &[][..]),
    };
    padded[..base.len()].copy_from_slice(base);
    padded[8..8 + extension.len()].copy_from_slice(extension);
    padded
}

fn set(region: &mut Region, names: &[[u8; 11]]) -> io::Result<()> {
    let layout = Layout::read(region)?;
    let mut folder = layout.root;
    for (depth, name) in names.iter().enumerate() {
        let (place, entry) = layout.find(region, folder, name)?;
        if depth + 1 == names.len() {
            region.seek(SeekFrom::Start(place + ATTRIBUTES as u64))?;
            return region.write_all(&[entry[ATTRIBUTES] | READ_ONLY]);
        }
        folder = first_cluster(&entry);
    }
    Err(io::ErrorKind::NotFound.into())
}

fn first_cluster(entry: &[u8; ENTRY]) -> u32 {
    u32::from_le_bytes([entry[26], entry[27], entry[20], entry[21]])
}

struct Layout {
    table: u64,
    data: u64,
    cluster: u64,
    root: u32,
}

impl Layout {
    fn read(region: &mut Region) -> io::Result<Self> {
        let mut boot = [0; 64];
        region.seek(SeekFrom::Start(0))?;
        region.read_exact(&mut boot)?;
        let half = |at: usize| u64::from(u16::from_le_bytes([boot[at], boot[at + 1]]));
        let word = |at: usize| u32::from_le_bytes([boot[at], boot[at + 1], boot[at + 2], boot[at + 3]]);
        let sector = half(11);
        let table = half(14) * sector;
        let data = table + u64::from(boot[16]) * u64::from(word(36)) * sector;
        Ok(Self { table, data, cluster: u64::from(boot[13]) * sector, root: word(44) })
    }

    /// The entry called `name` in the folder that begins at `cluster`, and its place.
    fn find(&self, region: &mut Region, mut cluster: u32, name: &[u8; 11]) -> io::Result<(u64, [u8; ENTRY])> {
        while (2..END_OF_CHAIN).contains(&cluster) {
            let start = self.data + u64::from(cluster - 2) * self.cluster;
            let mut bytes = vec![0; self.cluster as usize];
            region.seek(SeekFrom::Start(start))?;
            region.read_exact(&mut bytes)?;
            for (number, chunk) in bytes.chunks_exact(ENTRY).enumerate() {
                let Ok(entry) = <[u8; ENTRY]>::try_from(chunk) else { continue };
                if entry[ATTRIBUTES] != LONG_NAME && entry.starts_with(name) {
                    return Ok((start + (number * ENTRY) as u64, entry));
                }
            }
            cluster = self.next(region, cluster)?;
        }
        Err(io::ErrorKind::NotFound.into())
    }

    fn next(&self, region: &mut Region, cluster: u32) -> io::Result<u32> {
        let mut entry = [0; 4];
        region.seek(SeekFrom::Start(self.table + 4 * u64::from(cluster)))?;
        region.read_exact(&mut entry)?;
        Ok(u32::from_le_bytes(entry) & CLUSTER_MASK)
    }
}
