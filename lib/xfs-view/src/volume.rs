// SPDX-License-Identifier: MIT OR Apache-2.0
//! An opened file system: paths to files.

use crate::bytes::narrow;
use crate::cache::Key;
use crate::disk::Disk;
use crate::error::{Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::geometry::Geometry;
use crate::inode::Inode;
use crate::log::{self, LogState};
use crate::metadata::Metadata;
use crate::options::{Options, Verify};
use crate::superblock::{self, FIRST_READ, Superblock};
use crate::walk::{Follow, Walk};
use alloc::vec::Vec;
use core::cell::RefCell;
use read_at::ReadAt;

/// An opened file system.
///
/// Files and directories borrow it, so several can be open at once.
///
/// ```
/// use xfs_view::Xfs;
/// let error = Xfs::open(&[0; 65536][..]).err().unwrap();
/// assert_eq!(error.token(), "not_xfs");
/// ```
#[derive(Debug)]
pub struct Xfs<R> {
    superblock: Superblock,
    options: Options,
    log: LogState,
    /// Inodes whose maps have changes in the log that were not finished.
    unfinished: Vec<u64>,
    pub(crate) disk: RefCell<Disk<R>>,
}

impl<R: ReadAt> Xfs<R> {
    /// Opens the file system that `reader` has, with the default [`Options`]: checksums are verified,
    /// and a dirty log is replayed in memory.
    ///
    /// # Errors
    ///
    /// As [`Xfs::open_with`].
    pub fn open(reader: R) -> Result<Self, Error<R::Error>> {
        Self::open_with(reader, Options::default())
    }

    /// Opens the file system that `reader` has, as `options` say.
    ///
    /// Reads the superblock and the end of the log; where the log is dirty and is to be replayed, all of
    /// it that is not in place, some times.
    ///
    /// # Errors
    ///
    /// The device failed, there is no XFS on it, it has a feature that is not read, or its superblock
    /// or log is damaged.
    pub fn open_with(reader: R, options: Options) -> Result<Self, Error<R::Error>> {
        let mut disk = Disk::new(reader);
        let superblock = read_superblock(&mut disk, options.verify)?;
        let replayed = log::open(&mut disk, &superblock, options)?;
        // The log may have a newer one.
        let superblock =
            if disk.overlay.is_empty() { superblock } else { read_superblock(&mut disk, options.verify)? };
        let (log, unfinished) = (replayed.state, replayed.unfinished);
        Ok(Self { superblock, options, log, unfinished, disk: RefCell::new(disk) })
    }

    /// What the superblock says.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// Whether the log was clean, and what was done about it if not.
    #[must_use]
    pub fn log_state(&self) -> LogState {
        self.log
    }

    /// What the file system was read from.
    #[must_use]
    pub fn into_reader(self) -> R {
        self.disk.into_inner().reader
    }

    /// The file at `path`, links followed.
    ///
    /// Slashes separate names; `.` and empty names are passed over, `..` of the root is the root, and
    /// links that begin with a slash begin at this file system's root. Every path begins there.
    ///
    /// # Errors
    ///
    /// There is none, or something on the way to it is damaged.
    pub fn lookup(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(path.as_ref(), Follow::All)
    }

    /// As [`Xfs::lookup`], but the last name may be a link, which is not followed.
    ///
    /// # Errors
    ///
    /// As [`Xfs::lookup`].
    pub fn lookup_no_follow(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(path.as_ref(), Follow::AllButLast)
    }

    /// The root directory.
    ///
    /// # Errors
    ///
    /// It is damaged.
    pub fn root(&self) -> Result<File<'_, R>, Error<R::Error>> {
        self.file(self.superblock.root())
    }

    /// What the inode of the file at `path` says, links followed.
    ///
    /// # Errors
    ///
    /// As [`Xfs::lookup`].
    pub fn metadata(&self, path: impl AsRef<[u8]>) -> Result<Metadata, Error<R::Error>> {
        Ok(*self.lookup(path)?.metadata())
    }

    /// The names in the directory at `path`.
    ///
    /// # Errors
    ///
    /// As [`Xfs::lookup`], and where it is no directory.
    pub fn read_dir(&self, path: impl AsRef<[u8]>) -> Result<crate::ReadDir<'_, R>, Error<R::Error>> {
        self.lookup(path)?.read_dir()
    }

    /// Where the symbolic link at `path` leads.
    ///
    /// # Errors
    ///
    /// As [`Xfs::lookup`], and where it is no link.
    pub fn read_link(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup_no_follow(path)?.read_link()
    }

    /// The whole file at `path`, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`Xfs::lookup`], where it is no file, and where it is larger.
    pub fn read(&self, path: impl AsRef<[u8]>, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup(path)?.read(limit)
    }

    fn walk(&self, path: &[u8], follow: Follow) -> Result<File<'_, R>, Error<R::Error>> {
        let mut walk = Walk::new(self.root()?, path, follow)?;
        while let Some(name) = walk.next_name() {
            if name == b".." {
                walk.up()?;
                continue;
            }
            let number = walk.here().child_number(&name)?.ok_or(Misuse::NoSuchFile)?;
            walk.enter(self.file(number)?)?;
        }
        walk.finish()
    }

    pub(crate) fn has_unfinished(&self, number: u64) -> bool {
        self.unfinished.contains(&number)
    }

    pub(crate) fn file(&self, number: u64) -> Result<File<'_, R>, Error<R::Error>> {
        Ok(File::new(self, self.inode(number)?))
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        self.superblock.geometry()
    }

    pub(crate) fn verify(&self) -> Verify {
        self.options.verify
    }

    /// The inode `number`.
    fn inode(&self, number: u64) -> Result<Inode, Error<R::Error>> {
        let geometry = self.geometry();
        let damaged = |fault, offset| Error::from(Structure::Inode.damage(fault, offset));
        let place = geometry.inode_place(number).ok_or(damaged(Fault::Bounds, 0))?;
        let key = Key { structure: Structure::Inode, owner: 0, offset: place.block, position: 0 };
        let block = self.block(key, &[(place.block, narrow(geometry.block_size()))], |_| Ok(()))?;
        let offset = place.block.saturating_add(crate::bytes::wide(place.offset));
        let bytes = block.get(place.offset..).and_then(|rest| rest.get(..geometry.inode_size()));
        let inode = Inode::parse(bytes.unwrap_or_default(), number, offset, geometry, self.verify());
        inode.map_err(|fault| damaged(fault, offset))
    }
}

fn read_superblock<R: ReadAt>(disk: &mut Disk<R>, verify: Verify) -> Result<Superblock, Error<R::Error>> {
    let mut bytes = alloc::vec![0; FIRST_READ];
    disk.read(0, &mut bytes)?;
    let size = superblock::sector_size(&bytes)?;
    if size > bytes.len() {
        bytes.resize(size, 0);
        disk.read(0, &mut bytes)?;
    }
    Ok(Superblock::parse(bytes.get(..size).unwrap_or_default(), verify)?)
}
