// SPDX-License-Identifier: MIT OR Apache-2.0
//! From an image or a block device to a file system.

use super::Failure;
use super::document::{FileSystem as Found, Partition, Probe};
use lamboot_fs::{Device, FileSystem, Kind, Part, Volume, assemble};
use partitions::{Disk, Entry, Table};
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::Path;

/// The sizes of sectors that tables are looked for with.
const SECTOR_SIZES: [u32; 2] = [512, 4096];

/// Which part of an image is meant.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// All of it.
    Whole,
    /// From this byte to the end.
    Offset(u64),
    /// The partition of this number.
    Partition(u32),
    /// The logical volume of this group and name, on any partition.
    Logical(String),
}

/// An image or a block device.
struct Image {
    file: File,
    size: u64,
}

impl Image {
    fn open(path: &Path) -> Result<Self, Failure> {
        let opened =
            File::open(path).and_then(|mut file| file.seek(SeekFrom::End(0)).map(|size| (file, size)));
        let (file, size) = opened.map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
        Ok(Self { file, size })
    }

    fn part(&self, start: u64, length: u64) -> Result<Part<File>, Failure> {
        Ok(Part::new(self.file.try_clone()?, start, length))
    }

    /// The volumes on these parts of the image. Parts that lie outside of it are empty.
    fn volumes(&self, places: &[(u64, u64)]) -> Result<Vec<Volume>, Failure> {
        let device = |(start, length): &(u64, u64)| {
            let length = (*length).min(self.size.saturating_sub(*start));
            Ok(Device::new(self.part(*start, length)?, length)?)
        };
        Ok(assemble(places.iter().map(device).collect::<Result<Vec<_>, Failure>>()?))
    }

    /// The table with the size of its sectors; `None` where there is none.
    fn table(&self) -> Result<Option<(Table, u64)>, Failure> {
        for sector_size in SECTOR_SIZES {
            let disk = Disk { sector_size, sectors: self.size / u64::from(sector_size) };
            let table = Table::read(self.part(0, self.size)?, disk);
            let table = table.map_err(|error| Failure::Failed(error.to_string()))?;
            if !table.partitions.is_empty() {
                return Ok(Some((table, sector_size.into())));
            }
        }
        Ok(None)
    }
}

/// Opens the file system at a place of an image.
pub(super) fn open(path: &Path, place: &Place) -> Result<Box<dyn FileSystem>, Failure> {
    let image = Image::open(path)?;
    match place {
        Place::Whole => match only(image.volumes(&[(0, image.size)])?) {
            Err(Failure::Nothing(_)) => Err(divided(&image)?),
            opened => opened,
        },
        Place::Offset(offset) => only(image.volumes(&[(*offset, image.size.saturating_sub(*offset))])?),
        Place::Partition(number) => only(image.volumes(&[find(&image, *number)?])?),
        Place::Logical(name) => logical(&image, name),
    }
}

/// The file system of the only volume.
fn only(volumes: Vec<Volume>) -> Result<Box<dyn FileSystem>, Failure> {
    if let [Volume { logical: Some(_), .. }, ..] = volumes.as_slice() {
        let names: Vec<String> = volumes.into_iter().filter_map(|volume| volume.logical).collect();
        return Err(Failure::Failed(format!(
            "this has logical volumes: say --logical {}",
            names.join(" or ")
        )));
    }
    let volume = volumes.into_iter().next();
    Ok(volume.ok_or_else(|| Failure::Nothing("there is no file system that is known here".into()))?.system?)
}

fn logical(image: &Image, name: &str) -> Result<Box<dyn FileSystem>, Failure> {
    let places = match image.table()? {
        Some((table, sector)) => table.partitions.iter().map(|partition| extent(partition, sector)).collect(),
        None => vec![(0, image.size)],
    };
    let mut volumes = image.volumes(&places)?.into_iter();
    let found = volumes.find(|volume| volume.logical.as_deref() == Some(name));
    Ok(found.ok_or_else(|| Failure::Nothing(format!("there is no logical volume {name}")))?.system?)
}

fn find(image: &Image, number: u32) -> Result<(u64, u64), Failure> {
    let (table, sector) = image.table()?.ok_or_else(|| Failure::Nothing("there are no partitions".into()))?;
    let partition = table.partitions.iter().find(|partition| partition.number == number);
    let partition = partition.ok_or_else(|| Failure::Nothing(format!("there is no partition {number}")))?;
    Ok(extent(partition, sector))
}

/// Where a partition begins, and how long it is, in bytes.
fn extent(partition: &partitions::Partition, sector: u64) -> (u64, u64) {
    (partition.first.saturating_mul(sector), partition.sectors.saturating_mul(sector))
}

/// What to say of an image that is no file system as a whole.
fn divided(image: &Image) -> Result<Failure, Failure> {
    let Some((table, _)) = image.table()? else {
        return Ok(Failure::Nothing("there is no file system that is known here".into()));
    };
    let numbers: Vec<String> =
        table.partitions.iter().map(|partition| partition.number.to_string()).collect();
    Ok(Failure::Failed(format!("this is a disk with partitions: say --partition {}", numbers.join(" or "))))
}

/// Everything that there is.
pub(super) fn probe(path: &Path) -> Result<Probe, Failure> {
    let image = Image::open(path)?;
    let Some((table, sector)) = image.table()? else {
        let volumes = image.volumes(&[(0, image.size)])?;
        let Some(first) = volumes.first() else {
            return Err(Failure::Nothing("the image is empty".into()));
        };
        return match &first.system {
            Err(why) if why.kind == Kind::Unknown => Err(Failure::Nothing(
                "there is neither a file system that is known nor a partition table here".into(),
            )),
            _ => Ok(Probe::whole(volumes.iter().map(Found::of_volume).collect())),
        };
    };
    let places: Vec<(u64, u64)> =
        table.partitions.iter().map(|partition| extent(partition, sector)).collect();
    let volumes = image.volumes(&places)?;
    let on = |place: usize| volumes.iter().filter(move |volume| volume.devices.first() == Some(&place));
    let partitions = table.partitions.iter().enumerate().map(|(place, partition)| {
        let (kind, guid, name) = match &partition.entry {
            Entry::Gpt { type_guid, guid, name, .. } => {
                (type_guid.to_string(), Some(guid.to_string()), Some(name.clone()))
            }
            Entry::Mbr { type_byte, .. } => (format!("0x{type_byte:02x}"), None, None),
            _ => (String::new(), None, None),
        };
        let (offset, size) = extent(partition, sector);
        let file_systems = on(place).filter(|volume| !is_unknown(volume)).map(Found::of_volume).collect();
        Partition { number: partition.number, offset, size, kind, guid, name, file_systems }
    });
    let findings = table.findings.iter().map(ToString::to_string).collect();
    Ok(Probe::divided(partitions.collect(), findings))
}

fn is_unknown(volume: &Volume) -> bool {
    volume.system.as_ref().is_err_and(|why| why.kind == Kind::Unknown)
}
