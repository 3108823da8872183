// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a name to an inode, by the directory's index where it has one.

use super::NAME_MAX;
use super::data::Data;
use crate::error::{Damage, Error, Fault, Misuse, Structure, Unsupported};
use crate::file::File;
use crate::hash::Version;
use alloc::sync::Arc;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The levels of an index below its root, and with `large_dir`.
const LEVELS_MAX: u8 = 1;
const LEVELS_MAX_LARGE: u8 = 2;

/// A block of an index on the way down, and the record by which the way leads.
struct Step {
    block: Arc<[u8]>,
    number: u64,
    record: usize,
}

/// A name that is looked for.
#[derive(Clone, Copy)]
struct Wanted<'n> {
    name: &'n [u8],
    /// Whether letters of ASCII are equal in any case.
    any_case: bool,
}

impl Wanted<'_> {
    fn is(&self, name: &[u8]) -> bool {
        if self.any_case { self.name.eq_ignore_ascii_case(name) } else { self.name == name }
    }
}

impl<R: ReadAt> File<'_, R> {
    /// The number of the inode that `name` stands for in this directory.
    pub(crate) fn child_number(&self, name: &[u8]) -> Result<Option<u32>, Error<R::Error>> {
        self.must_be_directory()?;
        self.must_not_be_encrypted()?;
        if name.len() > NAME_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        if let Some(parent) = self.parent_in_inode()? {
            match name {
                b"." => return Ok(Some(self.inode.number)),
                b".." => return Ok(Some(parent)),
                _ => {}
            }
        }
        let folds = self.inode.folds_case();
        let wanted = Wanted { name, any_case: folds && name.is_ascii() };
        if folds && !name.is_ascii() {
            return self.in_all(wanted)?.map_or_else(|| Err(Unsupported::CaseFold.into()), |it| Ok(Some(it)));
        }
        if self.has_index() && !matches!(name, b"." | b"..") {
            return self.in_index(wanted);
        }
        self.in_all(wanted)
    }

    /// Looks through all names.
    fn in_all(&self, wanted: Wanted<'_>) -> Result<Option<u32>, Error<R::Error>> {
        let in_inode = self.parent_in_inode()?.is_some();
        let end = if in_inode { 2 } else { self.directory_blocks() };
        let mut number = 0;
        while number < end {
            let Some(part) = self.part(number)? else {
                number = self.after_hole(number)?;
                continue;
            };
            if let Some(found) = self.among(&part, wanted) {
                return Ok(Some(found));
            }
            number = number.saturating_add(1);
        }
        Ok(None)
    }

    fn among(&self, part: &[u8], wanted: Wanted<'_>) -> Option<u32> {
        let names = Data::new(part, self.volume().superblock());
        names.entries().find(|entry| wanted.is(entry.name)).map(|entry| entry.inode)
    }

    /// Follows the index. Names with one hash may go on in the next block, and then the record that leads
    /// there has its lowest bit set.
    fn in_index(&self, wanted: Wanted<'_>) -> Result<Option<u32>, Error<R::Error>> {
        let root = self.index_block(0)?;
        let index = self.index(&root, 0).map_err(|fault| self.broken_index(fault))?;
        let levels = index.levels;
        let large = self.volume().superblock().features().has_large_dir();
        if levels > if large { LEVELS_MAX_LARGE } else { LEVELS_MAX } {
            return Err(self.broken_index(Fault::Level).into());
        }
        let Some(hash) = self.hash(index.version, wanted)? else { return self.in_all(wanted) };
        let mut way = alloc::vec![Step { number: 0, record: index.find(hash), block: root }];
        for _ in 0..=self.directory_blocks() {
            let leaf = self.down(&mut way, levels, hash)?;
            let leaf = self.directory_block(leaf)?.ok_or(self.broken_index(Fault::Missing))?;
            if let Some(found) = self.among(&leaf, wanted) {
                return Ok(Some(found));
            }
            if !self.goes_on(&mut way, hash)? {
                return Ok(None);
            }
        }
        Err(self.broken_index(Fault::Order).into())
    }

    /// Goes down to the lowest level of the index, and says which of the directory's blocks is below.
    fn down(&self, way: &mut Vec<Step>, levels: u8, hash: u32) -> Result<u64, Error<R::Error>> {
        loop {
            let Some(last) = way.last() else { return Err(self.broken_index(Fault::Level).into()) };
            let index = self.index(&last.block, last.number).map_err(|fault| self.broken_index(fault))?;
            let number = index.block(last.record).ok_or(self.broken_index(Fault::Bounds))?;
            if way.len() > usize::from(levels) {
                return Ok(number);
            }
            let block = self.index_block(number)?;
            let index = self.index(&block, number).map_err(|fault| self.broken_index(fault))?;
            way.push(Step { record: index.find(hash), number, block });
        }
    }

    /// Goes on to the next record of the lowest level, if the one that was followed last is not the last
    /// with `hash`.
    fn goes_on(&self, way: &mut Vec<Step>, hash: u32) -> Result<bool, Error<R::Error>> {
        while let Some(mut last) = way.pop() {
            last.record = last.record.saturating_add(1);
            let index = self.index(&last.block, last.number).map_err(|fault| self.broken_index(fault))?;
            if let Some(next) = index.hash(last.record) {
                way.push(last);
                return Ok(next == hash | 1);
            }
        }
        Ok(false)
    }

    /// The hash of a name; none where the volume does not say how its bytes count.
    fn hash(&self, version: u8, wanted: Wanted<'_>) -> Result<Option<u32>, Error<R::Error>> {
        let seed = self.volume().superblock().hash_seed;
        let (version, signed) = Version::of(version).ok_or(self.broken_index(Fault::Value))?;
        let name = wanted.name;
        let Some(signed) = signed.or(seed.signed).or(name.is_ascii().then_some(false)) else {
            return Ok(None);
        };
        let hash = |name: &[u8]| version.hash(name, seed.words, signed);
        Ok(Some(if wanted.any_case { hash(&name.to_ascii_lowercase()) } else { hash(name) }))
    }

    fn index_block(&self, number: u64) -> Result<Arc<[u8]>, Error<R::Error>> {
        let inside = number < self.directory_blocks();
        let block = if inside { self.directory_block(number)? } else { None };
        block.ok_or(self.broken_index(Fault::Missing).into())
    }

    fn broken_index(&self, fault: Fault) -> Damage {
        Structure::DirectoryIndex.damage(fault, self.inode.place)
    }
}
