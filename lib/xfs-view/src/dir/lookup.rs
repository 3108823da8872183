// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a name to an inode, by the directory's index where it has one.

use super::data::{ALIGN, Data};
use super::index::{Hashes, Index, LEVELS_MAX};
use super::short::Short;
use super::{Form, NAME_MAX, hash};
use crate::bytes::{narrow, wide};
use crate::error::{Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::inode::Fork;
use crate::stamp;
use alloc::sync::Arc;
use read_at::ReadAt;

impl<R: ReadAt> File<'_, R> {
    /// The number of the inode that `name` stands for in this directory.
    pub(crate) fn child_number(&self, name: &[u8]) -> Result<Option<u64>, Error<R::Error>> {
        self.must_be_directory()?;
        if name.len() > NAME_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        match self.form()? {
            None => self.in_short(name),
            Some(Form::Block) => self.in_block(name),
            Some(Form::Indexed) => self.in_index(name),
        }
    }

    fn in_short(&self, name: &[u8]) -> Result<Option<u64>, Error<R::Error>> {
        let short = self.short()?;
        Ok(match name {
            b"." => Some(self.metadata().inode),
            b".." => Some(short.parent),
            _ => short.entries().find(|entry| entry.name == name).map(|entry| entry.inode),
        })
    }

    pub(super) fn short(&self) -> Result<Short<'_>, Error<R::Error>> {
        let Fork::Local(fork) = &self.inode.fork else {
            return Err(self.missing(Structure::ShortDirectory).into());
        };
        let damage = |fault| Structure::ShortDirectory.damage(fault, self.inode.place);
        Ok(Short::read(fork, self.volume().geometry().ftype).map_err(damage)?)
    }

    fn in_block(&self, name: &[u8]) -> Result<Option<u64>, Error<R::Error>> {
        let block = self.data_block(0)?;
        let hashes = self.data(&block)?.hashes.ok_or(self.missing(Structure::DirectoryData))?;
        self.among(hashes, hash::of(name), name)
    }

    fn in_index(&self, name: &[u8]) -> Result<Option<u64>, Error<R::Error>> {
        let hash = hash::of(name);
        let Some(mut block) = self.first_leaf(hash)? else { return Ok(None) };
        // Names with one hash may go on in the leaves behind; no more of them than the directory has.
        for _ in 0..=self.metadata().blocks {
            let Index::Leaf(hashes, next) = self.index(&block)? else { break };
            if let Some(number) = self.among(hashes, hash, name)? {
                return Ok(Some(number));
            }
            if next == 0 || hashes.last() != Some(hash) {
                return Ok(None);
            }
            block = self.index_block(next.into())?;
        }
        Err(Structure::DirectoryLeaf.damage(Fault::Level, self.inode.place).into())
    }

    /// The first leaf that may have `hash`; none if it is above all.
    fn first_leaf(&self, hash: u32) -> Result<Option<Arc<[u8]>>, Error<R::Error>> {
        let mut at = self.volume().geometry().leaf_block();
        let mut above = None;
        for _ in 0..=LEVELS_MAX {
            let block = self.index_block(at)?;
            let level = match self.index(&block)? {
                Index::Leaf(..) => 0,
                Index::Node(nodes, level) => {
                    let Some(child) = nodes.with(hash) else { return Ok(None) };
                    at = child.into();
                    level
                }
            };
            if above.is_some_and(|above| level.checked_add(1) != Some(above)) {
                break;
            }
            if level == 0 {
                return Ok(Some(block));
            }
            above = Some(level);
        }
        Err(Structure::DirectoryNode.damage(Fault::Level, self.inode.place).into())
    }

    /// The one of the names with `hash` that is `name`.
    fn among(&self, hashes: Hashes<'_>, hash: u32, name: &[u8]) -> Result<Option<u64>, Error<R::Error>> {
        let geometry = self.volume().geometry();
        let size = wide(geometry.directory_block_size());
        for address in hashes.with(hash) {
            let byte = u64::from(address).saturating_mul(wide(ALIGN));
            let offset = byte & size.saturating_sub(1);
            let first = geometry.file_block(byte.saturating_sub(offset));
            if first >= geometry.leaf_block() {
                return Err(self.missing(Structure::DirectoryLeaf).into());
            }
            let block = self.data_block(first)?;
            let entry = self.data(&block)?.at(narrow(offset));
            let entry = entry.ok_or_else(|| self.missing(Structure::DirectoryData))?;
            if entry.name == name {
                return Ok(Some(entry.inode));
            }
        }
        Ok(None)
    }

    fn index_block(&self, first: u64) -> Result<Arc<[u8]>, Error<R::Error>> {
        let geometry = self.volume().geometry();
        self.directory_block(Structure::DirectoryLeaf, first, &stamp::HASHES, |block| {
            Index::read(block, geometry).and_then(Index::check)
        })
    }

    fn index<'b>(&self, block: &'b [u8]) -> Result<Index<'b>, Error<R::Error>> {
        let damage = |fault| Structure::DirectoryLeaf.damage(fault, self.inode.place);
        Ok(Index::read(block, self.volume().geometry()).map_err(damage)?)
    }

    /// The block with names that begins with the file's block `first`.
    pub(super) fn data_block(&self, first: u64) -> Result<Arc<[u8]>, Error<R::Error>> {
        let geometry = self.volume().geometry();
        self.directory_block(Structure::DirectoryData, first, &stamp::DATA, |block| {
            Data::read(block, geometry).and_then(Data::check)
        })
    }

    pub(super) fn data<'b>(&self, block: &'b [u8]) -> Result<Data<'b>, Error<R::Error>> {
        let damage = |fault| Structure::DirectoryData.damage(fault, self.inode.place);
        Ok(Data::read(block, self.volume().geometry()).map_err(damage)?)
    }
}
