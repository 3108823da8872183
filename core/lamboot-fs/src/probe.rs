// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on a volume, by its superblock.

use crate::error::{Error, Result};
use crate::system::FileSystem;
use crate::{Kind, ReadAt};
use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt::Display;

/// The first bytes of XFS (XFS Algorithms & Data Structures, "Superblocks").
const XFS: &[u8] = b"XFSB";

/// Opens the file system on `device`.
///
/// # Errors
///
/// **Unknown**: there is none that is known. Else, why it cannot be read.
pub fn open<R>(mut device: R) -> Result<Box<dyn FileSystem>>
where
    R: ReadAt + 'static,
    R::Error: Display,
{
    let mut first = [0; 512];
    device.read_at(0, &mut first).map_err(|why| unreadable(&why))?;
    if first.starts_with(XFS) {
        return crate::xfs::open(device);
    }
    crate::fat::open(device).map_err(|why| if why.token == "not_fat" { Error::unknown() } else { why })
}

fn unreadable(why: &dyn Display) -> Error {
    Error { kind: Kind::Device, token: "device", message: why.to_string() }
}
