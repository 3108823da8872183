// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories: blocks with names in a list, an index over them, or names in the inode (ext4 Data
//! Structures and Algorithms, "Directory Entries").

mod data;
mod index;
mod iter;
mod lookup;

pub use iter::{DirEntry, ReadDir};

use crate::error::{Damage, Error, Fault, Structure};
use crate::file::File;
use crate::metadata::FileType;
use alloc::sync::Arc;
use data::Data;
use index::Index;
use read_at::ReadAt;

/// The most bytes that a name has.
pub const NAME_MAX: usize = 255;

/// A name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'b> {
    pub(crate) name: &'b [u8],
    pub(crate) inode: u32,
    /// None where the directory does not say.
    pub(crate) file_type: Option<FileType>,
}

/// Whether a name could be one: not empty, and without the bytes that no name has.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.iter().any(|byte| matches!(byte, 0 | b'/'))
}

impl<R: ReadAt> File<'_, R> {
    /// The blocks of this directory, at most as many as the volume has.
    fn directory_blocks(&self) -> u64 {
        let geometry = self.volume().geometry();
        geometry.block_of(self.metadata().size).min(geometry.blocks)
    }

    fn has_index(&self) -> bool {
        self.inode.is_indexed() && self.volume().superblock().features().has_dir_index()
    }

    /// The directory's block `number`; none where it has a hole.
    fn directory_block(&self, number: u64) -> Result<Option<Arc<[u8]>>, Error<R::Error>> {
        let volume = self.volume();
        let run = volume.run_at(&self.inode, number)?;
        let Some(start) = run.start else { return Ok(None) };
        let outside = Structure::DirectoryData.damage(Fault::Bounds, self.inode.place);
        let place = volume.geometry().run(start, 1).ok_or(outside)?;
        let structure = Structure::DirectoryData;
        let block = volume
            .own_block(structure, &self.inode, place, number, |block| self.check(block, number, place))?;
        Ok(Some(block))
    }

    /// Checks a block of this directory: its names, and its checksum in the form that it has there.
    fn check(&self, block: &[u8], number: u64, place: u64) -> Result<(), Damage> {
        let names = Data::new(block, self.volume().superblock());
        let damage = |fault| Structure::DirectoryData.damage(fault, place);
        names.check().map_err(damage)?;
        if !self.volume().sums() {
            return Ok(());
        }
        if self.has_index() && (number == 0 || names.is_blank()) {
            let damage = |fault| Structure::DirectoryIndex.damage(fault, place);
            return self.index(block, number).and_then(|it| it.check_sum(self.inode.seed)).map_err(damage);
        }
        names.check_sum(self.inode.seed).map_err(damage)
    }

    /// The index in `block`, the directory's block `number`.
    fn index<'b>(&self, block: &'b [u8], number: u64) -> Result<Index<'b>, Fault> {
        let sums = self.volume().superblock().features().has_metadata_csum();
        if number == 0 { Index::root(block, sums) } else { Index::node(block, sums) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_no_name_has() {
        assert!(is_name(b"a") && is_name(b"\xFF\n"));
        assert!(!is_name(b"") && !is_name(b"a/b") && !is_name(b"a\0"));
    }
}
