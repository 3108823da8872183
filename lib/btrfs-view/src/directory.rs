// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories: each name is there twice, by its hash to be looked up, and by its number to be listed
//! (`btrfs_dir_item`; btrfs documentation, "On-disk format", Directories).

use crate::bytes::{byte, le16, part};
use crate::crc32c;
use crate::error::{Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::metadata::{FileType, Metadata};
use crate::node::Key;
use crate::tree::Cursor;
use alloc::vec::Vec;
use core::fmt;
use read_at::ReadAt;

/// The kinds of keys of names, by hash and by number.
pub(crate) const BY_HASH: u8 = 84;
const BY_NUMBER: u8 = 96;
/// The bytes before an entry's name.
const HEADER: usize = 30;
/// The most bytes of a name.
pub const NAME_MAX: usize = 255;

/// An entry, borrowed from a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'b> {
    pub(crate) name: &'b [u8],
    /// The key of its inode, or of its subvolume's root.
    pub(crate) location: Key,
    pub(crate) file_type: Option<FileType>,
}

/// Where the hash of names begins, which is not changed at its end.
pub(crate) fn hash(name: &[u8]) -> u64 {
    crc32c::with(!1, name).into()
}

/// The entries of an item: several where their names have one hash.
pub(crate) fn entries(mut item: &[u8]) -> impl Iterator<Item = Result<Entry<'_>, Fault>> {
    core::iter::from_fn(move || {
        if item.is_empty() {
            return None;
        }
        let first = first(item);
        item = first.as_ref().map_or(&[][..], |(_, rest)| rest);
        Some(first.map(|(entry, _)| entry))
    })
}

/// The first entry, and the bytes after it.
fn first(item: &[u8]) -> Result<(Entry<'_>, &[u8]), Fault> {
    let fields = || {
        let (data, length) = (usize::from(le16(item, 25)?), usize::from(le16(item, 27)?));
        let name = part(item, HEADER, length)?;
        let rest = item.get(HEADER.checked_add(length)?.checked_add(data)?..)?;
        let file_type = FileType::of_entry(byte(item, 29)? & 0x7F);
        Some((Entry { name, location: Key::decode(item, 0)?, file_type }, rest))
    };
    let (entry, rest) = fields().ok_or(Fault::Missing)?;
    let good = (1..=NAME_MAX).contains(&entry.name.len())
        && !entry.name.iter().any(|&byte| matches!(byte, 0 | b'/'));
    if good && !matches!(entry.name, b"." | b"..") { Ok((entry, rest)) } else { Err(Fault::Value) }
}

impl<'x, R: ReadAt> File<'x, R> {
    /// Where the file called `name` in this directory is.
    pub(crate) fn location(&self, name: &[u8]) -> Result<Option<Key>, Error<R::Error>> {
        self.must_be_directory()?;
        if name.len() > NAME_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        let key = Key::new(self.metadata().inode, BY_HASH, hash(name));
        let Some(item) = self.volume().with_pool(|pool| pool.find(&self.tree, key))? else { return Ok(None) };
        for entry in entries(item.data()) {
            let entry = entry.map_err(|fault| self.damaged(Structure::DirectoryEntry, fault))?;
            if entry.name == name {
                return Ok(Some(entry.location));
            }
        }
        Ok(None)
    }
}

/// A name in a directory, and what it stands for.
pub struct DirEntry<'x, R> {
    directory: File<'x, R>,
    name: Vec<u8>,
    location: Key,
    file_type: Option<FileType>,
}

impl<'x, R: ReadAt> DirEntry<'x, R> {
    /// The name: 1 to 255 bytes without `/` and zeros, in any encoding.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// What it is. Reads the inode where the directory does not say.
    ///
    /// # Errors
    ///
    /// The inode is damaged.
    pub fn file_type(&self) -> Result<FileType, Error<R::Error>> {
        self.file_type.map_or_else(|| Ok(self.metadata()?.file_type), Ok)
    }

    /// The number of the subvolume that the name stands for; none where it is a file of this subvolume.
    #[must_use]
    pub fn subvolume(&self) -> Option<u64> {
        (self.location.kind == crate::roots::KIND).then_some(self.location.object)
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
        self.directory.at(self.location, &self.name)
    }
}

impl<R> fmt::Debug for DirEntry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.escape_ascii();
        write!(
            f,
            "DirEntry {{ name: \"{name}\", location: {:?}, file_type: {:?} }}",
            self.location, self.file_type
        )
    }
}

/// The names of a directory in the order in which they were made, without `.` and `..`.
///
/// Keeps one leaf of the tree. After an error there is no more.
pub struct ReadDir<'x, R> {
    directory: File<'x, R>,
    cursor: Option<Cursor>,
}

impl<'x, R: ReadAt> ReadDir<'x, R> {
    pub(crate) fn new(directory: File<'x, R>) -> Self {
        let from = Key::new(directory.metadata().inode, BY_NUMBER, 0);
        let cursor = Some(Cursor::new(directory.tree, from));
        Self { directory, cursor }
    }

    fn step(&mut self) -> Result<Option<DirEntry<'x, R>>, Error<R::Error>> {
        let volume = self.directory.volume();
        let Some(cursor) = &mut self.cursor else { return Ok(None) };
        let item = volume.with_pool(|pool| cursor.step(pool))?;
        let wanted = Key::new(self.directory.metadata().inode, BY_NUMBER, 0);
        let Some(item) = item.filter(|item| item.is_of(wanted)) else { return Ok(None) };
        let damaged = |fault| self.directory.damaged(Structure::DirectoryEntry, fault);
        let entry = entries(item.data()).next().unwrap_or(Err(Fault::Missing)).map_err(damaged)?;
        Ok(Some(DirEntry {
            directory: self.directory.clone(),
            name: entry.name.to_vec(),
            location: entry.location,
            file_type: entry.file_type,
        }))
    }
}

impl<'x, R: ReadAt> Iterator for ReadDir<'x, R> {
    type Item = Result<DirEntry<'x, R>, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if !matches!(step, Ok(Some(_))) {
            self.cursor = None;
        }
        step.transpose()
    }
}

impl<R> fmt::Debug for ReadDir<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadDir {{ cursor: {:?} }}", self.cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(name: &[u8], data: &[u8], file_type: u8) -> Vec<u8> {
        let mut bytes = crate::node::tests::encode(Key::new(257, 1, 0));
        bytes.extend([0; 8]);
        bytes.extend((data.len() as u16).to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.push(file_type);
        bytes.extend(name);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn the_hash_of_default() {
        // What every file system has in its tree of roots, as `btrfs inspect-internal dump-tree` shows it.
        assert_eq!(hash(b"default"), 2_378_154_706);
    }

    #[test]
    fn several_entries_in_one_item() {
        let item = [entry(b"first", b"", 1), entry(b"second", b"data", 2)].concat();
        let names: Vec<_> = entries(&item).map(|entry| entry.unwrap().name).collect();
        assert_eq!(names, [&b"first"[..], b"second"]);
        let cut: Vec<_> = entries(&item[..item.len() - 1]).collect();
        assert_eq!((cut.len(), cut[1]), (2, Err(Fault::Missing)));
        for name in [&b"a/b"[..], b"..", b"", b"a\0", &[b'n'; 256]] {
            assert_eq!(entries(&entry(name, b"", 1)).next(), Some(Err(Fault::Value)));
        }
    }

    proptest! {
        #[test]
        fn noise_does_no_harm(item in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(entries(&item).count() <= 7);
        }
    }
}
