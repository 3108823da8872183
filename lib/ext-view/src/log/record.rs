// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of the journal's own: descriptors, revokes and commits (jbd2: "Block Header", "Descriptor Block",
//! "Revocation Block", "Commit Block").

use super::head::{Form, Sums};
use crate::bytes::{array, be16, be32, be64, byte, index, join, low_half};
use crate::error::Fault;

/// What each block of the journal's own begins with, and a block of data never does.
pub(super) const MAGIC: [u8; 4] = [0xC0, 0x3B, 0x39, 0x98];
/// The bytes of a header, and of the checksum at the end of a descriptor or revoke.
const HEADER: usize = 12;
const TAIL: usize = 4;
const UUID: usize = 16;
/// Where a commit has its checksum.
const COMMIT_SUM: usize = 16;
/// The only checksum of whole transactions that is written: CRC-32, of four bytes.
const CRC32: u8 = 1;
const CRC32_SIZE: u8 = 4;

const ESCAPED: u32 = 1;
const SAME_UUID: u32 = 2;
const LAST: u32 = 8;

/// What a block of the journal's own is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Descriptor,
    Commit,
    SuperblockV1,
    SuperblockV2,
    Revoke,
}

/// The header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// The transaction that it belongs to.
    pub(super) sequence: u32,
}

impl Header {
    pub(super) fn read(block: &[u8]) -> Option<Self> {
        array(block, 0).filter(|magic| *magic == MAGIC)?;
        let kind = match be32(block, 4)? {
            1 => Kind::Descriptor,
            2 => Kind::Commit,
            3 => Kind::SuperblockV1,
            4 => Kind::SuperblockV2,
            5 => Kind::Revoke,
            _ => return None,
        };
        Some(Self { kind, sequence: be32(block, 8)? })
    }
}

/// What a descriptor says of one of the blocks behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The block of the volume that it is for.
    pub(super) block: u64,
    pub(super) escaped: bool,
    checksum: u32,
}

/// The tags of a descriptor.
pub(super) struct Tags<'b> {
    bytes: &'b [u8],
    form: Form,
    at: Option<usize>,
}

impl Form {
    fn has_tails(&self) -> bool {
        matches!(self.sums, Sums::V2 | Sums::V3)
    }

    /// The bytes of a tag.
    fn tag_size(&self) -> usize {
        match (self.sums, self.bits_64) {
            (Sums::V3, _) => 16,
            (Sums::V2, true) => 14,
            (Sums::V2, false) => 10,
            (_, true) => 12,
            (_, false) => 8,
        }
    }

    /// Whether a descriptor or revoke has the checksum that it should.
    pub(super) fn holds(&self, block: &[u8]) -> bool {
        let (bytes, tail) = block.split_at_checked(block.len().saturating_sub(TAIL)).unwrap_or_default();
        !self.has_tails() || be32(tail, 0) == Some(self.seed.with(bytes).with(&[0; TAIL]).state())
    }

    /// Whether a commit has the checksum that it should; `whole` is that of its transaction.
    pub(super) fn commits(&self, block: &[u8], whole: u32) -> bool {
        let stored = be32(block, COMMIT_SUM);
        match self.sums {
            Sums::None => true,
            Sums::Whole => {
                let kind = (byte(block, 12), byte(block, 13));
                let none = kind == (Some(0), Some(0)) && stored == Some(0);
                none || (kind == (Some(CRC32), Some(CRC32_SIZE)) && stored == Some(whole))
            }
            Sums::V2 | Sums::V3 => {
                let before = block.get(..COMMIT_SUM).unwrap_or_default();
                let behind = block.get(COMMIT_SUM.saturating_add(4)..).unwrap_or_default();
                stored == Some(self.seed.with(before).with(&[0; 4]).with(behind).state())
            }
        }
    }

    /// Whether the block that `tag` is of has the checksum that it should.
    pub(super) fn matches(&self, tag: &Tag, sequence: u32, block: &[u8]) -> bool {
        let value = || self.seed.with(&sequence.to_be_bytes()).with(block);
        match self.sums {
            Sums::None | Sums::Whole => true,
            Sums::V2 => tag.checksum == u32::from(low_half(value().state())),
            Sums::V3 => tag.checksum == value().state(),
        }
    }

