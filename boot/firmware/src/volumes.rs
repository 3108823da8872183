// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files to read: the volume that LamBoot was loaded from, and every other one that firmware has a
//! file system driver for.
//!
//! The first is found through the loader's own Loaded Image (UEFI 2.10, section 9.1). Each volume is
//! opened once, at its first use, without taking it from its driver, and kept open: firmware loses an
//! ESP that is opened exclusively.

use crate::content::Content;
use crate::fat;
use crate::file::File;
use crate::file_info::FileInfo;
use crate::medium;
use crate::path::{file_path, firmware_path, partition_guid};
use crate::services::{handles_with, interface};
use crate::status;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{OnceCell, RefCell};
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{
    DirEntry, Esp, FileKind, Identity, Listing, Metadata, VolumeId, VolumeInfo, VolumeRole, Volumes,
};
use lamboot_core::source::Source;
use uefi::proto::device_path::DevicePath;
use uefi::proto::loaded_image::LoadedImage;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::file_system::SimpleFileSystemProtocol;

/// The number that means the volume that LamBoot was loaded from; others are counted from there.
const ESP: VolumeId = VolumeId(0);
/// The most volumes that are looked at.
const MAX_VOLUMES: usize = 32;
/// The most directories of a volume that are kept open.
const MAX_LISTED: usize = 4;

/// An open volume.
pub(crate) struct Volume {
    device: Handle,
    root: File,
    /// The directories that were listed last: files in them are opened from there, because firmware
    /// would search every directory on the way again. Several, since whoever reads a folder of entries
    /// looks into the folders that those name.
    listed: RefCell<Vec<Listed>>,
}

struct Listed {
    path: String,
    directory: File,
}

impl Volume {
    /// Opens the file system of a device.
    fn open(device: Handle) -> Result<Self, Status> {
        let system = interface(device, &SimpleFileSystemProtocol::GUID)?.cast();
        // SAFETY: the interface was just found on the device, whose driver serves it until it is
        // disconnected; nothing here or in firmware disconnects it during a boot. One that is
        // unplugged gives errors.
        let root = unsafe { File::root(system) }?;
        Ok(Self { device, root, listed: RefCell::new(Vec::new()) })
    }

    /// The device path of the partition.
    pub(crate) fn device_path(&self) -> Result<&DevicePath, Status> {
        device_path(self.device)
    }

    /// How Linux will call the file system.
    fn identity(&self) -> Identity {
        let sector = medium::first_sector(self.device);
        Identity {
            uuid: sector.and_then(|sector| fat::serial(sector.filled())),
            label: self.root.volume_label().ok().filter(|label| !label.is_empty()),
        }
    }

    /// Opens a file or directory for reading.
    pub(crate) fn open_path(&self, path: &str) -> PortResult<File> {
        if let Some((folder, name)) = path.rsplit_once('\\') {
            let listed = self.listed.borrow();
            if let Some(listed) = listed.iter().find(|listed| listed.path == folder && !name.is_empty()) {
                let name = firmware_path(name).map_err(status::open_error)?;
                return listed.directory.open(&name).map_err(status::open_error);
            }
        }
        let path = firmware_path(path).map_err(status::open_error)?;
        self.root.open(&path).map_err(status::open_error)
    }

    /// Opens a file, not a directory, and tells its size.
    pub(crate) fn open_file(&self, path: &str) -> PortResult<(File, u64)> {
        let file = self.open_path(path)?;
        let metadata = file.metadata().map_err(status::error)?;
        match metadata.kind {
            FileKind::Directory => Err(ErrorKind::IsDirectory.into()),
            FileKind::File => Ok((file, metadata.size)),
        }
    }

    /// Opens the file that holds an image or initrd, and finds its bytes in it.
    pub(crate) fn open_source(&self, source: Source<'_>) -> PortResult<Content> {
        let (file, file_size) = self.open_file(source.file_path())?;
        let (extents, size) = source.extents(file_size)?;
        Ok(Content::new(file, extents, size))
    }

