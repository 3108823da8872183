// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which table a disk has, and its partitions.

use crate::bytes::narrow;
use crate::disk::Disk;
use crate::error::Error;
use crate::finding::{Finding, HeaderFault};
use crate::gpt::Header;
use crate::guid::Guid;
use crate::mbr::Mbr;
use crate::partition::Partition;
use alloc::vec::Vec;
use read_at::ReadAt;
use view_parts::sorted_by_key;

/// The most partitions that are listed.
pub const PARTITIONS_MAX: usize = 1024;

/// The partitions of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// Where they are from.
    pub kind: Kind,
    /// By number.
    pub partitions: Vec<Partition>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// None: the whole disk may be one file system, or empty.
    None,
    /// An MBR, with the number by which its disk is known.
    Mbr(u32),
    /// The GPT at the beginning of the disk, with the disk's GUID.
    Gpt(Guid),
    /// The GPT at the end of the disk, since the first is not well.
    GptBackup(Guid),
}

/// A GPT with its entries.
type Gpt = (Header, Vec<u8>);

impl Table {
    /// Reads the table of `disk`, which `reader` has.
    ///
    /// A GPT is used where its protective MBR is, or nothing else; its copy where the first is not well.
    /// Where an MBR has partitions and does not protect, it is used.
    ///
    /// # Errors
    ///
    /// Nothing could be read, or the size of sectors is none. Everything that is wrong with a table is
    /// among its `findings`.
    pub fn read<R: ReadAt>(mut reader: R, disk: Disk) -> Result<Self, Error<R::Error>> {
        if !disk.is_possible() {
            return Err(Error::SectorSize(disk.sector_size));
        }
        let mut sector = alloc::vec![0; narrow(disk.sector_size.into())];
        let first = reader.read_at(0, &mut sector);
        let mbr = first.as_ref().ok().and_then(|()| Mbr::parse(&sector));
        let mut findings = Vec::new();
        let gpt = Copies::read(&mut reader, disk);
        if let (Err(error), true) = (first, gpt.unreadable()) {
            return Err(Error::Device(error));
        }
        let stale = mbr.is_some_and(|mbr| mbr.has_others() && !mbr.is_protective());
        if gpt.is_any() && !stale {
            findings.extend(mbr.is_none_or(|mbr| !mbr.is_protective()).then_some(Finding::NotProtected));
            findings.extend(mbr.is_some_and(|mbr| mbr.has_others()).then_some(Finding::Hybrid));
            return Ok(gpt.table(disk, findings));
        }
        findings.extend(gpt.is_any().then_some(Finding::StaleGpt));
        if mbr.is_some_and(|mbr| mbr.is_protective()) {
            gpt.why_not(&mut reader, disk, &mut findings);
        }
        let Some(mbr) = mbr.filter(Mbr::has_others) else {
            return Ok(Self { kind: Kind::None, partitions: Vec::new(), findings });
        };
        let partitions = mbr.partitions(&mut reader, disk, &mut findings);
        Ok(Self { kind: Kind::Mbr(mbr.signature), partitions, findings }.checked())
    }

    /// Bounded, by number, and with overlaps found.
    fn checked(mut self) -> Self {
        if let Some(first) = self.partitions.get(PARTITIONS_MAX) {
            self.findings.push(Finding::TooMany(first.number));
            self.partitions.truncate(PARTITIONS_MAX);
        }
        let by_place = self.partitions.iter().filter(|partition| !partition.is_extended()).collect();
        let by_place: Vec<&Partition> = sorted_by_key(by_place, |partition| partition.first);
        // Against whichever reaches furthest so far: enough to name each that overlaps.
        let mut furthest: Option<&Partition> = None;
        for partition in by_place {
            if let Some(before) = furthest.filter(|before| before.overlaps(partition)) {
                let numbers = (before.number.min(partition.number), before.number.max(partition.number));
                self.findings.push(Finding::Overlap(numbers.0, numbers.1));
            }
            if furthest.is_none_or(|before| before.last() < partition.last()) {
                furthest = Some(partition);
            }
        }
        self
    }
}

