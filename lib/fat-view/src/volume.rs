// SPDX-License-Identifier: MIT OR Apache-2.0
//! An opened volume: paths to files.

use crate::boot_sector::{self, BootSector, FatType};
use crate::dir::{ReadDir, Records};
use crate::disk::Disk;
use crate::error::{Error, Misuse};
use crate::file::File;
use crate::metadata::Metadata;
use crate::options::Options;
use crate::record::{self, Record};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use read_at::ReadAt;

/// The most bytes that a path may have.
pub const PATH_MAX: usize = 4096;

/// An opened volume.
///
/// Files and directories borrow it, so several can be open at once.
///
/// ```
/// use fat_view::Fat;
/// let error = Fat::open(&[0; 65536][..]).err().unwrap();
/// assert_eq!(error.token(), "not_fat");
/// ```
#[derive(Debug)]
pub struct Fat<R> {
    boot_sector: BootSector,
    options: Options,
    pub(crate) disk: RefCell<Disk<R>>,
}

/// Whether a volume was left well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// It was not unmounted, so something of what was written last may be missing.
    pub dirty: bool,
    /// The device had errors when it was in use.
    pub errors: bool,
}

impl<R: ReadAt> Fat<R> {
    /// Opens the volume that `reader` has, with the default [`Options`].
    ///
    /// # Errors
    ///
    /// As [`Fat::open_with`].
    pub fn open(reader: R) -> Result<Self, Error<R::Error>> {
        Self::open_with(reader, Options::default())
    }

    /// Opens the volume that `reader` has, as `options` say. Reads the first sector.
    ///
    /// # Errors
    ///
    /// The device failed, there is no FAT on it, or its first sector contradicts itself.
    pub fn open_with(reader: R, options: Options) -> Result<Self, Error<R::Error>> {
        let mut disk = Disk::new(reader);
        let mut bytes = [0; boot_sector::LENGTH];
        disk.read(0, &mut bytes).map_err(Error::Device)?;
        let boot_sector = BootSector::parse(&bytes)?;
        disk.size = boot_sector.size();
        Ok(Self { boot_sector, options, disk: RefCell::new(disk) })
    }

    /// What the first sector says.
    #[must_use]
    pub fn boot_sector(&self) -> &BootSector {
        &self.boot_sector
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// What the volume was read from.
    #[must_use]
    pub fn into_reader(self) -> R {
        self.disk.into_inner().reader
    }

    /// The label: the one in the root directory, else the one of the first sector; in UTF-8.
    ///
    /// # Errors
    ///
    /// The root directory cannot be read.
    pub fn label(&self) -> Result<Option<Vec<u8>>, Error<R::Error>> {
        let mut records = Records::new(self, 0);
        while let Some((bytes, _)) = records.read()? {
            match record::parse(&bytes) {
                Record::End => break,
                Record::Label(label) => return Ok(Some(self.label_text(&label))),
                _ => {}
            }
        }
        Ok(self.boot_sector.label().map(|label| self.label_text(label)))
    }

    fn label_text(&self, label: &[u8; 11]) -> Vec<u8> {
        let mut label = *label;
        if label[0] == 0x05 {
            label[0] = 0xE5;
        }
        let text: String = label.iter().map(|byte| self.options.code_page.decode(*byte)).collect();
        text.trim_end_matches(' ').as_bytes().to_vec()
    }

    /// Whether it was left well, by the bits of the first sector and of the table's second number
    /// (section 4.2). FAT12 has the former only.
    ///
    /// # Errors
    ///
    /// No copy of the table can be read.
    pub fn state(&self) -> Result<State, Error<R::Error>> {
        let (clean, sound) = match self.boot_sector.fat_type() {
            FatType::Fat12 => (0, 0),
            FatType::Fat16 => (0x8000, 0x4000),
            FatType::Fat32 => (0x0800_0000, 0x0400_0000),
        };
        let entry = self.entry(1)?;
        Ok(State {
            dirty: entry & clean != clean || self.boot_sector.state & 1 != 0,
            errors: entry & sound != sound || self.boot_sector.state & 2 != 0,
        })
    }

    /// The file at `path`.
    ///
    /// Slashes separate names; `.` and empty names are passed over, and `..` of the root is the root. A
    /// name is found by the long or the short name, in any case.
    ///
    /// # Errors
    ///
    /// There is none, or something on the way to it is damaged.
    pub fn lookup(&self, path: impl AsRef<[u8]>) -> Result<File<'_, R>, Error<R::Error>> {
        let path = path.as_ref();
        if path.len() > PATH_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        let mut above: Vec<Metadata> = Vec::new();
        let mut here = self.root();
        for name in path.split(|byte| *byte == b'/') {
            match name {
                b"" | b"." => here.must_be_directory()?,
                b".." => {
                    here.must_be_directory()?;
                    here = above.pop().map_or_else(|| self.root(), |metadata| File::new(self, metadata));
                }
                _ => {
                    let child = here.child(name)?;
                    above.push(*here.metadata());
                    here = child;
                }
            }
        }
        Ok(here)
    }

    /// The root directory.
    #[must_use]
    pub fn root(&self) -> File<'_, R> {
        File::new(self, File::<R>::ROOT)
    }

    /// What the record of the file at `path` says.
    ///
    /// # Errors
    ///
    /// As [`Fat::lookup`].
    pub fn metadata(&self, path: impl AsRef<[u8]>) -> Result<Metadata, Error<R::Error>> {
        Ok(*self.lookup(path)?.metadata())
    }

    /// The names in the directory at `path`.
    ///
    /// # Errors
    ///
    /// As [`Fat::lookup`], and where it is no directory.
    pub fn read_dir(&self, path: impl AsRef<[u8]>) -> Result<ReadDir<'_, R>, Error<R::Error>> {
        self.lookup(path)?.read_dir()
    }

    /// The whole file at `path`, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`Fat::lookup`], where it is no file, and where it is larger.
    pub fn read(&self, path: impl AsRef<[u8]>, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        self.lookup(path)?.read(limit)
    }
}
