// SPDX-License-Identifier: MIT OR Apache-2.0
//! Items of the log: what they change (XFS Algorithms & Data Structures, "Log Items"). They are in the
//! byte order of the machine that wrote them, which is little-endian here.

use super::transaction::Item;
use crate::bytes::{array, be64};
use crate::crc32c;
use crate::geometry::Geometry;

pub(super) const BUFFER: u16 = 0x123C;
pub(super) const INODE: u16 = 0x123B;
pub(super) const MAP: u16 = 0x1244;
pub(super) const MAP_DONE: u16 = 0x1245;
pub(super) const EXCHANGE: u16 = 0x1248;
pub(super) const EXCHANGE_DONE: u16 = 0x1249;
/// All types there are. Those that are not named here change what a reader does not look at.
pub(super) const KNOWN: core::ops::RangeInclusive<u16> = 0x1236..=0x1251;

/// Flags of a buffer: it has inodes (of which only the list of removed ones is logged), it was given
/// back, it has quotas.
const OF_INODES: u16 = 1;
const CANCELLED: u16 = 2;
const OF_QUOTAS: u16 = 0x1C;
/// What a buffer has, in its five highest flags: a block of a tree, a symbolic link's target, a
/// directory's names, hashes, or nodes, a superblock; 0 if it does not say.
const READ_KINDS: [u16; 9] = [0, 4, 9, 10, 11, 13, 14, 15, 18];
/// A symbolic link's target, which begins with nothing of its own in version 4.
const LINK_KIND: u16 = 9;
/// The bytes that a bit of a buffer's map stands for.
const CHUNK: usize = 128;

pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// The description of a buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buffer {
    flags: u16,
    /// In bytes.
    pub(super) offset: u64,
    pub(super) length: usize,
}

impl Buffer {
    #[cfg(test)]
    pub(super) fn at(offset: u64, length: usize) -> Self {
        Self { flags: CANCELLED, offset, length }
    }

    pub(super) fn read(item: &Item) -> Option<Self> {
        let bytes = item.description();
        let length = usize::from(le16(bytes, 6)?).checked_mul(512)?;
        Some(Self { flags: le16(bytes, 4)?, offset: le64(bytes, 8)?.checked_mul(512)?, length })
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.flags & CANCELLED != 0
    }

    /// Whether a reader looks at what it has.
    pub(super) fn is_read(&self) -> bool {
        self.flags & (OF_INODES | OF_QUOTAS) == 0 && READ_KINDS.contains(&(self.flags >> 11))
    }

    pub(super) fn is_link(&self) -> bool {
        self.flags >> 11 == LINK_KIND
    }

    /// Puts the regions of `item` into `block`, where the bits of its map say.
    pub(super) fn apply(item: &Item, block: &mut [u8]) -> Option<()> {
        let description = item.description();
        let words = usize::try_from(le32(description, 16)?).ok()?;
        let set = |bit: usize| {
            let word = le32(description, (bit / 32).checked_mul(4)?.checked_add(20)?)?;
            word.checked_shr(u32::try_from(bit % 32).ok()?).map(|word| word & 1 == 1)
        };
        let most = words.checked_mul(32)?;
        let mut bit = 0_usize;
        for region in item.regions.get(1..)? {
            while bit < most && !set(bit)? {
                bit = bit.checked_add(1)?;
            }
            let mut chunks = region.chunks_exact(CHUNK);
            while bit < most && set(bit)? {
                let Some(chunk) = chunks.next() else { break };
                let start = bit.checked_mul(CHUNK)?;
                block.get_mut(start..start.checked_add(CHUNK)?)?.copy_from_slice(chunk);
                bit = bit.checked_add(1)?;
            }
        }
        Some(())
    }
}

/// A structure that a reader looks at, in a buffer: where it says when it was written, which file
/// system it is of, and its checksum.
pub(super) struct Kind {
    lsn: usize,
    uuid: usize,
    checksum: usize,
}

/// By the first bytes of `block`; none if it is of version 4, or nothing that is read.
pub(super) fn kind(block: &[u8]) -> Option<Kind> {
    match (block.get(..4)?, block.get(8..10)?) {
        (b"BMA3", _) => Some(Kind { lsn: 32, uuid: 40, checksum: 64 }),
        (b"XDB3" | b"XDD3", _) => Some(Kind { lsn: 16, uuid: 24, checksum: 4 }),
        (b"XSLM", _) => Some(Kind { lsn: 48, uuid: 16, checksum: 12 }),
        (b"XFSB", _) => Some(Kind { lsn: 240, uuid: 32, checksum: 224 }),
        (_, [0x3D, 0xF1 | 0xFF] | [0x3E, 0xBE]) => Some(Kind { lsn: 24, uuid: 32, checksum: 12 }),
        _ => None,
    }
}

