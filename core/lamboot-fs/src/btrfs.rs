// SPDX-License-Identifier: MIT OR Apache-2.0
//! btrfs, on one device or several.

use crate::device::Device;
use crate::shape::{common_methods, common_words, file_types, link_methods};
use crate::system::{FileSystem, Identity, Place, Subvolume};
use crate::{Metadata, Result};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use btrfs_view as reader;
use btrfs_view::{Btrfs, File, LogState, Options, Superblock, TOP_LEVEL};

common_words!();
file_types!();

/// The file system, or one of its subvolumes.
struct System {
    volume: Rc<Btrfs<Device>>,
    /// The subvolume in which paths begin.
    root: u64,
}

/// Whether another file system may have grown from the one on this device.
pub(crate) fn is_seed(device: &Device) -> bool {
    Superblock::read(&mut device.clone(), Options::default()).is_ok_and(|superblock| superblock.is_seed())
}

/// Opens the file system; paths begin in its default subvolume.
pub(crate) fn open(devices: Vec<Device>) -> Result<Box<dyn FileSystem>> {
    let volume = Btrfs::open_devices(devices, Options::default()).map_err(error)?;
    let root = volume.default_subvolume().map_err(error)?;
    Ok(Box::new(System { volume: Rc::new(volume), root }))
}

type Found<'x> = core::result::Result<File<'x, Device>, reader::Error<crate::DeviceError>>;

impl System {
    fn lookup(&self, path: &[u8]) -> Found<'_> {
        self.volume.lookup_in(self.root, path)
    }

    fn lookup_no_follow(&self, path: &[u8]) -> Found<'_> {
        self.volume.lookup_no_follow_in(self.root, path)
    }

    fn describe(&self, id: u64, read_only: bool) -> Result<Subvolume> {
        let path = self.volume.subvolume_path(id).map_err(error)?;
        let path = path.strip_prefix(b"/").map(<[u8]>::to_vec).unwrap_or_default();
        Ok(Subvolume { id, path, read_only, is_root: id == self.root })
    }
}

impl FileSystem for System {
    fn name(&self) -> &'static str {
        "btrfs"
    }

    fn identity(&self) -> Identity {
        let label = self.volume.superblock().label();
        Identity {
            uuid: Some(crate::system::uuid(self.volume.superblock().uuid())),
            label: (!label.is_empty()).then(|| String::from_utf8_lossy(label).into_owned()),
        }
    }

    fn remark(&self) -> Option<String> {
        let said = "it was not unmounted: files that were written in its last seconds may be old or missing";
        (self.volume.log_state() != LogState::Clean).then(|| String::from(said))
    }

    fn subvolumes(&self, limit: usize) -> Result<Vec<Subvolume>> {
        let newest = self.volume.newest_subvolumes(limit).map_err(error)?;
        // What cannot be described is damaged, or was moved where no path leads.
        let found = newest.iter().filter_map(|found| self.describe(found.id, found.read_only).ok());
        let top =
            Subvolume { id: TOP_LEVEL, path: Vec::new(), read_only: false, is_root: self.root == TOP_LEVEL };
        Ok(found.chain([top]).collect())
    }

    fn subvolume(&self, id: u64) -> Result<Box<dyn FileSystem>> {
        self.volume.root_of(id).map_err(error)?;
        Ok(Box::new(Self { volume: Rc::clone(&self.volume), root: id }))
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
