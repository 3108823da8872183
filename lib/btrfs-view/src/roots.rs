// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tree of roots: where each tree begins, and what is said of subvolumes (`btrfs_root_item`,
//! `btrfs_root_ref`).

use crate::bytes::{array, byte, le16, le32, le64, part};
use crate::directory;
use crate::error::{Error, Fault, Misuse, Structure};
use crate::metadata::Timestamp;
use crate::node::{Key, LEVELS, Pointer};
use crate::pool::Pool;
use crate::tree::{ROOTS, TOP_LEVEL, Tree};
use read_at::ReadAt;

/// The kind of keys of roots, and of references from subvolumes to what they are in, and back.
pub(crate) const KIND: u8 = 132;
pub(crate) const BACK: u8 = 144;
pub(crate) const FORTH: u8 = 156;
/// The first and the last number of a subvolume beside the top level.
pub(crate) const FIRST: u64 = 256;
pub(crate) const LAST: u64 = 256_u64.wrapping_neg();
/// The directory with the name `default`, in the tree of roots.
const DIRECTORY: u64 = 6;
/// The flag of subvolumes that nobody may write to.
const READ_ONLY: u64 = 1;
/// Where the generation is a second time, if what comes behind it is true.
const GENERATION: usize = 239;

/// What a root's item says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) pointer: Pointer,
    /// The inode of its root directory.
    pub(crate) directory: u64,
    pub(crate) read_only: bool,
    /// None in file systems from before 2012.
    pub(crate) more: Option<More>,
}

/// What newer root items say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct More {
    pub(crate) uuid: [u8; 16],
    pub(crate) parent_uuid: [u8; 16],
    pub(crate) received_uuid: [u8; 16],
    pub(crate) created_generation: u64,
    pub(crate) created: Timestamp,
}

impl Root {
    /// From a root's item: none where it is impossible. The inner place has none where the tree is on its way out.
    pub(crate) fn decode(item: &[u8]) -> Option<Option<Self>> {
        let generation = le64(item, 160)?;
        let level = byte(item, 238).filter(|&level| level < LEVELS)?;
        let pointer = Pointer { logical: le64(item, 176)?, generation, level, first: None };
        let (directory, flags) = (le64(item, 168)?, le64(item, 208)?);
        if le32(item, 216)? == 0 {
            return Some(None);
        }
        let more = (le64(item, GENERATION) == Some(generation)).then(|| More::decode(item)).flatten();
        Some(Some(Self { pointer, directory, read_only: flags & READ_ONLY != 0, more }))
    }

    pub(crate) fn tree(&self, id: u64) -> Tree {
        Tree { id, root: self.pointer }
    }
}

impl More {
    fn decode(item: &[u8]) -> Option<Self> {
        Some(Self {
            uuid: array(item, 247)?,
            parent_uuid: array(item, 263)?,
            received_uuid: array(item, 279)?,
            created_generation: le64(item, 303)?,
            created: Timestamp::decode(item, 339)?,
        })
    }
}

/// Where a subvolume is in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'b> {
    /// The inode of the directory.
    pub(crate) directory: u64,
    pub(crate) name: &'b [u8],
}

impl<'b> Reference<'b> {
    pub(crate) fn decode(item: &'b [u8]) -> Option<Self> {
        let name = part(item, 18, le16(item, 16)?.into())?;
        Some(Self { directory: le64(item, 0)?, name })
    }
}

impl<R: ReadAt> Pool<R> {
    /// The root of the tree `id`; none where there is no such tree.
    pub(crate) fn root(&mut self, roots: &Tree, id: u64) -> Result<Option<Root>, Error<R::Error>> {
        // A snapshot's key says when it was made; there is only one.
        let key = Key::new(id, KIND, u64::MAX);
        let item = self.at_or_before(roots, key)?.filter(|item| item.is_of(key));
        let Some(item) = item else { return Ok(None) };
        let damage = Structure::Root.damage(Fault::Value, roots.root.logical);
        Ok(Root::decode(item.data()).ok_or(damage)?)
    }

    /// The subvolume `id`.
    pub(crate) fn subvolume_root(&mut self, roots: &Tree, id: u64) -> Result<Root, Error<R::Error>> {
        let is_one = id == TOP_LEVEL || (FIRST..=LAST).contains(&id);
        let root = if is_one { self.root(roots, id)? } else { None };
        root.ok_or(Misuse::NoSuchSubvolume.into())
    }

    /// The number of the default subvolume.
    pub(crate) fn default_subvolume(&mut self, roots: &Tree) -> Result<u64, Error<R::Error>> {
        let key = Key::new(DIRECTORY, directory::BY_HASH, directory::hash(b"default"));
        let Some(item) = self.find(roots, key)? else { return Ok(TOP_LEVEL) };
        let damaged = |fault| Structure::Root.damage(fault, roots.root.logical);
        for entry in directory::entries(item.data()) {
            let entry = entry.map_err(damaged)?;
            if entry.name == b"default" {
                return Ok(entry.location.object);
            }
        }
        Ok(TOP_LEVEL)
    }

    /// Whether the name in the directory of this inode, in the subvolume `parent`, is where `child` is: in a
    /// snapshot of `parent` it is not.
    pub(crate) fn is_reference(
        &mut self,
        roots: &Tree,
        (parent, directory): (u64, u64),
        name: &[u8],
        child: u64,
    ) -> Result<bool, Error<R::Error>> {
        let item = self.find(roots, Key::new(parent, FORTH, child))?;
        let expected = Some(Reference { directory, name });
        Ok(item.is_some_and(|item| Reference::decode(item.data()) == expected))
    }
}

/// The tree of roots that a superblock leads to.
pub(crate) fn tree(root: Pointer) -> Tree {
    Tree { id: ROOTS, root }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(flags: u64, references: u32, level: u8, newer: bool) -> Vec<u8> {
        let mut item = vec![0; 439];
        item[160..168].copy_from_slice(&7_u64.to_le_bytes());
        item[168..176].copy_from_slice(&256_u64.to_le_bytes());
        item[208..216].copy_from_slice(&flags.to_le_bytes());
        item[216..220].copy_from_slice(&references.to_le_bytes());
        item[238] = level;
        if newer {
            item[239..247].copy_from_slice(&7_u64.to_le_bytes());
        }
        item[247..263].fill(9);
        item
    }

    #[test]
    fn roots_of_old_and_new_kernels() {
        let root = Root::decode(&item(1, 1, 2, true)).unwrap().unwrap();
        assert_eq!((root.read_only, root.directory, root.pointer.level), (true, 256, 2));
        assert_eq!(root.more.unwrap().uuid, [9; 16]);
        assert_eq!(Root::decode(&item(0, 1, 0, false)).unwrap().unwrap().more, None);
        assert_eq!(Root::decode(&item(0, 1, 0, false)[..239]).unwrap().unwrap().more, None);
        assert_eq!(Root::decode(&item(0, 0, 0, true)), Some(None));
        assert_eq!(Root::decode(&item(0, 1, 8, true)), None);
        assert_eq!(Root::decode(&item(0, 1, 0, true)[..238]), None);
    }

    proptest! {
        #[test]
        fn references_with_any_bytes(item in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(reference) = Reference::decode(&item) {
                prop_assert!(reference.name.len() <= item.len() - 18);
            }
        }
    }
}
