// SPDX-License-Identifier: MIT OR Apache-2.0
//! The superblock of the first allocation group: how a file system is laid out (XFS Algorithms &
//! Data Structures, "Superblocks").

use crate::bytes::{array, be16, be32, be64, byte, index, narrow};
use crate::error::{Damage, Fault, Flaw, Structure, Unsupported};
use crate::features::{Features, Fields};
use crate::geometry::Geometry;
use crate::{Verify, crc32c};

/// What is read at first. A superblock has a sector, which may be larger.
pub(crate) const FIRST_READ: usize = 4096;
const MAGIC: &[u8; 4] = b"XFSB";
/// Bytes of the fields.
const FIELDS: usize = 304;
const CRC: usize = 224;

/// The bytes that a sector, a block or an inode may have, as powers of two.
const SECTOR_LOG: core::ops::RangeInclusive<u8> = 9..=15;
const BLOCK_LOG: core::ops::RangeInclusive<u8> = 9..=16;
const INODE_LOG: core::ops::RangeInclusive<u8> = 8..=11;

/// What the superblock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superblock {
    geometry: Geometry,
    features: Features,
    label: [u8; 12],
    uuid: [u8; 16],
    root: u64,
    log: LogPlace,
    /// The place in the log of the transaction that wrote the superblock last; 0 in version 4.
    lsn: u64,
    free_blocks: u64,
    realtime_blocks: u64,
}

/// Where the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogPlace {
    /// In bytes from the beginning of the file system.
    pub(crate) offset: u64,
    /// In bytes.
    pub(crate) length: u64,
}

/// The size of the sector that the superblock in `bytes` has.
///
/// # Errors
///
/// It is none, or is damaged.
pub(crate) fn sector_size(bytes: &[u8]) -> Result<usize, Flaw> {
    if bytes.get(..MAGIC.len()) != Some(MAGIC) {
        return Err(Unsupported::NotXfs.into());
    }
    let log = byte(bytes, 121).filter(|log| SECTOR_LOG.contains(log));
    let size = log.and_then(|log| 1_usize.checked_shl(u32::from(log)));
    let size = size.filter(|&size| be16(bytes, 102).map(usize::from) == Some(size));
    size.ok_or(damage(Fault::Value).into())
}

fn damage(fault: Fault) -> Damage {
    Structure::Superblock.damage(fault, 0)
}

