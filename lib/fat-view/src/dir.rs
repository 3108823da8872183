// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of a directory, one after another.

use crate::boot_sector::{FatType, RECORD, Root};
use crate::error::{Error, Fault, Structure};
use crate::file::File;
use crate::long_name::{LongName, same};
use crate::metadata::{FileType, Metadata};
use crate::record::{self, Bytes, Record};
use crate::table::{Cursor, split};
use crate::volume::Fat;
use alloc::string::String;
use core::fmt;
use read_at::ReadAt;

/// The most bytes of a name: 255 units of UTF-16, as UTF-8.
pub const NAME_MAX: usize = 765;
/// The most records of a directory (Microsoft FAT specification, section 6).
pub const RECORDS_MAX: u32 = 65536;

/// A name in a directory, and what it stands for.
pub struct DirEntry<'x, R> {
    volume: &'x Fat<R>,
    long: Option<String>,
    bytes: Bytes,
    metadata: Metadata,
    short: String,
}

impl<'x, R: ReadAt> DirEntry<'x, R> {
    /// The long name where there is one, else the short; in UTF-8, with U+FFFD for what is no character,
    /// `/` and zeros.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.long.as_deref().unwrap_or(&self.short).as_bytes()
    }

    /// The short name in UTF-8, in capitals, as `KERNEL.IMG`.
    #[must_use]
    pub fn short_name(&self) -> String {
        record::short_name(&self.bytes, self.volume.options().code_page, false)
    }

    /// What it is.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        self.metadata.file_type
    }

    /// What its record says.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file.
    #[must_use]
    pub fn open(&self) -> File<'x, R> {
        File::new(self.volume, self.metadata)
    }

    /// Whether it is called so, in any case, by its long or its short name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.long.as_deref().is_some_and(|long| same(long, name)) || same(&self.short, name)
    }
}

impl<R> fmt::Debug for DirEntry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.long.as_deref().unwrap_or(&self.short);
        write!(f, "DirEntry {{ name: {name:?}, metadata: {:?} }}", self.metadata)
    }
}

/// The records of a directory in order.
#[derive(Debug)]
pub(crate) struct Records<'x, R> {
    volume: &'x Fat<R>,
    source: Source,
    /// The next record, by number.
    next: u32,
}

#[derive(Debug)]
enum Source {
    /// Where, and how many.
    Fixed(u64, u32),
    Chain(Cursor),
}

impl<'x, R: ReadAt> Records<'x, R> {
    /// Of the directory whose chain begins with `first_cluster`; of the root where it is 0.
    pub(crate) fn new(volume: &'x Fat<R>, first_cluster: u32) -> Self {
        let source = match volume.boot_sector().root {
            _ if first_cluster != 0 => Source::Chain(Cursor::new(first_cluster)),
            Root::Fixed(start, records) => Source::Fixed(start, records),
            Root::Chain(first) => Source::Chain(Cursor::new(first)),
        };
        Self { volume, source, next: 0 }
    }

    /// The next record and its place; none at the end.
    pub(crate) fn read(&mut self) -> Result<Option<(Bytes, u64)>, Error<R::Error>> {
        let Some(place) = self.place()? else { return Ok(None) };
        if self.next >= RECORDS_MAX {
            return Err(Structure::Directory.damage(Fault::TooLong, place).into());
        }
        let mut bytes = [0; 32];
        self.volume.with_disk(|disk| disk.read_kept(place, &mut bytes))?;
        self.next = self.next.saturating_add(1);
        Ok(Some((bytes, place)))
    }

    fn place(&mut self) -> Result<Option<u64>, Error<R::Error>> {
        let offset = u64::from(self.next).saturating_mul(RECORD.into());
        let cursor = match &mut self.source {
            Source::Fixed(start, records) => {
                return Ok((self.next < *records).then(|| start.saturating_add(offset)));
            }
            Source::Chain(cursor) => cursor,
        };
        let (index, skip) = split(offset, self.volume.boot_sector().cluster_size());
        let cluster = self.volume.cluster_at(cursor, index)?;
        let start = cluster.map(|cluster| self.volume.boot_sector().place(cluster));
        Ok(start.map(|start| start.saturating_add(crate::bytes::wide(skip))))
    }
}

/// The names of a directory in the order in which they are stored, without `.`, `..` and the label.
///
/// After an error there is no more.
#[derive(Debug)]
pub struct ReadDir<'x, R> {
    records: Records<'x, R>,
    long: LongName,
    done: bool,
}

impl<'x, R: ReadAt> ReadDir<'x, R> {
    pub(crate) fn new(volume: &'x Fat<R>, first_cluster: u32) -> Self {
        Self { records: Records::new(volume, first_cluster), long: LongName::default(), done: false }
    }

    fn step(&mut self) -> Result<Option<DirEntry<'x, R>>, Error<R::Error>> {
        while let Some((bytes, place)) = self.records.read()? {
            match record::parse(&bytes) {
                Record::End => return Ok(None),
                Record::Long(part) => self.long.add(&part),
                Record::Free | Record::Dots | Record::Label(_) => self.long.clear(),
                Record::Short => return Ok(Some(self.entry(bytes, place))),
            }
        }
        Ok(None)
    }

    fn entry(&mut self, bytes: Bytes, place: u64) -> DirEntry<'x, R> {
        let volume = self.records.volume;
        let is_fat32 = volume.boot_sector().fat_type() == FatType::Fat32;
        DirEntry {
            volume,
            long: self.long.take(record::checksum(&bytes)),
            bytes,
            metadata: record::metadata(&bytes, place, is_fat32),
            short: record::short_name(&bytes, volume.options().code_page, true),
        }
    }
}

impl<'x, R: ReadAt> Iterator for ReadDir<'x, R> {
    type Item = Result<DirEntry<'x, R>, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}
