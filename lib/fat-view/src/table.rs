// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table that chains clusters (Microsoft FAT specification, section 4), and the way along a chain.

use crate::boot_sector::FatType;
use crate::bytes::narrow;
use crate::error::{Error, Fault, Structure};
use crate::volume::Fat;
use read_at::ReadAt;

/// What the table says of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Next(u32),
    End,
    /// Free, bad, or no cluster of this volume.
    Broken,
}

/// A place in a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    first: u32,
    /// The cluster, and how many are before it.
    cluster: u32,
    index: u32,
    /// A cluster that was passed: whoever comes by again goes in a circle. It moves on after
    /// `patience` steps, and then waits twice as long (Brent's algorithm).
    anchor: u32,
    steps: u32,
    patience: u32,
}

impl Cursor {
    /// At the beginning of the chain that begins with `first`.
    pub(crate) fn new(first: u32) -> Self {
        Self { first, cluster: first, index: 0, anchor: first, steps: 0, patience: 1 }
    }

    fn advance(&mut self, next: u32) -> Result<(), Fault> {
        if next == self.anchor {
            return Err(Fault::Loop);
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps >= self.patience {
            (self.anchor, self.steps, self.patience) = (next, 0, self.patience.saturating_mul(2));
        }
        self.cluster = next;
        self.index = self.index.saturating_add(1);
        Ok(())
    }
}

impl<R: ReadAt> Fat<R> {
    /// The cluster of the chain after `index` others; none where the chain ends before.
    pub(crate) fn cluster_at(&self, cursor: &mut Cursor, index: u32) -> Result<Option<u32>, Error<R::Error>> {
        if index < cursor.index {
            *cursor = Cursor::new(cursor.first);
        }
        self.must_be_cluster(cursor.first)?;
        while cursor.index < index {
            if !self.step(cursor)? {
                return Ok(None);
            }
        }
        Ok(Some(cursor.cluster))
    }

