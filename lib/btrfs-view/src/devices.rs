// SPDX-License-Identifier: MIT OR Apache-2.0
//! The devices of a file system, and which superblock of theirs counts.

use crate::chunk::DeviceId;
use crate::error::{Error, Misuse};
use crate::options::Options;
use crate::superblock::Superblock;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most devices that are looked at; the kernel's own limit is below it.
const DEVICES_MAX: usize = 1024;

/// A device that was given.
#[derive(Debug)]
pub(crate) struct Device<R> {
    pub(crate) reader: R,
    pub(crate) id: DeviceId,
    fsid: [u8; 16],
    /// The last commit that it knows of.
    pub(crate) generation: u64,
}

/// The devices, in the order in which they were given, and what their newest superblock says.
pub(crate) struct Found<R> {
    pub(crate) devices: Vec<Device<R>>,
    pub(crate) superblock: Superblock,
    /// Of the file system, and of those that it grew from.
    pub(crate) fsids: Vec<[u8; 16]>,
}

impl<R: ReadAt> Found<R> {
    /// Reads the superblocks of `readers`.
    pub(crate) fn among(
        readers: impl IntoIterator<Item = R>,
        options: Options,
    ) -> Result<Self, Error<R::Error>> {
        let (mut devices, mut superblocks) = (Vec::new(), Vec::new());
        for mut reader in readers.into_iter().take(DEVICES_MAX) {
            let superblock = Superblock::read(&mut reader, options)?;
            let id = DeviceId { number: superblock.device, uuid: superblock.device_uuid };
            let (fsid, generation) = (superblock.fsid, superblock.generation);
            devices.push(Device { reader, id, fsid, generation });
            superblocks.push(superblock);
        }
        // What was grown from a seed counts more than the seed, and the newer more than the older.
        let order = |superblock: &&Superblock| (!superblock.is_seed(), superblock.generation);
        let newest = superblocks.iter().max_by_key(order).cloned().ok_or(Misuse::NoDevices)?;
        for (index, superblock) in superblocks.iter().enumerate() {
            if superblock.fsid != newest.fsid && !superblock.is_seed() {
                return Err(Misuse::ForeignDevice(index).into());
            }
        }
        let mut fsids = alloc::vec![newest.node_fsid];
        fsids.extend(superblocks.iter().map(|superblock| superblock.node_fsid));
        fsids.dedup();
        Ok(Self { devices, superblock: newest, fsids })
    }

    /// Whether a device lacks commits that the newest one has.
    pub(crate) fn is_stale(&self, device: &Device<R>) -> bool {
        device.fsid == self.superblock.fsid && device.generation < self.superblock.generation
    }
}
