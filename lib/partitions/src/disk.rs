// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a disk says of itself.

/// The sectors of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disk {
    /// The bytes of a sector.
    pub sector_size: u32,
    /// How many there are.
    pub sectors: u64,
}

impl Disk {
    pub(crate) fn is_possible(self) -> bool {
        self.sector_size.is_power_of_two() && (512..=4096).contains(&self.sector_size)
    }

    pub(crate) fn bytes(self) -> u64 {
        self.sectors.saturating_mul(self.sector_size.into())
    }
}
