// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a file's blocks to the volume's.

use crate::Verify;
use crate::bytes::narrow;
use crate::cache::Key;
use crate::error::{Error, Fault, Structure};
use crate::extent::{Records, Run};
use crate::inode::{Fork, Inode};
use crate::stamp::{self, Expected};
use crate::tree::{self, Node, Root};
use crate::volume::Xfs;
use alloc::sync::Arc;
use read_at::ReadAt;

/// The leaf that was used last: the next run of a file that is read in order is mostly in it, too.
#[derive(Debug, Default)]
pub(crate) struct Cursor(Option<Arc<[u8]>>);

/// The way down a tree to the leaf that should have a block.
struct Leaf {
    block: Arc<[u8]>,
    /// The first of the file's blocks that the next leaf has.
    next: Option<u64>,
}

/// A child, and what its parents promise of it.
#[derive(Clone, Copy)]
struct Child {
    pointer: u64,
    level: u16,
    from: u64,
    until: Option<u64>,
}

impl<R: ReadAt> Xfs<R> {
    /// The run that has the file's block `at`, else the next one after it, if there is any.
    ///
    /// Reads as many blocks as the tree has levels, and twice as many at its gaps.
    pub(crate) fn run_at_or_after(&self, inode: &Inode, at: u64) -> Result<Option<Run>, Error<R::Error>> {
        self.run_by(&mut Cursor::default(), inode, at)
    }

    /// As [`Xfs::run_at_or_after`], by way of a `cursor` that was used for no other file.
    pub(crate) fn run_by(
        &self,
        cursor: &mut Cursor,
        inode: &Inode,
        at: u64,
    ) -> Result<Option<Run>, Error<R::Error>> {
        let root = match &inode.fork {
            Fork::None | Fork::Local(_) => return Ok(None),
            Fork::Extents(records) => return Ok(Records::new(records).at_or_after(at)),
            Fork::Tree(root) => root,
        };
        if let Some(block) = &cursor.0 {
            let records = self.records(block, inode)?;
            if records.first().is_some_and(|first| first <= at) && records.end().is_some_and(|end| at < end) {
                return Ok(records.at_or_after(at));
            }
        }
        let root = Root::read(root).ok_or(self.damaged_tree(inode.place, Fault::Value))?;
        let leaf = self.leaf(inode, root, at)?;
        let found = self.records(&leaf.block, inode)?.at_or_after(at);
        let Some(next) = leaf.next.filter(|_| found.is_none()) else {
            cursor.0 = Some(leaf.block);
            return Ok(found);
        };
        let leaf = self.leaf(inode, root, next)?;
        let found = self.records(&leaf.block, inode)?.at_or_after(next);
        cursor.0 = Some(leaf.block);
        Ok(found)
    }

    fn leaf(&self, inode: &Inode, root: Root<'_>, at: u64) -> Result<Leaf, Error<R::Error>> {
        let lost = || Error::from(self.damaged_tree(inode.place, Fault::Level));
        let top = Child { pointer: 0, level: root.level, from: 0, until: None };
        let mut child = top.down(root.children, at).ok_or_else(lost)?;
        for _ in 0..tree::levels() {
            let block = self.tree_block(inode, child)?;
            match Node::read(&block, child.level, self.geometry())
                .map_err(|fault| self.damaged_child(child, fault))?
            {
                Node::Leaf(_) => return Ok(Leaf { block, next: child.until }),
                Node::Inner(children) => child = child.down(children, at).ok_or_else(lost)?,
            }
        }
        Err(lost())
    }

    fn tree_block(&self, inode: &Inode, child: Child) -> Result<Arc<[u8]>, Error<R::Error>> {
        let geometry = self.geometry();
        let place = geometry.run(child.pointer, 1).ok_or(self.damaged_tree(inode.place, Fault::Bounds))?;
        let owner = inode.metadata.inode;
        // The first block of the file that it has is its position; no two levels share a block.
        let key = Key { structure: Structure::ExtentTree, owner, offset: place, position: child.from };
        let block = self.block(key, &[(place, narrow(geometry.block_size()))], |block| {
            self.check_tree_block(block, owner, place, child.level)
                .map_err(|fault| self.damaged_tree(place, fault))
        })?;
        let node =
            Node::read(&block, child.level, geometry).map_err(|fault| self.damaged_tree(place, fault))?;
        if !node.is_within(child.from, child.until) {
            return Err(self.damaged_tree(place, Fault::Order).into());
        }
        Ok(block)
    }

    fn check_tree_block(&self, block: &[u8], owner: u64, offset: u64, level: u16) -> Result<(), Fault> {
        let geometry = self.geometry();
        let node = Node::read(block, level, geometry)?;
        if geometry.v5 && self.verify() == Verify::Checksums {
            stamp::TREE.check(block, &Expected { uuid: &geometry.uuid, owner, offset })?;
        }
        node.check(geometry)
    }

    fn records<'b>(&self, block: &'b [u8], inode: &Inode) -> Result<Records<'b>, Error<R::Error>> {
        match Node::read(block, 0, self.geometry()) {
            Ok(Node::Leaf(records)) => Ok(records),
            _ => Err(self.damaged_tree(inode.place, Fault::Level).into()),
        }
    }

    fn damaged_tree(&self, offset: u64, fault: Fault) -> crate::Damage {
        Structure::ExtentTree.damage(fault, offset)
    }

    fn damaged_child(&self, child: Child, fault: Fault) -> crate::Damage {
        self.damaged_tree(self.geometry().run(child.pointer, 1).unwrap_or_default(), fault)
    }
}

impl Child {
    /// The child among `children`, its own, that should have the file's block `at`.
    fn down(self, children: tree::Children<'_>, at: u64) -> Option<Self> {
        let index = children.with(at);
        Some(Self {
            pointer: children.pointer(index)?,
            level: self.level.checked_sub(1)?,
            from: children.key(index)?,
            until: children.key(index.saturating_add(1)).or(self.until),
        })
    }
}
