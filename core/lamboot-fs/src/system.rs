// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every file system can tell.

use crate::error::{Error, Result};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, a pipe or a socket.
    Other,
}

/// What is known of a file beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub file_type: FileType,
    /// In bytes; of a symbolic link, the bytes of its target.
    pub size: u64,
    /// The lowest 12 bits of the mode; `None` on file systems that have none.
    pub permissions: Option<u16>,
    /// When its bytes were changed last, in seconds since 1970: in UTC, on FAT by the clock of whoever
    /// changed them. `None` where nobody says.
    pub modified: Option<i64>,
}

/// How Linux tells a file system from others (`/dev/disk/by-uuid`, `/dev/disk/by-label`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its UUID as Linux writes it; `None` where it has none.
    pub uuid: Option<String>,
    /// Its label; `None` where it has none.
    pub label: Option<String>,
}

/// A part of a file system that can be mounted by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subvolume {
    /// Its number.
    pub id: u64,
    /// Its path from the top level on, with slashes between names and none in front; empty for the top level.
    pub path: Vec<u8>,
    /// Whether nobody may write to it.
    pub read_only: bool,
    /// Whether paths of the file system that was asked begin in it.
    pub is_root: bool,
}

/// A run of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Where it lies.
    pub place: Place,
}

/// Where a run of a file's bytes lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: the bytes are zeros that are not stored.
    Zeros,
    /// On the volume, from this byte on.
    Volume(u64),
    /// Compressed, among metadata, or on another device of the file system.
    Elsewhere,
}

/// Whether the last name of a path may be a symbolic link that is followed; all others are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It is followed.
    All,
    /// What is asked for is the link itself.
    AllButLast,
}

/// A file system that was opened. Paths are bytes, with slashes between names, from its own root.
pub trait FileSystem {
    /// What it is called: `xfs`, for instance, as `mount` says.
    fn name(&self) -> &'static str;

    /// How Linux tells it from others.
    fn identity(&self) -> Identity;

    /// What its owner should know of the state that it was found in, such as a crash before; `None`
    /// where all is well.
    fn remark(&self) -> Option<String>;

    /// Its subvolumes, the newest first and the top level last: at most `limit` beside that. None on file
    /// systems that have none.
    ///
    /// # Errors
    ///
    /// What lists them cannot be read.
    fn subvolumes(&self, limit: usize) -> Result<Vec<Subvolume>> {
        let _ = limit;
        Ok(Vec::new())
    }

    /// The same file system with paths that begin in the subvolume of this number, out of which no path and no
    /// link leads.
    ///
    /// # Errors
    ///
    /// There is no such subvolume.
    fn subvolume(&self, id: u64) -> Result<Box<dyn FileSystem>> {
        Err(Error::no_subvolume(id))
    }

    /// What is known of a file.
    ///
    /// # Errors
    ///
    /// There is none, or something on the way to it cannot be read.
    fn metadata(&self, path: &[u8], follow: Follow) -> Result<Metadata>;

    /// Where a symbolic link leads.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::metadata`], and where it is no link.
    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>>;

    /// Shows `visit` every name in a directory but `.` and `..`, in the directory's own order and with
    /// what it is as far as the directory says, until it breaks.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::metadata`], and where it is no directory.
    fn read_dir(&self, path: &[u8], visit: &mut dyn FnMut(&[u8], FileType) -> ControlFlow<()>) -> Result<()>;

    /// Reads from a file's byte `offset` on, and says how many bytes: as many as `buffer` holds, fewer
    /// only where the file ends. Bytes that lie together are one request to the device.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::metadata`], and where it is no regular file.
    fn read_at(&self, path: &[u8], offset: u64, buffer: &mut [u8]) -> Result<usize>;

    /// Where a file's bytes lie, at most `limit` runs of them.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::read_at`].
    fn extents(&self, path: &[u8], limit: usize) -> Result<Vec<Extent>>;
}

/// A UUID as Linux writes it (RFC 9562, section 4).
pub(crate) fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&alloc::format!("{byte:02x}"));
    }
    text
}