impl Superblock {
    /// Reads the superblock that is in the first sector, `sector`.
    ///
    /// # Errors
    ///
    /// It is damaged, or has a feature that stands in a reader's way.
    pub(crate) fn parse(sector: &[u8], verify: Verify) -> Result<Self, Flaw> {
        let short = || Flaw::from(damage(Fault::Value));
        if sector.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(Unsupported::NotXfs.into());
        }
        let fields = sector.get(..FIELDS).ok_or_else(short)?;
        let features = features(fields).ok_or_else(short)?;
        // A bit that is wrong must not be taken for a feature.
        let is_v5 = features.versionnum & 0xF == 5;
        if is_v5 && verify == Verify::Checksums && !crc32c::holds(sector, CRC) {
            return Err(damage(Fault::Checksum).into());
        }
        let features = Features::judge(features)?;
        if be64(fields, 48) == Some(0) {
            return Err(Unsupported::ExternalLog.into());
        }
        Self::fields(fields, features).ok_or_else(short)
    }

    fn fields(fields: &[u8], features: Features) -> Option<Self> {
        // Still being made by mkfs.xfs.
        let finished = byte(fields, 126)? == 0;
        let geometry = geometry(fields, features).filter(|_| finished)?;
        let uuid = array(fields, 32)?;
        let blocks = be32(fields, 96)?;
        let offset = geometry.run(be64(fields, 48)?, u64::from(blocks))?;
        let length = u64::from(blocks).checked_mul(geometry.block_size())?;
        let root = be64(fields, 56)?;
        geometry.inode_place(root)?;
        Some(Self {
            geometry: geometry.with_uuid(if features.has_meta_uuid() { array(fields, 248)? } else { uuid }),
            features,
            label: array(fields, 108)?,
            uuid,
            root,
            log: LogPlace { offset, length },
            lsn: if features.is_v5() { be64(fields, 240)? } else { 0 },
            free_blocks: be64(fields, 144)?,
            realtime_blocks: be64(fields, 16)?,
        })
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    pub(crate) fn root(&self) -> u64 {
        self.root
    }

    pub(crate) fn log(&self) -> LogPlace {
        self.log
    }

    pub(crate) fn lsn(&self) -> u64 {
        self.lsn
    }

    /// Which features there are.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The label, of up to 12 bytes. It may be empty.
    #[must_use]
    pub fn label(&self) -> &[u8] {
        let length = self.label.iter().position(|&byte| byte == 0).unwrap_or(self.label.len());
        self.label.get(..length).unwrap_or_default()
    }

    /// The UUID that users see, as `/dev/disk/by-uuid` has it.
    #[must_use]
    pub fn uuid(&self) -> &[u8; 16] {
        &self.uuid
    }

    /// The size of a block in bytes: 512 to 65536.
    #[must_use]
    pub fn block_size(&self) -> u64 {
        self.geometry.block_size()
    }

    /// The size of a block of a directory in bytes: 512 to 65536, one or more blocks.
    #[must_use]
    pub fn directory_block_size(&self) -> usize {
        self.geometry.directory_block_size()
    }

    /// The size of a sector in bytes: 512 to 32768.
    #[must_use]
    pub fn sector_size(&self) -> u64 {
        self.geometry.sector_size()
    }

    /// The size of an inode in bytes: 256 to 2048.
    #[must_use]
    pub fn inode_size(&self) -> usize {
        self.geometry.inode_size()
    }

    /// The size of the file system in bytes, without the realtime device.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.geometry.blocks().saturating_mul(self.block_size())
    }

    /// How many bytes were free when the superblock was written.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free_blocks.saturating_mul(self.block_size())
    }

    /// How many allocation groups there are.
    #[must_use]
    pub fn allocation_groups(&self) -> u32 {
        self.geometry.allocation_groups()
    }

    /// The size of the realtime device in bytes; 0 where there is none.
    #[must_use]
    pub fn realtime_size(&self) -> u64 {
        self.realtime_blocks.saturating_mul(self.block_size())
    }

    /// The size of the log in bytes.
    #[must_use]
    pub fn log_size(&self) -> u64 {
        self.log.length
    }
}

fn features(fields: &[u8]) -> Option<Fields> {
    Some(Fields {
        versionnum: be16(fields, 100)?,
        // The field was once written to the wrong place; either may have it.
        features2: be32(fields, 200)? | be32(fields, 204)?,
        read_only_compatible: be32(fields, 212)?,
        incompatible: be32(fields, 216)?,
    })
}

