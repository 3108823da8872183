// SPDX-License-Identifier: MIT OR Apache-2.0
//! An opened image: paths to files, files to bytes.

use crate::bytes::wide;
use crate::directory::{self, Dialect, Found, Then};
use crate::error::{Damage, Error, NotFound, Unsupported};
use crate::node::{self, Entry, Extent, Kind, Node};
use crate::walk::{PATH_MAX, STEPS_MAX, Walk};
use crate::{descriptor, name};
use alloc::string::String;
use alloc::vec::Vec;
use read_at::ReadAt;

/// Whose names an image is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// POSIX names, modes and links.
    RockRidge,
    /// Unicode names.
    Joliet,
    /// Names without their version.
    Plain,
}

/// An opened image.
///
/// ```
/// use iso_view::Iso;
/// let error = Iso::open(&[0; 65536][..]).err().unwrap();
/// assert_eq!(error.token(), "not_iso9660");
/// ```
#[derive(Debug)]
pub struct Iso<R> {
    reader: R,
    label: String,
    root: Extent,
    names: Names,
    skip: usize,
}

impl<R: ReadAt> Iso<R> {
    /// Reads the volume descriptors, and finds out whose names there are.
    ///
    /// # Errors
    ///
    /// The device failed, the image is none, or its root directory is damaged.
    pub fn open(mut reader: R) -> Result<Self, Error<R::Error>> {
        let volume = descriptor::read(&mut reader)?;
        let rock_ridge = directory::rock_ridge_skip(&mut reader, volume.root)?;
        let (root, names) = match (rock_ridge, volume.joliet_root) {
            (Some(_), _) => (volume.root, Names::RockRidge),
            (None, Some(root)) => (root, Names::Joliet),
            (None, None) => (volume.root, Names::Plain),
        };
        Ok(Self { reader, label: volume.label, root, names, skip: rock_ridge.unwrap_or_default() })
    }

    /// The volume's label (its volume identifier), of up to 32 bytes.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whose names are read.
    #[must_use]
    pub fn names(&self) -> Names {
        self.names
    }

    /// What the image is read from.
    #[must_use]
    pub fn into_reader(self) -> R {
        self.reader
    }

    /// The file or folder at `path`, links followed.
    ///
    /// Slashes separate names; `.` and empty names are passed over, and `..` of the root is the
    /// root.
    ///
    /// # Errors
    ///
    /// There is none, a folder on the way to it is damaged, or its bytes cannot be read plainly.
    pub fn lookup(&mut self, path: &str) -> Result<Node, Error<R::Error>> {
        if path.len() > PATH_MAX {
            return Err(NotFound::Name.into());
        }
        let mut walk = Walk::new(self.root_node(), path);
        for _ in 0..STEPS_MAX {
            let Some(name) = walk.next_name() else { return Ok(walk.here()) };
            if name == ".." {
                walk.up();
                continue;
            }
            let found = self.find(&walk.here(), &name)?;
            if let Some(node) = walk.enter(found)? {
                return Ok(node);
            }
        }
        if walk.is_done() { Ok(walk.here()) } else { Err(Damage::TooDeep.into()) }
    }

    /// The first `limit` files and folders of the folder at `path`, in the image's order.
    ///
    /// # Errors
    ///
    /// As [`Iso::lookup`], and where it is no folder.
    pub fn read_dir(&mut self, path: &str, limit: usize) -> Result<Vec<Entry>, Error<R::Error>> {
        let folder = self.lookup(path)?;
        if folder.kind != Kind::Directory {
            return Err(NotFound::NotADirectory.into());
        }
        let mut entries = Vec::new();
        if limit > 0 {
            self.scan(&folder, &mut |found| {
                let size = node::total(&found.extents);
                entries.push(Entry { name: found.name, kind: found.kind, size });
                if entries.len() < limit { Then::GoOn } else { Then::Stop }
            })?;
        }
        Ok(entries)
    }

    /// Reads from the file's byte `offset` on, and says how many bytes: as many as `buffer` holds,
    /// fewer only where the file ends.
    ///
    /// # Errors
    ///
    /// The device failed, or `node` is no file.
    pub fn read_at(&mut self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize, Error<R::Error>> {
        if node.kind != Kind::File {
            return Err(NotFound::NotAFile.into());
        }
        let mut before = offset;
        let mut rest = buffer;
        let mut done: usize = 0;
        for extent in &node.extents {
            let Some(available) = extent.length.checked_sub(before) else {
                before = before.saturating_sub(extent.length);
                continue;
            };
            let length = usize::try_from(available).unwrap_or(usize::MAX).min(rest.len());
            let (part, later) = rest.split_at_mut(length);
            if !part.is_empty() {
                let place = extent.offset.saturating_add(before);
                self.reader.read_at(place, part).map_err(Error::Device)?;
            }
            done = done.saturating_add(length);
            (rest, before) = (later, 0);
        }
        Ok(done)
    }

    /// The whole file, if it has no more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// The device failed, `node` is no file, or it is larger.
    pub fn read(&mut self, node: &Node, limit: usize) -> Result<Vec<u8>, Error<R::Error>> {
        if node.size > wide(limit) {
            return Err(Unsupported::TooLarge.into());
        }
        let mut bytes = alloc::vec![0; usize::try_from(node.size).unwrap_or(limit)];
        let length = self.read_at(node, 0, &mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    fn root_node(&self) -> Node {
        Node { kind: Kind::Directory, size: self.root.length, extents: alloc::vec![self.root] }
    }

    fn scan(&mut self, folder: &Node, visit: &mut dyn FnMut(Found) -> Then) -> Result<(), Error<R::Error>> {
        let dialect = Dialect { names: self.names, skip: self.skip };
        directory::scan(&mut self.reader, dialect, &folder.extents, visit)
    }

    /// The file called `wanted`; else, except in Rock Ridge, the first that differs in case only.
    fn find(&mut self, folder: &Node, wanted: &str) -> Result<Found, Error<R::Error>> {
        let exact_only = self.names == Names::RockRidge;
        let mut best = None;
        self.scan(folder, &mut |found| {
            if found.name == wanted {
                best = Some(found);
                return Then::Stop;
            }
            if !exact_only && best.is_none() && name::equal_without_case(&found.name, wanted) {
                best = Some(found);
            }
            Then::GoOn
        })?;
        best.ok_or(NotFound::Name.into())
    }
}
