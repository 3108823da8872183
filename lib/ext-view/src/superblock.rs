// SPDX-License-Identifier: MIT OR Apache-2.0
//! The superblock (ext4 Data Structures and Algorithms, "Super Block").

use crate::Verify;
use crate::bytes::{array, byte, join, le16, le32, wide};
use crate::error::{Damage, Fault, Flaw, Structure, Unsupported};
use crate::features::{Checksums, Features};
use crate::geometry::Geometry;
use crate::hash::Seed;
use view_parts::Crc;

/// Where it is, in bytes, whatever the size of blocks.
pub(crate) const PLACE: u64 = 1024;
/// Its size in bytes.
pub(crate) const SIZE: usize = 1024;
const MAGIC: u16 = 0xEF53;
/// The checksum's place; it is of all bytes before it.
const CHECKSUM: usize = 0x3FC;
/// The only type of checksum that there is.
const CRC32C: u8 = 1;
/// `s_flags`: how names with bytes above 127 are hashed.
const SIGNED_HASH: u32 = 1;
const UNSIGNED_HASH: u32 = 2;

/// What the superblock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superblock {
    geometry: Geometry,
    features: Features,
    label: [u8; 16],
    uuid: [u8; 16],
    free_blocks: u64,
    /// The journal's inode; 0 if it is on another device.
    pub(crate) journal: u32,
    /// Where all checksums of metadata begin. ext4 stores the state of a CRC-32C, without the last inversion
    /// that others make, and goes on from it: that of a file's blocks begins with the volume's UUID and the
    /// inode's number.
    pub(crate) checksum_seed: Crc,
    pub(crate) hash_seed: Seed,
}

impl Superblock {
    /// Reads the superblock that is in `bytes`.
    ///
    /// # Errors
    ///
    /// It is none, is damaged, or has a feature that is not read.
    pub(crate) fn parse(bytes: &[u8], verify: Verify) -> Result<Self, Flaw> {
        if le16(bytes, 0x38) != Some(MAGIC) {
            return Err(Unsupported::NotExt.into());
        }
        let value = || damage(Fault::Value);
        let word = |at| le32(bytes, at).ok_or(value());
        let revision = word(0x4C)?;
        let features = match revision {
            0 => Features::default(),
            1 => Features {
                compatible: word(0x5C)?,
                incompatible: word(0x60)?,
                read_only_compatible: word(0x64)?,
            }
            .judge()?,
            _ => return Err(Unsupported::Revision(revision).into()),
        };
        if features.checksums() == Checksums::All {
            check(bytes, verify)?;
        }
        let uuid: [u8; 16] = array(bytes, 0x68).ok_or(value())?;
        let seed = if features.has_csum_seed() { Crc::seeded(word(0x270)?) } else { Crc::new().with(&uuid) };
        let high = if features.has_64bit() { word(0x158)? } else { 0 };
        Ok(Self {
            geometry: Geometry::read(bytes, revision, features).ok_or(value())?,
            features,
            label: array(bytes, 0x78).ok_or(value())?,
            uuid,
            free_blocks: join(high, word(0xC)?),
            journal: word(0xE0)?,
            checksum_seed: seed,
            hash_seed: Seed { words: words(bytes).ok_or(value())?, signed: sign(word(0x160)?) },
        })
    }

    /// The features.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The name that the owner gave it, without the zeros behind it.
    #[must_use]
    pub fn label(&self) -> &[u8] {
        let end = self.label.iter().position(|&byte| byte == 0).unwrap_or(self.label.len());
        self.label.get(..end).unwrap_or_default()
    }

    /// The UUID.
    #[must_use]
    pub fn uuid(&self) -> &[u8; 16] {
        &self.uuid
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.geometry.blocks.saturating_mul(self.block_size())
    }

    /// The bytes that no file has, as the superblock says.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free_blocks.saturating_mul(self.block_size())
    }

    /// The size of a block in bytes: 1 KiB to 64 KiB.
    #[must_use]
    pub fn block_size(&self) -> u64 {
        wide(self.geometry.block_size)
    }

    /// The size of an inode in bytes.
    #[must_use]
    pub fn inode_size(&self) -> usize {
        self.geometry.inode_size
    }

    /// How many inodes there are.
    #[must_use]
    pub fn inodes(&self) -> u32 {
        self.geometry.inodes
    }

    /// How many groups of blocks there are.
    #[must_use]
    pub fn groups(&self) -> u32 {
        self.geometry.groups
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        &self.geometry
    }
}

