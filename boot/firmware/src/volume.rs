// SPDX-License-Identifier: MIT OR Apache-2.0
//! One volume, whoever reads its file system.

use crate::block::Disk;
use crate::content::{Content, Store};
use crate::driven::Driven;
use crate::services::interface;
use crate::{fat, status};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::own_reader::OwnReader;
use lamboot_core::ports::{Condition, FileKind, Identity, Listing, Metadata};
use lamboot_core::source::Source;
use uefi::proto::device_path::DevicePath;
use uefi::{Handle, Identify, Status};

/// An open volume.
pub(crate) struct Volume {
    device: Handle,
    reader: Reader,
}

enum Reader {
    /// A driver of the firmware.
    Driver(Driven),
    /// One of LamBoot's own readers.
    Own(Rc<OwnReader>),
}

impl Volume {
    /// Opens the file system that firmware has a driver for.
    pub(crate) fn driven(device: Handle) -> Result<Self, Status> {
        Ok(Self { device, reader: Reader::Driver(Driven::open(device)?) })
    }

    /// Opens the file system that LamBoot has a reader for.
    pub(crate) fn own(device: Handle, reader: OwnReader) -> Self {
        Self { device, reader: Reader::Own(Rc::new(reader)) }
    }

    /// The device that it is on.
    pub(crate) const fn device(&self) -> Handle {
        self.device
    }

    /// The device path of the partition.
    pub(crate) fn device_path(&self) -> Result<&DevicePath, Status> {
        device_path(self.device)
    }

    /// The firmware's driver, which is the only one that writes.
    pub(crate) fn driver(&self) -> PortResult<&Driven> {
        match &self.reader {
            Reader::Driver(driver) => Ok(driver),
            Reader::Own(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// Whether only reading is possible, whatever the medium says.
    pub(crate) const fn only_reads(&self) -> bool {
        matches!(self.reader, Reader::Own(_))
    }

    /// What its file system is called, where it is known.
    pub(crate) fn file_system(&self) -> Option<&'static str> {
        match &self.reader {
            // Firmware does not say; nearly always it is FAT.
            Reader::Driver(_) => None,
            Reader::Own(own) => Some(own.name()),
        }
    }

    /// The state that the file system was found in.
    pub(crate) fn condition(&self) -> Condition {
        match &self.reader {
            Reader::Driver(_) => Condition::Good,
            Reader::Own(own) => own.condition(),
        }
    }

    /// How Linux will call the file system.
    pub(crate) fn identity(&self) -> Identity {
        match &self.reader {
            Reader::Driver(driver) => {
                let sector = Disk::open(self.device).and_then(|mut disk| disk.first_sector());
                let serial = sector.and_then(|sector| fat::serial(&sector));
                Identity {
                    file_system: serial.is_some().then(|| "vfat".into()),
                    uuid: serial,
                    label: driver.root().volume_label().ok().filter(|label| !label.is_empty()),
                }
            }
            Reader::Own(own) => own.identity(),
        }
    }

    /// The newest subvolumes of the file system, and its top level; none where a driver reads it.
    pub(crate) fn subvolumes(&self, limit: usize) -> PortResult<Vec<lamboot_fs::Subvolume>> {
        match &self.reader {
            Reader::Driver(_) => Ok(Vec::new()),
            Reader::Own(own) => own.subvolumes(limit),
        }
    }

    /// The subvolume of this number, as a volume of its own.
    pub(crate) fn subvolume(&self, id: u64) -> PortResult<Self> {
        match &self.reader {
            Reader::Driver(_) => Err(ErrorKind::NotFound.into()),
            Reader::Own(own) => Ok(Self::own(self.device, own.subvolume(id)?)),
        }
    }

    /// Metadata of a file or directory.
    pub(crate) fn metadata(&self, path: &str) -> PortResult<Metadata> {
        match &self.reader {
            Reader::Driver(driver) => driver.open_path(path)?.metadata().map_err(status::error),
            Reader::Own(own) => own.metadata(path),
        }
    }

    /// The first names of a directory.
    pub(crate) fn list(&self, path: &str, limit: usize) -> PortResult<Listing> {
        match &self.reader {
            Reader::Driver(driver) => driver.list(path, limit),
            Reader::Own(own) => own.list(path, limit),
        }
    }

    /// A whole file of at most `limit` bytes.
    pub(crate) fn read(&self, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        let (store, size) = self.open_file(path)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= limit);
        read_part(&store, 0, size.ok_or(ErrorKind::TooLarge)?)
    }

    /// At most `length` bytes of a file from `offset` on.
    pub(crate) fn read_at(&self, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        let (store, size) = self.open_file(path)?;
        let rest = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        read_part(&store, offset, rest.min(length))
    }

    /// Opens the file that holds an image or initrd, and finds its bytes in it.
    pub(crate) fn open_source(&self, source: Source<'_>) -> PortResult<Content> {
        let (store, file_size) = self.open_file(source.file_path())?;
        let (extents, size) = source.extents(file_size)?;
        Ok(Content::new(store, extents, size))
    }

    /// Opens a file, not a directory, and tells its size.
    fn open_file(&self, path: &str) -> PortResult<(Store, u64)> {
        match &self.reader {
            Reader::Driver(driver) => {
                let (file, size) = driver.open_file(path)?;
                Ok((Store::Driver(file), size))
            }
            Reader::Own(own) => {
                let metadata = own.metadata(path)?;
                match metadata.kind {
                    FileKind::Directory => Err(ErrorKind::IsDirectory.into()),
                    FileKind::File => Ok((Store::Own(Rc::clone(own), String::from(path)), metadata.size)),
                }
            }
        }
    }
}

/// The device path of a handle.
pub(crate) fn device_path<'h>(device: Handle) -> Result<&'h DevicePath, Status> {
    let found = interface(device, &DevicePath::GUID)?;
    // SAFETY: UEFI 2.10, section 10.2: the interface is a device path that ends with an end node and
    // stays as long as its handle; handles of disks stay while they are plugged in, and a loader's own
    // life is short.
    Ok(unsafe { DevicePath::from_ffi_ptr(found.as_ptr().cast_const().cast()) })
}

fn read_part(store: &Store, offset: u64, length: usize) -> PortResult<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| ErrorKind::OutOfMemory)?;
    bytes.resize(length, 0);
    store.fill(offset, &mut bytes)?;
    Ok(bytes)
}