/// Whether a structure of version 4 that is read begins with these bytes.
pub(super) fn is_old_kind(block: &[u8]) -> bool {
    let first = matches!(block.get(..4), Some(b"BMAP" | b"XD2B" | b"XD2D" | b"XFSB"));
    first || matches!(block.get(8..10), Some([0xD2, 0xF1 | 0xFF] | [0xFE, 0xBE]))
}

impl Kind {
    /// Whether what is on the device is not older than the transaction `lsn`.
    pub(super) fn is_newer(&self, block: &[u8], lsn: u64, geometry: &Geometry) -> bool {
        let ours = array(block, self.uuid) == Some(geometry.uuid);
        ours && be64(block, self.lsn).is_some_and(|stored| stored >= lsn && stored != u64::MAX)
    }

    pub(super) fn seal(&self, block: &mut [u8]) {
        seal(block, self.checksum);
    }
}

/// Makes the checksum at `at` true.
pub(super) fn seal(block: &mut [u8], at: usize) {
    let Some(value) = crc32c::value_without(block, at) else { return };
    if let Some(place) = block.get_mut(at..).and_then(|rest| rest.get_mut(..4)) {
        place.copy_from_slice(&value.to_le_bytes());
    }
}

/// The description of an inode, and its parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inode<'i> {
    pub(super) fields: u32,
    /// In bytes.
    pub(super) offset: u64,
    /// Of the buffer of inodes that it is in.
    pub(super) buffer: u64,
    core: &'i [u8],
    fork: &'i [u8],
}

/// Which parts of an inode are logged: the data fork's bytes, list of extents, or root of a tree.
const LOCAL: u32 = 2;
const EXTENTS: u32 = 4;
const ROOT: u32 = 8;
/// Numbers of an inode's core, as places and widths, that are converted from byte order to byte order;
/// timestamps and counts of extents depend on flags.
const NUMBERS: [(u8, u8); 18] = [
    (0, 2),
    (2, 2),
    (6, 2),
    (8, 4),
    (12, 4),
    (16, 4),
    (20, 2),
    (22, 2),
    (56, 8),
    (64, 8),
    (72, 4),
    (76, 4),
    (80, 2),
    (84, 4),
    (88, 2),
    (90, 2),
    (92, 4),
    (4, 1),
];
const NUMBERS_V3: [(u8, u8); 5] = [(104, 8), (112, 8), (120, 8), (128, 4), (152, 8)];

impl<'i> Inode<'i> {
    pub(super) fn read(item: &'i Item) -> Option<Self> {
        let bytes = item.description();
        let fields = le32(bytes, 4)?;
        let buffer = le64(bytes, 40)?.checked_mul(512)?;
        let offset = buffer.checked_add(le32(bytes, 52)?.into())?;
        let has_fork = fields & (LOCAL | EXTENTS | ROOT) != 0;
        let fork = if has_fork { item.regions.get(2)?.as_slice() } else { &[] };
        let size = usize::from(le16(bytes, 10)?);
        let fork = fork.get(..size.min(fork.len()))?;
        Some(Self { fields, offset, buffer, core: item.regions.get(1)?, fork })
    }

    /// Whether what is on the device is newer than the transaction `lsn`.
    pub(super) fn is_newer(&self, inode: &[u8], lsn: u64, geometry: &Geometry) -> bool {
        if inode.get(..2) != Some(b"IN") {
            return false;
        }
        if geometry.v5 {
            return array(inode, 160) == Some(geometry.uuid)
                && be64(inode, 112).is_some_and(|stored| stored > lsn);
        }
        let (stored, logged) =
            (array(inode, 30).map_or(0, u16::from_be_bytes), le16(self.core, 30).unwrap_or(0));
        let wrapped = stored == u16::MAX && logged < u16::MAX / 2;
        logged < stored && !wrapped
    }

    /// Puts core and fork into `inode`.
    pub(super) fn apply(&self, inode: &mut [u8], geometry: &Geometry) -> Option<()> {
        for (at, width) in NUMBERS {
            self.number(inode, at.into(), width.into())?;
        }
        for at in [5, 82, 83] {
            self.number(inode, at, 1)?;
        }
        let flags2 = if geometry.v5 { le64(self.core, 120)? } else { 0 };
        // Counts of extents of 64 bits; else six bytes without use, and how often it was written.
        let counts: &[(usize, usize)] = if flags2 & 0x10 != 0 { &[(24, 8)] } else { &[(30, 2)] };
        let times: &[usize] = if geometry.v5 { &[32, 40, 48, 144] } else { &[32, 40, 48] };
        for (at, width) in counts {
            self.number(inode, *at, *width)?;
        }
        for at in times {
            if flags2 & 8 != 0 {
                self.number(inode, *at, 8)?;
            } else {
                self.number(inode, *at, 4)?;
                self.number(inode, at.checked_add(4)?, 4)?;
            }
        }
        if geometry.v5 {
            for (at, width) in NUMBERS_V3 {
                self.number(inode, at.into(), width.into())?;
            }
            inode.get_mut(160..176)?.copy_from_slice(self.core.get(160..176)?);
        }
        self.fork(inode.get_mut(geometry.inode_core()..)?, geometry)?;
        if geometry.v5 {
            seal(inode, 100);
        }
        Some(())
    }

