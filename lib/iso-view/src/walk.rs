// SPDX-License-Identifier: MIT OR Apache-2.0
//! The way along a path: folders, `..`, and symbolic links, all bounded.

use crate::directory::Found;
use crate::error::{Damage, Error, NotFound};
use crate::node::{self, Kind, Node};
use alloc::string::String;
use alloc::vec::Vec;

/// The most bytes that a path may have.
pub const PATH_MAX: usize = 4096;
/// The most names on one path, those of links included.
pub const STEPS_MAX: usize = 64;
/// The most symbolic links on one path.
pub const LINKS_MAX: usize = 8;

/// A path on the way to its file.
pub(crate) struct Walk {
    /// The folders from the root to here.
    folders: Vec<Node>,
    /// The names to come, the next one last.
    rest: Vec<String>,
    links: usize,
}

impl Walk {
    /// Begins at `root`, the names of `path` still to come.
    pub(crate) fn new(root: Node, path: &str) -> Self {
        let mut walk = Self { folders: alloc::vec![root], rest: Vec::new(), links: 0 };
        walk.push(path);
        walk
    }

    pub(crate) fn next_name(&mut self) -> Option<String> {
        self.rest.pop()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn push(&mut self, path: &str) {
        let names = path.split('/').rev().filter(|name| !matches!(*name, "" | "."));
        self.rest.extend(names.map(String::from));
    }

    /// The folder that was reached.
    pub(crate) fn here(&self) -> Node {
        let nowhere = || Node { kind: Kind::Directory, size: 0, extents: Vec::new() };
        self.folders.last().cloned().unwrap_or_else(nowhere)
    }

    pub(crate) fn up(&mut self) {
        if self.folders.len() > 1 {
            self.folders.pop();
        }
    }

    /// Goes on to `found`; it is the path's end if it is returned.
    pub(crate) fn enter<E>(&mut self, found: Found) -> Result<Option<Node>, Error<E>> {
        if found.kind == Kind::Symlink {
            return self.follow(&found.target.unwrap_or_default()).map(|()| None);
        }
        let node = Node { kind: found.kind, size: node::total(&found.extents), extents: found.extents };
        if node.kind == Kind::Directory {
            self.folders.push(node);
            return Ok(None);
        }
        if !self.rest.is_empty() {
            return Err(NotFound::NotADirectory.into());
        }
        found.unreadable.map_or(Ok(Some(node)), |what| Err(what.into()))
    }

    fn follow<E>(&mut self, target: &str) -> Result<(), Error<E>> {
        self.links = self.links.saturating_add(1);
        if self.links > LINKS_MAX {
            return Err(Damage::TooManyLinks.into());
        }
        if target.is_empty() {
            return Err(NotFound::Name.into());
        }
        if target.starts_with('/') {
            self.folders.truncate(1);
        }
        self.push(target);
        Ok(())
    }
}
