// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files to read: the volume that LamBoot was loaded from, and every other one that firmware has a file
//! system driver for or LamBoot a reader.
//!
//! The first is found through the loader's own Loaded Image (UEFI 2.10, section 9.1). Each volume is
//! opened once, at its first use, without taking it from its driver, and kept open: firmware loses an
//! ESP that is opened exclusively.

use crate::medium;
use crate::own_volumes::{self, Found, OwnPartition};
use crate::path::{file_path, partition_guid};
use crate::services::{handles_with, interface};
use crate::status;
use crate::storage;
use crate::volume::{Volume, device_path};
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::{
    Condition, Esp, Identity, Listing, Metadata, Subvolume, VolumeId, VolumeInfo, VolumeRole, Volumes,
};
use lamboot_schema::volume::VolumeIdentity;
use uefi::proto::loaded_image::LoadedImage;
use uefi::proto::media::block::BlockIO;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::file_system::SimpleFileSystemProtocol;

/// The number that means the volume that LamBoot was loaded from; others are counted from there.
const ESP: VolumeId = VolumeId(0);
/// The most volumes that are looked at.
const MAX_VOLUMES: usize = 32;
/// The bits of a volume's number that say which device it is on; those above are the number of its subvolume,
/// if it is one.
const PLACE_BITS: u32 = 8;

/// Every volume, opened when it is first used.
pub(crate) struct VolumeTable {
    esp: Result<Rc<Volume>, Status>,
    loader_path: Option<String>,
    others: OnceCell<Vec<Other>>,
}

struct Other {
    device: Handle,
    partition: Option<OwnPartition>,
    /// Group and name of a logical volume.
    logical: Option<String>,
    volume: OnceCell<PortResult<Rc<Volume>>>,
}

impl Other {
    /// A volume that is opened when it is first used.
    const fn driven(device: Handle) -> Self {
        Self { device, partition: None, logical: None, volume: OnceCell::new() }
    }

    /// A volume that firmware has no driver for.
    fn own(found: Found) -> Self {
        let Found { device, partition, logical, volume } = found;
        let volume = volume.map(|reader| Rc::new(Volume::own(device, reader)));
        Self { device, partition, logical, volume: OnceCell::from(volume) }
    }

    /// A driver that fails leaves the volume to LamBoot's own readers.
    fn open(&self) -> &PortResult<Rc<Volume>> {
        self.volume.get_or_init(|| {
            let driven = Volume::driven(self.device);
            let volume = driven.or_else(|why| match own_volumes::open_all(&[self.device]).pop() {
                Some(Found { volume: Ok(reader), .. }) => Ok(Volume::own(self.device, reader)),
                _ => Err(status::error(why)),
            });
            volume.map(Rc::new)
        })
    }

    /// What is known of the file system without opening it.
    fn describe(&self) -> Description {
        match self.volume.get() {
            None => Description::default(),
            Some(Ok(volume)) => Description::of(volume),
            Some(Err(why)) => {
                let condition = Condition::Closed(closed(why));
                Description { condition, only_reads: true, ..Description::default() }
            }
        }
    }
}

/// Why a volume is closed: the reader's own words, where it has some.
fn closed(why: &PortError) -> String {
    if why.detail.is_empty() { why.to_string() } else { why.detail.clone() }
}

/// What is known of a volume's file system.
struct Description {
    file_system: Option<&'static str>,
    uuid: Option<String>,
    condition: Condition,
    only_reads: bool,
}

impl Default for Description {
    fn default() -> Self {
        Self { file_system: None, uuid: None, condition: Condition::Good, only_reads: false }
    }
}

