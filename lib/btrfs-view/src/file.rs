// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file: its bytes, where they lie, its names if it is a directory, its target if it is a link.

use crate::bytes::narrow;
use crate::directory::ReadDir;
use crate::error::{Damage, Error, Fault, Misuse, Structure, Unsupported};
use crate::extents::Extents;
use crate::inode::{self, Inode};
use crate::metadata::{FileType, Metadata};
use crate::node::Key;
use crate::roots;
use crate::tree::Tree;
use crate::volume::Btrfs;
use crate::walk::PATH_MAX;
use alloc::vec::Vec;
use read_at::ReadAt;

/// A file of any type.
#[derive(Debug)]
pub struct File<'x, R> {
    volume: &'x Btrfs<R>,
    /// Its subvolume.
    pub(crate) tree: Tree,
    pub(crate) inode: Inode,
}

impl<R> Clone for File<'_, R> {
    fn clone(&self) -> Self {
        Self { volume: self.volume, tree: self.tree, inode: self.inode }
    }
}

impl<'x, R: ReadAt> File<'x, R> {
    pub(crate) fn new(volume: &'x Btrfs<R>, tree: Tree, inode: Inode) -> Self {
        Self { volume, tree, inode }
    }

    pub(crate) fn volume(&self) -> &'x Btrfs<R> {
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
    /// A run of sectors that lie together is one request to the device, up to
    /// [`REQUEST_MAX`](crate::REQUEST_MAX), and goes straight into `buffer`; what is compressed is read an
    /// extent of 128 KiB at a time. Holes and runs that nobody wrote to are zeros, without a request. A sector
    /// whose checksum does not hold is read from another copy.
    ///
    /// # Errors
    ///
    /// The device failed, something is damaged and has no good copy, or it is no regular file.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error<R::Error>> {
        self.must_be_readable()?;
        self.read_bytes(offset, buffer)
    }

    /// The whole file, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`File::read_at`], and where the file is larger.
    pub fn read(&self, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.must_be_readable()?;
        self.whole(limit)
    }

    fn whole(&self, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        let size = narrow(self.metadata().size);
        if size > limit {
            return Err(Unsupported::TooLarge.into());
        }
        let mut bytes = alloc::vec![0; size];
        self.read_bytes(0, &mut bytes)?;
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

    /// Where this symbolic link leads: up to 4096 bytes.
    ///
    /// # Errors
    ///
    /// It is no link, or is damaged.
    pub fn read_link(&self) -> Result<Vec<u8>, Error<R::Error>> {
        if self.metadata().file_type != FileType::Symlink {
            return Err(Misuse::NotASymlink.into());
        }
        if self.metadata().size > crate::bytes::wide(PATH_MAX) {
            return Err(self.damaged(Structure::Symlink, Fault::Value).into());
        }
        self.whole(PATH_MAX)
    }

    /// The file called `name` in this directory; `.` and `..` are names, too, and links are not
    /// followed. A subvolume's name gives the root of the subvolume.
    ///
    /// Reads as many nodes as the tree has levels, and as many for the inode.
    ///
    /// # Errors
    ///
    /// There is none, it is no directory, or something is damaged.
    pub fn child(&self, name: impl AsRef<[u8]>) -> Result<Self, Error<R::Error>> {
        let name = name.as_ref();
        match name {
            b"." => self.must_be_directory().map(|()| self.clone()),
            b".." => self.parent(),
            _ => self.at(self.location(name)?.ok_or(Misuse::NoSuchFile)?, name),
        }
    }

    /// The names in this directory, without `.` and `..`.
    ///
    /// # Errors
    ///
    /// It is no directory, or is damaged.
    pub fn read_dir(&self) -> Result<ReadDir<'x, R>, Error<R::Error>> {
        self.must_be_directory()?;
        Ok(ReadDir::new(self.clone()))
    }

    /// What this directory has at `location`, under `name`.
    pub(crate) fn at(&self, location: Key, name: &[u8]) -> Result<Self, Error<R::Error>> {
        match location.kind {
            inode::KIND => self.volume.file(self.tree, location.object),
            roots::KIND => self.subvolume_at(location.object, name),
            _ => Err(self.damaged(Structure::DirectoryEntry, Fault::Value).into()),
        }
    }

    /// The root of the subvolume `id` that this directory has under `name`. In a snapshot, a subvolume of the
    /// original is an empty directory.
    fn subvolume_at(&self, id: u64, name: &[u8]) -> Result<Self, Error<R::Error>> {
        let roots = self.volume.roots();
        let here = (self.tree.id, self.metadata().inode);
        if self.volume.with_pool(|pool| pool.is_reference(&roots, here, name, id))? {
            return self.volume.root_of(id);
        }
        Ok(Self::new(self.volume, self.tree, Inode::empty(self.metadata())))
    }

    /// The directory that this directory is in; of the root, itself.
    fn parent(&self) -> Result<Self, Error<R::Error>> {
        self.must_be_directory()?;
        let here = self.metadata().inode;
        if here != inode::SUBVOLUME_ROOT {
            let above = self.volume.above(&self.tree, here)?;
            return above.map_or_else(|| Ok(self.clone()), |above| self.volume.file(self.tree, above));
        }
        let root = self.volume.root()?;
        if root.tree.id == self.tree.id {
            return Ok(self.clone());
        }
        let Some((parent, directory, _)) = self.volume.reference_of(self.tree.id)? else { return Ok(root) };
        self.volume.file(self.volume.root_of(parent)?.tree, directory)
    }

    pub(crate) fn must_be_directory(&self) -> Result<(), Error<R::Error>> {
        if self.metadata().file_type == FileType::Directory {
            Ok(())
        } else {
            Err(Misuse::NotADirectory.into())
        }
    }

    fn must_be_readable(&self) -> Result<(), Error<R::Error>> {
        if self.metadata().file_type == FileType::File { Ok(()) } else { Err(Misuse::NotAFile.into()) }
    }

    /// That this is wrong with something of this file.
    pub(crate) fn damaged(&self, structure: Structure, fault: Fault) -> Damage {
        structure.damage(fault, self.tree.root.logical)
    }
}