    /// The directory that everything else is opened from.
    pub(crate) const fn root(&self) -> &File {
        &self.root
    }

    fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        let directory = self.open_path(path)?;
        if directory.metadata().map_err(status::error)?.kind == FileKind::File {
            return Err(ErrorKind::NotADirectory.into());
        }
        let listing = list(&directory, limit)?;
        // A directory without a name below the root is the root, which everything is opened from anyway.
        let path = String::from(path.trim_end_matches('\\'));
        if !path.is_empty() {
            self.remember(Listed { path, directory });
        }
        Ok(listing)
    }

    fn remember(&self, latest: Listed) {
        let mut listed = self.listed.borrow_mut();
        listed.retain(|known| known.path != latest.path);
        if listed.len() >= MAX_LISTED {
            listed.remove(0);
        }
        listed.push(latest);
    }
}

/// The device path of a handle.
fn device_path<'h>(device: Handle) -> Result<&'h DevicePath, Status> {
    let found = interface(device, &DevicePath::GUID)?;
    // SAFETY: UEFI 2.10, section 10.2: the interface is a device path that ends with an end node and
    // stays as long as its handle; handles of disks stay while they are plugged in, and a loader's own
    // life is short.
    Ok(unsafe { DevicePath::from_ffi_ptr(found.as_ptr().cast_const().cast()) })
}

/// Every volume, opened when it is first used.
pub(crate) struct VolumeTable {
    esp: Result<Rc<Volume>, Status>,
    loader_path: Option<String>,
    others: OnceCell<Vec<Other>>,
}

struct Other {
    device: Handle,
    volume: OnceCell<Result<Rc<Volume>, Status>>,
}

/// The volumes, for every port that needs them.
pub(crate) type SharedVolumes = Rc<VolumeTable>;

impl VolumeTable {
    /// Opens the volume that LamBoot was loaded from.
    pub(crate) fn open() -> SharedVolumes {
        let (device, loader_path) = origin();
        let esp = device.and_then(Volume::open).map(Rc::new);
        Rc::new(Self { esp, loader_path, others: OnceCell::new() })
    }

    /// The volume that LamBoot was loaded from.
    pub(crate) fn esp(&self) -> PortResult<&Rc<Volume>> {
        self.esp.as_ref().map_err(|why| status::error(*why))
    }

    /// The volume that a number means.
    pub(crate) fn volume(&self, id: VolumeId) -> PortResult<&Rc<Volume>> {
        if id == ESP {
            return self.esp();
        }
        let place = usize::try_from(id.0).ok().and_then(|number| number.checked_sub(1));
        let other = place.and_then(|place| self.others().get(place)).ok_or(ErrorKind::NotFound)?;
        let volume = other.volume.get_or_init(|| Volume::open(other.device).map(Rc::new));
        volume.as_ref().map_err(|why| status::error(*why))
    }

    fn others(&self) -> &[Other] {
        self.others.get_or_init(|| {
            let own = self.esp.as_ref().ok().map(|esp| esp.device);
            let mut devices = handles_with(&SimpleFileSystemProtocol::GUID);
            devices.retain(|device| Some(*device) != own);
            devices.truncate(MAX_VOLUMES.saturating_sub(1));
            devices.into_iter().map(|device| Other { device, volume: OnceCell::new() }).collect()
        })
    }

    fn describe_esp(&self) -> PortResult<Esp> {
        let esp = self.esp()?;
        Ok(Esp {
            volume: ESP,
            partition_guid: esp.device_path().ok().and_then(partition_guid),
            loader_path: self.loader_path.clone(),
            read_only: medium::of(esp.device).read_only,
        })
    }

