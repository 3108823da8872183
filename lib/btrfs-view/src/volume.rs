// SPDX-License-Identifier: MIT OR Apache-2.0
//! An opened file system: paths to files.

use crate::devices::Found;
use crate::error::{Error, Fault, Misuse, Structure, Unsupported};
use crate::file::File;
use crate::inode::Inode;
use crate::metadata::Metadata;
use crate::options::{LogPolicy, Options, Root};
use crate::pool::Pool;
use crate::roots;
use crate::superblock::Superblock;
use crate::tree::{self, Tree};
use crate::walk::{Follow, Walk};
use alloc::vec::Vec;
use core::cell::RefCell;
use read_at::ReadAt;

/// An opened file system.
///
/// Files and directories borrow it, so several can be open at once.
///
/// ```
/// use btrfs_view::Btrfs;
/// let error = Btrfs::open(&[0; 1 << 17][..]).err().unwrap();
/// assert_eq!(error.token(), "not_btrfs");
/// ```
#[derive(Debug)]
pub struct Btrfs<R> {
    superblock: Superblock,
    roots: Tree,
    checksums: Option<Tree>,
    /// The subvolume in which paths begin, and the inode of its root.
    root: (Tree, u64),
    pool: RefCell<Pool<R>>,
}

/// Whether the log tree has files that were written after the last commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogState {
    /// It has none: all is read.
    Clean,
    /// It has some, and was ignored: what is read is the last commit's.
    Ignored,
}

impl<R: ReadAt> Btrfs<R> {
    /// Opens the file system on one device, with the default [`Options`]: all checksums are verified, and paths
    /// begin in the default subvolume.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::open_devices`].
    pub fn open(reader: R) -> Result<Self, Error<R::Error>> {
        Self::open_with(reader, Options::default())
    }

    /// Opens the file system on one device, as `options` say.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::open_devices`].
    pub fn open_with(reader: R, options: Options) -> Result<Self, Error<R::Error>> {
        Self::open_devices([reader], options)
    }

    /// Opens the file system on several devices, as `options` say.
    ///
    /// Not all of its devices need be there: what has a copy on another one is read from that. Devices that a
    /// file system grew from (seeds) may be among them.
    ///
    /// # Errors
    ///
    /// A device failed, there is no btrfs on one of them or they belong to several, it has a feature that is not
    /// read, or something that all paths need is damaged or on a missing device.
    pub fn open_devices(
        readers: impl IntoIterator<Item = R>,
        options: Options,
    ) -> Result<Self, Error<R::Error>> {
        let (mut pool, superblock) = Pool::new(Found::among(readers, options)?, options)?;
        if superblock.log_root != 0 && options.log == LogPolicy::Refuse {
            return Err(Unsupported::DirtyLog.into());
        }
        let roots = roots::tree(superblock.root);
        let id = match options.root {
            Root::Default => pool.default_subvolume(&roots)?,
            Root::Subvolume(id) => id,
        };
        let root = pool.subvolume_root(&roots, id)?;
        let checksums = pool.root(&roots, tree::CHECKSUMS)?.map(|root| root.tree(tree::CHECKSUMS));
        let root = (root.tree(id), root.directory);
        Ok(Self { superblock, roots, checksums, root, pool: RefCell::new(pool) })
    }

    /// What the newest superblock says.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// Whether files were written after the last commit, which are not read.
    #[must_use]
    pub fn log_state(&self) -> LogState {
        if self.superblock.log_root == 0 { LogState::Clean } else { LogState::Ignored }
    }

    /// What the file system was read from, in the order in which it was given.
    #[must_use]
    pub fn into_readers(self) -> Vec<R> {
        self.pool.into_inner().into_readers()
    }

    /// The file at `path`, links followed.
    ///
    /// Slashes separate names; `.` and empty names are passed over, `..` of the root is the root, and
    /// links that begin with a slash begin at the root. A path leads into subvolumes as into directories.
    ///
    /// # Errors
    ///
    /// There is none, or something on the way to it is damaged.
    pub fn lookup(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(self.root()?, path.as_ref(), Follow::All)
    }

    /// As [`Btrfs::lookup`], with the root of the subvolume `id` in place of the root.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`], and where there is no such subvolume.
    pub fn lookup_in(&self, id: u64, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(self.root_of(id)?, path.as_ref(), Follow::All)
    }

