// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is in an image, and where it lies.

use crate::error::Damage;
use alloc::string::String;
use alloc::vec::Vec;

/// The most bytes that the records of a folder may have.
pub const DIRECTORY_MAX: u64 = 1024 * 1024;
/// The most extents that a file may have after those that touch were joined.
pub const EXTENTS_MAX: usize = 256;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link (only Rock Ridge has them).
    Symlink,
    /// A device, socket or pipe (only Rock Ridge has them).
    Other,
}

/// A run of bytes of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Where it begins, in bytes from the image's beginning.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// A file or folder, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Never [`Kind::Symlink`]: links are followed.
    pub kind: Kind,
    /// In bytes: the sum of the extents.
    pub size: u64,
    /// Where its bytes are, in their order. Empty for an empty file.
    pub extents: Vec<Extent>,
}

/// One line of a folder's listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name. What is not UTF-8 in it is replaced.
    pub name: String,
    /// What it stands for, links not followed.
    pub kind: Kind,
    /// In bytes; of a folder, the size of its records.
    pub size: u64,
}

/// Adds `extent` to `extents`, joined to the last one where they touch.
pub(crate) fn append(extents: &mut Vec<Extent>, extent: Extent) -> Result<(), Damage> {
    if extent.length == 0 {
        return Ok(());
    }
    if let Some(last) = extents.last_mut()
        && last.offset.checked_add(last.length) == Some(extent.offset)
    {
        last.length = last.length.saturating_add(extent.length);
        return Ok(());
    }
    if extents.len() >= EXTENTS_MAX {
        return Err(Damage::TooManyExtents);
    }
    extents.push(extent);
    Ok(())
}

/// The bytes that `extents` have together.
pub(crate) fn total(extents: &[Extent]) -> u64 {
    extents.iter().fold(0, |sum, extent| sum.saturating_add(extent.length))
}
