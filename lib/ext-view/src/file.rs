// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file: its bytes, where they lie, its names if it is a directory, its target if it is a link.

use crate::bytes::{narrow, wide};
use crate::dir::ReadDir;
use crate::error::{Error, Fault, Misuse, Structure, Unsupported};
use crate::extents::{Extent, Extents};
use crate::inode::{BLOCK, Fork, Inode};
use crate::metadata::{FileType, Metadata};
use crate::volume::Ext;
use alloc::vec::Vec;
use read_at::ReadAt;

/// How many runs are taken together at once: the most work of one call for a map that says nothing.
const JOINS_MAX: usize = 65_536;

/// A file of any type.
#[derive(Debug)]
pub struct File<'x, R> {
    volume: &'x Ext<R>,
    pub(crate) inode: Inode,
}

impl<R> Clone for File<'_, R> {
    fn clone(&self) -> Self {
        Self { volume: self.volume, inode: self.inode.clone() }
    }
}

impl<'x, R: ReadAt> File<'x, R> {
    pub(crate) fn new(volume: &'x Ext<R>, inode: Inode) -> Self {
        Self { volume, inode }
    }

    pub(crate) fn volume(&self) -> &'x Ext<R> {
        self.volume
    }

    /// What its inode says.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.inode.metadata
    }

    /// Reads from the file's byte `offset` on, and says how many bytes: as many as `buffer` holds,
    /// fewer only where the file ends.
    ///
    /// A run of bytes that lie together is one request to the device, however long, and goes straight
    /// into `buffer`. Holes and runs that nobody wrote to are zeros, without a request.
    ///
    /// # Errors
    ///
    /// The device failed, the map of the file is damaged, or it is no regular file.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error<R::Error>> {
        self.must_be_readable()?;
        let length = narrow(self.metadata().size.saturating_sub(offset)).min(buffer.len());
        let until = offset.saturating_add(wide(length));
        let mut at = offset;
        let mut rest = buffer.get_mut(..length).unwrap_or_default();
        while !rest.is_empty() {
            let extent = self.joined(at, until)?;
            let (part, later) = rest.split_at_mut(narrow(extent.length).min(rest.len()));
            if part.is_empty() {
                return Err(Structure::Inode.damage(Fault::Bounds, self.inode.place).into());
            }
            match extent.place {
                Some(place) => self.volume.with_disk(|disk| disk.read(place, part))?,
                None => part.fill(0),
            }
            at = at.saturating_add(wide(part.len()));
            rest = later;
        }
        Ok(length)
    }

    /// The whole file, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`File::read_at`], and where the file is larger.
    pub fn read(&self, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.must_be_readable()?;
        if self.metadata().size > wide(limit) {
            return Err(Unsupported::TooLarge.into());
        }
        let mut bytes = alloc::vec![0; narrow(self.metadata().size)];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// Where the file's bytes are, from its first to its last, so that a loader can read them itself.
    ///
    /// # Errors
    ///
    /// It is no regular file.
    pub fn extents(&self) -> Result<Extents<'_, 'x, R>, Error<R::Error>> {
        self.must_be_readable()?;
        Ok(Extents::new(self))
    }

    /// The file called `name` in this directory; `.` and `..` are names, too, and links are not
    /// followed.
    ///
    /// Where the directory has an index, it is used: as many blocks are read as the index has levels,
    /// one with the name, and those of the directory's map.
    ///
    /// # Errors
    ///
    /// There is none, it is no directory, or something is damaged.
    pub fn child(&self, name: impl AsRef<[u8]>) -> Result<Self, Error<R::Error>> {
        let number = self.child_number(name.as_ref())?.ok_or(Misuse::NoSuchFile)?;
        self.volume.file(number)
    }

    /// The names in this directory, without `.` and `..`.
    ///
    /// # Errors
    ///
    /// It is no directory, or is damaged.
    pub fn read_dir(&self) -> Result<ReadDir<'x, R>, Error<R::Error>> {
        self.must_be_directory()?;
        ReadDir::new(self.clone())
    }

    pub(crate) fn must_be_directory(&self) -> Result<(), Error<R::Error>> {
        if self.metadata().file_type == FileType::Directory {
            Ok(())
        } else {
            Err(Misuse::NotADirectory.into())
        }
    }

    pub(crate) fn must_not_be_encrypted(&self) -> Result<(), Error<R::Error>> {
        if self.inode.is_encrypted() { Err(Unsupported::Encrypted.into()) } else { Ok(()) }
    }

    fn must_be_readable(&self) -> Result<(), Error<R::Error>> {
        if self.metadata().file_type != FileType::File {
            return Err(Misuse::NotAFile.into());
        }
        self.must_not_be_encrypted()
    }

    /// From the file's byte `at` on, which is before its end: bytes that lie together, or zeros, as far as
    /// they go; not much farther than `until`.
    pub(crate) fn joined(&self, at: u64, until: u64) -> Result<Extent, Error<R::Error>> {
        let mut extent = self.extent_at(at)?;
        for _ in 0..JOINS_MAX {
            let end = extent.offset.saturating_add(extent.length);
            if end >= until.min(self.metadata().size) {
                break;
            }
            let Some(both) = extent.joined(self.extent_at(end)?) else { break };
            extent = both;
        }
        Ok(extent)
    }

    /// From the file's byte `at` on, which is before its end: a run as its map has it.
    fn extent_at(&self, at: u64) -> Result<Extent, Error<R::Error>> {
        let size = self.metadata().size;
        if let Fork::Inline(inline) = &self.inode.fork {
            let first = wide(inline.first.len());
            let (start, place, end) =
                if at < first { (0, BLOCK, first) } else { (first, inline.more_at, size) };
            let place = self.inode.place.saturating_add(wide(place)).saturating_add(at.saturating_sub(start));
            return Ok(Extent { offset: at, length: end.min(size).saturating_sub(at), place: Some(place) });
        }
        let geometry = self.volume.geometry();
        let block = geometry.block_of(at);
        let run = self.volume.run_at(&self.inode, block)?;
        let end = geometry.bytes(block.saturating_add(run.count)).min(size);
        let Some(start) = run.start else { return Ok(Extent::zeros(at, end)) };
        let outside = Structure::BlockMap.damage(Fault::Bounds, self.inode.place);
        let place = geometry.run(start, run.count).ok_or(outside)?;
        let skip = at.saturating_sub(geometry.bytes(block));
        Ok(Extent { offset: at, length: end.saturating_sub(at), place: Some(place.saturating_add(skip)) })
    }
}
