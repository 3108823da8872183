// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories, in the four forms that they have by their size (XFS Algorithms & Data Structures,
//! "Directories").
//!
//! | form | names | hashes |
//! |---|---|---|
//! | short | in the inode | none |
//! | block | one block | at the end of that block |
//! | leaf | blocks from 0 on | one block at 32 GiB |
//! | node | blocks from 0 on | a tree from 32 GiB on |

pub(crate) mod data;
mod hash;
mod index;
mod iter;
mod lookup;
pub(crate) mod short;

pub use iter::{DirEntry, ReadDir};

use crate::Verify;
use crate::bytes::narrow;
use crate::cache::Key;
use crate::disk::Piece;
use crate::error::{Damage, Error, Fault, Structure};
use crate::file::File;
use crate::inode::Fork;
use crate::metadata::FileType;
use crate::stamp::{Expected, Stamp};
use alloc::sync::Arc;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most bytes of a name.
pub const NAME_MAX: usize = 255;

/// A name, and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'b> {
    pub(crate) name: &'b [u8],
    pub(crate) inode: u64,
    /// None where the directory does not say.
    pub(crate) file_type: Option<FileType>,
}

/// Whether a name could be one: not empty, and without the bytes that no name has.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.iter().any(|byte| matches!(byte, 0 | b'/'))
}

/// The form of a directory that is not short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One block, with names and hashes.
    Block,
    /// Blocks of names, and an index.
    Indexed,
}

impl<R: ReadAt> File<'_, R> {
    /// The form of this directory; none if it is short.
    fn form(&self) -> Result<Option<Form>, Error<R::Error>> {
        if matches!(self.inode.fork, Fork::Local(_)) {
            return Ok(None);
        }
        let geometry = self.volume().geometry();
        let indexed = match self.metadata().directory_blocks(geometry) {
            // A directory that shrank may have an index over a single block.
            0 | 1 => self.volume().run_at_or_after(&self.inode, geometry.leaf_block())?.is_some(),
            _ => true,
        };
        Ok(Some(if indexed { Form::Indexed } else { Form::Block }))
    }

    /// The directory's block that begins with the file's block `first`: one or more blocks, that may
    /// lie anywhere.
    fn directory_block(
        &self,
        structure: Structure,
        first: u64,
        stamp: &Stamp,
        check: impl FnOnce(&[u8]) -> Result<(), Fault>,
    ) -> Result<Arc<[u8]>, Error<R::Error>> {
        let pieces = self.pieces(structure, first)?;
        let offset = pieces.first().map_or(0, |(offset, _)| *offset);
        let key = Key { structure, owner: self.metadata().inode, offset, position: first };
        let damage = |fault| structure.damage(fault, offset);
        self.volume().block(key, &pieces, |block| {
            self.check_stamp(block, offset, stamp).and_then(|()| check(block)).map_err(damage)
        })
    }

    fn check_stamp(&self, block: &[u8], offset: u64, stamp: &Stamp) -> Result<(), Fault> {
        let geometry = self.volume().geometry();
        if !geometry.v5 || self.volume().verify() == Verify::Structure {
            return Ok(());
        }
        stamp.check(block, &Expected { uuid: &geometry.uuid, owner: self.metadata().inode, offset })
    }

    /// Where the parts of a directory's block are.
    fn pieces(&self, structure: Structure, first: u64) -> Result<Vec<Piece>, Error<R::Error>> {
        let geometry = self.volume().geometry();
        let end = first.saturating_add(geometry.blocks_per_directory_block());
        let mut pieces = Vec::new();
        let mut at = first;
        while at < end {
            let run = self.volume().run_at_or_after(&self.inode, at)?;
            let run =
                run.filter(|run| run.file <= at && !run.unwritten).ok_or_else(|| self.missing(structure))?;
            let length = run.end().min(end).saturating_sub(at);
            let skip = geometry.file_byte(at.saturating_sub(run.file));
            let place = self.place(&run)?.saturating_add(skip);
            pieces.push((place, narrow(geometry.file_byte(length))));
            at = at.saturating_add(length);
        }
        Ok(pieces)
    }

    fn missing(&self, structure: Structure) -> Damage {
        structure.damage(Fault::Missing, self.inode.place)
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
