// SPDX-License-Identifier: MIT OR Apache-2.0
//! How does what LamBoot's own readers say look at the border?

use crate::error::{ErrorKind, PortError, PortResult};
use crate::ports::{Condition, DirEntry, FileKind, Identity, Listing, Metadata};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use lamboot_fs::{FileSystem, FileType, Follow, Kind};

/// A volume that one of LamBoot's own readers reads, in the words of [`crate::ports::Volumes`]: paths with
/// backslashes, sizes in bytes.
///
/// # Errors
///
/// Each of its functions fails as that of the port with the same name does.
pub struct OwnReader {
    system: Box<dyn FileSystem>,
}

impl OwnReader {
    /// What was found on a device, or why it cannot be read.
    pub fn of(found: lamboot_fs::Result<Box<dyn FileSystem>>) -> PortResult<Self> {
        found.map(|system| Self { system }).map_err(|why| error(&why))
    }

    /// What the file system is called, as `mount` says.
    pub fn name(&self) -> &'static str {
        self.system.name()
    }

    /// The state that the file system was found in.
    pub fn condition(&self) -> Condition {
        self.system.remark().map_or(Condition::Good, Condition::Recovered)
    }

    /// How Linux calls the file system.
    pub fn identity(&self) -> Identity {
        let identity = self.system.identity();
        Identity { file_system: Some(self.system.name().into()), uuid: identity.uuid, label: identity.label }
    }

    /// The newest subvolumes, and the top level.
    pub fn subvolumes(&self, limit: usize) -> PortResult<Vec<lamboot_fs::Subvolume>> {
        self.system.subvolumes(limit).map_err(|why| error(&why))
    }

    /// The same volume with paths that begin in the subvolume of this number.
    pub fn subvolume(&self, id: u64) -> PortResult<Self> {
        let system = self.system.subvolume(id).map_err(|why| error(&why))?;
        Ok(Self { system })
    }

    /// Metadata of a file or directory.
    pub fn metadata(&self, path: &str) -> PortResult<Metadata> {
        self.look(&bytes(path))
    }

    fn look(&self, path: &[u8]) -> PortResult<Metadata> {
        let found = self.system.metadata(path, Follow::All).map_err(|why| error(&why))?;
        let kind = match found.file_type {
            FileType::Directory => FileKind::Directory,
            FileType::File => FileKind::File,
            // What is read of a device or a pipe is no file's content.
            FileType::Symlink | FileType::Other => return Err(ErrorKind::Unsupported.into()),
        };
        let size = if kind == FileKind::File { found.size } else { 0 };
        Ok(Metadata { kind, size, read_only: true })
    }

    /// The first names of a directory; links stand for what they lead to.
    ///
    /// Names that a path of this border cannot hold, and links that lead to nothing, are left out.
    pub fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        let folder = bytes(path);
        let mut names: Vec<String> = Vec::new();
        let mut truncated = false;
        let mut visit = |name: &[u8], what: FileType| {
            if what == FileType::Other || name.contains(&b'\\') {
                return ControlFlow::Continue(());
            }
            if names.len() == limit {
                truncated = true;
                return ControlFlow::Break(());
            }
            names.push(String::from_utf8_lossy(name).into_owned());
            ControlFlow::Continue(())
        };
        self.system.read_dir(&folder, &mut visit).map_err(|why| error(&why))?;
        let entry = |name: String| {
            let path = [folder.as_slice(), b"/", name.as_bytes()].concat();
            self.look(&path).ok().map(|metadata| DirEntry { name, metadata })
        };
        Ok(Listing { entries: names.into_iter().filter_map(entry).collect(), truncated })
    }

    /// Fills `buffer` from a place in a file on, each run of bytes that lie together in one request.
    pub fn fill(&self, path: &str, offset: u64, buffer: &mut [u8]) -> PortResult<()> {
        let read = self.system.read_at(&bytes(path), offset, buffer).map_err(|why| error(&why))?;
        if read == buffer.len() { Ok(()) } else { Err(ErrorKind::Damaged.into()) }
    }
}

/// A path of the border in that of the readers.
fn bytes(path: &str) -> Vec<u8> {
    path.bytes().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

/// An error of a reader in the words of the border.
fn error(why: &lamboot_fs::Error) -> PortError {
    let kind = match why.kind {
        Kind::NotFound => ErrorKind::NotFound,
        Kind::NotADirectory => ErrorKind::NotADirectory,
        Kind::NotAFile => ErrorKind::IsDirectory,
        Kind::TooLarge => ErrorKind::TooLarge,
        Kind::Device => ErrorKind::Device,
        Kind::Unknown | Kind::Foreign | Kind::Unsupported => ErrorKind::Unsupported,
        Kind::Locked => ErrorKind::AccessDenied,
        Kind::Damaged | Kind::NotASymlink | Kind::BadPath => ErrorKind::Damaged,
    };
    PortError { kind, detail: format!("{why}") }
}
