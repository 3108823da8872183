// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of a directory, one after another.

use super::data::Data;
use super::{Entry, NAME_MAX};
use crate::error::{Error, Fault, Structure};
use crate::file::File;
use crate::inode::Fork;
use crate::metadata::{FileType, Metadata};
use crate::volume::Ext;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use read_at::ReadAt;

/// A name in a directory, and what it stands for.
pub struct DirEntry<'x, R> {
    volume: &'x Ext<R>,
    name: Vec<u8>,
    inode: u32,
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
        self.inode.into()
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
    /// The first block that was not looked at yet, and the one after the last. Names in an inode are in two
    /// parts, as in two blocks.
    next: u64,
    end: u64,
}

/// An entry, and where to go on.
type Next<'x, R> = (DirEntry<'x, R>, usize);

/// The bytes before names in an inode: the number of the directory above.
const PARENT: usize = 4;
/// The parts of names in an inode.
const PARTS: u64 = 2;

impl<'x, R: ReadAt> ReadDir<'x, R> {
    pub(crate) fn new(directory: File<'x, R>) -> Result<Self, Error<R::Error>> {
        directory.must_not_be_encrypted()?;
        let end = match &directory.inode.fork {
            Fork::Inline(_) => PARTS,
            _ => directory.directory_blocks(),
        };
        Ok(Self { directory, block: None, at: 0, next: 0, end })
    }

    fn step(&mut self) -> Result<Option<DirEntry<'x, R>>, Error<R::Error>> {
        loop {
            while let Some((entry, next)) = self.in_block() {
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
    fn in_block(&self) -> Option<Next<'x, R>> {
        let names = Data::new(self.block.as_deref()?, self.directory.volume().superblock());
        names.after(self.at).map(|(entry, next)| (self.entry(&entry), next))
    }

    fn entry(&self, entry: &Entry<'_>) -> DirEntry<'x, R> {
        let name = entry.name.get(..entry.name.len().min(NAME_MAX)).unwrap_or_default().to_vec();
        DirEntry { volume: self.directory.volume(), name, inode: entry.inode, file_type: entry.file_type }
    }

    /// Reads the next block of names that there is; false if there are no more.
    fn load_next(&mut self) -> Result<bool, Error<R::Error>> {
        while self.next < self.end {
            let number = self.next;
            self.next = self.next.saturating_add(1);
            self.block = self.directory.part(number)?;
            self.at = 0;
            if self.block.is_some() {
                return Ok(true);
            }
            self.next = self.directory.after_hole(number)?;
        }
        Ok(false)
    }
}

impl<R: ReadAt> File<'_, R> {
    /// The directory's block `number`, or one of the two parts that are in its inode; none for a hole.
    pub(super) fn part(&self, number: u64) -> Result<Option<Arc<[u8]>>, Error<R::Error>> {
        let Fork::Inline(inline) = &self.inode.fork else { return self.directory_block(number) };
        let bytes = match number {
            0 => inline.first.get(PARENT..).unwrap_or_default(),
            _ => &inline.more,
        };
        let damage = |fault| Structure::InlineData.damage(fault, self.inode.place);
        Data::new(bytes, self.volume().superblock()).check().map_err(damage)?;
        Ok(Some(Arc::from(bytes)))
    }

    /// The block behind the hole that the directory has at its block `number`.
    pub(super) fn after_hole(&self, number: u64) -> Result<u64, Error<R::Error>> {
        Ok(number.saturating_add(self.volume().run_at(&self.inode, number)?.count))
    }

    /// The directory above, of one with its names in its inode.
    pub(super) fn parent_in_inode(&self) -> Result<Option<u32>, Error<R::Error>> {
        let Fork::Inline(inline) = &self.inode.fork else { return Ok(None) };
        let damage = Structure::InlineData.damage(Fault::Bounds, self.inode.place);
        Ok(Some(crate::bytes::le32(&inline.first, 0).ok_or(damage)?))
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
