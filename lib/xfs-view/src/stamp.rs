// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a block of version 5 says of itself: checksum, file system, place and owner (XFS Algorithms
//! & Data Structures, "Metadata Integrity").

use crate::bytes::{array, be64};
use crate::crc32c;
use crate::error::Fault;

/// Where in a structure its own description is.
pub(crate) struct Stamp {
    checksum: usize,
    uuid: usize,
    owner: usize,
    /// In units of 512 bytes. An inode does not have it.
    place: Option<usize>,
}

/// Of a block of the tree of extents.
pub(crate) const TREE: Stamp = Stamp { checksum: 64, uuid: 40, owner: 56, place: Some(24) };
/// Of a directory's block with names.
pub(crate) const DATA: Stamp = Stamp { checksum: 4, uuid: 24, owner: 40, place: Some(8) };
/// Of a directory's block with hashes.
pub(crate) const HASHES: Stamp = Stamp { checksum: 12, uuid: 32, owner: 48, place: Some(16) };
/// Of a block with a symbolic link's target.
pub(crate) const SYMLINK: Stamp = Stamp { checksum: 12, uuid: 16, owner: 32, place: Some(40) };
/// Of an inode, whose owner is itself.
pub(crate) const INODE: Stamp = Stamp { checksum: 100, uuid: 160, owner: 152, place: None };

/// What a structure should say of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'u> {
    pub(crate) uuid: &'u [u8; 16],
    pub(crate) owner: u64,
    /// In bytes from the beginning of the file system.
    pub(crate) offset: u64,
}

impl Stamp {
    /// Whether `block` is whole and what is expected.
    ///
    /// # Errors
    ///
    /// What it is not.
    pub(crate) fn check(&self, block: &[u8], expected: &Expected<'_>) -> Result<(), Fault> {
        if !crc32c::holds(block, self.checksum) {
            return Err(Fault::Checksum);
        }
        if array(block, self.uuid).as_ref() != Some(expected.uuid) {
            return Err(Fault::Uuid);
        }
        let place = expected.offset / 512;
        if self.place.is_some_and(|at| be64(block, at) != Some(place)) {
            return Err(Fault::Place);
        }
        if be64(block, self.owner) != Some(expected.owner) {
            return Err(Fault::Owner);
        }
        Ok(())
    }

    /// Makes the description in `block` true.
    #[cfg(test)]
    pub(crate) fn put(&self, block: &mut [u8], expected: &Expected<'_>) {
        block[self.uuid..self.uuid + 16].copy_from_slice(expected.uuid);
        block[self.owner..self.owner + 8].copy_from_slice(&expected.owner.to_be_bytes());
        if let Some(at) = self.place {
            block[at..at + 8].copy_from_slice(&(expected.offset / 512).to_be_bytes());
        }
        let value = crc32c::value_without(block, self.checksum).unwrap();
        block[self.checksum..self.checksum + 4].copy_from_slice(&value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_description_is_looked_at() {
        let expected = Expected { uuid: &[7; 16], owner: 131, offset: 8192 };
        for stamp in [TREE, DATA, HASHES, SYMLINK, INODE] {
            let mut block = [0; 512];
            stamp.put(&mut block, &expected);
            assert_eq!(stamp.check(&block, &expected), Ok(()));
            assert_eq!(stamp.check(&block, &Expected { uuid: &[8; 16], ..expected }), Err(Fault::Uuid));
            assert_eq!(stamp.check(&block, &Expected { owner: 132, ..expected }), Err(Fault::Owner));
            let elsewhere = stamp.check(&block, &Expected { offset: 4096, ..expected });
            assert_eq!(elsewhere, if stamp.place.is_some() { Err(Fault::Place) } else { Ok(()) });
            block[511] ^= 1;
            assert_eq!(stamp.check(&block, &expected), Err(Fault::Checksum));
            assert_eq!(stamp.check(&[], &expected), Err(Fault::Checksum));
        }
    }
}
