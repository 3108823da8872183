// SPDX-License-Identifier: MIT OR Apache-2.0
//! An MBR, and the lists of logical partitions (UEFI, section 5.2; the lists are custom).

use crate::bytes::{array, le32};
use crate::disk::Disk;
use crate::finding::{EntryFault, Finding};
use crate::partition::{Entry, Partition, is_extended};
use alloc::vec::Vec;
use read_at::ReadAt;

/// The type of the partition that protects a GPT.
const PROTECTIVE: u8 = 0xEE;
/// The most logical partitions.
pub const LOGICAL_MAX: usize = 128;
/// The first of their numbers.
const FIRST_LOGICAL: u32 = 5;
/// Where the entries are, and the bytes of one.
const ENTRIES: usize = 446;
const ENTRY: usize = 16;

/// One of the four entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Raw {
    status: u8,
    type_byte: u8,
    first: u32,
    sectors: u32,
}

/// The four entries of a sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mbr {
    entries: [Raw; 4],
    /// Which disk it is.
    pub(crate) signature: u32,
}

impl Raw {
    fn parse(bytes: &[u8]) -> Self {
        let [status, _, _, _, type_byte] = array(bytes, 0);
        Self { status, type_byte, first: le32(bytes, 8), sectors: le32(bytes, 12) }
    }

    fn is_used(self) -> bool {
        self.type_byte != 0 && self.sectors != 0
    }

    fn partition(self, number: u32, base: u64, disk: Disk) -> Result<Partition, Finding> {
        let first = base.saturating_add(self.first.into());
        let sectors = u64::from(self.sectors);
        if first.saturating_add(sectors) > disk.sectors {
            return Err(Finding::BadEntry(number, EntryFault::OutOfRange));
        }
        let entry = Entry::Mbr { type_byte: self.type_byte, active: self.status & 0x80 != 0 };
        Ok(Partition { number, first, sectors, entry })
    }
}

impl Mbr {
    /// None where `bytes`, a sector, are not a table: a boot sector has code where the entries would be.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mbr = Self::parse_list(bytes)?;
        let possible = |raw: &Raw| matches!(raw.status, 0 | 0x80) && (!raw.is_used() || raw.first != 0);
        mbr.entries.iter().all(possible).then_some(mbr)
    }

    /// As [`Mbr::parse`], of a sector that belongs to the list of logical partitions.
    fn parse_list(bytes: &[u8]) -> Option<Self> {
        if array(bytes, 510) != [0x55, 0xAA] {
            return None;
        }
        let mut entries = [Raw { status: 0, type_byte: 0, first: 0, sectors: 0 }; 4];
        let stored = bytes.get(ENTRIES..)?.chunks_exact(ENTRY);
        for (entry, bytes) in entries.iter_mut().zip(stored) {
            *entry = Raw::parse(bytes);
        }
        Some(Self { entries, signature: le32(bytes, 440) })
    }

    pub(crate) fn is_protective(&self) -> bool {
        self.entries.iter().any(|entry| entry.type_byte == PROTECTIVE)
    }

    /// Whether there are partitions beside the protective one.
    pub(crate) fn has_others(&self) -> bool {
        self.others().next().is_some()
    }

    fn others(&self) -> impl Iterator<Item = (u32, Raw)> {
        let used = (1_u32..).zip(self.entries);
        used.filter(|(_, entry)| entry.is_used() && entry.type_byte != PROTECTIVE)
    }

    /// Its partitions, and the logical ones.
    pub(crate) fn partitions<R: ReadAt>(
        &self,
        reader: &mut R,
        disk: Disk,
        findings: &mut Vec<Finding>,
    ) -> Vec<Partition> {
        let mut found = Vec::new();
        let mut logical = Vec::new();
        for (number, entry) in self.others() {
            match entry.partition(number, 0, disk) {
                Err(finding) => findings.push(finding),
                Ok(partition) => {
                    if partition.is_extended() {
                        Chain { disk, base: partition.first, seen: Vec::new() }.read(
                            reader,
                            &mut logical,
                            findings,
                        );
                    }
                    found.push(partition);
                }
            }
        }
        found.append(&mut logical);
        found
    }
}

/// The lists of logical partitions: each has one, and says where the next list is.
struct Chain {
    disk: Disk,
    /// Where the extended partition begins.
    base: u64,
    /// The lists that were read.
    seen: Vec<u64>,
}

impl Chain {
    fn read<R: ReadAt>(mut self, reader: &mut R, logical: &mut Vec<Partition>, findings: &mut Vec<Finding>) {
        let mut place = self.base;
        loop {
            if self.seen.len() >= LOGICAL_MAX || logical.len() >= LOGICAL_MAX {
                return findings.push(Finding::TooMany(next_number(logical)));
            }
            let list = self.list(reader, place);
            let Some(list) = list else { return findings.push(Finding::BrokenChain(place)) };
            self.seen.push(place);
            let is_list = |entry: &Raw| is_extended(entry.type_byte);
            for entry in list.entries.into_iter().filter(|entry| entry.is_used() && !is_list(entry)) {
                match entry.partition(next_number(logical), place, self.disk) {
                    Ok(partition) => logical.push(partition),
                    Err(finding) => findings.push(finding),
                }
            }
            let next = list.entries.into_iter().find(|entry| is_list(entry) && entry.is_used());
            let Some(next) = next else { return };
            place = self.base.saturating_add(next.first.into());
        }
    }

    /// The list at `place`; none where it was read before, or there is none.
    fn list<R: ReadAt>(&self, reader: &mut R, place: u64) -> Option<Mbr> {
        if self.seen.contains(&place) || place >= self.disk.sectors {
            return None;
        }
        let mut bytes = [0; 512];
        let offset = place.checked_mul(self.disk.sector_size.into())?;
        reader.read_at(offset, &mut bytes).ok()?;
        Mbr::parse_list(&bytes)
    }
}

fn next_number(logical: &[Partition]) -> u32 {
    u32::try_from(logical.len()).unwrap_or(u32::MAX).saturating_add(FIRST_LOGICAL)
}
