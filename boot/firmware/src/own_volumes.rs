// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding the volumes that LamBoot's own readers read.

use crate::block::Disk;
use crate::medium;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_core::error::PortResult;
use lamboot_core::own_reader::OwnReader;
use lamboot_core::ports::VolumeRole;
use lamboot_fs::{Device, ReadSectors as _, Sectors};
use uefi::Handle;

/// The most devices that are looked at.
pub(crate) const MAX_DEVICES: usize = 128;

/// What was found on devices.
pub(crate) struct Found {
    /// The first device that it is on.
    pub(crate) device: Handle,
    /// The partition of that device, where LamBoot divided it.
    pub(crate) partition: Option<OwnPartition>,
    /// Group and name of a logical volume.
    pub(crate) logical: Option<String>,
    /// The open volume, or why it cannot be opened.
    pub(crate) volume: PortResult<OwnReader>,
}

/// A partition that firmware made no handle for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnPartition {
    pub(crate) number: u32,
    /// Its GUID, lower case; none on a disk without GPT.
    pub(crate) guid: Option<String>,
    pub(crate) role: VolumeRole,
}

/// Something to look at, and what it is a part of.
type Known = (Handle, Option<OwnPartition>);

/// The partitions of a disk that firmware did not divide, or else all of it.
fn divided(handle: Handle, disk: Device, sector_size: usize) -> Vec<(Known, Device)> {
    let is_partition = medium::is_partition(handle);
    let sector_size = u32::try_from(sector_size).ok().filter(|_| !is_partition);
    let parts = sector_size.map(|size| lamboot_fs::divide(&disk, size)).unwrap_or_default();
    if parts.is_empty() {
        return alloc::vec![((handle, None), disk)];
    }
    let own = |(partition, device): (lamboot_fs::Partition, Device)| {
        let (guid, role) = medium::entry(&partition.entry);
        ((handle, Some(OwnPartition { number: partition.number, guid, role })), device)
    };
    parts.into_iter().map(own).collect()
}

/// Opens everything that LamBoot has a reader for on these devices. What is locked or damaged is there with
/// the reason; what boots nothing is not.
pub(crate) fn open_all(handles: &[Handle]) -> Vec<Found> {
    let mut known = Vec::new();
    let mut devices = Vec::new();
    for handle in handles {
        let Some(disk) = Disk::open(*handle) else { continue };
        let (size, sector_size) = (disk.size(), disk.sector_size());
        // A device that fails at its very beginning is none of this boot's business.
        let Ok(device) = Device::new(Sectors::new(disk), size) else { continue };
        for (place, device) in divided(*handle, device, sector_size) {
            if devices.len() < MAX_DEVICES {
                known.push(place);
                devices.push(device);
            }
        }
    }
    let volumes = lamboot_fs::assemble(devices).into_iter().filter(lamboot_fs::Volume::is_of_interest);
    let found = |volume: lamboot_fs::Volume| {
        let (device, partition) = known.get(*volume.devices.first()?)?.clone();
        Some(Found { device, partition, logical: volume.logical, volume: OwnReader::of(volume.system) })
    };
    volumes.filter_map(found).collect()
}
