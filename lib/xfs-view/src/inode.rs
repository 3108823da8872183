// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inodes of versions 1 to 3 (XFS Algorithms & Data Structures, "On-disk Inode").

use crate::Verify;
use crate::bytes::{be16, be32, be64, byte, narrow, wide};
use crate::error::Fault;
use crate::extent::{RECORD, Records};
use crate::geometry::Geometry;
use crate::metadata::{FileType, Metadata, Timestamp};
use crate::stamp::{self, Expected};
use crate::tree;
use alloc::vec::Vec;

const MAGIC: &[u8; 2] = b"IN";
/// `di_flags`: the bytes are on the realtime device.
const REALTIME: u16 = 1;
/// `di_flags2`: timestamps are nanoseconds since 1901.
const BIG_TIME: u64 = 1 << 3;
/// `di_flags2`: counts of extents have more bits, and are at other places.
const NREXT64: u64 = 1 << 4;
/// The bytes that a symbolic link's target may have.
pub(crate) const TARGET_MAX: u64 = 1024;

/// An inode.
#[derive(Clone, Debug)]
pub(crate) struct Inode {
    pub(crate) metadata: Metadata,
    /// Where it is, in bytes.
    pub(crate) place: u64,
    pub(crate) realtime: bool,
    pub(crate) fork: Fork,
}

/// Where a file's bytes are ("Data Fork").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fork {
    /// It has none: a device, pipe or socket.
    None,
    /// In the inode.
    Local(Vec<u8>),
    /// In the runs of these records.
    Extents(Vec<u8>),
    /// In the runs of a tree whose root this is.
    Tree(Vec<u8>),
}

impl Inode {
    /// Reads the inode `number` from its `bytes`, which are at `place`.
    ///
    /// # Errors
    ///
    /// What is wrong with it; [`Fault::Missing`] if it belongs to no file.
    pub(crate) fn parse(
        bytes: &[u8],
        number: u64,
        place: u64,
        geometry: &Geometry,
        verify: Verify,
    ) -> Result<Self, Fault> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(Fault::Magic);
        }
        if geometry.v5 && verify == Verify::Checksums {
            let expected = Expected { uuid: &geometry.uuid, owner: number, offset: place };
            stamp::INODE.check(bytes, &expected)?;
        }
        let core = Core::read(bytes, geometry.v5).ok_or(Fault::Value)?;
        if core.mode == 0 {
            return Err(Fault::Missing);
        }
        let metadata = core.metadata(number).ok_or(Fault::Value)?;
        let fork = core.fork(bytes, geometry).and_then(|bytes| core.shape(bytes, metadata.file_type))?;
        fork.check(geometry)?;
        Ok(Self { metadata, place, realtime: core.flags & REALTIME != 0, fork })
    }
}

/// The fixed part of an inode.
struct Core<'b> {
    bytes: &'b [u8],
    v5: bool,
    mode: u16,
    version: u8,
    format: u8,
    size: u64,
    extents: u64,
    fork_offset: u8,
    flags: u16,
    flags2: u64,
}

impl<'b> Core<'b> {
    fn read(bytes: &'b [u8], v5: bool) -> Option<Self> {
        let version =
            byte(bytes, 4).filter(|version| if v5 { *version == 3 } else { matches!(version, 1 | 2) })?;
        let flags2 = if v5 { be64(bytes, 120)? } else { 0 };
        let extents = if flags2 & NREXT64 == 0 { be32(bytes, 76)?.into() } else { be64(bytes, 24)? };
        Some(Self {
            bytes,
            v5,
            mode: be16(bytes, 2)?,
            version,
            format: byte(bytes, 5)?,
            size: be64(bytes, 56).filter(|&size| i64::try_from(size).is_ok())?,
            extents,
            fork_offset: byte(bytes, 82)?,
            flags: be16(bytes, 90)?,
            flags2,
        })
    }

    fn metadata(&self, number: u64) -> Option<Metadata> {
        let bytes = self.bytes;
        let time = |at| Some(Timestamp::decode(be64(bytes, at)?, self.flags2 & BIG_TIME != 0));
        Some(Metadata {
            file_type: FileType::of_mode(self.mode)?,
            inode: number,
            size: self.size,
            blocks: be64(bytes, 64)?,
            permissions: self.mode & 0o7777,
            links: if self.version == 1 { be16(bytes, 6)?.into() } else { be32(bytes, 16)? },
            uid: be32(bytes, 8)?,
            gid: be32(bytes, 12)?,
            accessed: time(32)?,
            modified: time(40)?,
            changed: time(48)?,
            created: if self.v5 { Some(time(144)?) } else { None },
        })
    }

