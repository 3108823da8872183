// SPDX-License-Identifier: MIT OR Apache-2.0
//! btrfs, on one device or several.

use crate::device::Device;
use crate::shape::{common_methods, common_words, file_types, link_methods};
use crate::system::{FileSystem, Identity, Place};
use crate::{Metadata, Result};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use btrfs_view as reader;
use btrfs_view::{Btrfs, LogState, Options, Superblock};

common_words!();
file_types!();

/// Opens the file system; paths begin in its default subvolume.
pub(crate) fn open(devices: Vec<Device>) -> Result<Box<dyn FileSystem>> {
    Ok(Box::new(Btrfs::open_devices(devices, Options::default()).map_err(error)?))
}

/// Whether another file system may have grown from the one on this device.
pub(crate) fn is_seed(device: &Device) -> bool {
    Superblock::read(&mut device.clone(), Options::default()).is_ok_and(|superblock| superblock.is_seed())
}

impl FileSystem for Btrfs<Device> {
    fn name(&self) -> &'static str {
        "btrfs"
    }

    fn identity(&self) -> Identity {
        let label = self.superblock().label();
        Identity {
            uuid: Some(crate::system::uuid(self.superblock().uuid())),
            label: (!label.is_empty()).then(|| String::from_utf8_lossy(label).into_owned()),
        }
    }

    fn remark(&self) -> Option<String> {
        let said = "it was not unmounted: files that were written in its last seconds may be old or missing";
        (self.log_state() != LogState::Clean).then(|| String::from(said))
    }

    common_methods!(place);
    link_methods!();
}

fn place(place: reader::Place) -> Place {
    match place {
        reader::Place::Zeros => Place::Zeros,
        reader::Place::Device(0, place) => Place::Volume(place),
        reader::Place::Device(..) | reader::Place::Encoded => Place::Elsewhere,
    }
}

fn metadata(of: &reader::Metadata) -> Metadata {
    Metadata {
        file_type: file_type(of.file_type),
        size: of.size,
        permissions: Some(of.permissions),
        modified: Some(of.modified.seconds),
    }
}

fn entry_type(entry: &reader::DirEntry<'_, Device>) -> Result<crate::FileType> {
    entry.file_type().map(file_type).map_err(error)
}
