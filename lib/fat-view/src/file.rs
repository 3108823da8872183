// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file: its bytes, where they lie, and its names if it is a directory.

use crate::bytes::{narrow, wide};
use crate::dir::ReadDir;
use crate::error::{Error, Fault, Misuse, Structure, Unsupported};
use crate::extents::{Extent, Extents};
use crate::metadata::{Attributes, FileType, Metadata};
use crate::table::{Cursor, clusters_until, split};
use crate::volume::Fat;
use alloc::vec::Vec;
use core::cell::Cell;
use read_at::ReadAt;

/// A file or directory.
#[derive(Debug)]
pub struct File<'x, R> {
    volume: &'x Fat<R>,
    metadata: Metadata,
    /// Where the last read ended: who reads on does not go along the chain again.
    cursor: Cell<Cursor>,
}

impl<R> Clone for File<'_, R> {
    fn clone(&self) -> Self {
        Self { volume: self.volume, metadata: self.metadata, cursor: self.cursor.clone() }
    }
}

impl<'x, R: ReadAt> File<'x, R> {
    /// What there is to say of the root directory, which has no record.
    pub(crate) const ROOT: Metadata = Metadata {
        file_type: FileType::Directory,
        size: 0,
        first_cluster: 0,
        attributes: Attributes { read_only: false, hidden: false, system: false, archive: false },
        created: None,
        accessed: None,
        modified: None,
        record: None,
    };

    pub(crate) fn new(volume: &'x Fat<R>, metadata: Metadata) -> Self {
        Self { volume, metadata, cursor: Cell::new(Cursor::new(metadata.first_cluster)) }
    }

    /// What its record says.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Reads from the file's byte `offset` on, and says how many bytes: as many as `buffer` holds,
    /// fewer only where the file ends.
    ///
    /// A run of clusters that lie together is one request to the device, however long, and goes straight
    /// into `buffer`.
    ///
    /// # Errors
    ///
    /// The device failed, the chain of clusters is damaged, or it is no regular file.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error<R::Error>> {
        self.must_be_file()?;
        let length = narrow(self.metadata.size.saturating_sub(offset)).min(buffer.len());
        let end = offset.saturating_add(wide(length));
        let mut at = offset;
        let mut cursor = self.cursor.get();
        let mut rest = buffer.get_mut(..length).unwrap_or_default();
        while !rest.is_empty() {
            let extent = self.extent_at(&mut cursor, at, end)?;
            let (part, later) = rest.split_at_mut(narrow(extent.length).min(rest.len()));
            self.volume.with_disk(|disk| disk.read(extent.place.unwrap_or(u64::MAX), part))?;
            at = at.saturating_add(extent.length);
            rest = later;
        }
        self.cursor.set(cursor);
        Ok(length)
    }

    /// The whole file, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`File::read_at`], and where the file is larger.
    pub fn read(&self, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.must_be_file()?;
        if self.metadata.size > wide(limit) {
            return Err(Unsupported::TooLarge.into());
        }
        // A size that no chain backs is found before memory is taken for it.
        if self.metadata.size > 0 {
            let last = split(self.metadata.size.saturating_sub(1), self.cluster_size()).0;
            self.cluster(&mut self.cursor.get(), last)?;
        }
        let mut bytes = alloc::vec![0; narrow(self.metadata.size)];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// Where the file's bytes are, from its first to its last, so that a loader can read them itself.
    ///
    /// # Errors
    ///
    /// It is no regular file.
    pub fn extents(&self) -> Result<Extents<'_, 'x, R>, Error<R::Error>> {
        self.must_be_file()?;
        Ok(Extents::new(self))
    }

    /// The file called `name` in this directory, by its long or short name, in any case.
    ///
    /// # Errors
    ///
    /// There is none, it is no directory, or something is damaged.
    pub fn child(&self, name: impl AsRef<[u8]>) -> Result<Self, Error<R::Error>> {
        let entries = self.read_dir()?;
        // Names are UTF-8, so what is not is the name of nothing.
        let name = core::str::from_utf8(name.as_ref()).map_err(|_| Misuse::NoSuchFile)?;
        for entry in entries {
            let entry = entry?;
            if entry.is_called(name) {
                return Ok(entry.open());
            }
        }
        Err(Misuse::NoSuchFile.into())
    }

    /// The names in this directory.
    ///
    /// # Errors
    ///
    /// It is no directory, or is damaged.
    pub fn read_dir(&self) -> Result<ReadDir<'x, R>, Error<R::Error>> {
        self.must_be_directory()?;
        Ok(ReadDir::new(self.volume, self.metadata.first_cluster))
    }

    pub(crate) fn must_be_directory(&self) -> Result<(), Error<R::Error>> {
        match (self.metadata.file_type, self.metadata.first_cluster, self.metadata.record) {
            (FileType::File, ..) => Err(Misuse::NotADirectory.into()),
            // The root alone has no chain that its record names.
            (_, 0, Some(place)) => Err(Structure::Record.damage(Fault::Bounds, place).into()),
            _ => Ok(()),
        }
    }

    fn must_be_file(&self) -> Result<(), Error<R::Error>> {
        if self.metadata.file_type == FileType::File { Ok(()) } else { Err(Misuse::NotAFile.into()) }
    }

    fn cluster_size(&self) -> u32 {
        self.volume.boot_sector().cluster_size()
    }

    fn cluster(&self, cursor: &mut Cursor, index: u32) -> Result<u32, Error<R::Error>> {
        let missing = Structure::Chain.damage(Fault::Missing, self.metadata.record.unwrap_or(0));
        if index >= self.volume.boot_sector().clusters() {
            return Err(missing.into());
        }
        self.volume.cluster_at(cursor, index)?.ok_or(missing.into())
    }

    /// From the file's byte `at` on, and no further than `end`, which are within it: a run of bytes that
    /// lie together.
    pub(crate) fn extent_at(
        &self,
        cursor: &mut Cursor,
        at: u64,
        end: u64,
    ) -> Result<Extent, Error<R::Error>> {
        let size = self.cluster_size();
        let (index, skip) = split(at, size);
        let cluster = self.cluster(cursor, index)?;
        let count = self.volume.run(cursor, clusters_until(end, size).saturating_sub(index))?;
        let place = self.volume.boot_sector().place(cluster).saturating_add(wide(skip));
        let bytes = u64::from(count).saturating_mul(size.into()).saturating_sub(wide(skip));
        Ok(Extent { offset: at, length: bytes.min(end.saturating_sub(at)), place: Some(place) })
    }
}
