// SPDX-License-Identifier: MIT OR Apache-2.0
//! The first sector and what it says of the layout (Microsoft FAT specification, section 3).

use crate::bytes::{array, le16, le32};
use crate::error::{Fault, Flaw, Structure, Unsupported};

/// The bytes of the first sector that say something.
pub(crate) const LENGTH: usize = 512;
/// Clusters are numbered from here on.
pub(crate) const FIRST_CLUSTER: u32 = 2;
/// The fewest clusters of FAT16, and of FAT32 by the specification (section 3.5).
const FAT16_FROM: u32 = 4085;
const FAT32_FROM: u32 = 65525;
/// Above are the marks of bad clusters and of ends.
const CLUSTERS_MAX: u32 = 0x0FFF_FFF5;
/// The bytes of a directory's record.
pub(crate) const RECORD: u32 = 32;

/// The width of the numbers in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FatType {
    /// 12 bits.
    Fat12,
    /// 16 bits.
    Fat16,
    /// 32 bits, of which 28 are used.
    Fat32,
}

/// Where the root directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// Between the tables and the clusters: where, and how many records.
    Fixed(u64, u32),
    /// In the chain that begins with this cluster.
    Chain(u32),
}

/// What the first sector says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootSector {
    fat_type: FatType,
    sector_size: u32,
    cluster_size: u32,
    clusters: u32,
    size: u64,
    pub(crate) tables: Tables,
    pub(crate) root: Root,
    data_start: u64,
    volume_id: Option<u32>,
    label: Option<[u8; 11]>,
    /// Bit 0: not unmounted; bit 1: the device had errors.
    pub(crate) state: u8,
}

/// The copies of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    /// Where the first begins.
    pub(crate) start: u64,
    /// The bytes of one.
    pub(crate) size: u64,
    /// Those that have the same content, by number.
    pub(crate) first: u8,
    pub(crate) end: u8,
}

impl BootSector {
    /// The width of the numbers in the table: by the count of clusters, but FAT32 by its own fields,
    /// since `mkfs.fat -F 32` makes it with fewer clusters, too.
    #[must_use]
    pub fn fat_type(&self) -> FatType {
        self.fat_type
    }

    /// In bytes: 512 to 4096.
    #[must_use]
    pub fn sector_size(&self) -> u32 {
        self.sector_size
    }

    /// In bytes: a sector's to 512 KiB.
    #[must_use]
    pub fn cluster_size(&self) -> u32 {
        self.cluster_size
    }

    /// How many clusters there are.
    #[must_use]
    pub fn clusters(&self) -> u32 {
        self.clusters
    }

    /// Of the whole volume, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The serial number, where there is one.
    #[must_use]
    pub fn volume_id(&self) -> Option<u32> {
        self.volume_id
    }

    /// The label of the first sector, in the code page of whoever wrote it, padded with spaces. The one
    /// in the root directory is newer: [`Fat::label`](crate::Fat::label).
    #[must_use]
    pub fn label(&self) -> Option<&[u8; 11]> {
        self.label.as_ref()
    }

    /// Where the cluster begins, in bytes; it must be one.
    pub(crate) fn place(&self, cluster: u32) -> u64 {
        let index = u64::from(cluster.saturating_sub(FIRST_CLUSTER));
        self.data_start.saturating_add(index.saturating_mul(self.cluster_size.into()))
    }

    /// Whether there is such a cluster.
    pub(crate) fn has(&self, cluster: u32) -> bool {
        cluster.checked_sub(FIRST_CLUSTER).is_some_and(|index| index < self.clusters)
    }

