// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the file exist? Each folder is listed once, however many entries name files in it.

use super::is_absent;
use crate::ports::{FileKind, Listing, VolumeId, Volumes};
use alloc::string::String;
use alloc::vec::Vec;

/// The most names of a folder that are kept; in larger ones every file may exist.
const MAX_NAMES: usize = 1024;
/// The most folders that are kept; files in others may exist.
const MAX_FOLDERS: usize = 256;

/// What is known of folders.
#[derive(Default)]
pub(super) struct Presence {
    folders: Vec<Folder>,
}

struct Folder {
    volume: VolumeId,
    path: String,
    /// Names of files; `None` when they are not all known.
    files: Option<Vec<String>>,
}

impl Presence {
    /// Remembers a listing that was made anyway.
    pub(super) fn learn(&mut self, volume: VolumeId, path: &str, listing: &Listing) {
        let known = !listing.truncated && listing.entries.len() <= MAX_NAMES;
        let file = |entry: &crate::ports::DirEntry| {
            (entry.metadata.kind == FileKind::File).then(|| entry.name.clone())
        };
        let files = known.then(|| listing.entries.iter().filter_map(file).collect());
        if self.folders.len() < MAX_FOLDERS {
            self.folders.push(Folder { volume, path: path.into(), files });
        }
    }

    /// Whether the file is surely not there. A folder that cannot be read may hold anything: then
    /// the start itself will tell.
    pub(super) fn is_missing(&mut self, volumes: &mut dyn Volumes, volume: VolumeId, path: &str) -> bool {
        let Some((folder, name)) = path.rsplit_once('\\').filter(|(_, name)| is_listed_as_written(name))
        else {
            return false;
        };
        let folder = if folder.is_empty() { "\\" } else { folder };
        if self.find(volume, folder).is_none() {
            self.look(volumes, volume, folder);
        }
        let files = self.find(volume, folder).and_then(|folder| folder.files.as_ref());
        files.is_some_and(|files| !files.iter().any(|file| file.eq_ignore_ascii_case(name)))
    }

    fn find(&self, volume: VolumeId, path: &str) -> Option<&Folder> {
        self.folders.iter().rev().find(|folder| folder.volume == volume && same(&folder.path, path))
    }

    fn look(&mut self, volumes: &mut dyn Volumes, volume: VolumeId, path: &str) {
        if self.folders.len() >= MAX_FOLDERS {
            return;
        }
        match volumes.read_dir(volume, path, MAX_NAMES.saturating_add(1)) {
            Ok(listing) => self.learn(volume, path, &listing),
            Err(error) => {
                let files = is_absent(&error).then(Vec::new);
                self.folders.push(Folder { volume, path: path.into(), files });
            }
        }
    }
}

/// Whether a listing would show the file under this name. FAT finds files by their short names as well,
/// and without regard to the case of any letter.
fn is_listed_as_written(name: &str) -> bool {
    name.is_ascii() && !name.contains('~')
}

/// Names on FAT are the same in capital and small letters. Where they are not, a file that is taken
/// for there is missed when it is started.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
