// SPDX-License-Identifier: MIT OR Apache-2.0
//! Members of md mirrors, each of which has all bytes.

use crate::device::Device;
use crate::error::{Error, Family, Result};
use read_at::Part;
use volume_view as reader;
use volume_view::md::Member;

/// What a member of a mirror has in common with the others.
pub(crate) fn open(mut device: Device) -> Result<Device> {
    let size = device.size();
    let member = Member::find(&mut device, size).map_err(error)?.ok_or_else(Error::unknown)?;
    let (place, length) = member
        .mirror()
        .map_err(|why| error::<crate::device::DeviceError>(reader::Error::Unsupported(why)))?;
    let length = length.min(size.saturating_sub(place));
    Device::new(Part::new(device, place, length), length)
}

pub(crate) fn error<E: core::fmt::Display>(error: reader::Error<E>) -> Error {
    let family = match error.family() {
        reader::Family::Device => Family::Device,
        reader::Family::Unsupported => Family::Unsupported,
        reader::Family::Damaged => Family::Damaged,
        reader::Family::Misuse => Family::Misuse,
    };
    Error::of_reader(family, error.token(), &error)
}