    /// Every volume, LamBoot's own first, each partition once.
    fn list(&self) -> Vec<VolumeInfo> {
        let own = self.esp.as_ref().ok().map(|esp| (ESP, esp.device));
        let others = (1..).zip(self.others()).map(|(number, other)| (VolumeId(number), other.device));
        let own_disk = own.and_then(|(_, device)| device_path(device).ok()).map(medium::disk);
        let mut disks = Vec::new();
        let mut list: Vec<VolumeInfo> = Vec::new();
        for (id, device) in own.into_iter().chain(others) {
            let Ok(path) = device_path(device) else { continue };
            let place = medium::place(path, &mut disks);
            let partition_guid = partition_guid(path);
            if partition_guid.is_some() && list.iter().any(|known| known.partition_guid == partition_guid) {
                continue;
            }
            let medium = medium::of(device);
            list.push(VolumeInfo {
                id,
                role: if id == ESP { VolumeRole::Boot } else { medium::role(device) },
                partition_guid,
                name: place.name(),
                same_disk: own_disk.is_some_and(|own| own == medium::disk(path)),
                removable: medium.removable,
                read_only: medium.read_only,
            });
        }
        list
    }
}

/// The device that LamBoot was loaded from, and its path there.
fn origin() -> (Result<Handle, Status>, Option<String>) {
    let image = match interface(uefi::boot::image_handle(), &LoadedImage::GUID) {
        Ok(image) => image.cast::<LoadedImage>(),
        Err(why) => return (Err(why), None),
    };
    // SAFETY: UEFI 2.10, section 9.1.1: a running image's own Loaded Image stays installed.
    let image = unsafe { image.as_ref() };
    (image.device().ok_or(Status::UNSUPPORTED), image.file_path().and_then(file_path))
}

/// [`Volumes`] on firmware.
pub(crate) struct FirmwareVolumes {
    pub(crate) volumes: SharedVolumes,
}

impl Volumes for FirmwareVolumes {
    fn esp(&mut self) -> PortResult<Esp> {
        self.volumes.describe_esp()
    }

    fn list(&mut self) -> Vec<VolumeInfo> {
        self.volumes.list()
    }

    fn identity(&mut self, id: VolumeId) -> Identity {
        self.volumes.volume(id).map(|volume| volume.identity()).unwrap_or_default()
    }

    fn metadata(&mut self, id: VolumeId, path: &str) -> PortResult<Metadata> {
        let file = self.volumes.volume(id)?.open_path(path)?;
        file.metadata().map_err(status::error)
    }

    fn read_dir(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
        self.volumes.volume(id)?.list(path, limit)
    }

    fn read(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        let (file, size) = self.volumes.volume(id)?.open_file(path)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= limit);
        read_part(&file, 0, size.ok_or(ErrorKind::TooLarge)?)
    }

    fn read_at(&mut self, id: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        let (file, size) = self.volumes.volume(id)?.open_file(path)?;
        let rest = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        read_part(&file, offset, rest.min(length))
    }
}

fn read_part(file: &File, offset: u64, length: usize) -> PortResult<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| ErrorKind::OutOfMemory)?;
    let room: NonNull<[MaybeUninit<u8>]> = bytes.spare_capacity_mut().into();
    // SAFETY: `length` bytes were just reserved, and nothing is in them yet.
    unsafe { file.read_to(offset, room.cast(), length) }.map_err(status::error)?;
    // SAFETY: UEFI 2.10, section 13.5.5: firmware has just written this many bytes there.
    unsafe { bytes.set_len(length) };
    Ok(bytes)
}

/// The names of an open directory.
fn list(directory: &File, limit: usize) -> PortResult<Listing> {
    let mut listing = Listing::default();
    // The two names that are left out do not count, but a directory full of them ends as well.
    let mut info = FileInfo::empty();
    for _ in 0..limit.saturating_add(3) {
        if !directory.next_entry(&mut info).map_err(status::error)? {
            return Ok(listing);
        }
        let name = info.name();
        if name == "." || name == ".." {
            continue;
        }
        if listing.entries.len() == limit {
            break;
        }
        listing.entries.push(DirEntry { name, metadata: info.metadata() });
    }
    listing.truncated = true;
    Ok(listing)
}
