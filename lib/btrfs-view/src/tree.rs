// SPDX-License-Identifier: MIT OR Apache-2.0
//! Search in a tree: from its root down to the leaf that has a key, and on from there in order.

use crate::error::{Error, Fault, Structure};
use crate::node::{Key, Node, Pointer};
use crate::pool::Pool;
use alloc::sync::Arc;
use read_at::ReadAt;

/// Numbers of trees (btrfs documentation, "Trees").
pub(crate) const ROOTS: u64 = 1;
pub(crate) const CHUNKS: u64 = 3;
/// The subvolume that has all others.
pub const TOP_LEVEL: u64 = 5;
pub(crate) const CHECKSUMS: u64 = 7;

/// A tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) id: u64,
    pub(crate) root: Pointer,
}

/// A leaf, and where the next one begins.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) leaf: Arc<[u8]>,
    /// The first key of the next leaf, which is in the tree for sure; none in the last leaf.
    pub(crate) next: Option<Key>,
}

/// A record of a leaf.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) key: Key,
    leaf: Arc<[u8]>,
    at: usize,
}

impl Item {
    pub(crate) fn data(&self) -> &[u8] {
        Node(&self.leaf).data(self.at).unwrap_or_default()
    }

    /// Whether it is of the same object and kind as `key`.
    pub(crate) fn is_of(&self, key: Key) -> bool {
        (self.key.object, self.key.kind) == (key.object, key.kind)
    }
}

impl Span {
    pub(crate) fn node(&self) -> Node<'_> {
        Node(&self.leaf)
    }

    /// Whether `key` is in it, if it is in the tree at all.
    pub(crate) fn holds(&self, key: Key) -> bool {
        self.node().key(0).is_some_and(|first| first <= key) && self.next.is_none_or(|next| key < next)
    }

    pub(crate) fn item(&self, at: usize) -> Option<Item> {
        Some(Item { key: self.node().key(at)?, leaf: Arc::clone(&self.leaf), at })
    }
}

impl<R: ReadAt> Pool<R> {
    /// The leaf that has `key`, if the tree does; else one that has the key before it.
    ///
    /// Reads as many nodes as the tree has levels. Each node begins with the key that leads to it, and ends
    /// before the next one begins: that makes a walk from leaf to leaf end.
    pub(crate) fn descend(&mut self, tree: &Tree, key: Key) -> Result<Span, Error<R::Error>> {
        let mut pointer = tree.root;
        let mut next = None;
        loop {
            let bytes = self.node(tree, &pointer)?;
            let node = Node(&bytes);
            let last = node.key(node.len().saturating_sub(1));
            if next.is_some() && last >= next {
                return Err(Structure::Node.damage(Fault::Order, pointer.logical).into());
            }
            if pointer.level == 0 {
                return Ok(Span { leaf: bytes, next });
            }
            let at = node.up_to(key).saturating_sub(1);
            next = node.key(at.saturating_add(1)).or(next);
            let missing = Structure::Node.damage(Fault::Missing, pointer.logical);
            pointer = node.child(at).ok_or(missing)?;
        }
    }

    /// The record of `key`.
    pub(crate) fn find(&mut self, tree: &Tree, key: Key) -> Result<Option<Item>, Error<R::Error>> {
        Ok(self.at_or_before(tree, key)?.filter(|item| item.key == key))
    }

    /// The record of `key`, else of the last key before it.
    pub(crate) fn at_or_before(&mut self, tree: &Tree, key: Key) -> Result<Option<Item>, Error<R::Error>> {
        let span = self.descend(tree, key)?;
        Ok(span.node().up_to(key).checked_sub(1).and_then(|at| span.item(at)))
    }
}

/// The records of a tree from a key on, in order.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    tree: Tree,
    span: Option<Span>,
    at: usize,
    /// Where to go on after this leaf.
    next: Option<Key>,
}

impl Cursor {
    /// Before the first record whose key is `from` or after it.
    pub(crate) fn new(tree: Tree, from: Key) -> Self {
        Self { tree, span: None, at: 0, next: Some(from) }
    }

    /// The next record.
    pub(crate) fn step<R: ReadAt>(&mut self, pool: &mut Pool<R>) -> Result<Option<Item>, Error<R::Error>> {
        loop {
            if let Some(item) = self.span.as_ref().and_then(|span| span.item(self.at)) {
                self.at = self.at.saturating_add(1);
                return Ok(Some(item));
            }
            let Some(key) = self.next.take() else { return Ok(None) };
            let span = pool.descend(&self.tree, key)?;
            self.at = span.node().before(key);
            self.next = span.next;
            self.span = Some(span);
        }
    }
}
