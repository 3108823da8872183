// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logical volumes of LVM2.

use crate::assemble::Candidate;
use crate::device::{Device, DeviceError};
use crate::error::Result;
use crate::mirror::error;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use read_at::ReadAt;
use volume_view::Error;
use volume_view::lvm::{Group, PhysicalVolume, assemble};

/// A logical volume.
pub(crate) struct Logical {
    /// The devices that its group is on.
    pub(crate) devices: Vec<usize>,
    /// Group and name.
    pub(crate) path: String,
    /// Its bytes, or why they cannot be had.
    pub(crate) device: Result<Device>,
}

/// The logical volumes that these physical volumes have.
pub(crate) fn volumes(physical: Vec<Candidate>) -> Vec<Logical> {
    let devices: Vec<usize> =
        physical.iter().flat_map(|candidate| candidate.devices.iter().copied()).collect();
    let mut volumes = Vec::new();
    let mut members = Vec::new();
    for candidate in physical {
        match PhysicalVolume::open(candidate.device) {
            Ok(member) => members.push(member),
            Err(why) => volumes.push(Logical {
                devices: candidate.devices,
                path: String::from("LVM"),
                device: Err(error(why)),
            }),
        }
    }
    for group in assemble(members) {
        match group {
            Ok(group) => volumes.extend(of_group(Rc::new(group), &devices)),
            Err(why) => volumes.push(Logical {
                devices: devices.clone(),
                path: String::from("LVM"),
                device: Err(error(why)),
            }),
        }
    }
    volumes
}

fn of_group(group: Rc<Group<Device>>, devices: &[usize]) -> Vec<Logical> {
    let list: Vec<(String, u64, Result<()>)> = group
        .volumes()
        .map(|volume| (volume.name().to_string(), volume.size(), volume.open().map(drop).map_err(error)))
        .collect();
    let logical = |(name, size, opened): (String, u64, Result<()>)| {
        let path = format!("{}/{name}", group.name());
        let shared = Shared { group: Rc::clone(&group), name };
        Logical { devices: devices.to_vec(), path, device: opened.and_then(|()| Device::new(shared, size)) }
    };
    list.into_iter().map(logical).collect()
}

/// A logical volume that keeps its group.
struct Shared {
    group: Rc<Group<Device>>,
    name: String,
}

impl ReadAt for Shared {
    type Error = Error<DeviceError>;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> core::result::Result<(), Self::Error> {
        self.group.open(&self.name)?.read_at(offset, buffer)
    }
}