    /// What `bytes`, the first [`LENGTH`] of a volume, say.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        let raw = Raw::parse(bytes).ok_or(Unsupported::NotFat)?;
        if raw.is_fat32 && raw.version != 0 {
            return Err(Unsupported::Version(raw.version).into());
        }
        let sector_size = u64::from(raw.sector_size);
        let damaged = |fault| Flaw::from(Structure::BootSector.damage(fault, 0));
        let table_sectors = raw.table_sectors.saturating_mul(raw.tables.into());
        let fixed = u64::from(raw.root_records).saturating_mul(RECORD.into()).div_ceil(sector_size);
        let root_start = u64::from(raw.reserved).saturating_add(table_sectors);
        let data = root_start.saturating_add(fixed);
        let rest = raw.sectors.checked_sub(data).ok_or(damaged(Fault::Bounds))?;
        let counted = rest.checked_div(raw.cluster_sectors.into()).unwrap_or(0);
        let counted = u32::try_from(counted).unwrap_or(u32::MAX).min(CLUSTERS_MAX);
        let fat_type = raw.fat_type(counted).ok_or(damaged(Fault::Value))?;
        let table_size = raw.table_sectors.saturating_mul(sector_size);
        let clusters = counted.min(fat_type.entries(table_size).saturating_sub(FIRST_CLUSTER));
        let (first, end) = raw.active().ok_or(damaged(Fault::Value))?;
        let start = u64::from(raw.reserved).saturating_mul(sector_size);
        let boot_sector = Self {
            fat_type,
            sector_size: raw.sector_size,
            cluster_size: raw.sector_size.saturating_mul(raw.cluster_sectors.into()),
            clusters,
            size: raw.sectors.saturating_mul(sector_size),
            tables: Tables { start, size: table_size, first, end },
            root: raw.root(root_start.saturating_mul(sector_size)),
            data_start: data.saturating_mul(sector_size),
            volume_id: raw.volume_id,
            label: raw.label,
            state: raw.state,
        };
        match boot_sector.root {
            _ if clusters == 0 => Err(damaged(Fault::Value)),
            Root::Chain(cluster) if !boot_sector.has(cluster) => Err(damaged(Fault::Bounds)),
            _ => Ok(boot_sector),
        }
    }
}

impl FatType {
    /// How many numbers a table of `size` bytes has.
    fn entries(self, size: u64) -> u32 {
        let entries = match self {
            Self::Fat12 => size.saturating_mul(2) / 3,
            Self::Fat16 => size / 2,
            Self::Fat32 => size / 4,
        };
        u32::try_from(entries).unwrap_or(u32::MAX)
    }
}

/// The fields, each possible by itself.
struct Raw {
    sector_size: u32,
    cluster_sectors: u8,
    reserved: u16,
    tables: u8,
    root_records: u16,
    sectors: u64,
    table_sectors: u64,
    is_fat32: bool,
    flags: u16,
    version: u16,
    root_cluster: u32,
    state: u8,
    volume_id: Option<u32>,
    label: Option<[u8; 11]>,
}

