// SPDX-License-Identifier: MIT OR Apache-2.0
//! The target of a symbolic link: in the inode, or in a block of its own (ext4 Data Structures and
//! Algorithms, "Symbolic Links").

use crate::bytes::{narrow, wide};
use crate::error::{Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::inode::Fork;
use crate::metadata::FileType;
use crate::walk::PATH_MAX;
use alloc::vec::Vec;
use read_at::ReadAt;

impl<R: ReadAt> File<'_, R> {
    /// Where this symbolic link leads: up to 4095 bytes.
    ///
    /// # Errors
    ///
    /// It is no link, is damaged, or is encrypted.
    pub fn read_link(&self) -> Result<Vec<u8>, Error<R::Error>> {
        if self.metadata().file_type != FileType::Symlink {
            return Err(Misuse::NotASymlink.into());
        }
        self.must_not_be_encrypted()?;
        let size = self.metadata().size;
        let damage = |fault| Error::from(Structure::Symlink.damage(fault, self.inode.place));
        if !(1..wide(PATH_MAX)).contains(&size) {
            return Err(damage(Fault::Value));
        }
        if let Fork::Inline(inline) = &self.inode.fork {
            let bytes = inline.first.iter().chain(&inline.more);
            return self.target(bytes.take(narrow(size)).copied().collect());
        }
        let extent = self.joined(0, size)?;
        let place = extent.place.filter(|_| extent.length == size).ok_or(damage(Fault::Missing))?;
        let mut target = alloc::vec![0; narrow(size)];
        self.volume().with_disk(|disk| disk.read(place, &mut target))?;
        self.target(target)
    }

    /// Zeros end a target, and its size says where that is.
    fn target(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error<R::Error>> {
        if bytes.contains(&0) {
            return Err(Structure::Symlink.damage(Fault::Value, self.inode.place).into());
        }
        Ok(bytes)
    }
}
