// SPDX-License-Identifier: MIT OR Apache-2.0
//! From an image or a block device to a file system.

use super::Failure;
use super::document::{FileSystem as Found, Partition, Probe};
use lamboot_fs::{FileSystem, Kind, Part};
use partitions::{Disk, Entry, Table};
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::Path;

/// The sizes of sectors that tables are looked for with.
const SECTOR_SIZES: [u32; 2] = [512, 4096];

/// Which part of an image is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// All of it.
    Whole,
    /// From this byte to the end.
    Offset(u64),
    /// The partition of this number.
    Partition(u32),
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
pub(super) fn open(path: &Path, place: Place) -> Result<Box<dyn FileSystem>, Failure> {
    let image = Image::open(path)?;
    let (start, length) = match place {
        Place::Whole => (0, image.size),
        Place::Offset(offset) => (offset, image.size.saturating_sub(offset)),
        Place::Partition(number) => find(&image, number)?,
    };
    match lamboot_fs::open(image.part(start, length)?) {
        Err(why) if why.kind == Kind::Unknown && matches!(place, Place::Whole) => Err(divided(&image)?),
        opened => Ok(opened?),
    }
}

fn find(image: &Image, number: u32) -> Result<(u64, u64), Failure> {
    let (table, sector) = image.table()?.ok_or_else(|| Failure::Nothing("there are no partitions".into()))?;
    let partition = table.partitions.iter().find(|partition| partition.number == number);
    let partition = partition.ok_or_else(|| Failure::Nothing(format!("there is no partition {number}")))?;
    Ok((partition.first.saturating_mul(sector), partition.sectors.saturating_mul(sector)))
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
    match lamboot_fs::open(image.part(0, image.size)?) {
        Ok(system) => return Ok(Probe::whole(Found::of(&*system))),
        Err(why) if why.kind == Kind::Unknown => {}
        Err(why) if why.kind == Kind::Device => return Err(why.into()),
        Err(why) => return Ok(Probe::whole(Found::unreadable(&why))),
    }
    let (table, sector) = image.table()?.ok_or_else(|| {
        Failure::Nothing("there is neither a file system that is known nor a partition table here".into())
    })?;
    let partitions = table.partitions.iter().map(|partition| {
        let (offset, size) =
            (partition.first.saturating_mul(sector), partition.sectors.saturating_mul(sector));
        let file_system = match lamboot_fs::open(image.part(offset, size)?) {
            Ok(system) => Some(Found::of(&*system)),
            Err(why) if why.kind == Kind::Unknown => None,
            Err(why) => Some(Found::unreadable(&why)),
        };
        let (kind, guid, name) = match &partition.entry {
            Entry::Gpt { type_guid, guid, name, .. } => {
                (type_guid.to_string(), Some(guid.to_string()), Some(name.clone()))
            }
            Entry::Mbr { type_byte, .. } => (format!("0x{type_byte:02x}"), None, None),
            _ => (String::new(), None, None),
        };
        Ok(Partition { number: partition.number, offset, size, kind, guid, name, file_system })
    });
    let partitions: Result<Vec<Partition>, Failure> = partitions.collect();
    let findings = table.findings.iter().map(ToString::to_string).collect();
    Ok(Probe::divided(partitions?, findings))
}
