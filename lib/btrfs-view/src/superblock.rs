// SPDX-License-Identifier: MIT OR Apache-2.0
//! The superblock: 4 KiB at up to three places of each device (btrfs documentation, "On-disk format",
//! Superblock).

use crate::bytes::{array, byte, index, le16, le32, le64, part, wide};
use crate::checksum::ChecksumType;
use crate::error::{Error, Fault, Flaw, Structure, Unsupported};
use crate::features::Features;
use crate::node::{LEVELS, Pointer};
use crate::options::{Options, Superblocks, Verify};
use alloc::vec::Vec;
use core::cmp::Reverse;
use read_at::ReadAt;

/// Where copies are on a device, in bytes.
const PLACES: [u64; 3] = [64 << 10, 64 << 20, 256 << 30];
/// The bytes of a copy.
const SIZE: usize = 4096;

const MAGIC: &[u8; 8] = b"_BHRfS_M";
/// Where the magic is.
const MAGIC_AT: usize = 64;
/// The bytes before those that the checksum is of.
const CHECKSUM: usize = 32;
/// Where the device says who it is (`btrfs_dev_item`).
const DEVICE: usize = 0xC9;
const LABEL: usize = 0x12B;
const LABEL_SIZE: usize = 256;
/// Where the system's chunks are, and how many bytes they may have.
const CHUNKS: usize = 0x32B;
const CHUNKS_MAX: usize = 2048;

/// Flags of a file system that others are grown from.
const SEEDING: u64 = 1 << 32;
/// Flags of what `btrfs-image` restored.
const METADATA_DUMP: u64 = 3 << 33;
/// Flags while `btrfstune` changes something everywhere.
const UNFINISHED: u64 = 1 << 35 | 1 << 36 | 1 << 38 | 1 << 39;

/// What a superblock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superblock {
    pub(crate) fsid: [u8; 16],
    /// What nodes have as the file system's identity.
    pub(crate) node_fsid: [u8; 16],
    pub(crate) flags: u64,
    pub(crate) generation: u64,
    pub(crate) root: Pointer,
    pub(crate) chunk_root: Pointer,
    pub(crate) log_root: u64,
    size: u64,
    used: u64,
    pub(crate) devices: u64,
    pub(crate) sector_size: usize,
    pub(crate) node_size: usize,
    pub(crate) checksum: ChecksumType,
    features: Features,
    pub(crate) device: u64,
    pub(crate) device_uuid: [u8; 16],
    label: Vec<u8>,
    /// Chunks of the system: keys and items one after another.
    pub(crate) system_chunks: Vec<u8>,
}

fn copy<R: ReadAt>(reader: &mut R, place: u64, options: Options) -> Result<Superblock, Error<R::Error>> {
    let mut bytes = alloc::vec![0; SIZE];
    place.checked_add(wide(SIZE)).ok_or(Unsupported::NotBtrfs)?;
    reader.read_at(place, &mut bytes).map_err(Error::Device)?;
    Superblock::parse(&bytes, place, options.verify).map_err(|flaw: Flaw| flaw.into())
}

/// Whether this may be a superblock.
pub(crate) fn has_magic(bytes: &[u8]) -> bool {
    part(bytes, MAGIC_AT, MAGIC.len()) == Some(MAGIC)
}

impl Superblock {
    /// The superblock of one device that counts; nothing else of it is looked at.
    ///
    /// # Errors
    ///
    /// The device failed, or has no superblock of btrfs, or one that is damaged or not supported.
    pub fn read<R: ReadAt>(reader: &mut R, options: Options) -> Result<Self, Error<R::Error>> {
        let first = copy(reader, PLACES.first().copied().unwrap_or_default(), options);
        let replaced = matches!(first, Err(Error::Unsupported(Unsupported::NotBtrfs)));
        let others = match options.superblocks {
            Superblocks::Any => true,
            Superblocks::First => first.is_err() && !replaced,
        };
        if !others || matches!(first, Err(Error::Unsupported(why)) if why != Unsupported::NotBtrfs) {
            return first;
        }
        // A small device has fewer copies; to read behind its end is no error that anybody wants to see.
        let rest = PLACES.iter().skip(1).filter_map(|&place| copy(reader, place, options).ok());
        let best = rest.min_by_key(|superblock| Reverse(superblock.generation));
        match (first, best) {
            (Ok(first), Some(other)) if other.generation > first.generation => Ok(other),
            (Err(_), Some(other)) => Ok(other),
            (first, _) => first,
        }
    }

