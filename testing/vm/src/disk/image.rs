// SPDX-License-Identifier: MIT OR Apache-2.0
//! Describing a disk image and writing it.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use gpt::{
    GptConfig,
    disk::LogicalBlockSize,
    mbr::ProtectiveMBR,
    partition::Partition,
    partition_types::{self, Type},
};

use super::{
    Contents, DISK_GUID, Disk, ESP_PARTITION_GUID, ESP_START, FatPartition, MIB, RAW_PARTITION_GUID, SECTOR,
    STANDARD_ESP_MIB, XBOOTLDR_MIB, XBOOTLDR_PARTITION_GUID, disk_end, mbr, partition::head_len,
    region::Region,
};
use crate::{LaunchPlan, Result, Uuid, VmError};

/// A disk image that is still being described.
#[derive(Clone, Debug)]
pub struct DiskImage {
    esp: FatPartition,
    xbootldr: Option<FatPartition>,
    raw: Vec<RawPartition>,
    table: Table,
    sector: u64,
}

/// How its partitions are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Gpt,
    Mbr,
}

/// A partition whose bytes somebody else made.
#[derive(Clone, Debug)]
struct RawPartition {
    kind: Type,
    image: PathBuf,
    bytes: u64,
}

/// A partition's place on the disk and in its table.
struct Slot<'a> {
    filling: Filling<'a>,
    bytes: u64,
    kind: Type,
    guid: Uuid,
    name: &'static str,
    start: u64,
}

