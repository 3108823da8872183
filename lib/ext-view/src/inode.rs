// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inodes (ext4 Data Structures and Algorithms, "Index Nodes").

use crate::Verify;
use crate::attribute;
use crate::bytes::{array, le16, le32, low_half, narrow, wide};
use crate::error::Fault;
use crate::metadata::{FileType, Metadata, Timestamp};
use crate::superblock::Superblock;
use alloc::vec::Vec;
use view_parts::Crc;

/// The bytes of the part that every inode has.
const CORE: usize = 128;
/// Where the map of a file's blocks is, or its first bytes, and their number.
pub(crate) const BLOCK: usize = 0x28;
pub(crate) const BLOCK_SIZE: usize = 60;
/// Where the two halves of the checksum are.
const CHECKSUM_LOW: usize = 0x7C;
const CHECKSUM_HIGH: usize = 0x82;

const ENCRYPTED: u32 = 0x800;
const INDEXED: u32 = 0x1000;
const HUGE: u32 = 0x4_0000;
const EXTENTS: u32 = 0x8_0000;
const INLINE: u32 = 0x1000_0000;
const CASEFOLD: u32 = 0x4000_0000;

/// An inode.
#[derive(Clone, Debug)]
pub(crate) struct Inode {
    pub(crate) metadata: Metadata,
    /// Where it is, in bytes.
    pub(crate) place: u64,
    /// Its number.
    pub(crate) number: u32,
    flags: u32,
    /// Where checksums of this file's blocks begin.
    pub(crate) seed: Crc,
    pub(crate) fork: Fork,
}

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fork {
    /// It has none: a device, pipe or socket.
    None,
    /// In the inode: up to 60 bytes, and the others in an extended attribute.
    Inline(Inline),
    /// In the runs of a tree whose root this is.
    Tree([u8; BLOCK_SIZE]),
    /// In blocks whose numbers these are.
    Map([u8; BLOCK_SIZE]),
}

/// Bytes in an inode ("Inline Data").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inline {
    /// The first bytes.
    pub(crate) first: Vec<u8>,
    /// Those behind them.
    pub(crate) more: Vec<u8>,
    /// Where those are in the inode.
    pub(crate) more_at: usize,
}

impl Inode {
    /// Reads the inode `number` from its `bytes`, which are at `place`.
    ///
    /// # Errors
    ///
    /// What is wrong with it; [`Fault::Missing`] if it belongs to no file.
    pub(crate) fn parse(
        bytes: &[u8],
        number: u32,
        place: u64,
        superblock: &Superblock,
        verify: Verify,
    ) -> Result<Self, Fault> {
        let raw = Raw::read(bytes, superblock).ok_or(Fault::Value)?;
        let seed = superblock.checksum_seed.with(&number.to_le_bytes()).with(&raw.generation.to_le_bytes());
        if superblock.features().has_metadata_csum() && verify == Verify::Checksums {
            raw.check(seed)?;
        }
        if raw.mode == 0 || raw.links == 0 {
            return Err(Fault::Missing);
        }
        let metadata = raw.metadata(number).ok_or(Fault::Value)?;
        let fork = raw.fork(&metadata)?;
        Ok(Self { metadata, place, number, flags: raw.flags, seed, fork })
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// Whether it is a directory with an index.
    pub(crate) fn is_indexed(&self) -> bool {
        self.flags & INDEXED != 0
    }

    /// Whether it is a directory in which names are equal in any case.
    pub(crate) fn folds_case(&self) -> bool {
        self.flags & CASEFOLD != 0
    }
}

/// The fields of an inode.
struct Raw<'b> {
    bytes: &'b [u8],
    superblock: &'b Superblock,
    mode: u16,
    links: u16,
    flags: u32,
    generation: u32,
    /// The bytes behind the first 128 that have fields.
    extra: usize,
}

impl<'b> Raw<'b> {
    fn read(bytes: &'b [u8], superblock: &'b Superblock) -> Option<Self> {
        let extra = if bytes.len() > CORE { le16(bytes, CORE)?.into() } else { 0 };
        let fits = CORE.checked_add(extra)? <= bytes.len() && extra.is_multiple_of(4);
        fits.then_some(())?;
        Some(Self {
            bytes,
            superblock,
            mode: le16(bytes, 0)?,
            links: le16(bytes, 0x1A)?,
            flags: le32(bytes, 0x20)?,
            generation: le32(bytes, 0x64)?,
            extra,
        })
    }

    /// Whether the fields reach to the byte `end`.
    fn has(&self, end: usize) -> bool {
        end <= CORE.saturating_add(self.extra)
    }

