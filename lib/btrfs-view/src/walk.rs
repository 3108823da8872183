// SPDX-License-Identifier: MIT OR Apache-2.0
//! The way along a path: directories, `..`, and symbolic links, all bounded.

use crate::error::{Error, Misuse};
use crate::file::File;
use crate::metadata::FileType;
use crate::tree::Tree;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most bytes that a path may have.
pub const PATH_MAX: usize = 4096;
/// The most symbolic links on one path.
pub const LINKS_MAX: usize = 40;
/// The most directories below each other that `..` is remembered for.
const DEPTH_MAX: usize = PATH_MAX;

/// Which links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    All,
    AllButLast,
}

/// A path on the way to its file.
pub(crate) struct Walk<'x, R> {
    /// Where the path and links that begin with a slash begin.
    root: (Tree, u64),
    /// The directories from the root to the one before the last file.
    above: Vec<(Tree, u64)>,
    here: File<'x, R>,
    /// What is still to come, the next name last.
    rest: Vec<Vec<u8>>,
    follow: Follow,
    links: usize,
    /// Whether the path's end must be a directory, since a slash is behind it.
    wants_directory: bool,
}

impl<'x, R: ReadAt> Walk<'x, R> {
    /// Begins at `root`, with the names of `path` still to come.
    pub(crate) fn new(root: File<'x, R>, path: &[u8], follow: Follow) -> Result<Self, Error<R::Error>> {
        if path.len() > PATH_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        let mut walk = Self {
            root: (root.tree, root.metadata().inode),
            above: Vec::new(),
            here: root,
            rest: Vec::new(),
            follow,
            links: 0,
            wants_directory: false,
        };
        walk.push(path);
        Ok(walk)
    }

    fn push(&mut self, path: &[u8]) {
        if self.rest.is_empty() {
            let last = path.rsplit(|&byte| byte == b'/').next();
            self.wants_directory |= matches!(last, Some(b"" | b"." | b".."));
        }
        let names = path.rsplit(|&byte| byte == b'/').filter(|name| !matches!(*name, b"" | b"."));
        self.rest.extend(names.map(<[u8]>::to_vec));
    }

    pub(crate) fn next_name(&mut self) -> Option<Vec<u8>> {
        self.rest.pop()
    }

    /// The directory that was reached.
    pub(crate) fn here(&self) -> &File<'x, R> {
        &self.here
    }

    pub(crate) fn up(&mut self) -> Result<(), Error<R::Error>> {
        self.here.must_be_directory()?;
        if let Some((tree, number)) = self.above.pop() {
            self.here = self.here.volume().file(tree, number)?;
        }
        Ok(())
    }

    /// Goes on to `file`, which is in the directory that was reached.
    pub(crate) fn enter(&mut self, file: File<'x, R>) -> Result<(), Error<R::Error>> {
        let is_last = self.rest.is_empty();
        let followed = !is_last || self.wants_directory || self.follow == Follow::All;
        if file.metadata().file_type == FileType::Symlink && followed {
            return self.follow(&file.read_link()?);
        }
        if self.above.len() >= DEPTH_MAX {
            return Err(Misuse::PathTooLong.into());
        }
        self.above.push((self.here.tree, self.here.metadata().inode));
        self.here = file;
        Ok(())
    }

    fn follow(&mut self, target: &[u8]) -> Result<(), Error<R::Error>> {
        self.links = self.links.saturating_add(1);
        if self.links > LINKS_MAX {
            return Err(Misuse::TooManyLinks.into());
        }
        if target.first() == Some(&b'/') {
            self.above.clear();
            let (tree, number) = self.root;
            self.here = self.here.volume().file(tree, number)?;
        }
        self.push(target);
        Ok(())
    }

    /// The file at the path's end.
    pub(crate) fn finish(self) -> Result<File<'x, R>, Error<R::Error>> {
        if self.wants_directory {
            self.here.must_be_directory()?;
        }
        Ok(self.here)
    }
}