/// The layout, if all of its numbers fit together.
fn geometry(fields: &[u8], features: Features) -> Option<Geometry> {
    let log = |at, range: core::ops::RangeInclusive<u8>| byte(fields, at).filter(|log| range.contains(log));
    let (block_log, inode_log) = (log(120, BLOCK_LOG)?, log(122, INODE_LOG)?);
    let sector_log = log(121, *SECTOR_LOG.start()..=block_log.min(*SECTOR_LOG.end()))?;
    let geometry = Geometry {
        block_log,
        sector_log,
        inode_log,
        directory_log: block_log.checked_add(byte(fields, 192)?).filter(|log| BLOCK_LOG.contains(log))?,
        inodes_log: byte(fields, 123)?,
        group_log: log(124, 0..=31)?,
        group_blocks: be32(fields, 84)?,
        groups: be32(fields, 88)?,
        blocks: be64(fields, 8)?,
        v5: features.is_v5(),
        ftype: features.has_ftype(),
        uuid: [0; 16],
    };
    let sizes = narrow(geometry.block_size()) == index(be32(fields, 4)?)
        && geometry.inode_size() == usize::from(be16(fields, 104)?)
        && geometry.inode_log.checked_add(geometry.inodes_log) == Some(block_log)
        && (!features.is_v5() || inode_log > *INODE_LOG.start());
    (sizes && geometry.is_consistent()).then_some(geometry)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A superblock of `mkfs.xfs`: 4 KiB blocks, 4 groups of 25600 blocks.
    pub(crate) fn sample() -> [u8; 512] {
        let mut sb = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| sb[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"XFSB\x00\x00\x10\x00");
        put(8, &102_400_u64.to_be_bytes());
        put(32, &[7; 16]);
        put(48, &0x1_0006_u64.to_be_bytes());
        put(56, &128_u64.to_be_bytes());
        put(84, &25_600_u32.to_be_bytes());
        put(88, &4_u32.to_be_bytes());
        put(96, &3_000_u32.to_be_bytes());
        put(100, &0xB4A5_u16.to_be_bytes());
        put(102, &512_u16.to_be_bytes());
        put(104, &512_u16.to_be_bytes());
        put(106, &8_u16.to_be_bytes());
        put(108, b"boot");
        put(120, &[12, 9, 9, 3, 15]);
        put(200, &0x18A_u32.to_be_bytes());
        put(216, &3_u32.to_be_bytes());
        seal(&mut sb);
        sb
    }

    fn seal(sb: &mut [u8]) {
        let value = crc32c::value_without(sb, CRC).unwrap();
        sb[CRC..CRC + 4].copy_from_slice(&value.to_le_bytes());
    }

    #[test]
    fn reads_what_mkfs_wrote() {
        let sb = Superblock::parse(&sample(), Verify::Checksums).unwrap();
        assert_eq!((sb.label(), sb.uuid(), sb.root()), (&b"boot"[..], &[7; 16], 128));
        assert_eq!((sb.block_size(), sb.sector_size(), sb.inode_size()), (4096, 512, 512));
        assert_eq!((sb.size(), sb.allocation_groups(), sb.log_size()), (102_400 * 4096, 4, 3_000 * 4096));
        assert_eq!(sb.log().offset, (2 * 25_600 + 6) * 4096);
        assert_eq!(sector_size(&sample()), Ok(512));
    }

    #[test]
    fn what_is_no_superblock_is_said_before_what_is_damaged() {
        let mut sb = sample();
        sb[300] ^= 1;
        assert_eq!(Superblock::parse(&sb, Verify::Checksums), Err(damage(Fault::Checksum).into()));
        assert!(Superblock::parse(&sb, Verify::Structure).is_ok());
        sb[0] = b'Y';
        assert_eq!(Superblock::parse(&sb, Verify::Checksums), Err(Unsupported::NotXfs.into()));
        assert_eq!(sector_size(&sb), Err(Unsupported::NotXfs.into()));
        assert_eq!(sector_size(b"XFSB"), Err(damage(Fault::Value).into()));
    }

    #[test]
    fn numbers_that_do_not_fit_together() {
        let cases: &[(usize, &[u8])] = &[
            (0, b"XFSB\x00\x00\x20\x00"),       // block size, not its logarithm
            (120, &[17]),                       // blocks of 128 KiB
            (121, &[8]),                        // sectors of 256 bytes
            (122, &[12]),                       // inodes of 4 KiB
            (123, &[4]),                        // twice the inodes of a block
            (124, &[14]),                       // groups with fewer blocks than they have
            (88, &5_u32.to_be_bytes()),         // more groups than blocks for them
            (88, &3_u32.to_be_bytes()),         // fewer
            (84, &0_u32.to_be_bytes()),         // empty groups
            (192, &[5]),                        // directory blocks of 128 KiB
            (56, &(4_u64 << 18).to_be_bytes()), // the root in the fifth group
            (48, &0x4_0000_u64.to_be_bytes()),  // the log, too
            (126, &[1]),                        // mkfs.xfs did not finish
        ];
        for (at, bytes) in cases {
            let mut sb = sample();
            sb[*at..at + bytes.len()].copy_from_slice(bytes);
            seal(&mut sb);
            assert_eq!(Superblock::parse(&sb, Verify::Checksums), Err(damage(Fault::Value).into()), "{at}");
        }
        let mut sb = sample();
        sb[48..56].fill(0);
        seal(&mut sb);
        assert_eq!(Superblock::parse(&sb, Verify::Checksums), Err(Unsupported::ExternalLog.into()));
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut sb = bytes;
            if sb.len() > 4 {
                sb[..4].copy_from_slice(MAGIC);
            }
            let _ = sector_size(&sb);
            let _ = Superblock::parse(&sb, Verify::Structure);
        }

        #[test]
        fn changed_fields_do_no_harm(at in 4_usize..304, value in any::<u8>()) {
            let mut sb = sample();
            sb[at] = value;
            seal(&mut sb);
            if let Ok(sb) = Superblock::parse(&sb, Verify::Checksums) {
                prop_assert!(sb.geometry().inode_place(sb.root()).is_some());
                prop_assert!(sb.log().offset + sb.log().length <= sb.size());
            }
        }
    }
}
