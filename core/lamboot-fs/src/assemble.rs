// SPDX-License-Identifier: MIT OR Apache-2.0
//! From all the devices of a machine to its volumes: file systems on one device or several, logical volumes of
//! LVM2, mirrors of md.

use crate::device::Device;
use crate::error::{Error, Kind, Result};
use crate::system::FileSystem;
use crate::{logical, mirror, probe};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use fs_probe::{Found, Kind as Content};

/// The most volumes that are listed.
pub const VOLUMES_MAX: usize = 128;

/// Something that has, or should have, a file system.
pub struct Volume {
    /// The devices that it is on, by their places in what was given.
    pub devices: Vec<usize>,
    /// Group and name of a logical volume, with a slash between.
    pub logical: Option<String>,
    /// Its file system, or why there is none to read. **Unknown**: nothing that is known is on it.
    /// **Foreign**: something that nothing here reads. **Locked**: its owner's key is needed.
    pub system: Result<Box<dyn FileSystem>>,
}

/// Something to look at.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) devices: Vec<usize>,
    pub(crate) logical: Option<String>,
    pub(crate) device: Device,
}

/// What a candidate is made of.
#[derive(Clone, Copy)]
enum Layer {
    /// It is a device of the machine.
    Device,
    /// It is a mirror of such devices, which may be a physical volume, but no other mirror.
    Mirror,
    /// It is a logical volume.
    Logical,
}

/// All volumes of `devices`.
#[must_use]
pub fn assemble(devices: Vec<Device>) -> Vec<Volume> {
    let mut work = Work::default();
    for (place, device) in devices.into_iter().enumerate() {
        work.look(Candidate { devices: alloc::vec![place], logical: None, device }, Layer::Device);
    }
    for volume in logical::volumes(core::mem::take(&mut work.physical)) {
        work.look_into(volume.devices, Some(volume.path), volume.device, Layer::Logical);
    }
    work.open_btrfs();
    let key = |place: usize| work.volumes.get(place).map(|volume| (&volume.devices, &volume.logical));
    let mut order = view_parts::sorted(work.volumes.len(), &mut |a, b| key(a).cmp(&key(b)));
    order.truncate(VOLUMES_MAX);
    view_parts::permuted(work.volumes, &order)
}

#[derive(Default)]
struct Work {
    volumes: Vec<Volume>,
    /// Physical volumes of LVM2.
    physical: Vec<Candidate>,
    /// Members of btrfs, by the file system's UUID.
    btrfs: Vec<(Option<String>, Vec<Candidate>)>,
    /// Mirrors of which a member was taken.
    mirrors: Vec<Option<String>>,
}

impl Work {
    /// Looks at what is on a device of this layer. Layers below it are looked for, those above it are not.
    fn look(&mut self, mut candidate: Candidate, layer: Layer) {
        match (layer, probe::main(&mut candidate.device)) {
            (Layer::Device, Ok(Some(found))) if found.kind == Content::MdMember => {
                self.take_member(candidate, found);
            }
            (Layer::Device | Layer::Mirror, Ok(Some(found))) if found.kind == Content::LvmPv => {
                self.physical.push(candidate);
            }
            (_, found) => self.take(candidate, found),
        }
    }

    /// Looks at what was made of devices, if it could be made.
    fn look_into(
        &mut self,
        devices: Vec<usize>,
        logical: Option<String>,
        device: Result<Device>,
        layer: Layer,
    ) {
        match device {
            Ok(device) => self.look(Candidate { devices, logical, device }, layer),
            Err(why) => self.volumes.push(Volume { devices, logical, system: Err(why) }),
        }
    }

    /// Takes a volume that has a file system, or nothing, on it.
    fn take(&mut self, candidate: Candidate, found: Result<Option<Found>>) {
        let system = match found {
            Ok(Some(found)) if found.kind == Content::Btrfs => return self.take_btrfs(candidate, found.uuid),
            Ok(Some(found)) => probe::open_as(candidate.device, &found),
            Ok(None) => Err(Error::unknown()),
            Err(why) => Err(why),
        };
        self.volumes.push(Volume { devices: candidate.devices, logical: candidate.logical, system });
    }

    fn take_btrfs(&mut self, candidate: Candidate, uuid: Option<String>) {
        match self.btrfs.iter_mut().find(|(known, _)| *known == uuid) {
            Some((_, members)) => members.push(candidate),
            None => self.btrfs.push((uuid, alloc::vec![candidate])),
        }
    }

    /// Of a mirror, the first member that is up to date stands for all.
    fn take_member(&mut self, candidate: Candidate, found: Found) {
        if self.mirrors.contains(&found.uuid) {
            return;
        }
        let mirror = mirror::open(candidate.device);
        if mirror.is_ok() {
            self.mirrors.push(found.uuid);
        }
        self.look_into(candidate.devices, None, mirror, Layer::Mirror);
    }

    fn open_btrfs(&mut self) {
        let groups: Vec<_> =
            core::mem::take(&mut self.btrfs).into_iter().map(|(_, members)| members).collect();
        // What grew from a seed has another UUID, so there are two of them then.
        let (several, is_seed) =
            (groups.len() > 1, |member: &Candidate| crate::btrfs::is_seed(&member.device));
        let (seeds, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|members| several && members.iter().all(is_seed));
        let grown = |members: Vec<Candidate>| members.into_iter().chain(seeds.iter().flatten().cloned());
        self.volumes.extend(others.into_iter().map(|members| btrfs_volume(grown(members).collect())));
        self.volumes.extend(seeds.into_iter().map(btrfs_volume));
    }
}

fn btrfs_volume(members: Vec<Candidate>) -> Volume {
    let devices = members.iter().flat_map(|member| member.devices.iter().copied()).collect();
    let logical = members.first().and_then(|member| member.logical.clone());
    let system = crate::btrfs::open(members.into_iter().map(|member| member.device).collect());
    Volume { devices, logical, system }
}

impl core::fmt::Debug for Volume {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let what = match &self.system {
            Ok(system) => String::from(system.name()),
            Err(why) => format!("{:?}", why.kind),
        };
        write!(f, "Volume({:?}, {:?}, {what})", self.devices, self.logical)
    }
}

impl Volume {
    /// Whether something that boots may come from is on it, readable or not.
    #[must_use]
    pub fn is_of_interest(&self) -> bool {
        self.system.as_ref().err().is_none_or(|why| !matches!(why.kind, Kind::Unknown | Kind::Foreign))
    }
}