    /// The checksum is of the whole inode, with zeros in its own place.
    fn check(&self, seed: Crc) -> Result<(), Fault> {
        let whole = self.has(CHECKSUM_HIGH.saturating_add(2));
        let part = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or_default();
        let low = CHECKSUM_LOW.saturating_add(2);
        let mut crc = seed.with(part(0, CHECKSUM_LOW)).with(&[0; 2]);
        if whole {
            let behind = CHECKSUM_HIGH.saturating_add(2);
            crc = crc.with(part(low, CHECKSUM_HIGH)).with(&[0; 2]).with(part(behind, self.bytes.len()));
        } else {
            crc = crc.with(part(low, self.bytes.len()));
        }
        let half = |at| le16(self.bytes, at).map(u32::from).unwrap_or_default();
        let holds = if whole {
            half(CHECKSUM_HIGH) << 16 | half(CHECKSUM_LOW) == crc.state()
        } else {
            half(CHECKSUM_LOW) == u32::from(low_half(crc.state()))
        };
        if holds { Ok(()) } else { Err(Fault::Checksum) }
    }

    fn metadata(&self, number: u32) -> Option<Metadata> {
        let bytes = self.bytes;
        let file_type = FileType::of_mode(self.mode)?;
        let pair = |low, high| Some((u32::from(le16(bytes, high)?) << 16) | u32::from(le16(bytes, low)?));
        Some(Metadata {
            file_type,
            inode: number.into(),
            size: self.size(file_type)?,
            blocks: self.sectors()?,
            permissions: self.mode & 0o7777,
            links: self.links.into(),
            uid: pair(0x2, 0x78)?,
            gid: pair(0x18, 0x7A)?,
            accessed: self.time(0x8, 0x8C)?,
            modified: self.time(0x10, 0x88)?,
            changed: self.time(0xC, 0x84)?,
            created: if self.has(0x94) { Some(self.time(0x90, 0x94)?) } else { None },
        })
    }

    /// Its size; only large directories have more than 32 bits of it, beside files.
    fn size(&self, file_type: FileType) -> Option<u64> {
        let large = match file_type {
            FileType::File => true,
            FileType::Directory => self.superblock.features().has_large_dir(),
            _ => false,
        };
        let high = if large { le32(self.bytes, 0x6C)? } else { 0 };
        let size = crate::bytes::join(high, le32(self.bytes, 0x4)?);
        i64::try_from(size).is_ok().then_some(size)
    }

    /// The sectors of 512 bytes that belong to it.
    fn sectors(&self) -> Option<u64> {
        let low = le32(self.bytes, 0x1C)?;
        if !self.superblock.features().has_huge_file() {
            return Some(low.into());
        }
        let count = crate::bytes::join(le16(self.bytes, 0x74)?.into(), low);
        let sectors = self.superblock.block_size() >> 9;
        Some(if self.flags & HUGE == 0 { count } else { count.saturating_mul(sectors) })
    }

    fn time(&self, seconds: usize, extra: usize) -> Option<Timestamp> {
        let fine = if self.has(extra.saturating_add(4)) { le32(self.bytes, extra)? } else { 0 };
        Some(Timestamp::decode(le32(self.bytes, seconds)?, fine))
    }

    fn fork(&self, metadata: &Metadata) -> Result<Fork, Fault> {
        let block: [u8; BLOCK_SIZE] = array(self.bytes, BLOCK).ok_or(Fault::Value)?;
        let kind = metadata.file_type;
        if !matches!(kind, FileType::File | FileType::Directory | FileType::Symlink) {
            return Ok(Fork::None);
        }
        if self.flags & INLINE != 0 {
            return self.inline(block, metadata);
        }
        if kind == FileType::Symlink && self.is_fast(metadata) {
            let first = block.get(..narrow(metadata.size)).ok_or(Fault::Bounds)?.to_vec();
            return Ok(Fork::Inline(Inline { first, ..Inline::default() }));
        }
        Ok(if self.flags & EXTENTS == 0 { Fork::Map(block) } else { Fork::Tree(block) })
    }

    /// Whether a link has its target in the inode and is not marked for it: it has no blocks but those of
    /// its attributes ("Symbolic Links").
    fn is_fast(&self, metadata: &Metadata) -> bool {
        let short = metadata.size < wide(BLOCK_SIZE) && self.flags & EXTENTS == 0;
        if self.superblock.features().has_ea_inode() {
            return short;
        }
        let attributes = le32(self.bytes, 0x68).unwrap_or_default() != 0
            || le16(self.bytes, 0x76).unwrap_or_default() != 0;
        let sectors = if attributes { self.superblock.geometry().cluster_sectors } else { 0 };
        short && metadata.blocks <= sectors
    }

    fn inline(&self, block: [u8; BLOCK_SIZE], metadata: &Metadata) -> Result<Fork, Fault> {
        let start = CORE.saturating_add(self.extra);
        let attributes = if self.extra == 0 { &[][..] } else { self.bytes.get(start..).unwrap_or_default() };
        let value = attribute::inline_data(attributes)?.ok_or(Fault::Missing)?;
        let more = attributes.get(value.clone()).ok_or(Fault::Bounds)?.to_vec();
        let most = BLOCK_SIZE.saturating_add(more.len());
        if metadata.size > wide(most) {
            return Err(Fault::Bounds);
        }
        let more_at = start.saturating_add(value.start);
        Ok(Fork::Inline(Inline { first: block.to_vec(), more, more_at }))
    }
}
