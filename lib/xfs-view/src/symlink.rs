// SPDX-License-Identifier: MIT OR Apache-2.0
//! The target of a symbolic link: in the inode, or in blocks of its own (XFS Algorithms & Data
//! Structures, "Symbolic Links").

use crate::Verify;
use crate::bytes::{be32, index, narrow, wide};
use crate::error::{Damage, Error, Fault, Misuse, Structure};
use crate::file::File;
use crate::inode::{Fork, TARGET_MAX};
use crate::metadata::FileType;
use crate::stamp::{self, Expected};
use alloc::vec::Vec;
use read_at::ReadAt;

const MAGIC: &[u8; 4] = b"XSLM";
/// The bytes before the target's in a run of blocks of version 5.
const HEADER: usize = 56;
/// The bytes that a run can have: the most for a target in the smallest blocks, with a header each.
const RUN_MAX: u64 = 2048;

impl<R: ReadAt> File<'_, R> {
    /// Where this symbolic link leads: up to 1024 bytes.
    ///
    /// # Errors
    ///
    /// It is no link, or is damaged.
    pub fn read_link(&self) -> Result<Vec<u8>, Error<R::Error>> {
        if self.metadata().file_type != FileType::Symlink {
            return Err(Misuse::NotASymlink.into());
        }
        if let Fork::Local(target) = &self.inode.fork {
            return Ok(target.clone());
        }
        let size = narrow(self.metadata().size.min(TARGET_MAX));
        let mut target = Vec::with_capacity(size);
        let mut block = 0;
        while target.len() < size {
            let (bytes, next) = self.run_of_target(block, &target, size)?;
            target.extend(bytes);
            block = next;
        }
        Ok(target)
    }

    /// What the run of blocks from `block` on adds to `target`, and the block after it.
    fn run_of_target(
        &self,
        block: u64,
        target: &[u8],
        size: usize,
    ) -> Result<(Vec<u8>, u64), Error<R::Error>> {
        let volume = self.volume();
        let geometry = volume.geometry();
        let missing = Structure::Symlink.damage(Fault::Missing, self.inode.place);
        let run = volume.run_at_or_after(&self.inode, block)?;
        let run = run.filter(|run| run.file == block && !run.unwritten).ok_or(missing)?;
        let place = self.place(&run)?;
        let length = geometry.file_byte(run.count);
        if length > RUN_MAX.max(geometry.block_size()) {
            return Err(Structure::Symlink.damage(Fault::Bounds, place).into());
        }
        let mut bytes = alloc::vec![0; narrow(length)];
        volume.with_disk(|disk| disk.read(place, &mut bytes))?;
        if geometry.v5 {
            self.unwrap_target(&mut bytes, place, target.len(), size)?;
        }
        bytes.truncate(size.saturating_sub(target.len()));
        Ok((bytes, run.end()))
    }

    /// Checks the header of a run, and leaves of its bytes those that belong to the target, of which
    /// `done` are before them.
    fn unwrap_target(&self, bytes: &mut Vec<u8>, place: u64, done: usize, size: usize) -> Result<(), Damage> {
        let damage = |fault| Structure::Symlink.damage(fault, place);
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(damage(Fault::Magic));
        }
        if self.volume().verify() == Verify::Checksums {
            let uuid = &self.volume().geometry().uuid;
            let expected = Expected { uuid, owner: self.metadata().inode, offset: place };
            stamp::SYMLINK.check(bytes, &expected).map_err(damage)?;
        }
        let room = bytes.len().saturating_sub(HEADER).min(size.saturating_sub(done));
        let length = be32(bytes, 8).map(index).filter(|&length| (1..=room).contains(&length));
        let length = length.filter(|_| be32(bytes, 4).map(u64::from) == Some(wide(done)));
        let length = length.ok_or(damage(Fault::Value))?;
        bytes.drain(..HEADER);
        bytes.truncate(length);
        Ok(())
    }
}
