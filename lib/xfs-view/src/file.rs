// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file: its bytes, where they lie, its names if it is a directory, its target if it is a link.

use crate::bytes::{narrow, wide};
use crate::dir::ReadDir;
use crate::error::{Error, Fault, LogContent, Misuse, Structure, Unsupported};
use crate::extent::Run;
use crate::extents::Extents;
use crate::inode::Inode;
use crate::map::Cursor;
use crate::metadata::{FileType, Metadata};
use crate::volume::Xfs;
use alloc::vec::Vec;
use read_at::ReadAt;

/// A file of any type.
#[derive(Debug)]
pub struct File<'x, R> {
    volume: &'x Xfs<R>,
    pub(crate) inode: Inode,
}

impl<R> Clone for File<'_, R> {
    fn clone(&self) -> Self {
        Self { volume: self.volume, inode: self.inode.clone() }
    }
}

impl<'x, R: ReadAt> File<'x, R> {
    pub(crate) fn new(volume: &'x Xfs<R>, inode: Inode) -> Self {
        Self { volume, inode }
    }

    pub(crate) fn volume(&self) -> &'x Xfs<R> {
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
        let mut at = offset;
        let mut cursor = Cursor::default();
        let mut rest = buffer.get_mut(..length).unwrap_or_default();
        while !rest.is_empty() {
            let extent = self.extent_at(&mut cursor, at)?;
            let (part, later) = rest.split_at_mut(narrow(extent.length).min(rest.len()));
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
    /// A loader can so read a kernel with its own requests, straight to where it is to lie:
    ///
    /// ```no_run
    /// # fn load<R: xfs_view::ReadAt>(xfs: &xfs_view::Xfs<R>) -> Result<(), xfs_view::Error<R::Error>> {
    /// for extent in xfs.lookup("/vmlinuz")?.extents()? {
    ///     let extent = extent?;
    ///     match extent.place {
    ///         Some(place) => println!("{} bytes from {place} on", extent.length),
    ///         None => println!("{} zeros", extent.length),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
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

    fn must_be_readable(&self) -> Result<(), Error<R::Error>> {
        if self.metadata().file_type != FileType::File {
            return Err(Misuse::NotAFile.into());
        }
        if self.volume.has_unfinished(self.metadata().inode) {
            return Err(Unsupported::Log(LogContent::UnfinishedMap).into());
        }
        if self.inode.realtime { Err(Unsupported::RealtimeFile.into()) } else { Ok(()) }
    }

    /// From the file's byte `at` on, which is before its end: a run of bytes that lie together, or of
    /// zeros.
    pub(crate) fn extent_at(&self, cursor: &mut Cursor, at: u64) -> Result<crate::Extent, Error<R::Error>> {
        let geometry = self.volume.geometry();
        let size = self.metadata().size;
        let run = self.volume.run_by(cursor, &self.inode, geometry.file_block(at))?;
        let Some(run) = run else { return Ok(crate::Extent::zeros(at, size)) };
        let (start, end) = (geometry.file_byte(run.file), geometry.file_byte(run.end()));
        if at < start {
            return Ok(crate::Extent::zeros(at, start.min(size)));
        }
        if run.unwritten {
            return Ok(crate::Extent::zeros(at, end.min(size)));
        }
        let place = self.place(&run)?.saturating_add(at.saturating_sub(start));
        Ok(crate::Extent { offset: at, length: end.min(size).saturating_sub(at), place: Some(place) })
    }

    /// Where `run` is in bytes.
    pub(crate) fn place(&self, run: &Run) -> Result<u64, Error<R::Error>> {
        let damage = Structure::ExtentList.damage(Fault::Bounds, self.inode.place);
        self.volume.geometry().run(run.start, run.count).ok_or(damage.into())
    }
}
