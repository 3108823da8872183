// SPDX-License-Identifier: MIT OR Apache-2.0
//! Walking through directories.

use super::Failure;
use super::document::{About, File, Listing};
use lamboot_fs::{FileSystem, FileType, Follow};
use std::ops::ControlFlow;

/// The files in the directory at `path`, by name; with `recursive` also those below.
pub(super) fn list(system: &dyn FileSystem, path: &[u8], recursive: bool) -> Result<Listing, Failure> {
    let mut files = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(folder) = waiting.pop() {
        for name in names(system, &join(path, &folder))? {
            let below = if folder.is_empty() { name } else { join(&folder, &name) };
            let full = join(path, &below);
            let metadata = system.metadata(&full, Follow::AllButLast)?;
            files.push(File::new(&below, About::of(system, &full, metadata)?));
            if recursive && metadata.file_type == FileType::Directory {
                waiting.push(below);
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Listing::new(files))
}

fn names(system: &dyn FileSystem, folder: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut names = Vec::new();
    let mut note = |name: &[u8], _: FileType| {
        names.push(name.to_vec());
        ControlFlow::Continue(())
    };
    system.read_dir(folder, &mut note)?;
    Ok(names)
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    [folder, name].join(&b'/')
}