    fn number(&self, inode: &mut [u8], at: usize, width: usize) -> Option<()> {
        let end = at.checked_add(width)?;
        let to = inode.get_mut(at..end)?;
        to.copy_from_slice(self.core.get(at..end)?);
        to.reverse();
        Some(())
    }

    fn fork(&self, fork: &mut [u8], geometry: &Geometry) -> Option<()> {
        if self.fields & (LOCAL | EXTENTS) != 0 {
            fork.get_mut(..self.fork.len())?.copy_from_slice(self.fork);
        }
        if self.fields & ROOT != 0 {
            let end = usize::from(*self.core.get(82)?).checked_mul(8)?;
            let fork = if end == 0 { fork } else { fork.get_mut(..end)? };
            return root(self.fork, fork, geometry);
        }
        Some(())
    }
}

/// The root of a tree as it is in memory, with a header like other blocks', into one as it is in an
/// inode.
fn root(from: &[u8], to: &mut [u8], geometry: &Geometry) -> Option<()> {
    let header = if geometry.v5 { 72 } else { 24 };
    let count = usize::from(array(from, 6).map(u16::from_be_bytes)?);
    let used = count.checked_mul(8)?;
    let room = from.get(header..)?;
    let pointers = (room.len() / 16).checked_mul(8)?;
    to.get_mut(..4)?.copy_from_slice(from.get(4..8)?);
    let to = to.get_mut(4..)?;
    let to_pointers = (to.len() / 16).checked_mul(8)?;
    to.get_mut(..used)?.copy_from_slice(room.get(..used)?);
    let from = room.get(pointers..)?.get(..used)?;
    to.get_mut(to_pointers..)?.get_mut(..used)?.copy_from_slice(from);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::tests::sample;
    use crate::log::transaction::{Assembly, Operations, Step};
    use proptest::prelude::*;

    fn operation(id: u32, flags: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        [&id.to_be_bytes()[..], &length.to_be_bytes(), &[0x69, flags, 0, 0], bytes].concat()
    }

    fn items(record: &[u8]) -> Vec<Item> {
        let mut assembly = Assembly::default();
        let mut items = Vec::new();
        for operation in Operations::new(record, 100) {
            if let Step::Whole(item) = assembly.take(&operation) {
                items.push(item);
            }
        }
        items
    }

    fn buffer(words: &[u32], regions: u16) -> Vec<u8> {
        let mut bytes = [BUFFER, regions, 11 << 11, 2].map(u16::to_le_bytes).concat();
        bytes.extend(8_u64.to_le_bytes());
        bytes.extend(u32::try_from(words.len()).unwrap().to_le_bytes());
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_buffer_whose_region_goes_on_in_the_next_record() {
        let record = [
            operation(1, 1, &[]),
            operation(1, 0, &[0; 16]),
            operation(1, 0, &buffer(&[0b0110], 2)),
            operation(1, 4, &[5; 200]),
            operation(1, 8, &[6; 56]),
            operation(1, 2, &[]),
        ];
        let items = items(&record.concat());
        let description = Buffer::read(&items[0]).unwrap();
        assert_eq!((items.len(), description.offset, description.length), (1, 4096, 1024));
        assert!(description.is_read() && !description.is_cancelled());
        let mut block = [0; 1024];
        Buffer::apply(&items[0], &mut block).unwrap();
        assert_eq!(
            (block[127], block[128], block[327], block[328], block[383], block[384]),
            (0, 5, 5, 6, 6, 0)
        );
    }

    proptest! {
        #[test]
        fn any_item_does_no_harm(parts in prop::collection::vec((0_u8..16, prop::collection::vec(any::<u8>(), 0..300)), 0..12), kind in prop::sample::select(vec![BUFFER, INODE])) {
            let mut record = operation(1, 0, &[0; 16]);
            record.extend(operation(1, 0, &[&kind.to_le_bytes()[..], &[3, 0, 14, 0, 255, 0]].concat()));
            record.extend(parts.iter().flat_map(|(flags, bytes)| operation(1, *flags, bytes)));
            for item in items(&record) {
                let mut block = vec![0; 512];
                let _ = Buffer::read(&item);
                let _ = Buffer::apply(&item, &mut block);
                if let Some(inode) = Inode::read(&item) {
                    let _ = inode.is_newer(&block, 5, &sample());
                    let _ = inode.apply(&mut block, &sample());
                }
            }
        }
    }
}
