// SPDX-License-Identifier: MIT OR Apache-2.0
//! Describing a disk image and writing it.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, Write},
    path::Path,
};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions, format_volume};
use gpt::{GptConfig, disk::LogicalBlockSize, mbr::ProtectiveMBR, partition::Partition, partition_types};

use super::{
    Contents, DISK_GUID, Disk, ESP_PARTITION_GUID, ESP_START, MIB, SECTOR, STANDARD_ESP_MIB, attributes,
    disk_bytes, region::Region,
};
use crate::{LaunchPlan, Result, VmError};

/// The smallest FAT32 has 65525 clusters; a little more keeps every driver of the same opinion.
const WANTED_CLUSTERS: u64 = 70_000;
/// FAT32 with one-sector clusters needs at least this much.
const SMALLEST_ESP_MIB: u64 = 36;

/// A disk image that is still being described.
#[derive(Clone, Debug)]
pub struct DiskImage {
    esp_mib: u64,
    files: Vec<(String, Contents)>,
    folders: Vec<String>,
    read_only: Vec<String>,
    filled: bool,
}

impl DiskImage {
    /// A GPT disk with one EFI system partition of [`STANDARD_ESP_MIB`].
    #[must_use]
    pub fn gpt() -> Self {
        Self { esp_mib: STANDARD_ESP_MIB, files: vec![], folders: vec![], read_only: vec![], filled: false }
    }

    /// Sets the size of the EFI system partition in MiB, 36 or more.
    #[must_use]
    pub fn esp(mut self, mib: u64) -> Self {
        self.esp_mib = mib;
        self
    }

    /// Puts a file on the EFI system partition; its folders are made as needed.
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

    /// Tells the launcher program what to do before and after it starts the loader.
    #[must_use]
    pub fn launch(self, plan: &LaunchPlan) -> Self {
        self.file(LaunchPlan::PATH, plan.text())
    }

    /// Leaves no free cluster: a file named `\fill` takes the rest.
    #[must_use]
    pub fn filled(mut self) -> Self {
        self.filled = true;
        self
    }

    /// Writes the image as a sparse file at `path`.
    ///
    /// # Errors
    /// When the contents do not fit, a path is not a valid name, or the file cannot be written.
    pub fn build(self, path: &Path) -> Result<Disk> {
        self.write(path).map_err(|reason| VmError::Image { image: path.display().to_string(), reason })?;
        Ok(Disk { path: path.into(), esp_bytes: self.esp_bytes() })
    }

    fn esp_bytes(&self) -> u64 {
        self.esp_mib * MIB
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        if self.esp_mib < SMALLEST_ESP_MIB {
            return Err(format!(
                "an EFI system partition needs {SMALLEST_ESP_MIB} MiB, not {}",
                self.esp_mib
            ));
        }
        let mut file = create(path, disk_bytes(self.esp_bytes())).map_err(|error| error.to_string())?;
        write_partition_table(&mut file, self.esp_bytes())
            .map_err(|error| format!("partition table: {error}"))?;
        let mut region = Region::blank(file, ESP_START, self.esp_bytes(), head_len(self.esp_bytes()));
        self.write_esp(&mut region)?;
        region.save().map_err(|error| error.to_string())
    }

