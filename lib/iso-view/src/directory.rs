// SPDX-License-Identifier: MIT OR Apache-2.0
//! A folder's records, one file after another, with the names that the image has.

use crate::bytes::wide;
use crate::error::{Damage, Error, Unsupported};
use crate::iso::Names;
use crate::node::{self, DIRECTORY_MAX, Extent, Kind};
use crate::record::{Record, records};
use crate::system_use::{AREAS_MAX, Continuation, SystemUse};
use crate::{BLOCK, name};
use alloc::string::String;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most blocks that are read for continuation areas while one folder is looked through.
const AREA_BLOCKS_MAX: u32 = 4096;
/// The kind of a file in its mode (POSIX, `<sys/stat.h>`).
const MODE_KIND: u32 = 0o170_000;
const MODE_DIRECTORY: u32 = 0o040_000;
const MODE_FILE: u32 = 0o100_000;
const MODE_LINK: u32 = 0o120_000;

/// A file of a folder.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) extents: Vec<Extent>,
    /// Where a link leads.
    pub(crate) target: Option<String>,
    /// Why its bytes are not what the file's reader would want.
    pub(crate) unreadable: Option<Unsupported>,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
pub(crate) enum Then {
    GoOn,
    Stop,
}

/// How names are stored in the tree that is read.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) names: Names,
    /// Bytes before the system use entries of each record (SUSP, 5.3).
    pub(crate) skip: usize,
}

/// Shows each file of the folder at `extents` to `visit`, until it says [`Then::Stop`].
///
/// # Errors
///
/// The device failed, or the folder is damaged before the place where `visit` stopped.
pub(crate) fn scan<R: ReadAt>(
    reader: &mut R,
    dialect: Dialect,
    extents: &[Extent],
    visit: &mut dyn FnMut(Found) -> Then,
) -> Result<(), Error<R::Error>> {
    if node::total(extents) > DIRECTORY_MAX {
        return Err(Damage::DirectoryTooLarge.into());
    }
    let mut scan = Scan { areas: Areas::new(reader), dialect, pending: None };
    let mut block = alloc::vec![0; BLOCK];
    for extent in extents {
        let mut done = 0;
        while done < extent.length {
            let length = usize::try_from(extent.length.saturating_sub(done)).unwrap_or(BLOCK).min(BLOCK);
            let part = block.get_mut(..length).unwrap_or_default();
            scan.areas.read(extent.offset.saturating_add(done), part)?;
            if scan.block(part, visit)? == Then::Stop {
                return Ok(());
            }
            done = done.saturating_add(wide(BLOCK));
        }
    }
    if scan.pending.is_some() { Err(Damage::SplitFile.into()) } else { Ok(()) }
}

/// The extent of the folder whose first block is `block`, as its own first record says.
fn folder_at<R: ReadAt>(reader: &mut R, block: u32) -> Result<Extent, Error<R::Error>> {
    let mut bytes = alloc::vec![0; BLOCK];
    let offset = u64::from(block).saturating_mul(wide(BLOCK));
    reader.read_at(offset, &mut bytes).map_err(Error::Device)?;
    let record = Record::parse(&bytes)?;
    if record.identifier != [0] || !record.is_directory() {
        return Err(Damage::Record.into());
    }
    Ok(record.extent())
}

struct Scan<'r, R> {
    areas: Areas<'r, R>,
    dialect: Dialect,
    /// A file whose next extent is in the next record, and its stored name.
    pending: Option<(Vec<u8>, Found)>,
}

impl<R: ReadAt> Scan<'_, R> {
    fn block(&mut self, block: &[u8], visit: &mut dyn FnMut(Found) -> Then) -> Result<Then, Error<R::Error>> {
        for record in records(block) {
            let record = record?;
            if record.is_dot() || record.is_associated() {
                continue;
            }
            let Some(found) = self.file(&record)? else { continue };
            if record.continues() {
                self.pending = Some((record.identifier.to_vec(), found));
            } else if name::is_usable(&found.name) && visit(found) == Then::Stop {
                return Ok(Then::Stop);
            }
        }
        Ok(Then::GoOn)
    }

    /// The file that `record` begins or goes on with; none if it is not to be seen here.
    fn file(&mut self, record: &Record<'_>) -> Result<Option<Found>, Error<R::Error>> {
        let mut found = match self.pending.take() {
            Some((identifier, found)) if identifier == record.identifier => found,
            Some(_) => return Err(Damage::SplitFile.into()),
            None => return self.describe(record),
        };
        found.add(record)?;
        Ok(Some(found))
    }

    fn describe(&mut self, record: &Record<'_>) -> Result<Option<Found>, Error<R::Error>> {
        let name = match self.dialect.names {
            Names::RockRidge => return self.describe_rock_ridge(record),
            Names::Joliet => name::joliet(record.identifier),
            Names::Plain => name::plain(record.identifier),
        };
        let mut found = Found::new(name, plain_kind(record));
        found.add(record)?;
        Ok(Some(found))
    }

    fn describe_rock_ridge(&mut self, record: &Record<'_>) -> Result<Option<Found>, Error<R::Error>> {
        let area = record.system_use.get(self.dialect.skip..).unwrap_or_default();
        let said = self.areas.all(area)?;
        if said.is_dot || said.is_relocated {
            return Ok(None);
        }
        let stored = String::from_utf8_lossy(&said.name);
        let name = if stored.is_empty() { name::plain(record.identifier) } else { stored.into_owned() };
        let mut found = Found::new(name, kind(&said).unwrap_or(plain_kind(record)));
        found.target = said.target.map(|target| String::from_utf8_lossy(&target).into_owned());
        if let Some(child) = said.child {
            found.kind = Kind::Directory;
            node::append(&mut found.extents, folder_at(self.areas.reader, child)?)?;
        } else if found.kind != Kind::Symlink {
            found.add(record)?;
        }
        if said.is_compressed {
            found.unreadable = Some(Unsupported::Compressed);
        }
        Ok(Some(found))
    }
}