    /// As [`Btrfs::lookup`], but the last name may be a link, which is not followed.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`].
    pub fn lookup_no_follow(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(self.root()?, path.as_ref(), Follow::AllButLast)
    }

    /// As [`Btrfs::lookup_no_follow`], with the root of the subvolume `id` in place of the root.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup_in`].
    pub fn lookup_no_follow_in(
        &self,
        id: u64,
        path: impl AsRef<[u8]>,
    ) -> Result<File<'_, R>, Error<R::Error>> {
        self.walk(self.root_of(id)?, path.as_ref(), Follow::AllButLast)
    }

    /// The directory in which paths begin.
    ///
    /// # Errors
    ///
    /// It is damaged.
    pub fn root(&self) -> Result<File<'_, R>, Error<R::Error>> {
        self.file(self.root.0, self.root.1)
    }

    /// The root of the subvolume `id`.
    ///
    /// # Errors
    ///
    /// There is no such subvolume, or it is damaged.
    pub fn root_of(&self, id: u64) -> Result<File<'_, R>, Error<R::Error>> {
        let root = self.with_pool(|pool| pool.subvolume_root(&self.roots, id))?;
        self.file(root.tree(id), root.directory)
    }

    /// Has paths begin in the subvolume `id` from now on.
    ///
    /// # Errors
    ///
    /// There is no such subvolume.
    pub fn set_root(&mut self, id: u64) -> Result<(), Error<R::Error>> {
        let root = self.with_pool(|pool| pool.subvolume_root(&self.roots, id))?;
        self.root = (root.tree(id), root.directory);
        Ok(())
    }

    /// What the inode of the file at `path` says, links followed.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`].
    pub fn metadata(&self, path: impl AsRef<[u8]>) -> Result<Metadata, Error<R::Error>> {
        Ok(*self.lookup(path)?.metadata())
    }

    /// The names in the directory at `path`.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`], and where it is no directory.
    pub fn read_dir(&self, path: impl AsRef<[u8]>) -> Result<crate::ReadDir<'_, R>, Error<R::Error>> {
        self.lookup(path)?.read_dir()
    }

    /// Where the symbolic link at `path` leads.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`], and where it is no link.
    pub fn read_link(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup_no_follow(path)?.read_link()
    }

    /// The whole file at `path`, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`Btrfs::lookup`], where it is no file, and where it is larger.
    pub fn read(&self, path: impl AsRef<[u8]>, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup(path)?.read(limit)
    }

    fn walk<'x>(
        &'x self,
        root: File<'x, R>,
        path: &[u8],
        follow: Follow,
    ) -> Result<File<'x, R>, Error<R::Error>> {
        let mut walk = Walk::new(root, path, follow)?;
        while let Some(name) = walk.next_name() {
            if name == b".." {
                walk.up()?;
            } else {
                walk.enter(walk.here().child(&name)?)?;
            }
        }
        walk.finish()
    }

    /// The file of inode `number` in the subvolume `tree`.
    pub(crate) fn file(&self, tree: Tree, number: u64) -> Result<File<'_, R>, Error<R::Error>> {
        let damaged = |fault| Structure::Inode.damage(fault, tree.root.logical);
        let item =
            self.with_pool(|pool| pool.find(&tree, Inode::key(number)))?.ok_or(damaged(Fault::Missing))?;
        let inode = Inode::decode(item.data(), number, tree.id).ok_or(damaged(Fault::Value))?;
        Ok(File::new(self, tree, inode))
    }

    /// Does `act` with the devices.
    pub(crate) fn with_pool<T>(
        &self,
        act: impl FnOnce(&mut Pool<R>) -> Result<T, Error<R::Error>>,
    ) -> Result<T, Error<R::Error>> {
        let mut pool = self.pool.try_borrow_mut().map_err(|_| Error::Misuse(Misuse::Reentered))?;
        act(&mut pool)
    }

    pub(crate) fn roots(&self) -> Tree {
        self.roots
    }

    pub(crate) fn checksum_tree(&self) -> Option<Tree> {
        self.checksums
    }

    pub(crate) fn sector(&self) -> usize {
        self.superblock.sector_size
    }
}
