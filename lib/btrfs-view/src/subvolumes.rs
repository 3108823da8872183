// SPDX-License-Identifier: MIT OR Apache-2.0
//! The list of subvolumes and snapshots, and where they are.

use crate::bytes::{le16, le64, part};
use crate::error::{Error, Fault, Misuse, Structure};
use crate::metadata::Timestamp;
use crate::node::Key;
use crate::roots::{self, Reference, Root};
use crate::tree::{Cursor, TOP_LEVEL, Tree};
use crate::volume::Btrfs;
use crate::walk::PATH_MAX;
use alloc::vec::Vec;
use core::fmt;
use read_at::ReadAt;

/// The kinds of keys of references from a file to its directories: few, and many.
const REFERENCE: u8 = 12;
const MORE_REFERENCES: u8 = 13;
/// The most names on the way from the top level to a subvolume.
const DEPTH_MAX: usize = PATH_MAX;

/// A subvolume or a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subvolume {
    /// Its number.
    pub id: u64,
    /// The subvolume that it is in; none for the top level.
    pub parent: Option<u64>,
    /// Its name there; empty for the top level.
    pub name: Vec<u8>,
    /// The last commit that changed it.
    pub generation: u64,
    /// The commit that made it; 0 where it does not say.
    pub created_generation: u64,
    /// When it was made; none in file systems from before 2012.
    pub created: Option<Timestamp>,
    /// Its UUID.
    pub uuid: Option<[u8; 16]>,
    /// The UUID of what it is a snapshot of; none where it is no snapshot.
    pub parent_uuid: Option<[u8; 16]>,
    /// The UUID of what `btrfs send` sent; none where it was not received.
    pub received_uuid: Option<[u8; 16]>,
    /// Whether nobody may write to it.
    pub read_only: bool,
}

impl Subvolume {
    fn new(id: u64, root: &Root, place: Option<(u64, &[u8])>) -> Self {
        let given = |uuid: Option<[u8; 16]>| uuid.filter(|uuid| *uuid != [0; 16]);
        Self {
            id,
            parent: place.map(|(parent, _)| parent),
            name: place.map(|(_, name)| name.to_vec()).unwrap_or_default(),
            generation: root.pointer.generation,
            created_generation: root.more.map_or(0, |more| more.created_generation),
            created: root.more.map(|more| more.created),
            uuid: given(root.more.map(|more| more.uuid)),
            parent_uuid: given(root.more.map(|more| more.parent_uuid)),
            received_uuid: given(root.more.map(|more| more.received_uuid)),
            read_only: root.read_only,
        }
    }
}

/// All subvolumes, by their numbers, the top level first. After an error there is no more.
pub struct Subvolumes<'x, R> {
    volume: &'x Btrfs<R>,
    cursor: Option<Cursor>,
}

impl<'x, R: ReadAt> Subvolumes<'x, R> {
    pub(crate) fn new(volume: &'x Btrfs<R>) -> Self {
        let cursor = Cursor::new(volume.roots(), Key::new(TOP_LEVEL, roots::KIND, 0));
        Self { volume, cursor: Some(cursor) }
    }

    fn step(&mut self) -> Result<Option<Subvolume>, Error<R::Error>> {
        loop {
            let Some(cursor) = &mut self.cursor else { return Ok(None) };
            let Some(item) = self.volume.with_pool(|pool| cursor.step(pool))? else { return Ok(None) };
            let id = item.key.object;
            if id > TOP_LEVEL && id < roots::FIRST {
                self.cursor = Some(Cursor::new(self.volume.roots(), Key::new(roots::FIRST, 0, 0)));
                continue;
            }
            if id > roots::LAST {
                return Ok(None);
            }
            if item.key.kind != roots::KIND {
                continue;
            }
            let damage = Structure::Root.damage(Fault::Value, self.volume.roots().root.logical);
            let Some(root) = Root::decode(item.data()).ok_or(damage)? else { continue };
            return self.volume.subvolume_of(id, &root).map(Some);
        }
    }
}

impl<R: ReadAt> Iterator for Subvolumes<'_, R> {
    type Item = Result<Subvolume, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if !matches!(step, Ok(Some(_))) {
            self.cursor = None;
        }
        step.transpose()
    }
}

impl<R> fmt::Debug for Subvolumes<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subvolumes {{ cursor: {:?} }}", self.cursor)
    }
}

/// The subvolume around one, the directory there, and the name in it.
pub(crate) type Position = (u64, u64, Vec<u8>);

/// What a directory is called in the one around it.
struct Step {
    name: Vec<u8>,
    /// The directory around it.
    above: u64,
}