impl Found {
    fn new(name: String, kind: Kind) -> Self {
        Self { name, kind, extents: Vec::new(), target: None, unreadable: None }
    }

    fn add(&mut self, record: &Record<'_>) -> Result<(), Damage> {
        if record.is_interleaved() {
            self.unreadable = Some(Unsupported::Interleaved);
        }
        node::append(&mut self.extents, record.extent())
    }
}

fn plain_kind(record: &Record<'_>) -> Kind {
    if record.is_directory() { Kind::Directory } else { Kind::File }
}

/// The kind that the mode says.
fn kind(said: &SystemUse) -> Option<Kind> {
    Some(match said.mode? & MODE_KIND {
        MODE_DIRECTORY => Kind::Directory,
        MODE_FILE => Kind::File,
        MODE_LINK => Kind::Symlink,
        _ => Kind::Other,
    })
}

/// Reads continuation areas, keeping the block that was read last: the areas of neighbours are
/// mostly in one.
struct Areas<'r, R> {
    reader: &'r mut R,
    kept: Option<u32>,
    bytes: Vec<u8>,
    blocks_read: u32,
}

impl<'r, R: ReadAt> Areas<'r, R> {
    fn new(reader: &'r mut R) -> Self {
        Self { reader, kept: None, bytes: Vec::new(), blocks_read: 0 }
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Error<R::Error>> {
        self.reader.read_at(offset, buffer).map_err(Error::Device)
    }

    /// What `area` says, with all areas in which it goes on.
    fn all(&mut self, area: &[u8]) -> Result<SystemUse, Error<R::Error>> {
        let mut said = SystemUse::default();
        said.take(area)?;
        for _ in 0..AREAS_MAX {
            let Some(next) = said.continuation.take() else { return Ok(said) };
            said.take(self.area(next)?)?;
        }
        match said.continuation {
            Some(_) => Err(Damage::SystemUse.into()),
            None => Ok(said),
        }
    }

    fn area(&mut self, place: Continuation) -> Result<&[u8], Error<R::Error>> {
        if self.kept != Some(place.block) {
            self.load(place.block)?;
        }
        Ok(self.bytes.get(place.start..place.end).ok_or(Damage::SystemUse)?)
    }

    fn load(&mut self, block: u32) -> Result<(), Error<R::Error>> {
        if self.blocks_read >= AREA_BLOCKS_MAX {
            return Err(Damage::SystemUse.into());
        }
        self.blocks_read = self.blocks_read.saturating_add(1);
        self.kept = None;
        self.bytes.resize(BLOCK, 0);
        let offset = u64::from(block).saturating_mul(wide(BLOCK));
        self.reader.read_at(offset, &mut self.bytes).map_err(Error::Device)?;
        self.kept = Some(block);
        Ok(())
    }
}

/// The bytes to skip in each area of the tree at `root`, if it has Rock Ridge: its first record
/// says so.
///
/// # Errors
///
/// The device failed, or the record is damaged.
pub(crate) fn rock_ridge_skip<R: ReadAt>(
    reader: &mut R,
    root: Extent,
) -> Result<Option<usize>, Error<R::Error>> {
    let mut block = alloc::vec![0; BLOCK];
    reader.read_at(root.offset, &mut block).map_err(Error::Device)?;
    let record = Record::parse(&block)?;
    let Some(skip) = crate::system_use::skip(record.system_use) else { return Ok(None) };
    let said = Areas::new(reader).all(record.system_use)?;
    Ok(said.has_rock_ridge.then_some(skip))
}