    fn write_esp(&self, region: &mut Region) -> Result<(), String> {
        format_volume(&mut *region, format_options(self.esp_bytes()))
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
pub(super) fn head_len(esp_bytes: u64) -> usize {
    let clusters = esp_bytes / cluster_bytes(esp_bytes);
    usize::try_from(2 * 4 * clusters + 2 * 64 * 1024).unwrap_or(usize::MAX).min(esp_bytes as usize)
}

/// The largest cluster that still makes this a FAT32 volume.
fn cluster_bytes(esp_bytes: u64) -> u64 {
    [32, 16, 8, 4, 2]
        .map(|sectors| sectors * SECTOR)
        .into_iter()
        .find(|size| esp_bytes / size >= WANTED_CLUSTERS)
        .unwrap_or(SECTOR)
}

fn format_options(esp_bytes: u64) -> FormatVolumeOptions {
    FormatVolumeOptions::new()
        .fat_type(FatType::Fat32)
        .bytes_per_cluster(cluster_bytes(esp_bytes) as u32)
        .total_sectors((esp_bytes / SECTOR) as u32)
        .volume_id(0x4c41_4d42)
        .volume_label(*b"ESP        ")
}

fn create(path: &Path, len: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(len)?;
    Ok(file)
}

fn write_partition_table(file: &mut File, esp_bytes: u64) -> Result<(), gpt::GptError> {
    let sectors = u32::try_from(disk_bytes(esp_bytes) / SECTOR - 1).unwrap_or(u32::MAX);
    ProtectiveMBR::with_lb_size(sectors)
        .overwrite_lba0(file)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let config = GptConfig::new().writable(true).logical_block_size(LogicalBlockSize::Lb512);
    let mut table = config.create_from_device(file, Some(DISK_GUID))?;
    let esp = Partition {
        part_type_guid: partition_types::EFI,
        part_guid: ESP_PARTITION_GUID,
        first_lba: ESP_START / SECTOR,
        last_lba: (ESP_START + esp_bytes) / SECTOR - 1,
        flags: 0,
        name: "ESP".into(),
    };
    table.update_partitions(BTreeMap::from([(1, esp)]))?;
    table.write()?;
    Ok(())
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
        ErrorKind::WriteZero => io::Error::other("the EFI system partition is too small for this"),
        _ if error.to_string().contains("No space") => {
            io::Error::other("the EFI system partition is too small for this")
        }
        _ => error,
    }
}

/// `EFI/BOOT/BOOTX64.EFI` for `\EFI\BOOT\BOOTX64.EFI`.
pub(super) fn normal(path: &str) -> String {
    path.replace('\\', "/").trim_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Lab;

    #[test]
    fn what_is_written_is_read_back() {
        let lab = Lab::new("disk-round-trip").unwrap();
        let image = DiskImage::gpt()
            .file(r"\EFI\BOOT\BOOTX64.EFI", vec![7; 100_000])
            .file("/loader/entries/a-rather-long-name+3-0.conf", "title Linux\n")
            .read_only_file("/EFI/LamBoot/policy.toml", "")
            .folder("/loader/empty");
        let disk = lab.disk(image).unwrap();
        let esp = disk.esp().unwrap();
        assert_eq!(esp.read("/EFI/BOOT/BOOTX64.EFI").unwrap(), vec![7; 100_000]);
        assert_eq!(esp.text("/loader/entries/a-rather-long-name+3-0.conf").unwrap(), "title Linux\n");
        assert_eq!(esp.list("/loader/entries").unwrap(), ["a-rather-long-name+3-0.conf"]);
        assert!(esp.list("/loader/empty").unwrap().is_empty());
        assert!(esp.is_read_only("/EFI/LamBoot/policy.toml").unwrap());
        assert!(!esp.is_read_only("/EFI/BOOT/BOOTX64.EFI").unwrap());
        assert!(!esp.exists("/EFI/absent").unwrap());
        lab.passed();
    }

    #[test]
    fn the_partition_table_is_valid_and_has_the_fixed_guids() {
        let lab = Lab::new("disk-table").unwrap();
        let disk = lab.disk(DiskImage::gpt().esp(40)).unwrap();
        let table = GptConfig::new().open(disk.path()).unwrap();
        assert_eq!(*table.guid(), DISK_GUID);
        assert_eq!(table.partitions()[&1].part_guid, ESP_PARTITION_GUID);
        assert_eq!(table.partitions()[&1].part_type_guid, partition_types::EFI);
        assert_eq!(disk.size_bytes(), disk.path().metadata().unwrap().len());
        lab.passed();
    }

    #[test]
    fn a_filled_partition_has_no_free_cluster_and_an_overfull_one_is_refused() {
        let lab = Lab::new("disk-full").unwrap();
        let disk = lab.disk(DiskImage::gpt().esp(40).file("/a", "a").filled()).unwrap();
        assert_eq!(disk.esp().unwrap().free_bytes().unwrap(), 0);
        let too_much = Contents::Noise { len: 41 << 20, seed: 1 };
        let error = lab.disk(DiskImage::gpt().esp(40).file("/big", too_much)).unwrap_err();
        assert!(error.to_string().contains("too small"), "{error}");
        lab.passed();
    }

    #[test]
    fn images_are_sparse_and_quick() {
        let lab = Lab::new("disk-speed").unwrap();
        let started = Instant::now();
        let disk = lab.disk(DiskImage::gpt().file("/kernel", vec![1; 14 << 20])).unwrap();
        let small = started.elapsed();
        let blocks = std::os::unix::fs::MetadataExt::blocks(&disk.path().metadata().unwrap());
        assert!(blocks * 512 < 17 << 20, "{} bytes on disk", blocks * 512);
        let started = Instant::now();
        let large = Contents::Noise { len: 600 << 20, seed: 1 };
        lab.disk(DiskImage::gpt().esp(1024).file("/initrd", large)).unwrap();
        eprintln!("96 MiB with 14 MiB in it: {small:?}; 1 GiB with 600 MiB in it: {:?}", started.elapsed());
        assert!(small.as_secs() < 2, "{small:?}");
        lab.passed();
    }
}