    /// The tags of the descriptor `block`.
    pub(super) fn tags<'b>(&self, block: &'b [u8]) -> Tags<'b> {
        let end = block.len().saturating_sub(if self.has_tails() { TAIL } else { 0 });
        Tags { bytes: block.get(..end).unwrap_or_default(), form: *self, at: Some(HEADER) }
    }

    fn tag(&self, bytes: &[u8], at: usize) -> Option<(Tag, u32)> {
        let bytes = bytes.get(at..)?.get(..self.tag_size())?;
        let low = be32(bytes, 0)?;
        let (flags, checksum) = match self.sums {
            Sums::V3 => (be32(bytes, 4)?, be32(bytes, 12)?),
            _ => (be16(bytes, 6)?.into(), be16(bytes, 4)?.into()),
        };
        let high = if self.bits_64 { be32(bytes, 8)? } else { 0 };
        Some((Tag { block: join(high, low), escaped: flags & ESCAPED != 0, checksum }, flags))
    }

    /// The blocks of the volume that the revoke `block` is of.
    pub(super) fn revoked<'b>(&self, block: &'b [u8]) -> Result<impl Iterator<Item = u64> + use<'b>, Fault> {
        let room = block.len().saturating_sub(if self.has_tails() { TAIL } else { 0 });
        let used = be32(block, HEADER).map(index).filter(|&used| used <= room).ok_or(Fault::Bounds)?;
        let records = block.get(HEADER.saturating_add(4)..used).unwrap_or_default();
        let (wide, size) = (self.bits_64, if self.bits_64 { 8 } else { 4 });
        let number = move |record: &[u8]| if wide { be64(record, 0) } else { be32(record, 0).map(u64::from) };
        Ok(records.chunks_exact(size).filter_map(number))
    }
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        let at = self.at?;
        let (tag, flags) = self.form.tag(self.bytes, at)?;
        let uuid = if flags & SAME_UUID == 0 { UUID } else { 0 };
        let next = at.saturating_add(self.form.tag_size()).saturating_add(uuid);
        self.at = (flags & LAST == 0).then_some(next);
        Some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;
    use view_parts::Crc;

    fn form(bits_64: bool, sums: Sums) -> Form {
        Form { bits_64, sums, seed: Crc::seeded(7) }
    }

    fn forms() -> impl Iterator<Item = Form> {
        let sums = [Sums::None, Sums::Whole, Sums::V2, Sums::V3];
        sums.into_iter().flat_map(|sums| [false, true].map(|bits_64| form(bits_64, sums)))
    }

    /// A descriptor with tags of these blocks.
    fn descriptor(form: Form, blocks: &[u64]) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &1_u32.to_be_bytes(), &9_u32.to_be_bytes()].concat();
        for (index, block) in blocks.iter().enumerate() {
            let last = if index + 1 == blocks.len() { LAST } else { 0 };
            let flags = last | ESCAPED | if index == 0 { 0 } else { SAME_UUID };
            let start = bytes.len();
            bytes.extend((*block as u32).to_be_bytes());
            match form.sums {
                Sums::V3 => bytes.extend(flags.to_be_bytes()),
                _ => bytes.extend([[0xAB, 0xCD], (flags as u16).to_be_bytes()].concat()),
            }
            if form.bits_64 || form.sums == Sums::V3 {
                bytes.extend(((block >> 32) as u32).to_be_bytes());
            }
            bytes.resize(start + form.tag_size() + if index == 0 { UUID } else { 0 }, 0);
        }
        bytes.resize(1024, 0);
        bytes
    }

    #[test]
    fn tags_of_every_form() {
        for form in forms() {
            let high = if form.bits_64 { 5 << 32 } else { 0 };
            let blocks: Vec<u64> = (1..=40).map(|block| block | high).collect();
            let bytes = descriptor(form, &blocks);
            assert_eq!(Header::read(&bytes), Some(Header { kind: Kind::Descriptor, sequence: 9 }));
            let found: Vec<u64> = form.tags(&bytes).map(|tag| tag.block).collect();
            assert_eq!(found, blocks, "{form:?}");
            assert!(form.tags(&bytes).all(|tag| tag.escaped));
        }
    }

    #[test]
    fn revokes_of_both_widths() {
        let mut block =
            [&MAGIC[..], &5_u32.to_be_bytes(), &9_u32.to_be_bytes(), &24_u32.to_be_bytes()].concat();
        block.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        block.resize(1024, 0xFF);
        let revoked = |bits_64| form(bits_64, Sums::V3).revoked(&block).unwrap().collect::<Vec<_>>();
        assert_eq!(revoked(false), [1, 2]);
        assert_eq!(revoked(true), [0x1_0000_0002]);
        block[14] = 0xFF;
        assert!(form(false, Sums::V3).revoked(&block).is_err());
    }

    proptest! {
        #[test]
        fn any_block_does_no_harm(mut block in prop::collection::vec(any::<u8>(), 0..1100), kind in 0_u8..7) {
            if block.len() > 12 {
                block[..4].copy_from_slice(&MAGIC);
                block[4..8].copy_from_slice(&[0, 0, 0, kind]);
            }
            for form in forms() {
                let _ = (Header::read(&block), form.holds(&block), form.commits(&block, 0));
                prop_assert!(form.tags(&block).count() <= 137);
                prop_assert!(form.revoked(&block).map_or(0, Iterator::count) <= 275);
            }
        }
    }
}
