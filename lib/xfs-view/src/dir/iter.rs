// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of a directory, one after another.

use super::{Entry, NAME_MAX};
use crate::error::Error;
use crate::file::File;
use crate::inode::Fork;
use crate::metadata::{FileType, Metadata};
use crate::volume::Xfs;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use read_at::ReadAt;

/// A name in a directory, and what it stands for.
pub struct DirEntry<'x, R> {
    volume: &'x Xfs<R>,
    name: Vec<u8>,
    inode: u64,
    file_type: Option<FileType>,
}

impl<'x, R: ReadAt> DirEntry<'x, R> {
    /// The name: 1 to 255 bytes without `/` and zeros, in any encoding.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The number of the inode.
    #[must_use]
    pub fn inode(&self) -> u64 {
        self.inode
    }

    /// What it is. Reads the inode where the directory does not say.
    ///
    /// # Errors
    ///
    /// The inode is damaged.
    pub fn file_type(&self) -> Result<FileType, Error<R::Error>> {
        self.file_type.map_or_else(|| Ok(self.metadata()?.file_type), Ok)
    }

    /// What its inode says.
    ///
    /// # Errors
    ///
    /// The inode is damaged.
    pub fn metadata(&self) -> Result<Metadata, Error<R::Error>> {
        Ok(*self.open()?.metadata())
    }

    /// The file. A link is not followed.
    ///
    /// # Errors
    ///
    /// The inode is damaged.
    pub fn open(&self) -> Result<File<'x, R>, Error<R::Error>> {
        self.volume.file(self.inode)
    }
}

impl<R> fmt::Debug for DirEntry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.escape_ascii();
        write!(f, "DirEntry {{ name: \"{name}\", inode: {}, file_type: {:?} }}", self.inode, self.file_type)
    }
}

/// The names of a directory in the order in which they are stored, without `.` and `..`.
///
/// Keeps one block of the directory. After an error there is no more.
pub struct ReadDir<'x, R> {
    directory: File<'x, R>,
    /// The block of names that is read now.
    block: Option<Arc<[u8]>>,
    /// Where to go on in it.
    at: usize,
    /// The first block of the file that was not looked at yet, and the one after the last.
    next: u64,
    end: u64,
}

/// An entry, and where to go on.
type Next<'x, R> = (DirEntry<'x, R>, usize);

impl<'x, R: ReadAt> ReadDir<'x, R> {
    pub(crate) fn new(directory: File<'x, R>) -> Result<Self, Error<R::Error>> {
        let geometry = directory.volume().geometry();
        let blocks = directory.metadata().directory_blocks(geometry);
        let end = blocks.saturating_mul(geometry.blocks_per_directory_block()).min(geometry.leaf_block());
        if matches!(directory.inode.fork, Fork::Local(_)) {
            directory.short()?;
        }
        Ok(Self { directory, block: None, at: 0, next: 0, end })
    }

    fn step(&mut self) -> Result<Option<DirEntry<'x, R>>, Error<R::Error>> {
        if matches!(self.directory.inode.fork, Fork::Local(_)) {
            let found =
                self.directory.short()?.after(self.at).map(|(entry, next)| (self.entry(&entry), next));
            return Ok(found.map(|(entry, next)| {
                self.at = next;
                entry
            }));
        }
        loop {
            while let Some((entry, next)) = self.in_block()? {
                self.at = next;
                if !matches!(entry.name(), b"." | b"..") {
                    return Ok(Some(entry));
                }
            }
            if !self.load_next()? {
                return Ok(None);
            }
        }
    }

    /// The next entry of this block, and where to go on.
    fn in_block(&self) -> Result<Option<Next<'x, R>>, Error<R::Error>> {
        let Some(block) = &self.block else { return Ok(None) };
        let found = self.directory.data(block)?.next(self.at);
        Ok(found.map(|(entry, next)| (self.entry(&entry), next)))
    }

    fn entry(&self, entry: &Entry<'_>) -> DirEntry<'x, R> {
        let name = entry.name.get(..entry.name.len().min(NAME_MAX)).unwrap_or_default().to_vec();
        DirEntry { volume: self.directory.volume(), name, inode: entry.inode, file_type: entry.file_type }
    }

    /// Reads the next block of names that there is; false if there are no more.
    fn load_next(&mut self) -> Result<bool, Error<R::Error>> {
        let volume = self.directory.volume();
        let run = volume.run_at_or_after(&self.directory.inode, self.next)?;
        let step = volume.geometry().blocks_per_directory_block();
        let Some(run) = run else { return Ok(false) };
        // Where the map has a hole, the next block of names begins at a multiple of its size.
        let first = run.file.max(self.next) & !step.saturating_sub(1);
        if first >= self.end {
            return Ok(false);
        }
        self.block = Some(self.directory.data_block(first)?);
        self.next = first.saturating_add(step);
        self.at = 0;
        Ok(true)
    }
}

impl<'x, R: ReadAt> Iterator for ReadDir<'x, R> {
    type Item = Result<DirEntry<'x, R>, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            (self.block, self.next, self.end, self.at) = (None, 0, 0, usize::MAX);
        }
        step.transpose()
    }
}

impl<R> fmt::Debug for ReadDir<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadDir {{ next: {}, end: {}, at: {} }}", self.next, self.end, self.at)
    }
}