    /// How many clusters from the cursor's on are one after another, `most` at the most. The cursor is
    /// at the last of them then.
    pub(crate) fn run(&self, cursor: &mut Cursor, most: u32) -> Result<u32, Error<R::Error>> {
        let mut count = 1;
        while count < most {
            let next = cursor.cluster.saturating_add(1);
            if self.link(cursor.cluster)? != Link::Next(next) {
                break;
            }
            self.step(cursor)?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// Goes to the next cluster; false where the chain ends.
    fn step(&self, cursor: &mut Cursor) -> Result<bool, Error<R::Error>> {
        let place = self.entry_place(cursor.cluster);
        let damaged = |fault| Structure::Chain.damage(fault, place);
        match self.link(cursor.cluster)? {
            Link::Next(next) => cursor.advance(next).map(|()| true).map_err(|fault| damaged(fault).into()),
            Link::End => Ok(false),
            Link::Broken => Err(damaged(Fault::Value).into()),
        }
    }

    fn must_be_cluster(&self, cluster: u32) -> Result<(), Error<R::Error>> {
        let damage = Structure::Chain.damage(Fault::Bounds, self.entry_place(cluster));
        if self.boot_sector().has(cluster) { Ok(()) } else { Err(damage.into()) }
    }

    fn link(&self, cluster: u32) -> Result<Link, Error<R::Error>> {
        let entry = self.entry(cluster)?;
        let end = match self.boot_sector().fat_type() {
            FatType::Fat12 => 0xFF8,
            FatType::Fat16 => 0xFFF8,
            FatType::Fat32 => 0x0FFF_FFF8,
        };
        Ok(match entry {
            next if self.boot_sector().has(next) => Link::Next(next),
            last if last >= end => Link::End,
            _ => Link::Broken,
        })
    }

    /// The number in the table at `cluster`.
    pub(crate) fn entry(&self, cluster: u32) -> Result<u32, Error<R::Error>> {
        let fat_type = self.boot_sector().fat_type();
        let mut bytes = [0; 4];
        let width = if fat_type == FatType::Fat32 { 4 } else { 2 };
        self.read_table(offset(fat_type, cluster), bytes.get_mut(..width).unwrap_or_default())?;
        Ok(decode(fat_type, cluster, u32::from_le_bytes(bytes)))
    }

    /// Where in the first of the tables in use the number of `cluster` is.
    fn entry_place(&self, cluster: u32) -> u64 {
        let boot_sector = self.boot_sector();
        let before = boot_sector.tables.size.saturating_mul(boot_sector.tables.first.into());
        let start = boot_sector.tables.start.saturating_add(before);
        start.saturating_add(offset(boot_sector.fat_type(), cluster))
    }

    /// Reads from whichever copy of the table can be read, the one that could be last time first.
    fn read_table(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Error<R::Error>> {
        let tables = self.boot_sector().tables;
        self.with_disk(|disk| {
            let preferred = disk.table.max(tables.first);
            let place = |table: u8| {
                let before = tables.size.saturating_mul(table.into());
                tables.start.saturating_add(before).saturating_add(offset)
            };
            let mut result = disk.read_kept(place(preferred), buffer);
            for table in (tables.first..tables.end).filter(|&table| table != preferred) {
                if result.is_ok() {
                    break;
                }
                result = disk.read_kept(place(table), buffer);
                disk.table = if result.is_ok() { table } else { preferred };
            }
            result
        })
    }
}

fn offset(fat_type: FatType, cluster: u32) -> u64 {
    let cluster = u64::from(cluster);
    match fat_type {
        FatType::Fat12 => cluster.saturating_add(cluster / 2),
        FatType::Fat16 => cluster.saturating_mul(2),
        FatType::Fat32 => cluster.saturating_mul(4),
    }
}

/// The number of `cluster` in the bytes at its offset. In FAT12 two numbers share three bytes.
fn decode(fat_type: FatType, cluster: u32, stored: u32) -> u32 {
    match fat_type {
        FatType::Fat12 if cluster & 1 == 1 => (stored >> 4) & 0xFFF,
        FatType::Fat12 => stored & 0xFFF,
        FatType::Fat16 => stored,
        FatType::Fat32 => stored & 0x0FFF_FFFF,
    }
}

/// How many clusters the bytes until `end` of a file need.
pub(crate) fn clusters_until(end: u64, cluster_size: u32) -> u32 {
    u32::try_from(end.div_ceil(u64::from(cluster_size).max(1))).unwrap_or(u32::MAX)
}

/// The cluster of a file that its byte `at` is in, and where in it.
pub(crate) fn split(at: u64, cluster_size: u32) -> (u32, usize) {
    let size = u64::from(cluster_size).max(1);
    let index = at.checked_div(size).unwrap_or(0);
    (u32::try_from(index).unwrap_or(u32::MAX), narrow(at.checked_rem(size).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_numbers_of_twelve_bits_share_three_bytes() {
        let table = [0xF8, 0xFF, 0xFF, 0x03, 0x40, 0x00];
        let entry = |cluster: u32| {
            let at = offset(FatType::Fat12, cluster) as usize;
            decode(FatType::Fat12, cluster, u16::from_le_bytes([table[at], table[at + 1]]).into())
        };
        assert_eq!([entry(0), entry(1), entry(2), entry(3)], [0xFF8, 0xFFF, 3, 4]);
        assert_eq!(decode(FatType::Fat32, 2, 0xF000_0003), 3);
    }

    proptest! {
        #[test]
        fn a_circle_is_found_within_three_times_its_length_and_no_chain_is_one(lead in 0_u32..500, circle in 1_u32..500) {
            let next = |cluster: u32| if cluster == lead + circle - 1 { lead } else { cluster + 1 };
            let mut cursor = Cursor::new(0);
            let mut steps = 0;
            while cursor.advance(next(cursor.cluster)).is_ok() {
                steps += 1;
                prop_assert!(steps <= 3 * (lead + circle), "{steps}");
            }
            let mut cursor = Cursor::new(0);
            for cluster in 1..lead + circle {
                prop_assert_eq!(cursor.advance(cluster), Ok(()));
            }
        }
    }
}
