// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files to read: the volume that LamBoot was loaded from.
//!
//! It is found through the loader's own Loaded Image (UEFI 2.10, section 9.1), opened once, without
//! taking it from its driver, and kept open: firmware loses an ESP that is opened exclusively.

use crate::file::File;
use crate::path::{file_path, firmware_path, partition_guid};
use crate::services::interface;
use crate::status;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{
    DirEntry, Esp, FileKind, Listing, Metadata, VolumeId, VolumeInfo, VolumeRole, Volumes,
};
use uefi::proto::device_path::DevicePath;
use uefi::proto::loaded_image::LoadedImage;
use uefi::proto::media::block::BlockIO;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::file_system::SimpleFileSystemProtocol;

/// The number that means the ESP.
const ESP: VolumeId = VolumeId(0);

/// The volume that LamBoot was loaded from, open.
pub(crate) struct EspVolume {
    device: Handle,
    root: File,
    loader_path: Option<String>,
}

/// The open ESP, or why there is none.
pub(crate) type SharedEsp = Result<Rc<EspVolume>, Status>;

impl EspVolume {
    /// Finds and opens it.
    pub(crate) fn open() -> SharedEsp {
        let image = interface(uefi::boot::image_handle(), &LoadedImage::GUID)?.cast::<LoadedImage>();
        // SAFETY: UEFI 2.10, section 9.1.1: a running image's own Loaded Image stays installed.
        let image = unsafe { image.as_ref() };
        let device = image.device().ok_or(Status::UNSUPPORTED)?;
        let system = interface(device, &SimpleFileSystemProtocol::GUID)?.cast();
        // SAFETY: the interface was just found on the boot volume, which its driver serves until
        // it is disconnected; nothing here or in firmware disconnects it during a boot.
        let root = unsafe { File::root(system) }?;
        Ok(Rc::new(Self { device, root, loader_path: image.file_path().and_then(file_path) }))
    }

    /// The device path of the partition.
    pub(crate) fn device_path(&self) -> Result<&DevicePath, Status> {
        let found = interface(self.device, &DevicePath::GUID)?;
        // SAFETY: UEFI 2.10, section 10.2: the interface is a device path that ends with an end
        // node and stays as long as its handle.
        Ok(unsafe { DevicePath::from_ffi_ptr(found.as_ptr().cast_const().cast()) })
    }

    /// Opens a file or directory for reading.
    pub(crate) fn open_path(&self, path: &str) -> PortResult<File> {
        let path = firmware_path(path).map_err(status::open_error)?;
        self.root.open(&path).map_err(status::open_error)
    }

    /// Opens a file, not a directory, and tells its size.
    pub(crate) fn open_file(&self, path: &str) -> PortResult<(File, u64)> {
        let file = self.open_path(path)?;
        let metadata = file.info().map_err(status::error)?.metadata();
        match metadata.kind {
            FileKind::Directory => Err(ErrorKind::IsDirectory.into()),
            FileKind::File => Ok((file, metadata.size)),
        }
    }

    /// The directory that everything else is opened from.
    pub(crate) const fn root(&self) -> &File {
        &self.root
    }

    /// Whether the medium says that it cannot be written. The file system's own answer is not
    /// asked for: to give it, firmware's FAT driver counts the free clusters of the whole volume.
    fn read_only(&self) -> bool {
        let Ok(device) = interface(self.device, &BlockIO::GUID) else { return false };
        // SAFETY: UEFI 2.10, section 13.9: the interface is a Block I/O protocol of a live handle.
        let device = unsafe { device.cast::<BlockIO>().as_ref() };
        device.media().is_read_only()
    }

    fn describe(&self) -> Esp {
        Esp {
            volume: ESP,
            partition_guid: self.device_path().ok().and_then(partition_guid),
            loader_path: self.loader_path.clone(),
            read_only: self.read_only(),
        }
    }
}

/// The volume that a number means.
pub(crate) fn volume(esp: &SharedEsp, id: VolumeId) -> PortResult<&Rc<EspVolume>> {
    match esp {
        Ok(esp) if id == ESP => Ok(esp),
        Ok(_) => Err(ErrorKind::NotFound.into()),
        Err(why) => Err(status::error(*why)),
    }
}

/// [`Volumes`] on firmware.
pub(crate) struct FirmwareVolumes {
    pub(crate) esp: SharedEsp,
}

impl Volumes for FirmwareVolumes {
    fn esp(&mut self) -> PortResult<Esp> {
        volume(&self.esp, ESP).map(|esp| esp.describe())
    }

    fn list(&mut self) -> Vec<VolumeInfo> {
        let Ok(esp) = &self.esp else { return Vec::new() };
        let Esp { volume, partition_guid, read_only, .. } = esp.describe();
        let name = String::from("ESP");
        let (same_disk, removable) = (true, false);
        alloc::vec![VolumeInfo {
            id: volume,
            role: VolumeRole::Boot,
            partition_guid,
            name,
            same_disk,
            removable,
            read_only
        }]
    }

    fn metadata(&mut self, id: VolumeId, path: &str) -> PortResult<Metadata> {
        let file = volume(&self.esp, id)?.open_path(path)?;
        Ok(file.info().map_err(status::error)?.metadata())
    }

    fn read_dir(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
        let directory = volume(&self.esp, id)?.open_path(path)?;
        match directory.info().map_err(status::error)?.metadata().kind {
            FileKind::File => Err(ErrorKind::NotADirectory.into()),
            FileKind::Directory => list(&directory, limit),
        }
    }

    fn read(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        let (file, size) = volume(&self.esp, id)?.open_file(path)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= limit);
        let size = size.ok_or(ErrorKind::TooLarge)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size).map_err(|_| ErrorKind::OutOfMemory)?;
        bytes.resize(size, 0);
        file.read_exact(0, &mut bytes).map_err(status::error)?;
        Ok(bytes)
    }

    fn read_at(&mut self, id: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        let (file, size) = volume(&self.esp, id)?.open_file(path)?;
        let length = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX).min(length);
        let mut bytes = alloc::vec![0; length];
        file.read_exact(offset, &mut bytes).map_err(status::error)?;
        Ok(bytes)
    }
}

/// The names of an open directory.
fn list(directory: &File, limit: usize) -> PortResult<Listing> {
    let mut listing = Listing::default();
    // The two names that are left out do not count, but a directory full of them ends as well.
    for _ in 0..limit.saturating_add(3) {
        let Some(info) = directory.next_entry().map_err(status::error)? else { return Ok(listing) };
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
