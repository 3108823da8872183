// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device, what the log changes of it, and the blocks that were read last.

use crate::cache::{Cache, Key};
use crate::error::{Damage, Error, Misuse};
use crate::log::Overlay;
use crate::volume::Xfs;
use alloc::sync::Arc;
use read_at::ReadAt;

/// What a file system is read from.
#[derive(Debug)]
pub(crate) struct Disk<R> {
    pub(crate) reader: R,
    pub(crate) overlay: Overlay,
    cache: Cache,
}

/// A part of a block: where it is, and its length in bytes.
pub(crate) type Piece = (u64, usize);

impl<R: ReadAt> Disk<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, overlay: Overlay::default(), cache: Cache::default() }
    }

    /// Fills `buffer` from the byte `offset` on, as it is after the log was replayed.
    pub(crate) fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Error<R::Error>> {
        self.reader.read_at(offset, buffer).map_err(Error::Device)?;
        self.overlay.apply(offset, buffer);
        Ok(())
    }

    /// The block that is made of `pieces`, which touch or not.
    fn assemble(&mut self, pieces: &[Piece]) -> Result<Arc<[u8]>, Error<R::Error>> {
        let length = pieces.iter().fold(0_usize, |sum, (_, length)| sum.saturating_add(*length));
        let mut block: Arc<[u8]> = core::iter::repeat_n(0, length).collect();
        let mut rest = Arc::get_mut(&mut block).unwrap_or_default();
        for (offset, length) in pieces {
            let (part, later) = rest.split_at_mut_checked(*length).unwrap_or_default();
            self.read(*offset, part)?;
            rest = later;
        }
        Ok(block)
    }
}

impl<R: ReadAt> Xfs<R> {
    /// Does `act` with the device.
    pub(crate) fn with_disk<T>(
        &self,
        act: impl FnOnce(&mut Disk<R>) -> Result<T, Error<R::Error>>,
    ) -> Result<T, Error<R::Error>> {
        let mut disk = self.disk.try_borrow_mut().map_err(|_| Error::Misuse(Misuse::Reentered))?;
        act(&mut disk)
    }

    /// The block that is made of `pieces` and is `key`, checked by `check` when it was read.
    pub(crate) fn block(
        &self,
        key: Key,
        pieces: &[Piece],
        check: impl FnOnce(&[u8]) -> Result<(), Damage>,
    ) -> Result<Arc<[u8]>, Error<R::Error>> {
        self.with_disk(|disk| {
            if let Some(block) = disk.cache.get(&key) {
                return Ok(block);
            }
            let block = disk.assemble(pieces)?;
            check(&block)?;
            disk.cache.put(key, &block);
            Ok(block)
        })
    }
}
