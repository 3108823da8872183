// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replays the journal: what the kernel does when it mounts after a crash. Three times through the ring:
//! where it ends, what was revoked, and what is left.

use super::crc32::crc32;
use super::head::{Journal, Sums};
use super::record::{Header, Kind, Tag};
use super::{LogState, Overlay, REPLAY_MAX};
use crate::Verify;
use crate::bytes::{be64, le16, le32, wide};
use crate::error::{Error, Fault, LogContent, Unsupported};
use crate::volume::Ext;
use alloc::vec::Vec;
use read_at::ReadAt;
use view_parts::sorted_by_key;

/// Where a commit has its time.
const TIME: usize = 48;
/// The tag that fast commits begin with, and where it has the transaction they go on from.
const FAST_HEAD: u16 = 9;
const FAST_TRANSACTION: usize = 8;

/// A replay under way.
pub(super) struct Replay<'e, R> {
    ext: &'e Ext<R>,
    journal: Journal,
    /// Blocks of the volume that were revoked, and by which transaction.
    revoked: Vec<(u64, u32)>,
    overlay: Overlay,
}

/// A block of the journal's own, in its place in the ring.
struct Step {
    header: Header,
    place: u32,
    block: Vec<u8>,
}

/// A way through the ring.
struct Way {
    at: u32,
    /// The transaction that it is in.
    sequence: u32,
    /// Blocks that are left before it is all round.
    left: u32,
}

impl<'e, R: ReadAt> Replay<'e, R> {
    pub(super) fn new(ext: &'e Ext<R>, journal: Journal) -> Self {
        let overlay = Overlay::new(wide(ext.geometry().block_size));
        Self { ext, journal, revoked: Vec::new(), overlay }
    }

    pub(super) fn run(mut self) -> Result<(LogState, Overlay), Error<R::Error>> {
        let end = self.end()?;
        self.revokes(end)?;
        self.blocks(end)?;
        self.overlay.sort();
        if self.overlay.len() > REPLAY_MAX {
            return Err(too_large());
        }
        let state = LogState::Replayed {
            transactions: end.wrapping_sub(self.journal.sequence),
            blocks: self.overlay.len(),
            fast_commits: self.has_fast(end)?,
        };
        Ok((state, self.overlay))
    }

    fn sums(&self) -> bool {
        self.ext.verify() == Verify::Checksums
    }

    fn way(&self) -> Way {
        let (at, sequence) = (self.journal.start, self.journal.sequence);
        Way { at, sequence, left: self.journal.blocks() }
    }

    /// The next block of the journal's own that belongs to the way's transaction; none at the end.
    fn next(&self, way: &mut Way) -> Result<Option<Step>, Error<R::Error>> {
        if way.left == 0 {
            return Ok(None);
        }
        let block = self.journal.read(self.ext, way.at)?;
        let header = Header::read(&block).filter(|header| header.sequence == way.sequence);
        let Some(header) = header else { return Ok(None) };
        let step = Step { header, place: way.at, block };
        let behind = match header.kind {
            Kind::Descriptor => {
                u32::try_from(self.journal.form.tags(&step.block).count()).unwrap_or(u32::MAX)
            }
            Kind::Commit | Kind::Revoke => 0,
            Kind::SuperblockV1 | Kind::SuperblockV2 => return Ok(None),
        };
        let length = behind.saturating_add(1);
        if length > way.left {
            return Ok(None);
        }
        way.left = way.left.saturating_sub(length);
        way.at = self.journal.after(way.at, length);
        if header.kind == Kind::Commit {
            way.sequence = way.sequence.wrapping_add(1);
        }
        Ok(Some(step))
    }

    /// The number behind that of the last transaction that is whole.
    ///
    /// A block whose checksum is wrong is one of an earlier time, if no commit behind it is newer; else the
    /// journal is damaged.
    fn end(&self) -> Result<u32, Error<R::Error>> {
        let mut way = self.way();
        let (mut whole, mut newest, mut doubtful) = (u32::MAX, 0, false);
        let mut end = way.sequence;
        while let Some(step) = self.next(&mut way)? {
            match step.header.kind {
                Kind::Commit => {
                    let time = be64(&step.block, TIME).unwrap_or_default();
                    if doubtful && self.sums() {
                        if time >= newest {
                            return Err(self.journal.damage(Fault::Checksum).into());
                        }
                        break;
                    }
                    if self.sums() && !self.journal.form.commits(&step.block, whole) {
                        break;
                    }
                    (whole, newest, end) = (u32::MAX, time, way.sequence);
                }
                _ => {
                    doubtful |= !self.journal.form.holds(&step.block);
                    whole = self.add(whole, &step)?;
                }
            }
        }
        Ok(end)
    }