    /// The superblock in `bytes`, which were read from `place`.
    pub(crate) fn parse(bytes: &[u8], place: u64, verify: Verify) -> Result<Self, Flaw> {
        if !has_magic(bytes) {
            return Err(Unsupported::NotBtrfs.into());
        }
        let damaged = |fault| Flaw::from(Structure::Superblock.damage(fault, place));
        let code = le16(bytes, 0xC4).unwrap_or(u16::MAX);
        let checksum = ChecksumType::of(code).ok_or(Unsupported::ChecksumType(code))?;
        if !checksum.is_built() {
            return Err(Unsupported::ChecksumNotBuilt(checksum).into());
        }
        if verify != Verify::Structure {
            let rest = bytes.get(CHECKSUM..SIZE).unwrap_or_default();
            if !checksum.holds(rest, bytes) {
                return Err(damaged(Fault::Checksum));
            }
            if le64(bytes, 48) != Some(place) {
                return Err(damaged(Fault::Place));
            }
        }
        let superblock = Self::fields(bytes, checksum).ok_or(damaged(Fault::Value))?;
        superblock.check().map_err(damaged)?;
        superblock.refuse()?;
        Ok(superblock)
    }

    fn fields(bytes: &[u8], checksum: ChecksumType) -> Option<Self> {
        let features = Features::new(le64(bytes, 0xBC)?, le64(bytes, 0xB4)?);
        let fsid = array(bytes, 32)?;
        let generation = le64(bytes, 72)?;
        let pointer = |at, level, generation| {
            Some(Pointer { logical: le64(bytes, at)?, generation, level: byte(bytes, level)?, first: None })
        };
        let chunks = index(le32(bytes, 0xA0)?).min(CHUNKS_MAX);
        let label = part(bytes, LABEL, LABEL_SIZE)?.split(|&byte| byte == 0).next()?;
        Some(Self {
            fsid,
            node_fsid: if features.has_metadata_uuid() { array(bytes, 0x23B)? } else { fsid },
            flags: le64(bytes, 56)?,
            generation,
            root: pointer(80, 0xC6, generation)?,
            chunk_root: pointer(88, 0xC7, le64(bytes, 0xA4)?)?,
            log_root: le64(bytes, 96)?,
            size: le64(bytes, 112)?,
            used: le64(bytes, 120)?,
            devices: le64(bytes, 136)?,
            sector_size: index(le32(bytes, 0x90)?),
            node_size: index(le32(bytes, 0x94)?),
            checksum,
            features,
            device: le64(bytes, DEVICE)?,
            device_uuid: array(bytes, DEVICE.checked_add(66)?)?,
            label: label.to_vec(),
            system_chunks: part(bytes, CHUNKS, chunks)?.to_vec(),
        })
    }

    fn check(&self) -> Result<(), Fault> {
        let fits = |size: usize| size.is_power_of_two() && (4096..=65536).contains(&size);
        let sizes = fits(self.sector_size) && fits(self.node_size) && self.sector_size <= self.node_size;
        let levels = self.root.level < LEVELS && self.chunk_root.level < LEVELS;
        if sizes && levels && self.devices > 0 { Ok(()) } else { Err(Fault::Value) }
    }

    fn refuse(&self) -> Result<(), Unsupported> {
        if self.flags & METADATA_DUMP != 0 {
            return Err(Unsupported::MetadataDump);
        }
        if self.flags & UNFINISHED != 0 {
            return Err(Unsupported::UnfinishedChange);
        }
        self.features.check()
    }

    /// Whether others may grow from it: its devices are then read beside theirs, and written no more.
    #[must_use]
    pub fn is_seed(&self) -> bool {
        self.flags & SEEDING != 0
    }

