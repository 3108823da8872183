// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume that one of LamBoot's own readers reads.

use crate::block::Disk;
use crate::medium;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::{Condition, DirEntry, FileKind, Identity, Listing, Metadata, VolumeRole};
use lamboot_fs::{Device, FileSystem, FileType, Follow, Kind, ReadSectors as _, Sectors};
use uefi::Handle;

/// The most devices that are looked at.
pub(crate) const MAX_DEVICES: usize = 128;

/// The open volume.
pub(crate) struct Native {
    system: Box<dyn FileSystem>,
}

/// What was found on devices.
pub(crate) struct Found {
    /// The first device that it is on.
    pub(crate) device: Handle,
    /// The partition of that device, where LamBoot divided it.
    pub(crate) partition: Option<OwnPartition>,
    /// Group and name of a logical volume.
    pub(crate) logical: Option<String>,
    /// The open volume, or why it cannot be opened.
    pub(crate) volume: PortResult<Native>,
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
        let system = volume.system.map(|system| Native { system }).map_err(|why| error(&why));
        Some(Found { device, partition, logical: volume.logical, volume: system })
    };
    volumes.filter_map(found).collect()
}

impl Native {
    pub(crate) fn name(&self) -> &'static str {
        self.system.name()
    }

    pub(crate) fn condition(&self) -> Condition {
        self.system.remark().map_or(Condition::Good, Condition::Recovered)
    }

    pub(crate) fn identity(&self) -> Identity {
        let identity = self.system.identity();
        Identity { file_system: Some(self.system.name().into()), uuid: identity.uuid, label: identity.label }
    }

    /// The newest subvolumes, and the top level.
    pub(crate) fn subvolumes(&self, limit: usize) -> PortResult<Vec<lamboot_fs::Subvolume>> {
        self.system.subvolumes(limit).map_err(|why| error(&why))
    }

    /// The same volume with paths that begin in the subvolume of this number.
    pub(crate) fn subvolume(&self, id: u64) -> PortResult<Self> {
        let system = self.system.subvolume(id).map_err(|why| error(&why))?;
        Ok(Self { system })
    }

    pub(crate) fn metadata(&self, path: &str) -> PortResult<Metadata> {
        self.look(&bytes(path))
    }

    fn look(&self, path: &[u8]) -> PortResult<Metadata> {
        let found = self.system.metadata(path, Follow::All).map_err(|why| error(&why))?;
        let kind = match found.file_type {
            FileType::Directory => FileKind::Directory,
            FileType::File => FileKind::File,
            // What is read of a device or a pipe is no file's content.
            FileType::Symlink | FileType::Other => return Err(ErrorKind::Unsupported.into()),
        };
        let size = if kind == FileKind::File { found.size } else { 0 };
        Ok(Metadata { kind, size, read_only: true })
    }

    /// The first names of a directory; links stand for what they lead to.
    ///
    /// Names that a path of this border cannot hold, and links that lead to nothing, are left out.
    pub(crate) fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        let folder = bytes(path);
        let mut names: Vec<String> = Vec::new();
        let mut truncated = false;
        let mut visit = |name: &[u8], what: FileType| {
            if what == FileType::Other || name.contains(&b'\\') {
                return ControlFlow::Continue(());
            }
            if names.len() == limit {
                truncated = true;
                return ControlFlow::Break(());
            }
            names.push(String::from_utf8_lossy(name).into_owned());
            ControlFlow::Continue(())
        };
        self.system.read_dir(&folder, &mut visit).map_err(|why| error(&why))?;
        let entry = |name: String| {
            let path = [folder.as_slice(), b"/", name.as_bytes()].concat();
            self.look(&path).ok().map(|metadata| DirEntry { name, metadata })
        };
        Ok(Listing { entries: names.into_iter().filter_map(entry).collect(), truncated })
    }

    /// Fills `buffer` from a place in a file on, each run of bytes that lie together in one request.
    pub(crate) fn fill(&self, path: &str, offset: u64, buffer: &mut [u8]) -> PortResult<()> {
        let read = self.system.read_at(&bytes(path), offset, buffer).map_err(|why| error(&why))?;
        if read == buffer.len() { Ok(()) } else { Err(ErrorKind::Damaged.into()) }
    }
}

/// A path of the border in that of the readers.
fn bytes(path: &str) -> Vec<u8> {
    path.bytes().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

/// An error of a reader in the words of the border.
fn error(why: &lamboot_fs::Error) -> PortError {
    let kind = match why.kind {
        Kind::NotFound => ErrorKind::NotFound,
        Kind::NotADirectory => ErrorKind::NotADirectory,
        Kind::NotAFile => ErrorKind::IsDirectory,
        Kind::TooLarge => ErrorKind::TooLarge,
        Kind::Device => ErrorKind::Device,
        Kind::Unknown | Kind::Foreign | Kind::Unsupported => ErrorKind::Unsupported,
        Kind::Locked => ErrorKind::AccessDenied,
        Kind::Damaged | Kind::NotASymlink | Kind::BadPath => ErrorKind::Damaged,
    };
    PortError { kind, detail: format!("{why}") }
}