    /// Adds a descriptor and the blocks behind it to the checksum of their transaction, where it has one.
    fn add(&self, whole: u32, step: &Step) -> Result<u32, Error<R::Error>> {
        let wanted = self.journal.form.sums == Sums::Whole && self.sums();
        if !wanted || step.header.kind != Kind::Descriptor {
            return Ok(whole);
        }
        let mut whole = crc32(whole, &step.block);
        for (_, place) in self.tagged(step) {
            whole = crc32(whole, &self.journal.read(self.ext, place)?);
        }
        Ok(whole)
    }

    /// The tags of a descriptor, and the blocks of the ring that they are of.
    fn tagged<'s>(&'s self, step: &'s Step) -> impl Iterator<Item = (Tag, u32)> + 's {
        let mut place = step.place;
        self.journal.form.tags(&step.block).map(move |tag| {
            place = self.journal.after(place, 1);
            (tag, place)
        })
    }

    /// Shows `act` each block of the journal's own that belongs to a whole transaction.
    fn each(
        &mut self,
        end: u32,
        mut act: impl FnMut(&mut Self, &Step) -> Result<(), Error<R::Error>>,
    ) -> Result<(), Error<R::Error>> {
        let mut way = self.way();
        while way.sequence != end {
            let Some(step) = self.next(&mut way)? else { break };
            act(self, &step)?;
        }
        Ok(())
    }

    /// Which blocks were revoked, and when last.
    fn revokes(&mut self, end: u32) -> Result<(), Error<R::Error>> {
        self.each(end, |replay, step| {
            if step.header.kind != Kind::Revoke {
                return Ok(());
            }
            let blocks = replay.journal.form.revoked(&step.block);
            let blocks = blocks.map_err(|fault| replay.journal.damage(fault))?;
            replay.revoked.extend(blocks.map(|block| (block, step.header.sequence)));
            if replay.revoked.len() > REPLAY_MAX { Err(too_large()) } else { Ok(()) }
        })?;
        // Transactions count on, so that their distance from the first is in their order.
        let first = self.journal.sequence;
        let revoked = core::mem::take(&mut self.revoked);
        self.revoked = sorted_by_key(revoked, |(block, sequence)| (*block, sequence.wrapping_sub(first)));
        Ok(())
    }

    /// Whether `block` was given to something else in the transaction `sequence` or later.
    fn is_revoked(&self, block: u64, sequence: u32) -> bool {
        let behind = self.revoked.partition_point(|(revoked, _)| *revoked <= block);
        let last = behind.checked_sub(1).and_then(|index| self.revoked.get(index));
        let age = |sequence: u32| sequence.wrapping_sub(self.journal.sequence);
        last.is_some_and(|(revoked, by)| *revoked == block && age(*by) >= age(sequence))
    }

    /// Where the newest form of each block is.
    fn blocks(&mut self, end: u32) -> Result<(), Error<R::Error>> {
        self.each(end, |replay, step| {
            if step.header.kind != Kind::Descriptor {
                return Ok(());
            }
            let tagged: Vec<(Tag, u32)> = replay.tagged(step).collect();
            tagged.into_iter().try_for_each(|(tag, place)| replay.tag(&tag, place, step.header.sequence))
        })
    }

    fn tag(&mut self, tag: &Tag, place: u32, sequence: u32) -> Result<(), Error<R::Error>> {
        if self.is_revoked(tag.block, sequence) {
            return Ok(());
        }
        let geometry = *self.ext.geometry();
        // The superblock may be in block 0, which no file has.
        if tag.block >= geometry.blocks {
            return Err(self.journal.damage(Fault::Bounds).into());
        }
        if self.sums() && matches!(self.journal.form.sums, Sums::V2 | Sums::V3) {
            let block = self.journal.read(self.ext, place)?;
            if !self.journal.form.matches(tag, sequence, &block) {
                return Err(self.journal.damage(Fault::Checksum).into());
            }
        }
        let place = self.journal.place(self.ext, place)?;
        let fits = self.overlay.put(geometry.bytes(tag.block), place, tag.escaped);
        if fits { Ok(()) } else { Err(too_large()) }
    }

    /// Whether there are fast commits that go on from the transaction `end`.
    fn has_fast(&self, end: u32) -> Result<bool, Error<R::Error>> {
        if !self.journal.has_fast {
            return Ok(false);
        }
        for place in self.journal.fast() {
            // There may be no second one.
            let Ok(block) = self.journal.read(self.ext, place) else { continue };
            if le16(&block, 0) == Some(FAST_HEAD) && le32(&block, FAST_TRANSACTION) == Some(end) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn too_large<E>() -> Error<E> {
    Unsupported::Log(LogContent::TooLarge).into()
}
