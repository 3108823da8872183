// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files to read: the volume that LamBoot was loaded from, and every other one that firmware has a file
//! system driver for or LamBoot a reader.
//!
//! The first is found through the loader's own Loaded Image (UEFI 2.10, section 9.1). Each volume is
//! opened once, at its first use, without taking it from its driver, and kept open: firmware loses an
//! ESP that is opened exclusively.

use crate::medium;
use crate::native::Native;
use crate::path::{file_path, partition_guid};
use crate::services::{handles_with, interface};
use crate::status;
use crate::volume::{Volume, device_path};
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::{
    Condition, Esp, Identity, Listing, Metadata, VolumeId, VolumeInfo, VolumeRole, Volumes,
};
use uefi::proto::loaded_image::LoadedImage;
use uefi::proto::media::block::BlockIO;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::file_system::SimpleFileSystemProtocol;

/// The number that means the volume that LamBoot was loaded from; others are counted from there.
const ESP: VolumeId = VolumeId(0);
/// The most volumes that are looked at.
const MAX_VOLUMES: usize = 32;
/// The most devices without a driver that are looked at.
const MAX_DEVICES: usize = 128;

/// Every volume, opened when it is first used.
pub(crate) struct VolumeTable {
    esp: Result<Rc<Volume>, Status>,
    loader_path: Option<String>,
    others: OnceCell<Vec<Other>>,
}

struct Other {
    device: Handle,
    volume: OnceCell<PortResult<Rc<Volume>>>,
}

impl Other {
    /// A volume that is opened when it is first used.
    const fn driven(device: Handle) -> Self {
        Self { device, volume: OnceCell::new() }
    }

    /// A volume that firmware has no driver for; `None` where nothing that is known is on the device.
    fn own(device: Handle) -> Option<Self> {
        let volume = Native::open(device)?.map(|reader| Rc::new(Volume::own(device, reader)));
        Some(Self { device, volume: OnceCell::from(volume) })
    }

    /// A driver that fails leaves the volume to LamBoot's own readers.
    fn open(&self) -> &PortResult<Rc<Volume>> {
        self.volume.get_or_init(|| {
            let driven = Volume::driven(self.device);
            let volume = driven.or_else(|why| match Native::open(self.device) {
                Some(Ok(reader)) => Ok(Volume::own(self.device, reader)),
                _ => Err(status::error(why)),
            });
            volume.map(Rc::new)
        })
    }

    /// What is known of the file system without opening it.
    fn describe(&self) -> (&'static str, Condition, bool) {
        match self.volume.get() {
            None => ("", Condition::Good, false),
            Some(Ok(volume)) => (volume.file_system(), volume.condition(), volume.only_reads()),
            Some(Err(why)) => ("", Condition::Closed(why.to_string()), true),
        }
    }
}

/// The volumes, for every port that needs them.
pub(crate) type SharedVolumes = Rc<VolumeTable>;

impl VolumeTable {
    /// Opens the volume that LamBoot was loaded from.
    pub(crate) fn open() -> SharedVolumes {
        let (device, loader_path) = origin();
        let esp = device.and_then(Volume::driven).map(Rc::new);
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
        other.open().as_ref().map_err(PortError::clone)
    }

    fn others(&self) -> &[Other] {
        self.others.get_or_init(|| {
            let own = self.esp.as_ref().ok().map(|esp| esp.device());
            let driven = handles_with(&SimpleFileSystemProtocol::GUID);
            let known = |device: &Handle| Some(*device) == own || driven.contains(device);
            let disks = handles_with(&BlockIO::GUID);
            let rest = disks.iter().filter(|device| !known(device) && !medium::is_divided(**device, &disks));
            let own_readers = rest.take(MAX_DEVICES).filter_map(|device| Other::own(*device));
            let drivers = driven.iter().filter(|device| Some(**device) != own).copied().map(Other::driven);
            drivers.chain(own_readers).take(MAX_VOLUMES.saturating_sub(1)).collect()
        })
    }

    fn describe_esp(&self) -> PortResult<Esp> {
        let esp = self.esp()?;
        Ok(Esp {
            volume: ESP,
            partition_guid: esp.device_path().ok().and_then(partition_guid),
            loader_path: self.loader_path.clone(),
            read_only: medium::of(esp.device()).read_only,
        })
    }

    /// Every volume, LamBoot's own first, each partition once.
    fn list(&self) -> Vec<VolumeInfo> {
        let own = self.esp.as_ref().ok().map(|esp| (ESP, esp.device(), ("", Condition::Good, false)));
        let others = (1..).zip(self.others());
        let others = others.map(|(number, other)| (VolumeId(number), other.device, other.describe()));
        let own_disk = own.as_ref().and_then(|(_, device, _)| device_path(*device).ok()).map(medium::disk);
        let mut disks = Vec::new();
        let mut list: Vec<VolumeInfo> = Vec::new();
        for (id, device, (file_system, condition, only_reads)) in own.into_iter().chain(others) {
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
                file_system: file_system.into(),
                condition,
                same_disk: own_disk.is_some_and(|own| own == medium::disk(path)),
                removable: medium.removable,
                read_only: only_reads || medium.read_only,
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
        self.volumes.volume(id)?.metadata(path)
    }

    fn read_dir(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
        self.volumes.volume(id)?.list(path, limit)
    }

    fn read(&mut self, id: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        self.volumes.volume(id)?.read(path, limit)
    }

    fn read_at(&mut self, id: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        self.volumes.volume(id)?.read_at(path, offset, length)
    }
}
