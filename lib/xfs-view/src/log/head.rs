// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the log's last record: first from where the superblock was written last, which is near the
//! end in a clean log; else by halving the log until the fall of the cycle is found.

use super::LogState;
use super::record::{BLOCK, Header, Lsn, cycle};
use super::replay::{Replay, Replayed};
use crate::bytes::{index, narrow, wide};
use crate::disk::Disk;
use crate::error::{Damage, Error, Fault, Structure, Unsupported};
use crate::options::{LogPolicy, Options};
use crate::superblock::{LogPlace, Superblock};
use alloc::vec::Vec;
use read_at::ReadAt;

/// Blocks that are read at once.
const CHUNK: u32 = 64;
/// Chunks that are looked through from the superblock's place on.
const CHUNKS_MAX: u32 = 2;
/// Blocks among which the end is looked for at once.
const WINDOW: u32 = 256;
/// Blocks of the longest record, with its headers.
const RECORD_BLOCKS: u32 = 8 + 512;

/// Finds out whether the log is clean, and does what `options` say about it.
///
/// # Errors
///
/// The device failed, the log is damaged, or it is dirty and that is refused.
pub(crate) fn open<R: ReadAt>(
    disk: &mut Disk<R>,
    superblock: &Superblock,
    options: Options,
) -> Result<Replayed, Error<R::Error>> {
    let mut ring = Ring::new(disk, superblock.log());
    if ring.is_unmounted(superblock.lsn())? {
        return Ok(Replayed { state: LogState::Clean, unfinished: Vec::new() });
    }
    match options.log {
        LogPolicy::Refuse => Err(Unsupported::DirtyLog.into()),
        LogPolicy::Ignore => Ok(Replayed { state: LogState::DirtyIgnored, unfinished: Vec::new() }),
        LogPolicy::Replay => {
            let head = ring.head()?.unwrap_or(0);
            Replay::new(&mut ring, superblock.geometry()).run(head)
        }
    }
}

/// The log as a ring of blocks.
pub(super) struct Ring<'d, R> {
    disk: &'d mut Disk<R>,
    place: LogPlace,
    /// How many blocks it has.
    pub(super) blocks: u32,
}

impl<'d, R: ReadAt> Ring<'d, R> {
    pub(super) fn new(disk: &'d mut Disk<R>, place: LogPlace) -> Self {
        let blocks = u32::try_from(place.length / BLOCK).unwrap_or(u32::MAX);
        Self { disk, place, blocks }
    }

    /// Reads `count` blocks from `first` on; after the last comes the first.
    pub(super) fn read(&mut self, first: u32, count: u32) -> Result<Vec<u8>, Error<R::Error>> {
        let mut bytes = alloc::vec![0; narrow(u64::from(count).saturating_mul(BLOCK))];
        let before_end = u64::from(self.blocks.saturating_sub(first)).saturating_mul(BLOCK);
        let split = narrow(before_end).min(bytes.len());
        let (head, tail) = bytes.split_at_mut(split);
        let offset = self.place.offset.saturating_add(u64::from(first).saturating_mul(BLOCK));
        if !head.is_empty() {
            self.disk.read(offset, head)?;
        }
        if !tail.is_empty() {
            self.disk.read(self.place.offset, tail)?;
        }
        Ok(bytes)
    }

    pub(super) fn disk(&mut self) -> &mut Disk<R> {
        self.disk
    }

