// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on a device, by its superblocks.

use crate::device::Device;
use crate::error::{Error, Kind, Result};
use crate::system::FileSystem;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString as _;
use fs_probe::{Found, Kind as Content};

/// What counts of all that was found: what has something else in it, else the file system.
pub(crate) fn main(device: &mut Device) -> Result<Option<Found>> {
    let size = device.size();
    let found = fs_probe::probe(&mut *device, size);
    let found =
        found.map_err(|why| Error { kind: Kind::Device, token: "device", message: why.to_string() })?;
    Ok(found.into_iter().next())
}

/// Opens what was found on one device, but for btrfs, which may be on several.
pub(crate) fn open_as(device: Device, found: &Found) -> Result<Box<dyn FileSystem>> {
    match found.kind {
        Content::Xfs => crate::xfs::open(device),
        Content::Ext2 | Content::Ext3 | Content::Ext4 => crate::ext::open(device, found.kind.token()),
        Content::Fat12 | Content::Fat16 | Content::Fat32 => crate::fat::open(device),
        Content::Luks1 | Content::Luks2 => Err(locked("LUKS", found)),
        Content::BitLocker => Err(locked("BitLocker", found)),
        other => Err(foreign(other)),
    }
}

fn locked(by: &str, found: &Found) -> Error {
    let uuid = found.uuid.as_deref().map(|uuid| format!(" (UUID {uuid})")).unwrap_or_default();
    Error { kind: Kind::Locked, token: found.kind.token(), message: format!("it is locked by {by}{uuid}") }
}

fn foreign(what: Content) -> Error {
    let token = what.token();
    Error { kind: Kind::Foreign, token, message: format!("nothing here reads {token}") }
}