impl<R: ReadAt> Btrfs<R> {
    /// All subvolumes and snapshots, the top level first.
    pub fn subvolumes(&self) -> Subvolumes<'_, R> {
        Subvolumes::new(self)
    }

    /// The subvolumes with the highest numbers, which are the newest, the newest first and without the top level.
    /// Looks at `limit` numbers at most, some of which may be on their way out.
    ///
    /// # Errors
    ///
    /// The tree of roots is damaged.
    pub fn newest_subvolumes(&self, limit: usize) -> Result<Vec<Subvolume>, Error<R::Error>> {
        let mut newest = Vec::new();
        let mut up_to = roots::LAST;
        for _ in 0..limit {
            let key = Key::new(up_to, u8::MAX, u64::MAX);
            let item = self.with_pool(|pool| pool.at_or_before(&self.roots(), key))?;
            let Some(id) = item.map(|item| item.key.object).filter(|id| *id >= roots::FIRST) else { break };
            up_to = id.saturating_sub(1);
            match self.subvolume(id) {
                Ok(subvolume) => newest.push(subvolume),
                Err(Error::Misuse(Misuse::NoSuchSubvolume)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(newest)
    }

    /// The number of the subvolume that a mount without options has.
    ///
    /// # Errors
    ///
    /// The tree of roots is damaged.
    pub fn default_subvolume(&self) -> Result<u64, Error<R::Error>> {
        self.with_pool(|pool| pool.default_subvolume(&self.roots()))
    }

    /// What is said of the subvolume `id`.
    ///
    /// # Errors
    ///
    /// There is none, or the tree of roots is damaged.
    pub fn subvolume(&self, id: u64) -> Result<Subvolume, Error<R::Error>> {
        let root = self.with_pool(|pool| pool.subvolume_root(&self.roots(), id))?;
        self.subvolume_of(id, &root)
    }

    /// The path of the subvolume `id` from the top level on, which begins with a slash.
    ///
    /// # Errors
    ///
    /// There is none, the path is longer than [`PATH_MAX`], or something on the way is damaged.
    pub fn subvolume_path(&self, id: u64) -> Result<Vec<u8>, Error<R::Error>> {
        let mut names = Vec::new();
        let mut bytes = 0_usize;
        let mut at = id;
        self.with_pool(|pool| pool.subvolume_root(&self.roots(), at))?;
        while let Some((parent, mut directory, name)) = self.reference_of(at)? {
            let tree = self.with_pool(|pool| pool.subvolume_root(&self.roots(), parent))?.tree(parent);
            let mut name = name;
            loop {
                bytes = bytes.saturating_add(name.len()).saturating_add(1);
                names.push(name);
                if bytes > PATH_MAX || names.len() > DEPTH_MAX {
                    return Err(Misuse::PathTooLong.into());
                }
                let Some(step) = self.step_up(&tree, directory)? else { break };
                (name, directory) = (step.name, step.above);
            }
            at = parent;
        }
        let mut path: Vec<u8> = names.iter().rev().flat_map(|name| [b"/", &name[..]].concat()).collect();
        if path.is_empty() {
            path.push(b'/');
        }
        Ok(path)
    }

    /// The subvolume `id`, its root, and where it is.
    fn subvolume_of(&self, id: u64, root: &Root) -> Result<Subvolume, Error<R::Error>> {
        let place = self.reference_of(id)?;
        Ok(Subvolume::new(id, root, place.as_ref().map(|(parent, _, name)| (*parent, &name[..]))))
    }

    /// The subvolume, its directory there, and the name, that the subvolume `id` is at; none for the top level.
    pub(crate) fn reference_of(&self, id: u64) -> Result<Option<Position>, Error<R::Error>> {
        let key = Key::new(id, roots::BACK, u64::MAX);
        let item = self.with_pool(|pool| pool.at_or_before(&self.roots(), key))?;
        let Some(item) = item.filter(|item| item.is_of(key)) else { return Ok(None) };
        let damage = Structure::Reference.damage(Fault::Missing, self.roots().root.logical);
        let reference = Reference::decode(item.data()).ok_or(damage)?;
        Ok(Some((item.key.offset, reference.directory, reference.name.to_vec())))
    }

    /// What the directory of this inode is called; none for the root of its subvolume.
    fn step_up(&self, tree: &Tree, directory: u64) -> Result<Option<Step>, Error<R::Error>> {
        if directory == crate::inode::SUBVOLUME_ROOT {
            return Ok(None);
        }
        let damage = Structure::Reference.damage(Fault::Missing, tree.root.logical);
        let mut cursor = Cursor::new(*tree, Key::new(directory, REFERENCE, 0));
        let item = self.with_pool(|pool| cursor.step(pool))?.ok_or(damage)?;
        if item.key.object != directory {
            return Err(damage.into());
        }
        // A directory has one name, so that one reference is enough; in a long one the directory comes first.
        let (above, name) = match item.key.kind {
            REFERENCE => (Some(item.key.offset), named(item.data(), 8)),
            MORE_REFERENCES => (le64(item.data(), 0), named(item.data(), 16)),
            _ => (None, None),
        };
        let (above, name) = (above.ok_or(damage)?, name.ok_or(damage)?);
        Ok(Some(Step { name: name.to_vec(), above }))
    }

    /// The inode of the directory that the directory of this inode is in.
    pub(crate) fn above(&self, tree: &Tree, directory: u64) -> Result<Option<u64>, Error<R::Error>> {
        Ok(self.step_up(tree, directory)?.map(|step| step.above))
    }
}

/// The name after its length, which is at `at`.
fn named(item: &[u8], at: usize) -> Option<&[u8]> {
    part(item, at.checked_add(2)?, le16(item, at)?.into())
}
