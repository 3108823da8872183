// SPDX-License-Identifier: MIT OR Apache-2.0
//! A FAT volume, as far as a session can tell: names without regard to case, and a size.

use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{DirEntry, FileKind, Identity, Listing, Metadata};
use lamboot_core::source::Source;
use std::collections::BTreeMap;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path as it was written.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// Whether its attributes forbid writing.
    pub read_only: bool,
}

impl File {
    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// A volume.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    files: BTreeMap<String, File>,
    /// Bytes that fit on it; `None` for no limit.
    pub capacity: Option<u64>,
    /// Whether the medium cannot be written.
    pub read_only: bool,
    /// How Linux calls its file system.
    pub identity: Identity,
}

fn key(path: &str) -> String {
    path.to_lowercase()
}

impl Disk {
    /// Puts a file there, whatever is in the way.
    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.files.insert(key(path), File { path: path.into(), bytes, read_only: false });
    }

    /// Takes a file away.
    pub fn take(&mut self, path: &str) -> Option<File> {
        self.files.remove(&key(path))
    }

    /// A file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(&key(path))
    }

    /// A file's text; empty when there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        self.get(path).map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default()
    }

    /// Paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(|file| file.path.as_str())
    }

    pub(crate) fn file(&self, path: &str) -> PortResult<&File> {
        match self.get(path) {
            Some(file) => Ok(file),
            None if self.is_directory(path) => Err(ErrorKind::IsDirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// The bytes of an image or initrd.
    pub(crate) fn content(&self, source: Source<'_>) -> PortResult<Vec<u8>> {
        let file = self.file(source.file_path())?;
        let (extents, _) = source.extents(file.size())?;
        let run = |offset: u64, length: u64| &file.bytes[offset as usize..(offset + length) as usize];
        Ok(extents.iter().flat_map(|extent| run(extent.offset, extent.length)).copied().collect())
    }

    /// A file of at most `limit` bytes.
    pub(crate) fn whole(&self, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        let file = self.file(path)?;
        if file.bytes.len() > limit { Err(ErrorKind::TooLarge.into()) } else { Ok(file.bytes.clone()) }
    }

    /// At most `length` bytes of a file from `offset` on.
    pub(crate) fn part(&self, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        let bytes = &self.file(path)?.bytes;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes[from..].iter().copied().take(length).collect())
    }

    pub(crate) fn metadata(&self, path: &str) -> PortResult<Metadata> {
        if self.is_directory(path) {
            return Ok(Metadata { kind: FileKind::Directory, size: 0, read_only: false });
        }
        self.file(path).map(|file| Metadata {
            kind: FileKind::File,
            size: file.size(),
            read_only: file.read_only,
        })
    }

    pub(crate) fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        let folder = format!("{}\\", key(path).trim_end_matches('\\'));
        let mut names: BTreeMap<String, DirEntry> = BTreeMap::new();
        for file in self.files.values().filter(|file| key(&file.path).starts_with(&folder)) {
            let rest = &file.path[folder.len()..];
            let (name, kind) = match rest.split_once('\\') {
                Some((name, _)) => (name, FileKind::Directory),
                None => (rest, FileKind::File),
            };
            let size = if kind == FileKind::File { file.size() } else { 0 };
            let metadata = Metadata { kind, size, read_only: file.read_only };
            names.insert(key(name), DirEntry { name: name.into(), metadata });
        }
        if names.is_empty() {
            return Err(if self.get(path).is_some() {
                ErrorKind::NotADirectory
            } else {
                ErrorKind::NotFound
            }
            .into());
        }
        let truncated = names.len() > limit;
        Ok(Listing { entries: names.into_values().take(limit).collect(), truncated })
    }

    fn is_directory(&self, path: &str) -> bool {
        let folder = format!("{}\\", key(path).trim_end_matches('\\'));
        self.files.keys().any(|path| path.starts_with(&folder))
    }

    /// Whether this file may be written and would then fit.
    pub(crate) fn admit(&self, path: &str, new_size: u64) -> PortResult<()> {
        if self.read_only || self.get(path).is_some_and(|file| file.read_only) {
            return Err(ErrorKind::ReadOnly.into());
        }
        if self.is_directory(path) {
            return Err(ErrorKind::IsDirectory.into());
        }
        let others: u64 =
            self.files.iter().filter(|(name, _)| **name != key(path)).map(|(_, file)| file.size()).sum();
        let old = self.get(path).map_or(0, |file| file.size());
        match self.capacity {
            Some(capacity) if new_size > old && others + new_size > capacity => Err(ErrorKind::Full.into()),
            _ => Ok(()),
        }
    }
}