    /// The name that the owner gave it; empty where there is none.
    #[must_use]
    pub fn label(&self) -> &[u8] {
        &self.label
    }

    /// The file system's UUID, which all of its devices have.
    #[must_use]
    pub fn uuid(&self) -> &[u8; 16] {
        &self.fsid
    }

    /// The last commit.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The bytes of all devices together.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes that are in use.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used
    }

    /// How many devices the file system has, those that are missing included.
    #[must_use]
    pub fn devices(&self) -> u64 {
        self.devices
    }

    /// The unit of files' places and checksums, in bytes.
    #[must_use]
    pub fn sector_size(&self) -> usize {
        self.sector_size
    }

    /// The bytes of a node of a tree.
    #[must_use]
    pub fn node_size(&self) -> usize {
        self.node_size
    }

    /// What checksums are made by.
    #[must_use]
    pub fn checksum_type(&self) -> ChecksumType {
        self.checksum
    }

    /// What it has that older kernels did not know.
    #[must_use]
    pub fn features(&self) -> Features {
        self.features
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A superblock of a file system on one device, with 4 KiB sectors and 16 KiB nodes.
    fn sample() -> Vec<u8> {
        let mut bytes = vec![0; SIZE];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(48, &PLACES[0].to_le_bytes());
        put(MAGIC_AT, MAGIC);
        put(72, &9_u64.to_le_bytes());
        put(136, &1_u64.to_le_bytes());
        put(0x90, &4096_u32.to_le_bytes());
        put(0x94, &16384_u32.to_le_bytes());
        put(LABEL, b"name");
        seal(&mut bytes);
        bytes
    }

    fn seal(bytes: &mut [u8]) {
        let sum = ChecksumType::Crc32c.of_bytes(&bytes[CHECKSUM..]);
        bytes[..32].copy_from_slice(&sum);
    }

    fn parse(bytes: &[u8]) -> Result<Superblock, Flaw> {
        Superblock::parse(bytes, PLACES[0], Verify::Everything)
    }

    #[test]
    fn a_superblock_and_what_is_wrong_with_others() {
        let superblock = parse(&sample()).unwrap();
        assert_eq!((superblock.label(), superblock.generation()), (&b"name"[..], 9));
        let damaged = |fault| Err(Flaw::from(Structure::Superblock.damage(fault, PLACES[0])));
        let changed = |at: usize, value: u8, sealed: bool| {
            let mut bytes = sample();
            bytes[at] ^= value;
            if sealed {
                seal(&mut bytes);
            }
            parse(&bytes)
        };
        assert_eq!(changed(64, 1, true), Err(Unsupported::NotBtrfs.into()));
        assert_eq!(changed(200, 1, false), damaged(Fault::Checksum));
        assert_eq!(changed(48, 1, true), damaged(Fault::Place));
        assert_eq!(changed(0x91, 0x20, true), damaged(Fault::Value));
        assert_eq!(changed(0xC6, 8, true), damaged(Fault::Value));
        assert_eq!(changed(0xC4, 9, true), Err(Unsupported::ChecksumType(9).into()));
        assert_eq!(changed(56 + 4, 2, true), Err(Unsupported::MetadataDump.into()));
        assert_eq!(changed(56 + 4, 16, true), Err(Unsupported::UnfinishedChange.into()));
        assert_eq!(changed(0xBC + 1, 0x20, true), Err(Unsupported::ExtentTreeV2.into()));
    }

    proptest! {
        #[test]
        fn any_bytes_with_a_true_checksum_do_no_harm(at in 0_usize..SIZE, noise in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut bytes = sample();
            for (byte, noise) in bytes[at..].iter_mut().zip(&noise) {
                *byte = *noise;
            }
            seal(&mut bytes);
            if let Ok(superblock) = parse(&bytes) {
                prop_assert!(superblock.system_chunks.len() <= CHUNKS_MAX);
                prop_assert!(superblock.node_size() <= 65536);
            }
        }
    }
}