impl Raw {
    /// Nothing where a field has a value that no FAT volume has.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let [cluster_sectors] = array(bytes, 13);
        let [tables] = array(bytes, 16);
        let [media] = array(bytes, 21);
        let sector_size = u32::from(le16(bytes, 11));
        let sizes = sector_size.is_power_of_two() && (512..=4096).contains(&sector_size);
        let medium = media == 0xF0 || media >= 0xF8;
        let reserved = le16(bytes, 14);
        if !sizes || !medium || !cluster_sectors.is_power_of_two() || reserved == 0 || tables == 0 {
            return None;
        }
        let (short, long) = (le16(bytes, 19), le32(bytes, 32));
        let sectors = if short == 0 { u64::from(long) } else { short.into() };
        let is_fat32 = le16(bytes, 22) == 0;
        let table_sectors = if is_fat32 { u64::from(le32(bytes, 36)) } else { le16(bytes, 22).into() };
        if sectors == 0 || table_sectors == 0 {
            return None;
        }
        // What follows is at other places in FAT32 (sections 3.2 and 3.3).
        let more = if is_fat32 { 64 } else { 36 };
        let [_, state, signature] = array(bytes, more);
        let id = le32(bytes, more.saturating_add(3));
        let label: [u8; 11] = array(bytes, more.saturating_add(7));
        let named = signature == 0x29 && label != *b"NO NAME    " && label != [b' '; 11];
        Some(Self {
            sector_size,
            cluster_sectors,
            reserved,
            tables,
            root_records: le16(bytes, 17),
            sectors,
            table_sectors,
            is_fat32,
            flags: if is_fat32 { le16(bytes, 40) } else { 0 },
            version: le16(bytes, 42),
            root_cluster: le32(bytes, 44),
            state,
            volume_id: matches!(signature, 0x28 | 0x29).then_some(id),
            label: named.then_some(label),
        })
    }

    fn fat_type(&self, clusters: u32) -> Option<FatType> {
        match clusters {
            _ if self.is_fat32 => (self.root_records == 0).then_some(FatType::Fat32),
            ..FAT16_FROM => Some(FatType::Fat12),
            FAT16_FROM..FAT32_FROM => Some(FatType::Fat16),
            FAT32_FROM.. => None,
        }
    }

    /// Which tables are used: all of them, or the one that is active (`BPB_ExtFlags`, section 3.3).
    fn active(&self) -> Option<(u8, u8)> {
        if self.flags & 0x80 == 0 {
            return Some((0, self.tables));
        }
        let active = u8::try_from(self.flags & 0xF).ok().filter(|&active| active < self.tables)?;
        Some((active, active.saturating_add(1)))
    }

    fn root(&self, start: u64) -> Root {
        if self.is_fat32 {
            Root::Chain(self.root_cluster)
        } else {
            Root::Fixed(start, self.root_records.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A first sector with these: sector's size, sectors of a cluster, reserved, records of the root,
    /// sectors of a table, sectors.
    fn fat16(root: u16, table: u16, sectors: u32) -> Vec<u8> {
        let mut bytes = vec![0; LENGTH];
        bytes[11..13].copy_from_slice(&512_u16.to_le_bytes());
        (bytes[13], bytes[14], bytes[16], bytes[21]) = (1, 1, 2, 0xF8);
        bytes[17..19].copy_from_slice(&root.to_le_bytes());
        bytes[22..24].copy_from_slice(&table.to_le_bytes());
        bytes[32..36].copy_from_slice(&sectors.to_le_bytes());
        bytes
    }

    #[test]
    fn the_count_of_clusters_decides_between_fat12_and_fat16() {
        // 1 reserved, 2 x 16 of tables, 32 of the root.
        let clusters = |count: u32| BootSector::parse(&fat16(512, 16, 65 + count)).unwrap();
        assert_eq!(clusters(4084).fat_type(), FatType::Fat12);
        assert_eq!(clusters(4085).fat_type(), FatType::Fat16);
        // The table has no numbers for more.
        assert_eq!(clusters(4095).clusters(), 4094);
        let large = BootSector::parse(&fat16(512, 256, 545 + 65525));
        assert_eq!(large, Err(Structure::BootSector.damage(Fault::Value, 0).into()));
    }

    #[test]
    fn what_no_fat_volume_has_is_no_damage() {
        let not = |at: usize, byte: u8| {
            let mut bytes = fat16(512, 16, 5000);
            bytes[at] = byte;
            BootSector::parse(&bytes)
        };
        for (at, byte) in [(11, 1), (12, 32), (13, 3), (13, 0), (14, 0), (16, 0), (21, 0x55)] {
            assert_eq!(not(at, byte), Err(Unsupported::NotFat.into()), "{at}");
        }
        assert_eq!(BootSector::parse(&[]), Err(Unsupported::NotFat.into()));
        assert_eq!(
            BootSector::parse(&fat16(512, 16, 64)),
            Err(Structure::BootSector.damage(Fault::Bounds, 0).into())
        );
    }

    #[test]
    fn fat32_says_which_table_is_active() {
        let mut bytes = fat16(0, 0, 70_000);
        bytes[36] = 200;
        bytes[44] = 2;
        assert_eq!((BootSector::parse(&bytes).unwrap().tables.first, bytes[40]), (0, 0));
        bytes[40] = 0x81;
        let tables = BootSector::parse(&bytes).unwrap().tables;
        assert_eq!((tables.first, tables.end), (1, 2));
        bytes[40] = 0x82;
        assert_eq!(BootSector::parse(&bytes), Err(Structure::BootSector.damage(Fault::Value, 0).into()));
        (bytes[40], bytes[42]) = (0, 1);
        assert_eq!(BootSector::parse(&bytes), Err(Unsupported::Version(1).into()));
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_layout_within_the_volume(bytes in prop::collection::vec(any::<u8>(), 512), at in 0_usize..6) {
            let mut bytes = bytes;
            let sizes = [512_u16, 1024, 2048, 4096, 512, 512];
            bytes[11..13].copy_from_slice(&sizes[at].to_le_bytes());
            (bytes[13], bytes[21]) = (1 << at, 0xF8);
            bytes[42..44].fill(0);
            if let Ok(boot_sector) = BootSector::parse(&bytes) {
                let last = boot_sector.clusters() + 1;
                prop_assert!(boot_sector.has(last) && !boot_sector.has(last + 1) && !boot_sector.has(1));
                let end = boot_sector.place(last) + u64::from(boot_sector.cluster_size());
                prop_assert!(end <= boot_sector.size());
            }
        }
    }
}
