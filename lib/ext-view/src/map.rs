// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a file's blocks to the volume's: by a tree of extents, or by a map of up to three levels.

use crate::Verify;
use crate::bytes::{narrow, wide};
use crate::cache::Key;
use crate::error::{Error, Fault, Structure};
use crate::inode::{Fork, Inode};
use crate::tree::{Node, Pointers};
use crate::volume::Ext;
use alloc::sync::Arc;
use read_at::ReadAt;

/// Numbers of blocks in an inode that lead to the file's own.
const DIRECT: usize = 12;
/// The levels of a map.
const LEVELS: usize = 3;

/// From a block of a file on: how many blocks lie together, and where, or nowhere: they are zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) count: u64,
    pub(crate) start: Option<u64>,
}

impl Run {
    fn hole(count: u64) -> Self {
        Self { count: count.max(1), start: None }
    }
}

/// What the nodes above promise of one below.
#[derive(Clone, Copy)]
struct Promise {
    depth: Option<u16>,
    from: u32,
    until: Option<u32>,
}

impl<R: ReadAt> Ext<R> {
    /// The run that begins at the file's block `at`.
    ///
    /// Reads as many blocks as the tree or map has levels.
    pub(crate) fn run_at(&self, inode: &Inode, at: u64) -> Result<Run, Error<R::Error>> {
        match &inode.fork {
            Fork::None | Fork::Inline(_) => Ok(Run::hole(u64::MAX)),
            Fork::Tree(root) => {
                let Ok(at) = u32::try_from(at) else { return Ok(Run::hole(u64::MAX)) };
                let node =
                    Node::read(root).map_err(|fault| Structure::ExtentTree.damage(fault, inode.place))?;
                node.check(self.geometry())
                    .map_err(|fault| Structure::ExtentTree.damage(fault, inode.place))?;
                self.below(inode, node, at, Promise { depth: None, from: 0, until: None })
            }
            Fork::Map(root) => self.mapped(inode, root, at),
        }
    }

    /// The run from `at` on, which is in `node` or below it.
    fn below(&self, inode: &Inode, node: Node<'_>, at: u32, above: Promise) -> Result<Run, Error<R::Error>> {
        let (found, next) = node.find(at);
        let until = next.or(above.until);
        let hole = Run::hole(until.map_or(u64::MAX, |until| u64::from(until).saturating_sub(at.into())));
        let Some(found) = found else { return Ok(hole) };
        if node.depth == 0 {
            let extent = node.extent(found).filter(|extent| u64::from(at) < extent.end());
            return Ok(extent.map_or(hole, |extent| {
                let skip = u64::from(at.saturating_sub(extent.file));
                let count = u64::from(extent.count).saturating_sub(skip);
                Run { count, start: (!extent.unwritten).then(|| extent.start.saturating_add(skip)) }
            }));
        }
        let lost = || Error::from(Structure::ExtentTree.damage(Fault::Level, inode.place));
        let child = node.child(found).ok_or_else(lost)?;
        let promise = Promise { depth: node.depth.checked_sub(1), from: child.file, until };
        let block = self.tree_block(inode, child.block, promise)?;
        let node = Node::read(&block).map_err(|fault| Structure::ExtentTree.damage(fault, inode.place))?;
        self.below(inode, node, at, promise)
    }

    /// The node in the block `number`, checked; its depth is less than that of the node above.
    fn tree_block(&self, inode: &Inode, number: u64, promise: Promise) -> Result<Arc<[u8]>, Error<R::Error>> {
        let outside = Structure::ExtentTree.damage(Fault::Bounds, inode.place);
        let place = self.geometry().run(number, 1).ok_or(outside)?;
        let damage = |fault| Structure::ExtentTree.damage(fault, place);
        let block = self.own_block(Structure::ExtentTree, inode, place, 0, |block| {
            let node = Node::read(block).map_err(damage)?;
            if self.sums() {
                node.check_sum(block, inode.seed).map_err(damage)?;
            }
            node.check(self.geometry()).map_err(damage)
        })?;
        let node = Node::read(&block).map_err(damage)?;
        if Some(node.depth) != promise.depth {
            return Err(damage(Fault::Level).into());
        }
        if !node.is_within(promise.from, promise.until) {
            return Err(damage(Fault::Order).into());
        }
        Ok(block)
    }

    /// The run from `at` on by the numbers in `root`: twelve of blocks, and one for each level of blocks with
    /// numbers.
    fn mapped(&self, inode: &Inode, root: &[u8], at: u64) -> Result<Run, Error<R::Error>> {
        let direct = root.get(..DIRECT.saturating_mul(4)).unwrap_or_default();
        if at < wide(DIRECT) {
            return self.pointed(inode, Pointers(direct), 0, at);
        }
        let mut at = at.saturating_sub(wide(DIRECT));
        for level in 1..=LEVELS {
            let span = self.span(level);
            if at < span {
                let number = Pointers(root).get(DIRECT.saturating_add(level).saturating_sub(1));
                return self.level(inode, number.unwrap_or_default(), level, at);
            }
            at = at.saturating_sub(span);
        }
        Ok(Run::hole(u64::MAX))
    }

    /// The run from `at` on below the block `number` of numbers, which is `level` levels above the file's.
    fn level(&self, inode: &Inode, number: u32, level: usize, at: u64) -> Result<Run, Error<R::Error>> {
        if number == 0 {
            return Ok(Run::hole(self.span(level).saturating_sub(at)));
        }
        let outside = Structure::BlockMap.damage(Fault::Bounds, inode.place);
        let place = self.geometry().run(number.into(), 1).ok_or(outside)?;
        let block = self.own_block(Structure::BlockMap, inode, place, 0, |_| Ok(()))?;
        self.pointed(inode, Pointers(&block), level.saturating_sub(1), at)
    }

    /// The run from `at` on by `pointers`, each of which has the blocks of `level` levels below it.
    fn pointed(
        &self,
        inode: &Inode,
        pointers: Pointers<'_>,
        level: usize,
        at: u64,
    ) -> Result<Run, Error<R::Error>> {
        let span = self.span(level).max(1);
        let (which, rest) = (narrow(at.checked_div(span).unwrap_or(0)), at.checked_rem(span).unwrap_or(0));
        match pointers.get(which).unwrap_or_default() {
            0 => {
                let count = span.saturating_mul(wide(pointers.zeros(which)));
                Ok(Run::hole(count.saturating_sub(rest)))
            }
            number if level == 0 => Ok(Run { count: wide(pointers.row(which)), start: Some(number.into()) }),
            number => self.level(inode, number, level, rest),
        }
    }

    /// The blocks of a file that a number has which is `level` levels above them.
    fn span(&self, level: usize) -> u64 {
        let numbers = wide(self.geometry().block_size) >> 2;
        (0..level).fold(1, |span: u64, _| span.saturating_mul(numbers))
    }

    /// A block that belongs to `inode`, at `place`, checked by `check` when it was read.
    pub(crate) fn own_block(
        &self,
        structure: Structure,
        inode: &Inode,
        place: u64,
        position: u64,
        check: impl FnOnce(&[u8]) -> Result<(), crate::Damage>,
    ) -> Result<Arc<[u8]>, Error<R::Error>> {
        let key = Key { structure, owner: inode.number.into(), offset: place, position };
        self.block(key, check)
    }

    /// Whether blocks of metadata have checksums that are looked at.
    pub(crate) fn sums(&self) -> bool {
        self.superblock().features().has_metadata_csum() && self.verify() == Verify::Checksums
    }
}
