// SPDX-License-Identifier: MIT OR Apache-2.0
//! One FAT partition of a disk image: what is in it, and writing it.

use std::io::{self, ErrorKind, Read, Seek, Write};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions, format_volume};

use super::{Contents, MIB, SECTOR, attributes, region::Region};

/// The smallest FAT32 has 65525 clusters; a little more keeps every driver of the same opinion.
const WANTED_CLUSTERS: u64 = 70_000;
/// FAT32 with one-sector clusters needs at least this much.
const SMALLEST_MIB: u64 = 36;

/// A FAT partition that is still being described.
#[derive(Clone, Debug)]
pub struct FatPartition {
    label: [u8; 11],
    mib: u64,
    files: Vec<(String, Contents)>,
    folders: Vec<String>,
    read_only: Vec<String>,
    filled: bool,
}

impl FatPartition {
    pub(super) fn new(label: [u8; 11], mib: u64) -> Self {
        Self { label, mib, files: vec![], folders: vec![], read_only: vec![], filled: false }
    }

    /// Sets the size in MiB, 36 or more.
    #[must_use]
    pub fn size(mut self, mib: u64) -> Self {
        self.mib = mib;
        self
    }

    /// Puts a file there; its folders are made as needed.
    ///
    /// `path` may use `/` or `\`.
    #[must_use]
    pub fn file(mut self, path: &str, contents: impl Into<Contents>) -> Self {
        self.files.push((normal(path), contents.into()));
        self
    }

    /// Puts a file there that has the read-only attribute.
    #[must_use]
    pub fn read_only_file(mut self, path: &str, contents: impl Into<Contents>) -> Self {
        self.read_only.push(normal(path));
        self.file(path, contents)
    }

    /// Makes a folder.
    #[must_use]
    pub fn folder(mut self, path: &str) -> Self {
        self.folders.push(normal(path));
        self
    }

    /// Leaves no free cluster: a file named `\fill` takes the rest.
    #[must_use]
    pub fn filled(mut self) -> Self {
        self.filled = true;
        self
    }

    pub(super) fn bytes(&self) -> u64 {
        self.mib * MIB
    }

    /// Whether it is large enough on a disk with sectors of this many bytes.
    pub(super) fn check_size(&self, sector: u64) -> Result<(), String> {
        let smallest = SMALLEST_MIB * sector / SECTOR;
        if self.mib >= smallest {
            return Ok(());
        }
        Err(format!("a partition needs {smallest} MiB, not {}", self.mib))
    }

    fn format_options(&self, sector: u64) -> FormatVolumeOptions {
        let cluster = cluster_bytes(self.bytes()).max(sector);
        FormatVolumeOptions::new()
            .fat_type(FatType::Fat32)
            .bytes_per_sector(sector as u16)
            .bytes_per_cluster(cluster as u32)
            .total_sectors((self.bytes() / sector) as u32)
            .volume_id(0x4c41_4d42)
            .volume_label(self.label)
    }

    /// Formats `region`, by sectors of this many bytes, and fills it.
    pub(super) fn write(&self, region: &mut Region, sector: u64) -> Result<(), String> {
        format_volume(&mut *region, self.format_options(sector))
            .map_err(|error| format!("format: {error}"))?;
        region.rewind().map_err(|error| error.to_string())?;
        let volume = FileSystem::new(&mut *region, FsOptions::new()).map_err(|error| error.to_string())?;
        for folder in &self.folders {
            make_folders(&volume, folder).map_err(|error| format!("{folder}: {error}"))?;
        }
        for (path, contents) in &self.files {
            write_file(&volume, path, contents).map_err(|error| format!("{path}: {error}"))?;
        }
        if self.filled {
            fill(&volume).map_err(|error| format!("fill: {error}"))?;
        }
        // Otherwise the count of free clusters stays unknown, and firmware scans the table for it.
        volume.stats().map_err(|error| format!("count the free clusters: {error}"))?;
        volume.unmount().map_err(|error| error.to_string())?;
        self.read_only.iter().try_for_each(|path| attributes::set_read_only(&mut *region, path))
    }
}

/// Bytes before the first data cluster, rounded up generously: boot sectors and two tables.
pub(super) fn head_len(bytes: u64) -> usize {
    let clusters = bytes / cluster_bytes(bytes);
    usize::try_from(2 * 4 * clusters + 2 * 64 * 1024).unwrap_or(usize::MAX).min(bytes as usize)
}

/// The largest cluster that still makes this a FAT32 volume.
fn cluster_bytes(bytes: u64) -> u64 {
    [32, 16, 8, 4, 2]
        .map(|sectors| sectors * SECTOR)
        .into_iter()
        .find(|size| bytes / size >= WANTED_CLUSTERS)
        .unwrap_or(SECTOR)
}

type Volume<'a> = FileSystem<&'a mut Region>;

fn make_folders(volume: &Volume<'_>, path: &str) -> io::Result<()> {
    let mut folder = volume.root_dir();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        folder = folder.create_dir(name)?;
    }
    Ok(())
}

fn write_file(volume: &Volume<'_>, path: &str, contents: &Contents) -> io::Result<()> {
    if let Some((folders, _)) = path.rsplit_once('/') {
        make_folders(volume, folders)?;
    }
    let mut file = volume.root_dir().create_file(path)?;
    file.truncate()?;
    let mut source = contents.open()?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            return file.flush();
        }
        file.write_all(&buffer[..count]).map_err(explain_full)?;
    }
}

fn fill(volume: &Volume<'_>) -> io::Result<()> {
    let mut file = volume.root_dir().create_file("fill")?;
    let cluster = vec![0xaa; volume.cluster_size() as usize];
    for _ in 0..volume.stats()?.free_clusters() {
        file.write_all(&cluster)?;
    }
    file.flush()
}

fn explain_full(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WriteZero => io::Error::other("the partition is too small for this"),
        _ if error.to_string().contains("No space") => {
            io::Error::other("the partition is too small for this")
        }
        _ => error,
    }
}

/// `EFI/BOOT/BOOTX64.EFI` for `\EFI\BOOT\BOOTX64.EFI`.
pub(super) fn normal(path: &str) -> String {
    path.replace('\\', "/").trim_matches('/').to_owned()
}