fn check(bytes: &[u8], verify: Verify) -> Result<(), Flaw> {
    let kind = byte(bytes, 0x175).unwrap_or_default();
    if kind != CRC32C {
        return Err(Unsupported::ChecksumType(kind).into());
    }
    let value = Crc::new().with(bytes.get(..CHECKSUM).unwrap_or_default()).state();
    let holds = verify == Verify::Structure || le32(bytes, CHECKSUM) == Some(value);
    if holds { Ok(()) } else { Err(damage(Fault::Checksum).into()) }
}

/// The four words that hashes of names begin with.
fn words(bytes: &[u8]) -> Option<[u32; 4]> {
    Some([le32(bytes, 0xEC)?, le32(bytes, 0xF0)?, le32(bytes, 0xF4)?, le32(bytes, 0xF8)?])
}

fn sign(flags: u32) -> Option<bool> {
    match flags & (SIGNED_HASH | UNSIGNED_HASH) {
        SIGNED_HASH => Some(true),
        UNSIGNED_HASH => Some(false),
        _ => None,
    }
}

fn damage(fault: Fault) -> Damage {
    Structure::Superblock.damage(fault, PLACE)
}

impl Geometry {
    /// Reads what the superblock in `bytes` says of the layout; none if it is impossible.
    fn read(bytes: &[u8], revision: u32, features: Features) -> Option<Self> {
        let log = le32(bytes, 0x18).filter(|&log| log <= 6)?;
        let block_size = 1024_usize.checked_shl(log)?;
        let inode_size = if revision == 0 { 128 } else { usize::from(le16(bytes, 0x58)?) };
        let high = if features.has_64bit() { le32(bytes, 0x150)? } else { 0 };
        let geometry = Self {
            block_log: log.checked_add(10)?,
            block_size,
            blocks: join(high, le32(bytes, 0x4)?),
            first_block: le32(bytes, 0x14)?.into(),
            blocks_per_group: le32(bytes, 0x20)?.into(),
            inodes: le32(bytes, 0x0)?,
            inodes_per_group: le32(bytes, 0x28)?,
            inode_size,
            descriptor_size: if features.has_64bit() { le16(bytes, 0xFE)?.into() } else { 32 },
            first_meta_group: features.has_meta_bg().then_some(le32(bytes, 0x104)?),
            backups: features.has_sparse_super2().then_some([le32(bytes, 0x24C)?, le32(bytes, 0x250)?]),
            sparse: features.has_sparse_super(),
            cluster_sectors: 2_u64.checked_shl(le32(bytes, 0x1C).filter(|&log| log <= 30)?)?,
            groups: 0,
        };
        geometry.counted().filter(|it| it.is_possible(features))
    }

    fn counted(self) -> Option<Self> {
        let blocks = self.blocks.checked_sub(self.first_block)?;
        let groups = u32::try_from(
            blocks.checked_add(self.blocks_per_group.checked_sub(1)?)?.checked_div(self.blocks_per_group)?,
        );
        Some(Self { groups: groups.ok()?, ..self })
    }

    fn is_possible(&self, features: Features) -> bool {
        let inode = self.inode_size.is_power_of_two() && (128..=self.block_size).contains(&self.inode_size);
        let sizes = if features.has_64bit() { 64..=1024 } else { 32..=32 };
        let descriptor = self.descriptor_size.is_power_of_two() && sizes.contains(&self.descriptor_size);
        let all = self.inodes_per_group.checked_mul(self.groups);
        // The first block is 1 where blocks are of 1 KiB, and 0 where they are larger or clusters are.
        let first = self.first_block <= u64::from(self.block_size == 1024);
        inode
            && descriptor
            && first
            && self.inodes_per_group > 0
            && self.groups > 0
            && all == Some(self.inodes)
            && self.blocks <= u64::MAX >> 17
    }
}