impl Description {
    fn of(volume: &Volume) -> Self {
        Self {
            file_system: volume.file_system(),
            // To ask a driver costs requests.
            uuid: volume.only_reads().then(|| volume.identity().uuid).flatten(),
            condition: volume.condition(),
            only_reads: volume.only_reads(),
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
    pub(crate) fn volume(&self, id: VolumeId) -> PortResult<Rc<Volume>> {
        if id == ESP {
            return self.esp().cloned();
        }
        let (place, subvolume) = (id.0 & ((1 << PLACE_BITS) - 1), id.0 >> PLACE_BITS);
        let place = usize::try_from(place).ok().and_then(|number| number.checked_sub(1));
        let other = place.and_then(|place| self.others().get(place)).ok_or(ErrorKind::NotFound)?;
        let volume = other.open().clone()?;
        if subvolume == 0 { Ok(volume) } else { volume.subvolume(subvolume.into()).map(Rc::new) }
    }

    /// The newest subvolumes, and the top level. Those with names that are no text cannot be named to Linux.
    fn subvolumes(&self, id: VolumeId, limit: usize) -> PortResult<Vec<Subvolume>> {
        let found = self.volume(id)?.subvolumes(limit)?;
        let described = |found: lamboot_fs::Subvolume| {
            Some(Subvolume {
                volume: subvolume_id(id, found.id)?,
                path: String::from_utf8(found.path).ok()?,
                read_only: found.read_only,
                is_root: found.is_root,
            })
        };
        Ok(found.into_iter().filter_map(described).collect())
    }

    fn others(&self) -> &[Other] {
        self.others.get_or_init(|| {
            storage::connect();
            let own = self.esp.as_ref().ok().map(|esp| esp.device());
            let driven = handles_with(&SimpleFileSystemProtocol::GUID);
            let known = |device: &Handle| Some(*device) == own || driven.contains(device);
            let disks = handles_with(&BlockIO::GUID);
            let rest = disks.iter().filter(|device| !known(device) && !medium::is_divided(**device, &disks));
            let rest: Vec<Handle> = rest.take(own_volumes::MAX_DEVICES).copied().collect();
            let own_readers = own_volumes::open_all(&rest).into_iter().map(Other::own);
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
        let own = self.esp.as_ref().ok().map(|esp| (ESP, Other::driven(esp.device())));
        let own = own.iter().map(|(id, esp)| (*id, esp, Description::default()));
        let others = (1..).zip(self.others());
        let others = others.map(|(number, other)| (VolumeId(number), other, other.describe()));
        let own_disk =
            self.esp.as_ref().ok().and_then(|esp| device_path(esp.device()).ok()).map(medium::disk);
        let mut disks = Vec::new();
        let mut list: Vec<VolumeInfo> = Vec::new();
        for (id, other, description) in own.chain(others) {
            let Other { device, partition, logical, .. } = other;
            let Ok(path) = device_path(*device) else { continue };
            let place = medium::place(path, &mut disks).part(partition.as_ref().map(|own| own.number));
            let guid = partition.as_ref().map_or_else(|| partition_guid(path), |own| own.guid.clone());
            // A logical volume is on partitions, and is none.
            let partition_guid = guid.filter(|_| logical.is_none());
            let known = || list.iter().any(|known| known.identity.partition_guid == partition_guid);
            // Of file systems that are told apart by their own number, the copies are not left out here.
            if description.uuid.is_none() && partition_guid.is_some() && known() {
                continue;
            }
            let medium = medium::of(*device);
            let role = partition.as_ref().map_or_else(|| medium::role(*device), |own| own.role);
            let identity = VolumeIdentity {
                name: logical.clone().unwrap_or_else(|| place.name()),
                file_system: description.file_system.map(String::from),
                uuid: description.uuid,
                partition_guid,
                logical_volume: logical.clone(),
                subvolume: None,
            };
            list.push(VolumeInfo {
                id,
                role: if id == ESP { VolumeRole::Boot } else { role },
                identity: identity.into(),
                condition: description.condition,
                same_disk: own_disk.is_some_and(|own| own == medium::disk(path)),
                removable: medium.removable,
                read_only: description.only_reads || medium.read_only,
            });
        }
        list
    }
}

/// The number of a subvolume of the volume `id`; none where it is too large for that.
fn subvolume_id(id: VolumeId, subvolume: u64) -> Option<VolumeId> {
    let subvolume = u32::try_from(subvolume).ok().filter(|number| number >> (u32::BITS - PLACE_BITS) == 0)?;
    Some(VolumeId(subvolume << PLACE_BITS | id.0))
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

    fn subvolumes(&mut self, id: VolumeId, limit: usize) -> PortResult<Vec<Subvolume>> {
        self.volumes.subvolumes(id, limit)
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