    /// The bytes of the data fork: from the core's end to the attributes, or to the inode's end.
    fn fork(&self, bytes: &'b [u8], geometry: &Geometry) -> Result<&'b [u8], Fault> {
        let bytes = bytes.get(geometry.inode_core()..).ok_or(Fault::Value)?;
        match usize::from(self.fork_offset).saturating_mul(8) {
            0 => Ok(bytes),
            end => bytes.get(..end).ok_or(Fault::Bounds),
        }
    }

    /// The part of `fork` that is used, by its format. Which formats a type of file may have, and
    /// which sizes, is in "Data Fork" and "Symbolic Links".
    fn shape(&self, fork: &[u8], file_type: FileType) -> Result<Fork, Fault> {
        use FileType::{Directory, File, Symlink};
        if file_type == Symlink && !(1..=TARGET_MAX).contains(&self.size) {
            return Err(Fault::Value);
        }
        let part = |length| fork.get(..length).map(<[u8]>::to_vec).ok_or(Fault::Bounds);
        match (self.format, file_type) {
            (1, Directory | Symlink) => part(narrow(self.size)).map(Fork::Local),
            (2, File | Directory | Symlink) => {
                let length = narrow(self.extents).saturating_mul(RECORD);
                part(length).map(Fork::Extents)
            }
            (3, File | Directory) => Ok(Fork::Tree(fork.to_vec())),
            (0, File | Directory | Symlink) => Err(Fault::Value),
            (0, _) => Ok(Fork::None),
            _ => Err(Fault::Value),
        }
    }
}

impl Fork {
    fn check(&self, geometry: &Geometry) -> Result<(), Fault> {
        match self {
            Self::None | Self::Local(_) => Ok(()),
            Self::Extents(records) => Records::new(records).check(geometry),
            Self::Tree(root) => tree::Root::read(root).ok_or(Fault::Value)?.check(geometry),
        }
    }
}

impl Metadata {
    /// The blocks of a directory that can have names, at most.
    pub(crate) fn directory_blocks(&self, geometry: &Geometry) -> u64 {
        self.size.checked_div(wide(geometry.directory_block_size())).unwrap_or(0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::extent::{Run, tests::encode};
    use crate::geometry::tests::sample;
    use proptest::prelude::*;

    const NUMBER: u64 = (1 << 13) | (9 << 3) | 5;

    /// An inode of version 3, not sealed.
    fn inode(mode: u16, format: u8, size: u64, extents: u32, fork: &[u8]) -> [u8; 512] {
        let mut bytes = [0; 512];
        let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
        put(0, b"IN");
        put(2, &mode.to_be_bytes());
        put(4, &[3, format]);
        put(16, &2_u32.to_be_bytes());
        put(56, &size.to_be_bytes());
        put(76, &extents.to_be_bytes());
        put(176, fork);
        bytes
    }

    fn read(mut bytes: [u8; 512]) -> Result<Inode, Fault> {
        let geometry = sample();
        stamp::INODE.put(&mut bytes, &Expected { uuid: &geometry.uuid, owner: NUMBER, offset: 0 });
        Inode::parse(&bytes, NUMBER, 0, &geometry, Verify::Checksums)
    }

    #[test]
    fn a_file_in_extents() {
        let run = Run { file: 0, start: 20, count: 3, unwritten: false };
        let inode = read(inode(0o100_640, 2, 9000, 1, &encode(&run))).unwrap();
        assert_eq!((inode.metadata.file_type, inode.metadata.size), (FileType::File, 9000));
        assert_eq!((inode.metadata.permissions, inode.metadata.links), (0o640, 2));
        assert_eq!(inode.fork, Fork::Extents(encode(&run).to_vec()));
    }

    #[test]
    fn counts_of_64_bits_are_elsewhere() {
        let run = Run { file: 0, start: 20, count: 3, unwritten: false };
        let mut bytes = inode(0o100_640, 2, 9000, 99, &encode(&run));
        bytes[24..32].copy_from_slice(&1_u64.to_be_bytes());
        bytes[120..128].copy_from_slice(&NREXT64.to_be_bytes());
        assert_eq!(read(bytes).unwrap().fork, Fork::Extents(encode(&run).to_vec()));
    }

    #[test]
    fn what_an_inode_cannot_be() {
        for (mode, format, size, extents, fault) in [
            (0, 2, 0, 0, Fault::Missing),
            (0o100_644, 1, 5, 0, Fault::Value),       // a file in its inode
            (0o100_644, 2, 5, 30, Fault::Bounds),     // more records than room
            (0o100_644, 3, 5, 1, Fault::Value),       // a tree without a root
            (0o120_777, 1, 0, 0, Fault::Value),       // a link to nothing
            (0o120_777, 2, 1025, 0, Fault::Value),    // a link to too much
            (0o120_777, 3, 10, 0, Fault::Value),      // a link in a tree
            (0o040_755, 1, 400, 0, Fault::Bounds),    // names after the end
            (0o100_644, 2, 1 << 63, 0, Fault::Value), // a negative size
            (0o030_644, 2, 0, 0, Fault::Value),       // no known type
            (0o100_644, 0, 0, 0, Fault::Value),       // a file that is a device
        ] {
            assert_eq!(
                read(inode(mode, format, size, extents, &[])).unwrap_err(),
                fault,
                "{mode:o} {format}"
            );
        }
    }

    #[test]
    fn versions_1_and_2_are_of_version_4_only() {
        let geometry = Geometry { v5: false, ..sample() };
        let mut bytes = inode(0o100_640, 2, 0, 0, &[]);
        let parse = |bytes: &[u8]| Inode::parse(bytes, NUMBER, 0, &geometry, Verify::Checksums);
        assert_eq!(parse(&bytes).unwrap_err(), Fault::Value);
        bytes[4] = 2;
        assert_eq!(parse(&bytes).unwrap().metadata.links, 2);
        bytes[4] = 1;
        bytes[7] = 3;
        assert_eq!(parse(&bytes).unwrap().metadata.links, 3);
        assert_eq!(read(bytes).unwrap_err(), Fault::Value);
    }

    proptest! {
        #[test]
        fn any_inode_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 510), format in 0_u8..6, kind in 0_u16..16) {
            let mut inode = [0; 512];
            inode[..2].copy_from_slice(b"IN");
            inode[2..].copy_from_slice(&bytes);
            inode[2..4].copy_from_slice(&((kind << 12) | 0o644).to_be_bytes());
            (inode[4], inode[5]) = (3, format);
            let _ = read(inode);
            let _ = Inode::parse(&inode[..usize::from(bytes[0])], NUMBER, 0, &sample(), Verify::Structure);
        }
    }
}
