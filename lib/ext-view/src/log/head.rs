// SPDX-License-Identifier: MIT OR Apache-2.0
//! The superblock of the journal, and its blocks as a ring ("Super Block" of jbd2).

use super::record::{Header, Kind};
use crate::Verify;
use crate::bytes::{array, be32, byte, index};
use crate::error::{Damage, Error, Fault, LogContent, Structure, Unsupported};
use crate::inode::Inode;
use crate::volume::Ext;
use alloc::vec::Vec;
use read_at::ReadAt;
use view_parts::Crc;

/// The bytes of the superblock.
const SIZE: usize = 1024;
const CHECKSUM: usize = 0xFC;
const CRC32C: u8 = 4;
/// Blocks for fast commits where the superblock does not say how many.
const FAST_DEFAULT: u32 = 256;

const SUMMED: u32 = 1;
const REVOKES: u32 = 1;
const BITS_64: u32 = 2;
const ASYNC: u32 = 4;
const SUMS_V2: u32 = 8;
const SUMS_V3: u32 = 0x10;
const FAST: u32 = 0x20;
const KNOWN: u32 = REVOKES | BITS_64 | ASYNC | SUMS_V2 | SUMS_V3 | FAST;

/// A journal that has changes.
#[derive(Debug)]
pub(super) struct Journal {
    inode: Inode,
    pub(super) form: Form,
    /// The first block of the ring, and the one behind the last.
    first: u32,
    last: u32,
    /// Where the oldest transaction begins, and its number.
    pub(super) start: u32,
    pub(super) sequence: u32,
    /// Whether there may be fast commits behind the ring.
    pub(super) has_fast: bool,
}

/// How records of a journal are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) bits_64: bool,
    pub(super) sums: Sums,
    /// Where checksums begin.
    pub(super) seed: Crc,
}

/// Which checksums a journal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sums {
    None,
    /// One of each transaction.
    Whole,
    V2,
    V3,
}

impl Journal {
    /// The journal of `ext`; none if it is empty.
    pub(super) fn open<R: ReadAt>(ext: &Ext<R>) -> Result<Option<Self>, Error<R::Error>> {
        let inode = ext.inode(ext.superblock().journal)?;
        let place = inode.place;
        let damage = |fault| Error::from(Structure::Log.damage(fault, place));
        let mut journal = Self {
            inode,
            form: Form { bits_64: false, sums: Sums::None, seed: Crc::new() },
            first: 0,
            last: 1,
            start: 0,
            sequence: 0,
            has_fast: false,
        };
        let block = journal.read(ext, 0)?;
        let bytes = block.get(..SIZE).ok_or(damage(Fault::Bounds))?;
        let (compatible, incompatible) = match Header::read(bytes).map(|header| header.kind) {
            Some(Kind::SuperblockV1) => (0, 0),
            Some(Kind::SuperblockV2) => (be32(bytes, 36).unwrap_or(0), be32(bytes, 40).unwrap_or(0)),
            _ => return Err(damage(Fault::Magic)),
        };
        if incompatible & !KNOWN != 0 {
            return Err(Unsupported::Log(LogContent::Feature(incompatible & !KNOWN)).into());
        }
        journal.form = form(bytes, compatible, incompatible, ext.verify()).map_err(damage)?;
        let word = |at| be32(bytes, at).unwrap_or_default();
        let blocks = word(16);
        let fast = match word(84) {
            _ if incompatible & FAST == 0 => 0,
            0 => FAST_DEFAULT,
            count => count,
        };
        (journal.first, journal.start, journal.sequence) = (word(20), word(28), word(24));
        journal.last = blocks.checked_sub(fast).ok_or(damage(Fault::Value))?;
        journal.has_fast = fast > 0;
        let held = ext.geometry().block_of(journal.inode.metadata.size);
        let ring = journal.first >= 1 && journal.first < journal.last && u64::from(blocks) <= held;
        let size = index(word(12)) == ext.geometry().block_size;
        if journal.start == 0 {
            return Ok(None);
        }
        let inside = (journal.first..journal.last).contains(&journal.start);
        if ring && size && inside { Ok(Some(journal)) } else { Err(damage(Fault::Value)) }
    }

    /// The blocks of the ring.
    pub(super) fn blocks(&self) -> u32 {
        self.last.saturating_sub(self.first)
    }

    /// The block that is `step` behind `block` in the ring.
    pub(super) fn after(&self, block: u32, step: u32) -> u32 {
        let at = block.saturating_add(step);
        if at < self.last { at } else { at.saturating_sub(self.blocks()) }
    }

    /// The blocks that fast commits may begin in: Linux leaves out the one behind the ring.
    pub(super) fn fast(&self) -> [u32; 2] {
        [self.last, self.last.saturating_add(1)]
    }

    /// Where the block `number` of the journal is, in bytes.
    pub(super) fn place<R: ReadAt>(&self, ext: &Ext<R>, number: u32) -> Result<u64, Error<R::Error>> {
        let start = ext.run_at(&self.inode, number.into())?.start;
        let place = start.and_then(|start| ext.geometry().run(start, 1));
        Ok(place.ok_or(self.damage(Fault::Bounds))?)
    }

    pub(super) fn read<R: ReadAt>(&self, ext: &Ext<R>, number: u32) -> Result<Vec<u8>, Error<R::Error>> {
        let place = self.place(ext, number)?;
        let mut block = alloc::vec![0; ext.geometry().block_size];
        ext.with_disk(|disk| disk.read(place, &mut block))?;
        Ok(block)
    }

    pub(super) fn damage(&self, fault: Fault) -> Damage {
        Structure::Log.damage(fault, self.inode.place)
    }
}

/// The form that the superblock in `bytes` says, whose checksum is checked.
fn form(bytes: &[u8], compatible: u32, incompatible: u32, verify: Verify) -> Result<Form, Fault> {
    let uuid: [u8; 16] = array(bytes, 48).ok_or(Fault::Bounds)?;
    let form = Form { bits_64: incompatible & BITS_64 != 0, sums: Sums::None, seed: Crc::new().with(&uuid) };
    let newer = incompatible & (SUMS_V2 | SUMS_V3) != 0;
    let sums = match () {
        () if incompatible & SUMS_V3 != 0 => Sums::V3,
        () if incompatible & SUMS_V2 != 0 => Sums::V2,
        () if compatible & SUMMED != 0 => Sums::Whole,
        () => Sums::None,
    };
    if newer && verify == Verify::Checksums {
        let behind = bytes.get(CHECKSUM.saturating_add(4)..).unwrap_or_default();
        let value = Crc::new().with(bytes.get(..CHECKSUM).unwrap_or_default()).with(&[0; 4]).with(behind);
        let holds = byte(bytes, 80) == Some(CRC32C) && be32(bytes, CHECKSUM) == Some(value.state());
        holds.then_some(()).ok_or(Fault::Checksum)?;
    }
    Ok(Form { sums, ..form })
}