/// Both copies of a GPT, each well or not.
struct Copies {
    first: Result<Gpt, HeaderFault>,
    last: Result<Gpt, HeaderFault>,
    /// Where the last was looked for.
    last_place: u64,
}

impl Copies {
    fn read<R: ReadAt>(reader: &mut R, disk: Disk) -> Self {
        let end = disk.sectors.saturating_sub(1);
        let first = copy(reader, disk, 1);
        // A disk that has grown has its copy where the first says.
        let told = first.as_ref().ok().map(|(header, _)| header.other).filter(|other| *other < end);
        let mut last_place = end;
        let mut last = copy(reader, disk, end);
        if let (Err(HeaderFault::Signature), Some(told)) = (&last, told) {
            (last_place, last) = (told, copy(reader, disk, told));
        }
        Self { first, last, last_place }
    }

    fn is_any(&self) -> bool {
        self.first.is_ok() || self.last.is_ok()
    }

    fn unreadable(&self) -> bool {
        let unreadable = |copy: &Result<Gpt, HeaderFault>| matches!(copy, Err(HeaderFault::Unreadable));
        unreadable(&self.first) && unreadable(&self.last)
    }

    /// The partitions of whichever is well.
    fn table(self, disk: Disk, mut findings: Vec<Finding>) -> Table {
        let both = self.first.as_ref().ok().zip(self.last.as_ref().ok());
        let differ = both.is_some_and(|(first, last)| first.0.checksum != last.0.checksum);
        findings.extend(differ.then_some(Finding::CopiesDiffer));
        let elsewhere = self.last_place.saturating_add(1) != disk.sectors && self.last.is_ok();
        findings.extend(elsewhere.then_some(Finding::BackupNotAtEnd(self.last_place)));
        findings.extend(self.first.as_ref().err().map(|fault| Finding::Primary(*fault)));
        findings.extend(self.last.as_ref().err().map(|fault| Finding::Backup(*fault)));
        let is_first = self.first.is_ok();
        let Some((header, entries)) = self.first.ok().or(self.last.ok()) else {
            return Table { kind: Kind::None, partitions: Vec::new(), findings };
        };
        let mut partitions = Vec::new();
        for (number, entry) in header.used(&entries) {
            match header.partition(number, entry, disk) {
                Ok(partition) => partitions.push(partition),
                Err(finding) if findings.len() < PARTITIONS_MAX => findings.push(finding),
                Err(_) => {}
            }
        }
        let guid = header.disk_guid;
        let kind = if is_first { Kind::Gpt(guid) } else { Kind::GptBackup(guid) };
        Table { kind, partitions, findings }.checked()
    }

    /// Why neither is used.
    fn why_not<R: ReadAt>(&self, reader: &mut R, disk: Disk, findings: &mut Vec<Finding>) {
        for sector_size in [512, 1024, 2048, 4096].into_iter().filter(|size| *size != disk.sector_size) {
            let sectors = disk.bytes().checked_div(sector_size.into()).unwrap_or(0);
            let other = Disk { sector_size, sectors };
            if header(reader, other, 1).is_ok() {
                findings.push(Finding::OtherSectorSize(sector_size));
            }
        }
        findings.extend(self.first.as_ref().err().map(|fault| Finding::Primary(*fault)));
        findings.extend(self.last.as_ref().err().map(|fault| Finding::Backup(*fault)));
    }
}

fn copy<R: ReadAt>(reader: &mut R, disk: Disk, place: u64) -> Result<Gpt, HeaderFault> {
    let header = header(reader, disk, place)?;
    let entries = header.read_entries(reader, disk)?;
    Ok((header, entries))
}

fn header<R: ReadAt>(reader: &mut R, disk: Disk, place: u64) -> Result<Header, HeaderFault> {
    let offset = place.checked_mul(disk.sector_size.into()).ok_or(HeaderFault::Value)?;
    let mut sector = alloc::vec![0; narrow(disk.sector_size.into())];
    reader.read_at(offset, &mut sector).map_err(|_| HeaderFault::Unreadable)?;
    Header::parse(&sector, place)
}