/// What is in a partition.
enum Filling<'a> {
    Fat(&'a FatPartition),
    Raw(&'a Path),
}

impl DiskImage {
    /// A GPT disk with one EFI system partition of [`STANDARD_ESP_MIB`].
    #[must_use]
    pub fn gpt() -> Self {
        let esp = FatPartition::new(*b"ESP        ", STANDARD_ESP_MIB);
        Self { esp, xbootldr: None, raw: Vec::new(), table: Table::Gpt, sector: SECTOR }
    }

    /// With an MBR in place of the GPT, in which every further partition is a logical one.
    #[must_use]
    pub fn mbr(self) -> Self {
        Self { table: Table::Mbr, ..self }
    }

    /// With sectors of 4096 bytes, which needs an EFI system partition of 288 MiB or more.
    #[must_use]
    pub fn large_sectors(self) -> Self {
        Self { sector: 4096, ..self }
    }

    /// Sets the size of the EFI system partition in MiB, 36 or more.
    #[must_use]
    pub fn esp(self, mib: u64) -> Self {
        self.on_esp(|esp| esp.size(mib))
    }

    /// Adds an extended boot loader partition (UAPI.1, "The Partitions") behind the EFI system
    /// partition, of [`XBOOTLDR_MIB`] unless told.
    #[must_use]
    pub fn xbootldr(mut self, describe: impl FnOnce(FatPartition) -> FatPartition) -> Self {
        let partition = self.xbootldr.unwrap_or_else(|| FatPartition::new(*b"XBOOTLDR   ", XBOOTLDR_MIB));
        self.xbootldr = Some(describe(partition));
        self
    }

    /// Adds a partition for Linux' files behind those that are there, with the bytes of `image`, a file
    /// of whole MiB.
    ///
    /// # Errors
    /// The file is missing or empty.
    pub fn partition(self, image: &Path) -> Result<Self> {
        self.raw_partition(image, partition_types::LINUX_FS)
    }

    /// The same for an extended boot loader partition.
    ///
    /// # Errors
    /// The file is missing or empty.
    pub fn xbootldr_image(self, image: &Path) -> Result<Self> {
        self.raw_partition(image, partition_types::FREEDESK_BOOT)
    }

    fn raw_partition(mut self, image: &Path, kind: Type) -> Result<Self> {
        let bytes = image.metadata().map_err(|error| error.to_string()).and_then(|file| match file.len() {
            0 => Err("it is empty".to_owned()),
            bytes => Ok(bytes.next_multiple_of(MIB)),
        });
        let bytes = bytes.map_err(|reason| VmError::Image { image: image.display().to_string(), reason })?;
        self.raw.push(RawPartition { kind, image: image.into(), bytes });
        Ok(self)
    }

    /// Puts a file on the EFI system partition; its folders are made as needed.
    ///
    /// `path` may use `/` or `\`.
    #[must_use]
    pub fn file(self, path: &str, contents: impl Into<Contents>) -> Self {
        self.on_esp(|esp| esp.file(path, contents))
    }

    /// Puts a file there that has the read-only attribute.
    #[must_use]
    pub fn read_only_file(self, path: &str, contents: impl Into<Contents>) -> Self {
        self.on_esp(|esp| esp.read_only_file(path, contents))
    }

    /// Makes a folder.
    #[must_use]
    pub fn folder(self, path: &str) -> Self {
        self.on_esp(|esp| esp.folder(path))
    }

    /// Tells the launcher program what to do before and after it starts the loader.
    #[must_use]
    pub fn launch(self, plan: &LaunchPlan) -> Self {
        self.file(LaunchPlan::PATH, plan.text())
    }

    /// Leaves no free cluster on the EFI system partition: a file named `\fill` takes the rest.
    #[must_use]
    pub fn filled(self) -> Self {
        self.on_esp(FatPartition::filled)
    }

    /// Writes the image as a sparse file at `path`.
    ///
    /// # Errors
    /// When the contents do not fit, a path is not a valid name, or the file cannot be written.
    pub fn build(self, path: &Path) -> Result<Disk> {
        self.write(path).map_err(|reason| VmError::Image { image: path.display().to_string(), reason })?;
        Ok(Disk {
            path: path.into(),
            esp_bytes: self.esp.bytes(),
            size_bytes: self.size_bytes(),
            sector: self.sector,
        })
    }

    fn on_esp(self, describe: impl FnOnce(FatPartition) -> FatPartition) -> Self {
        Self { esp: describe(self.esp), ..self }
    }

    fn size_bytes(&self) -> u64 {
        self.slots().last().map_or(0, |last| disk_end(last.start + last.bytes))
    }

    fn slots(&self) -> Vec<Slot<'_>> {
        let fat = |partition, kind, guid, name| (Filling::Fat(partition), kind, guid, name);
        let esp = fat(&self.esp, partition_types::EFI, ESP_PARTITION_GUID, "ESP");
        let xbootldr = self.xbootldr.iter().map(|partition| {
            fat(partition, partition_types::FREEDESK_BOOT, XBOOTLDR_PARTITION_GUID, "XBOOTLDR")
        });
        let raw = self.raw.iter().zip(1..).map(|(partition, number)| {
            let guid = Uuid::from_u128(RAW_PARTITION_GUID.as_u128() + number);
            (Filling::Raw(&partition.image), partition.kind.clone(), guid, "Linux")
        });
        let sizes = [self.esp.bytes()].into_iter();
        let sizes = sizes.chain(self.xbootldr.iter().map(FatPartition::bytes));
        let sizes = sizes.chain(self.raw.iter().map(|partition| partition.bytes));
        let mut start = ESP_START;
        // Room for the record of a logical partition.
        let gap = if self.table == Table::Mbr { MIB } else { 0 };
        let place = |((filling, kind, guid, name), bytes)| {
            let slot = Slot { filling, bytes, kind, guid, name, start };
            start += bytes + gap;
            slot
        };
        std::iter::once(esp).chain(xbootldr).chain(raw).zip(sizes).map(place).collect()
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        let slots = self.slots();
        slots.iter().try_for_each(|slot| match slot.filling {
            Filling::Fat(partition) => partition.check_size(self.sector),
            Filling::Raw(_) => Ok(()),
        })?;
        let mut file = create(path, self.size_bytes()).map_err(|error| error.to_string())?;
        self.write_table(&mut file, &slots).map_err(|error| format!("partition table: {error}"))?;
        slots.iter().try_for_each(|slot| slot.write(&file, self.sector))
    }

    fn write_table(&self, file: &mut File, slots: &[Slot<'_>]) -> Result<(), gpt::GptError> {
        match self.table {
            Table::Gpt => write_gpt(file, self.size_bytes(), self.sector, slots),
            Table::Mbr => {
                let places: Vec<mbr::Place> =
                    slots.iter().map(|slot| mbr::Place { start: slot.start, bytes: slot.bytes }).collect();
                Ok(mbr::write(file, self.size_bytes(), &places)?)
            }
        }
    }
}

impl Slot<'_> {
    fn write(&self, file: &File, sector: u64) -> Result<(), String> {
        let file = file.try_clone().map_err(|error| error.to_string())?;
        match self.filling {
            Filling::Fat(partition) => {
                let mut region = Region::blank(file, self.start, self.bytes, head_len(self.bytes));
                partition.write(&mut region, sector)?;
                region.save().map_err(|error| error.to_string())
            }
            Filling::Raw(image) => copy_sparse(image, &file, self.start).map_err(|error| error.to_string()),
        }
    }

    fn entry(&self, sector: u64) -> Partition {
        Partition {
            part_type_guid: self.kind.clone(),
            part_guid: self.guid,
            first_lba: self.start / sector,
            last_lba: (self.start + self.bytes) / sector - 1,
            flags: 0,
            name: self.name.into(),
        }
    }
}

