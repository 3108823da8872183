// SPDX-License-Identifier: MIT OR Apache-2.0
//! From disks that nobody has divided to their partitions.

use crate::device::Device;
use crate::probe;
use alloc::vec::Vec;
use partitions::{Disk, Partition, Table};
use read_at::Part;

/// The most partitions of one disk that are looked at: the beginning of each is kept.
pub const DIVIDED_MAX: usize = 64;

/// The partitions of `disk`, which has sectors of so many bytes; none where it has no table, or where something that
/// is known begins at its first byte: it is a volume as a whole then.
///
/// Partitions that reach beyond the end of the disk are left out, and others are not. Those that cannot be read at
/// their beginning are left out, too.
#[must_use]
pub fn divide(disk: &Device, sector_size: u32) -> Vec<(Partition, Device)> {
    if !matches!(probe::main(&mut disk.clone()), Ok(None)) {
        return Vec::new();
    }
    let sectors = disk.size().checked_div(sector_size.into()).unwrap_or(0);
    let Ok(table) = Table::read(disk.clone(), Disk { sector_size, sectors }) else { return Vec::new() };
    let parts = table.partitions.into_iter().filter(|partition| !partition.is_extended());
    parts.take(DIVIDED_MAX).filter_map(|partition| part(disk, partition, sector_size)).collect()
}

fn part(disk: &Device, partition: Partition, sector_size: u32) -> Option<(Partition, Device)> {
    let start = partition.first.checked_mul(sector_size.into())?;
    let length = partition.sectors.checked_mul(sector_size.into())?;
    let device = Device::new(Part::new(disk.clone(), start, length), length).ok()?;
    Some((partition, device))
}
