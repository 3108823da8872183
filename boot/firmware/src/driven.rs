// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume that firmware has a file system driver for (UEFI 2.10, section 13.4).

use crate::file::File;
use crate::file_info::FileInfo;
use crate::path::firmware_path;
use crate::services::interface;
use crate::status;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{DirEntry, FileKind, Listing};
use uefi::{Handle, Status};
use uefi_raw::protocol::file_system::SimpleFileSystemProtocol;

/// The most directories of a volume that are kept open.
const MAX_LISTED: usize = 4;

/// The open volume.
pub(crate) struct Driven {
    root: File,
    /// The directories that were listed last: files in them are opened from there, because firmware
    /// would search every directory on the way again. Several, since whoever reads a folder of entries
    /// looks into the folders that those name.
    listed: RefCell<Vec<Listed>>,
}

struct Listed {
    path: String,
    directory: File,
}

impl Driven {
    /// Opens the file system of a device.
    pub(crate) fn open(device: Handle) -> Result<Self, Status> {
        let system = interface(device, &SimpleFileSystemProtocol::GUID)?.cast();
        // SAFETY: the interface was just found on the device, whose driver serves it until it is
        // disconnected; nothing here or in firmware disconnects it during a boot. One that is
        // unplugged gives errors.
        let root = unsafe { File::root(system) }?;
        Ok(Self { root, listed: RefCell::new(Vec::new()) })
    }

    /// The directory that everything else is opened from.
    pub(crate) const fn root(&self) -> &File {
        &self.root
    }

    /// Opens a file or directory for reading.
    pub(crate) fn open_path(&self, path: &str) -> PortResult<File> {
        if let Some((folder, name)) = path.rsplit_once('\\') {
            let listed = self.listed.borrow();
            if let Some(listed) = listed.iter().find(|listed| listed.path == folder && !name.is_empty()) {
                let name = firmware_path(name).map_err(status::open_error)?;
                return listed.directory.open(&name).map_err(status::open_error);
            }
        }
        let path = firmware_path(path).map_err(status::open_error)?;
        self.root.open(&path).map_err(status::open_error)
    }

    /// Opens a file, not a directory, and tells its size.
    pub(crate) fn open_file(&self, path: &str) -> PortResult<(File, u64)> {
        let file = self.open_path(path)?;
        let metadata = file.metadata().map_err(status::error)?;
        match metadata.kind {
            FileKind::Directory => Err(ErrorKind::IsDirectory.into()),
            FileKind::File => Ok((file, metadata.size)),
        }
    }

    /// The first names of a directory.
    pub(crate) fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        let directory = self.open_path(path)?;
        if directory.metadata().map_err(status::error)?.kind == FileKind::File {
            return Err(ErrorKind::NotADirectory.into());
        }
        let listing = list(&directory, limit)?;
        // A directory without a name below the root is the root, which everything is opened from anyway.
        let path = String::from(path.trim_end_matches('\\'));
        if !path.is_empty() {
            self.remember(Listed { path, directory });
        }
        Ok(listing)
    }

    fn remember(&self, latest: Listed) {
        let mut listed = self.listed.borrow_mut();
        listed.retain(|known| known.path != latest.path);
        if listed.len() >= MAX_LISTED {
            listed.remove(0);
        }
        listed.push(latest);
    }
}

/// The names of an open directory.
fn list(directory: &File, limit: usize) -> PortResult<Listing> {
    let mut listing = Listing::default();
    // The two names that are left out do not count, but a directory full of them ends as well.
    let mut info = FileInfo::empty();
    for _ in 0..limit.saturating_add(3) {
        if !directory.next_entry(&mut info).map_err(status::error)? {
            return Ok(listing);
        }
        let name = info.name();
        if name == "." || name == ".." {
            continue;
        }
        if listing.entries.len() == limit {
            break;
        }
        listing.entries.push(DirEntry { name, metadata: info.metadata() });
    }
    listing.truncated = true;
    Ok(listing)
}
