// SPDX-License-Identifier: MIT OR Apache-2.0
//! LVM2: physical volumes, the group that they make, and its logical volumes.
//!
//! The format is what `lvm2` writes and describes in `lvm(8)`, `vgcfgbackup(8)` and in its design notes.

mod config;
mod group;
mod label;
mod layout;
mod volume;

pub use group::{Group, assemble};
pub use label::{PhysicalVolume, Uuid};
pub use volume::{LogicalVolume, Volume};

/// The most bytes of a group's metadata.
pub const TEXT_MAX: usize = 4 << 20;
/// The most layers of volumes that a volume is made of.
pub const DEPTH_MAX: u32 = 6;
/// The most parts of a volume, those of the volumes that it is made of included.
pub const PARTS_MAX: u32 = 65_536;

/// Whether `text` is the metadata of a group, as it stands in a metadata area and in a backup of
/// `vgcfgbackup`.
///
/// # Errors
/// It is none.
pub fn check(text: &[u8]) -> Result<(), crate::Error<core::convert::Infallible>> {
    layout::Layout::parse(text)?;
    Ok(())
}
