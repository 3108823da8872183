// SPDX-License-Identifier: MIT OR Apache-2.0
//! An opened file system: paths to files.

use crate::bytes::wide;
use crate::cache::Key;
use crate::disk::Disk;
use crate::error::{Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::geometry::Geometry;
use crate::inode::Inode;
use crate::log::{self, LogState};
use crate::metadata::Metadata;
use crate::options::{Options, Verify};
use crate::superblock::{PLACE, SIZE, Superblock};
use crate::walk::{Follow, Walk};
use alloc::vec::Vec;
use core::cell::RefCell;
use read_at::ReadAt;

/// The inode of the root directory ("Special inodes").
const ROOT: u32 = 2;

/// An opened file system.
///
/// Files and directories borrow it, so several can be open at once.
///
/// ```
/// use ext_view::Ext;
/// let error = Ext::open(&[0; 65536][..]).err().unwrap();
/// assert_eq!(error.token(), "not_ext");
/// ```
#[derive(Debug)]
pub struct Ext<R> {
    superblock: Superblock,
    options: Options,
    log: LogState,
    pub(crate) disk: RefCell<Disk<R>>,
}

impl<R: ReadAt> Ext<R> {
    /// Opens the file system that `reader` has, with the default [`Options`]: checksums are verified,
    /// and a dirty journal is replayed in memory.
    ///
    /// # Errors
    ///
    /// As [`Ext::open_with`].
    pub fn open(reader: R) -> Result<Self, Error<R::Error>> {
        Self::open_with(reader, Options::default())
    }

    /// Opens the file system that `reader` has, as `options` say.
    ///
    /// Reads the superblock; where the journal is dirty and is to be replayed, all of it that is not in
    /// place, three times, or two where checksums are not looked at.
    ///
    /// # Errors
    ///
    /// The device failed, there is no ext2, ext3 or ext4 on it, it has a feature that is not read, or its superblock
    /// or journal is damaged.
    pub fn open_with(reader: R, options: Options) -> Result<Self, Error<R::Error>> {
        let mut disk = Disk::new(reader);
        let superblock = read_superblock(&mut disk, options.verify)?;
        let mut ext = Self { superblock, options, log: LogState::Clean, disk: RefCell::new(disk) };
        let (log, overlay) = log::open(&ext, options.log)?;
        ext.log = log;
        if !overlay.is_empty() {
            let disk = ext.disk.get_mut();
            disk.replay(overlay);
            // The journal may have a newer one.
            ext.superblock = read_superblock(disk, options.verify)?;
        }
        Ok(ext)
    }

    /// What the superblock says.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// Whether the journal was clean, and what was done about it if not.
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

    /// As [`Ext::lookup`], but the last name may be a link, which is not followed.
    ///
    /// # Errors
    ///
    /// As [`Ext::lookup`].
    pub fn lookup_no_follow(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(path.as_ref(), Follow::AllButLast)
    }

    /// The root directory.
    ///
    /// # Errors
    ///
    /// It is damaged.
    pub fn root(&self) -> Result<File<'_, R>, Error<R::Error>> {
        self.file(ROOT)
    }

    /// What the inode of the file at `path` says, links followed.
    ///
    /// # Errors
    ///
    /// As [`Ext::lookup`].
    pub fn metadata(&self, path: impl AsRef<[u8]>) -> Result<Metadata, Error<R::Error>> {
        Ok(*self.lookup(path)?.metadata())
    }

    /// The names in the directory at `path`.
    ///
    /// # Errors
    ///
    /// As [`Ext::lookup`], and where it is no directory.
    pub fn read_dir(&self, path: impl AsRef<[u8]>) -> Result<crate::ReadDir<'_, R>, Error<R::Error>> {
        self.lookup(path)?.read_dir()
    }

    /// Where the symbolic link at `path` leads.
    ///
    /// # Errors
    ///
    /// As [`Ext::lookup`], and where it is no link.
    pub fn read_link(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup_no_follow(path)?.read_link()
    }

    /// The whole file at `path`, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`Ext::lookup`], where it is no file, and where it is larger.
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

    pub(crate) fn file(&self, number: u32) -> Result<File<'_, R>, Error<R::Error>> {
        Ok(File::new(self, self.inode(number)?))
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        self.superblock.geometry()
    }

    pub(crate) fn verify(&self) -> Verify {
        self.options.verify
    }

    /// The inode `number`.
    pub(crate) fn inode(&self, number: u32) -> Result<Inode, Error<R::Error>> {
        let geometry = self.geometry();
        let damaged = |fault, offset| Error::from(Structure::Inode.damage(fault, offset));
        let (group, index) = geometry.inode(number).ok_or(damaged(Fault::Bounds, 0))?;
        let slot = geometry.inode_slot(self.inode_table(group)?, index).ok_or(damaged(Fault::Bounds, 0))?;
        let key = Key { structure: Structure::Inode, owner: 0, offset: slot.block, position: 0 };
        let block = self.block(key, |_| Ok(()))?;
        let place = slot.block.saturating_add(wide(slot.offset));
        let bytes = block.get(slot.offset..).and_then(|rest| rest.get(..geometry.inode_size));
        let inode = Inode::parse(bytes.unwrap_or_default(), number, place, &self.superblock, self.verify());
        inode.map_err(|fault| damaged(fault, place))
    }
}

fn read_superblock<R: ReadAt>(disk: &mut Disk<R>, verify: Verify) -> Result<Superblock, Error<R::Error>> {
    let mut bytes = alloc::vec![0; SIZE];
    disk.read(PLACE, &mut bytes)?;
    Ok(Superblock::parse(&bytes, verify)?)
}