/// Copies what is not zero.
fn copy_sparse(image: &Path, disk: &File, start: u64) -> io::Result<()> {
    let mut image = File::open(image)?;
    let mut chunk = vec![0; 1 << 20];
    let mut at = start;
    loop {
        match image.read(&mut chunk)? {
            0 => return Ok(()),
            count => {
                let bytes = &chunk[..count];
                if bytes.iter().any(|byte| *byte != 0) {
                    disk.write_all_at(bytes, at)?;
                }
                at += count as u64;
            }
        }
    }
}

fn create(path: &Path, len: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(len)?;
    Ok(file)
}

fn write_gpt(file: &mut File, disk_bytes: u64, sector: u64, slots: &[Slot<'_>]) -> Result<(), gpt::GptError> {
    let sectors = u32::try_from(disk_bytes / sector - 1).unwrap_or(u32::MAX);
    ProtectiveMBR::with_lb_size(sectors)
        .overwrite_lba0(file)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let size = if sector == SECTOR { LogicalBlockSize::Lb512 } else { LogicalBlockSize::Lb4096 };
    let config = GptConfig::new().writable(true).logical_block_size(size);
    let mut table = config.create_from_device(file, Some(DISK_GUID))?;
    let entries: BTreeMap<u32, Partition> = (1..).zip(slots.iter().map(|slot| slot.entry(sector))).collect();
    table.update_partitions(entries)?;
    table.write()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{io::Read, time::Instant};

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
    fn an_mbr_and_a_table_of_large_sectors_are_read_back() {
        let lab = Lab::new("disk-tables").unwrap();
        let raw = lab.folder().join("raw");
        File::create(&raw).unwrap().set_len(3 << 20).unwrap();
        let with_two = |image: DiskImage| {
            image.esp(300).partition(&raw).and_then(|image| image.partition(&raw)).unwrap()
        };
        let disk = lab.disk(with_two(DiskImage::gpt().mbr())).unwrap();
        let size = partitions::Disk { sector_size: 512, sectors: disk.size_bytes() / 512 };
        let bytes = std::fs::read(disk.path()).unwrap();
        let table = partitions::Table::read(&bytes[..], size).unwrap();
        let logical: Vec<_> = table.partitions.iter().filter(|found| found.number > 4).collect();
        let places: Vec<_> = logical.iter().map(|found| (found.number, found.first, found.sectors)).collect();
        assert_eq!((places, &table.findings[..]), (vec![(5, 618_496, 6144), (6, 626_688, 6144)], &[][..]));
        let disk = lab.disk(with_two(DiskImage::gpt().large_sectors())).unwrap();
        let config = GptConfig::new().logical_block_size(LogicalBlockSize::Lb4096);
        let table = config.open(disk.path()).unwrap();
        assert_eq!(table.partitions()[&3].first_lba, (301 + 3) * 256);
        assert!(disk.esp().unwrap().list("/").unwrap().is_empty());
        lab.passed();
    }

    #[test]
    fn an_extended_boot_partition_stands_behind_the_esp_with_its_own_type_and_files() {
        let lab = Lab::new("disk-xbootldr").unwrap();
        let image = DiskImage::gpt()
            .esp(40)
            .file("/on-esp", "esp")
            .xbootldr(|boot| boot.size(36).file("/loader/entries/a.conf", "title A\n"))
            .xbootldr(|boot| boot.folder("/more"));
        let disk = lab.disk(image).unwrap();
        let table = GptConfig::new().open(disk.path()).unwrap();
        let boot = &table.partitions()[&2];
        assert_eq!(
            boot.part_type_guid.guid.to_string().to_lowercase(),
            "bc13c2ff-59e6-4262-a352-b275fd6f7172"
        );
        assert_eq!(boot.part_guid, XBOOTLDR_PARTITION_GUID);
        assert_eq!(boot.first_lba, table.partitions()[&1].last_lba + 1);
        assert_eq!(disk.size_bytes(), disk.path().metadata().unwrap().len());
        let (start, len) = (boot.first_lba * SECTOR, 36 << 20);
        let region = Region::open(File::open(disk.path()).unwrap(), start, len, head_len(len)).unwrap();
        let volume = fatfs::FileSystem::new(region, fatfs::FsOptions::new()).unwrap();
        let mut text = String::new();
        volume.root_dir().open_file("loader/entries/a.conf").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), volume.root_dir().open_dir("more").is_ok()), ("title A\n", true));
        assert_eq!(disk.esp().unwrap().list("/").unwrap(), ["on-esp"]);
        let too_small = lab.disk(DiskImage::gpt().xbootldr(|boot| boot.size(35))).unwrap_err();
        assert!(too_small.to_string().contains("needs 36 MiB"), "{too_small}");
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