    /// Where the log begins, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.place.offset
    }

    /// `block` and as many more, around the ring.
    pub(super) fn after(&self, block: u32, count: u32) -> u32 {
        let sum = u64::from(block).saturating_add(u64::from(count));
        let around = sum.checked_rem(u64::from(self.blocks)).unwrap_or(0);
        u32::try_from(around).unwrap_or(0)
    }

    /// Whether the last record says that the file system was unmounted. `hint` is the place of any
    /// record, stored in the superblock, or 0.
    fn is_unmounted(&mut self, hint: u64) -> Result<bool, Error<R::Error>> {
        if let Some(unmounted) = self.from(Lsn::decode(hint))? {
            return Ok(unmounted);
        }
        // A log that mkfs.xfs just made has all that it has at its beginning.
        if let Some(unmounted) = self.beginning()? {
            return Ok(unmounted);
        }
        let head = self.head()?;
        let Some(head) = head else { return Ok(true) };
        let (header, at) = self.last_record(head)?;
        let data = self.read(self.after(at, header.header_blocks), 1)?;
        Ok(header.is_unmount(&data) && self.after(at, header.blocks()) == self.after(head, 0))
    }

    fn beginning(&mut self) -> Result<Option<bool>, Error<R::Error>> {
        let first = self.read(0, 1)?;
        match Header::parse(&first) {
            Some(header) => self.from(header.lsn),
            None => Ok(None),
        }
    }

    /// Goes from record to record from `hint` on; none if `hint` leads to none, or the end is far.
    fn from(&mut self, hint: Lsn) -> Result<Option<bool>, Error<R::Error>> {
        if hint.cycle == 0 || hint.block >= self.blocks {
            return Ok(None);
        }
        let count = CHUNK.saturating_mul(CHUNKS_MAX).min(self.blocks);
        let mut window = Vec::new();
        let (mut at, mut unmounted, mut expected) = (0, None, hint);
        while at < count {
            if window.len() <= narrow(u64::from(at).saturating_mul(BLOCK)) {
                let known = u32::try_from(wide(window.len()) / BLOCK).unwrap_or(count);
                let more = CHUNK.min(count.saturating_sub(known));
                window.extend(self.read(self.after(hint.block, known), more)?);
            }
            let block = block(&window, at);
            let Some(header) = Header::parse(block).filter(|header| header.lsn == expected) else {
                // The end is where a block of the round before is.
                let old = cycle(block).is_some_and(|cycle| cycle < expected.cycle);
                return Ok(unmounted.filter(|_| old));
            };
            let data = at.saturating_add(header.header_blocks);
            unmounted = Some(header.is_unmount(self::block(&window, data)));
            at = at.saturating_add(header.blocks());
            expected = self.place_after(hint, at);
        }
        Ok(None)
    }

    /// The place `count` blocks after `from`; the cycle grows at the ring's end.
    pub(super) fn place_after(&self, from: Lsn, count: u32) -> Lsn {
        let block = self.after(from.block, count);
        let cycle = from.cycle.saturating_add(u32::from(block < from.block));
        Lsn { cycle, block }
    }

    fn cycle(&mut self, block: u32) -> Result<u32, Error<R::Error>> {
        let bytes = self.read(block, 1)?;
        cycle(&bytes).ok_or(damage(self.place.offset).into())
    }

    /// The block after the last that was written; none if nothing was.
    pub(super) fn head(&mut self) -> Result<Option<u32>, Error<R::Error>> {
        let end = self.blocks.saturating_sub(1);
        let (first, last) = (self.cycle(0)?, self.cycle(end)?);
        if first == 0 {
            return Ok(None);
        }
        if first == last {
            return Ok(Some(0));
        }
        // Blocks of this round come before those of the last one, whose cycle is that of the end.
        let (mut low, mut high) = (0, end);
        while high.saturating_sub(low) > WINDOW {
            let middle = low.midpoint(high);
            if self.cycle(middle)? == last {
                high = middle;
            } else {
                low = middle;
            }
        }
        let window = self.read(low, high.saturating_sub(low))?;
        let old = (0..high.saturating_sub(low)).find(|&at| cycle(block(&window, at)) == Some(last));
        Ok(Some(old.map_or(high, |at| low.saturating_add(at))))
    }

    /// The last record that begins before `head`, and its block.
    pub(super) fn last_record(&mut self, head: u32) -> Result<(Header, u32), Error<R::Error>> {
        let most = RECORD_BLOCKS.min(self.blocks);
        let mut back = 0;
        while back < most {
            let count = CHUNK.min(most.saturating_sub(back));
            back = back.saturating_add(count);
            let first = self.after(head, self.blocks.saturating_sub(back));
            let bytes = self.read(first, count)?;
            for at in (0..count).rev() {
                let place = self.after(first, at);
                let header = Header::parse(block(&bytes, at)).filter(|header| header.lsn.block == place);
                if let Some(header) = header {
                    return Ok((header, place));
                }
            }
        }
        Err(damage(self.place.offset).into())
    }
}

/// The block `at` of several.
pub(super) fn block(bytes: &[u8], at: u32) -> &[u8] {
    crate::bytes::record(bytes, index(at), narrow(BLOCK)).unwrap_or_default()
}

/// The log has no record where one should be.
fn damage(offset: u64) -> Damage {
    Structure::Log.damage(Fault::Missing, offset)
}
