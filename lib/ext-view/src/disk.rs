// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device, what the journal changes of it, and the blocks that were read last.

use crate::cache::{Cache, Key};
use crate::error::{Damage, Error, Misuse};
use crate::log::Overlay;
use crate::volume::Ext;
use alloc::sync::Arc;
use read_at::ReadAt;

/// What a file system is read from.
#[derive(Debug)]
pub(crate) struct Disk<R> {
    pub(crate) reader: R,
    pub(crate) overlay: Overlay,
    cache: Cache,
}

impl<R: ReadAt> Disk<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, overlay: Overlay::default(), cache: Cache::default() }
    }

    /// Reads by way of `overlay` from now on; what was read before is forgotten.
    pub(crate) fn replay(&mut self, overlay: Overlay) {
        (self.overlay, self.cache) = (overlay, Cache::default());
    }

    /// Fills `buffer` from the byte `offset` on, as it is after the journal was replayed.
    pub(crate) fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Error<R::Error>> {
        self.reader.read_at(offset, buffer).map_err(Error::Device)?;
        let reader = &mut self.reader;
        self.overlay.apply(offset, buffer, |place, part| reader.read_at(place, part).map_err(Error::Device))
    }
}

impl<R: ReadAt> Ext<R> {
    /// Does `act` with the device.
    pub(crate) fn with_disk<T>(
        &self,
        act: impl FnOnce(&mut Disk<R>) -> Result<T, Error<R::Error>>,
    ) -> Result<T, Error<R::Error>> {
        let mut disk = self.disk.try_borrow_mut().map_err(|_| Error::Misuse(Misuse::Reentered))?;
        act(&mut disk)
    }

    /// The block that is `key`, checked by `check` when it was read.
    pub(crate) fn block(
        &self,
        key: Key,
        check: impl FnOnce(&[u8]) -> Result<(), Damage>,
    ) -> Result<Arc<[u8]>, Error<R::Error>> {
        let size = self.geometry().block_size;
        self.with_disk(|disk| {
            if let Some(block) = disk.cache.get(&key) {
                return Ok(block);
            }
            let mut block: Arc<[u8]> = core::iter::repeat_n(0, size).collect();
            disk.read(key.offset, Arc::get_mut(&mut block).unwrap_or_default())?;
            check(&block)?;
            disk.cache.put(key, &block);
            Ok(block)
        })
    }
}
