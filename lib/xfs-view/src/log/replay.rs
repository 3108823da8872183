// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replays the log in memory: what the kernel does when it mounts after a crash, as far as a reader
//! looks at it.

use super::LogState;
use super::cancelled::Cancelled;
use super::head::Ring;
use super::item::{self, Buffer, Inode};
use super::overlay::Overlay;
use super::record::{Header, Lsn, Record};
use super::survey::{Survey, Transaction};
use super::transaction::{Assembly, Item, Step};
use crate::bytes::narrow;
use crate::error::{Damage, Error, Fault, LogContent, Structure, Unsupported};
use crate::geometry::Geometry;
use alloc::vec::Vec;
use read_at::ReadAt;

/// Blocks before the head that may be half written: eight records of the greatest length.
const UNSURE: u32 = 8 * 520;
/// How often the head may be taken back to a record that is whole.
const HEADS_MAX: u32 = 16;
/// The most unfinished intents.
const INTENTS_MAX: usize = 4096;
/// The most operations that are looked at for each block of the log that is replayed. The kernel writes
/// about ten to a block, and few transactions at a time; each operation is looked at four times for each of
/// those that are under way with it.
const STEPS_MAX: u64 = 1024;
/// The largest buffer that a reader looks at: a directory's block.
const BUFFER_MAX: usize = 65_536;

/// Does something with an item.
type Act<'a, S, E> = &'a mut dyn FnMut(&mut S, &Item) -> Result<(), Error<E>>;

/// A replay under way.
pub(super) struct Replay<'r, 'd, R> {
    ring: &'r mut Ring<'d, R>,
    geometry: &'r Geometry,
    cancelled: Cancelled,
    /// Intents that are not done, once for each inode whose map they change.
    intents: Vec<(u16, u64, u64)>,
    /// The record that was read last: many small transactions are in one.
    kept: Option<Record>,
    /// How many operations may still be looked at.
    steps: u64,
}

/// What a replay found.
pub(crate) struct Replayed {
    pub(crate) state: LogState,
    /// Inodes whose maps have changes that were begun and not finished.
    pub(crate) unfinished: Vec<u64>,
}

impl<'r, 'd, R: ReadAt> Replay<'r, 'd, R> {
    pub(super) fn new(ring: &'r mut Ring<'d, R>, geometry: &'r Geometry) -> Self {
        let (cancelled, intents) = (Cancelled::default(), Vec::new());
        Self { ring, geometry, cancelled, intents, kept: None, steps: 0 }
    }

    /// Replays all between the tail and `head`.
    pub(super) fn run(mut self, head: u32) -> Result<Replayed, Error<R::Error>> {
        let (tail, head) = self.bounds(head)?;
        self.steps = u64::from(self.distance(tail.block, head)).saturating_mul(STEPS_MAX);
        let mut survey = Survey::default();
        self.records(tail, head, &mut |record| survey.record(record))?;
        let (transactions, cancelled) = survey.finish();
        self.cancelled = cancelled;
        self.ring.disk().overlay = Overlay::new(self.geometry.block_size());
        for transaction in &transactions {
            self.each_item(transaction, &mut |replay, item| replay.buffer(item, transaction))?;
            self.each_item(transaction, &mut |replay, item| replay.inode(item, transaction))?;
            // Last, since inodes of the same transaction may be in a buffer that it gives back.
            self.each_item(transaction, &mut |replay, item| {
                replay.pass_cancel(item);
                replay.intent(item)
            })?;
        }
        let bytes = self.ring.disk().overlay.len();
        let unfinished = self.intents.iter().map(|intent| intent.2).collect();
        let count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
        Ok(Replayed { state: LogState::Replayed { transactions: count, bytes }, unfinished })
    }

    /// The tail, and the head after the last record that is whole.
    fn bounds(&mut self, head: u32) -> Result<(Lsn, u32), Error<R::Error>> {
        let mut head = head;
        for _ in 0..HEADS_MAX {
            let (last, _) = self.ring.last_record(head)?;
            if last.tail.block >= self.ring.blocks {
                break;
            }
            let reached = self.records(last.tail, head, &mut |_| Ok(()))?;
            if reached == head {
                return Ok((last.tail, head));
            }
            if self.distance(reached, head) > UNSURE || reached == last.tail.block {
                break;
            }
            head = reached;
        }
        Err(self.damage().into())
    }

    fn distance(&self, from: u32, to: u32) -> u32 {
        if to >= from {
            to.saturating_sub(from)
        } else {
            self.ring.blocks.saturating_sub(from).saturating_add(to)
        }
    }

    fn damage(&self) -> Damage {
        Structure::Log.damage(Fault::Checksum, self.ring.offset())
    }

    /// Shows each record from `tail` to `head`, and says which block it came to: `head`, unless a record
    /// before it is not whole.
    fn records(
        &mut self,
        tail: Lsn,
        head: u32,
        visit: &mut dyn FnMut(&Record) -> Result<(), Unsupported>,
    ) -> Result<u32, Error<R::Error>> {
        let mut at = tail;
        let mut left = self.distance(tail.block, head);
        while left > 0 {
            let Some(record) = self.record(at, left)? else { return Ok(at.block) };
            visit(&record)?;
            left = left.saturating_sub(record.header.blocks());
            at = self.ring.place_after(at, record.header.blocks());
            self.kept = Some(record);
        }
        Ok(head)
    }

    /// The record at `at`, if it is whole and has at most `most` blocks.
    fn record(&mut self, at: Lsn, most: u32) -> Result<Option<Record>, Error<R::Error>> {
        if let Some(record) = self.kept.take().filter(|record| record.header.lsn == at) {
            return Ok(Some(record));
        }
        let first = self.ring.read(at.block, 1)?;
        let header = Header::parse(&first).filter(|header| header.lsn == at && header.blocks() <= most);
        let Some(header) = header else { return Ok(None) };
        if !header.is_little_endian() {
            return Err(Unsupported::Log(LogContent::ByteOrder).into());
        }
        Ok(Record::open(header, self.ring.read(at.block, header.blocks())?))
    }

    /// Does `act` with each item of `transaction`.
    fn each_item(
        &mut self,
        transaction: &Transaction,
        act: Act<'_, Self, R::Error>,
    ) -> Result<(), Error<R::Error>> {
        let mut assembly = Assembly::default();
        let mut at = transaction.start;
        let mut mark = Some(transaction.mark);
        loop {
            let record = self.record(at, self.ring.blocks)?.ok_or(self.damage())?;
            let operations = record.operations();
            for operation in mark.take().map_or(operations, |mark| operations.from(mark)) {
                self.steps = self.steps.checked_sub(1).ok_or(too_large())?;
                if operation.transaction != transaction.id {
                    continue;
                }
                match assembly.take(&operation) {
                    Step::Nothing => {}
                    Step::Whole(item) => act(self, &item)?,
                    Step::TooLarge => return Err(too_large().into()),
                }
                if operation.commits() {
                    self.kept = Some(record);
                    return Ok(());
                }
            }
            at = self.ring.place_after(at, record.header.blocks());
            self.kept = Some(record);
        }
    }

    /// Counts that a buffer was given back.
    fn pass_cancel(&mut self, item: &Item) {
        let buffer = Some(item).filter(|item| item.kind() == item::BUFFER).and_then(Buffer::read);
        if let Some(buffer) = buffer.filter(Buffer::is_cancelled) {
            self.cancelled.pass(&buffer);
        }
    }

    fn buffer(&mut self, item: &Item, transaction: &Transaction) -> Result<(), Error<R::Error>> {
        if item.kind() != item::BUFFER {
            return if item::KNOWN.contains(&item.kind()) { Ok(()) } else { Err(unknown(item).into()) };
        }
        let Some(buffer) = Buffer::read(item) else { return Err(self.damage().into()) };
        if buffer.is_cancelled() || !buffer.is_read() || self.cancelled.is_to_come(&buffer) {
            return Ok(());
        }
        if buffer.length > BUFFER_MAX {
            return Err(self.damage().into());
        }
        let mut bytes = alloc::vec![0; buffer.length];
        self.ring.disk().read(buffer.offset, &mut bytes)?;
        let newer = |kind: &item::Kind| kind.is_newer(&bytes, transaction.lsn(), self.geometry);
        if item::kind(&bytes).as_ref().is_some_and(newer) {
            return Ok(());
        }
        Buffer::apply(item, &mut bytes).ok_or(self.damage())?;
        match item::kind(&bytes) {
            Some(kind) => kind.seal(&mut bytes),
            None if !self.geometry.v5 && (buffer.is_link() || item::is_old_kind(&bytes)) => {}
            None => return Ok(()),
        }
        self.put(buffer.offset, &bytes)
    }

    fn inode(&mut self, item: &Item, transaction: &Transaction) -> Result<(), Error<R::Error>> {
        if item.kind() != item::INODE {
            return Ok(());
        }
        let damage = self.damage();
        let inode = Inode::read(item).ok_or(damage)?;
        if self.cancelled.is_to_come_for_inode(inode.buffer, inode.offset) {
            return Ok(());
        }
        let mut bytes = alloc::vec![0; self.geometry.inode_size()];
        self.ring.disk().read(inode.offset, &mut bytes)?;
        if inode.is_newer(&bytes, transaction.lsn(), self.geometry) {
            return Ok(());
        }
        inode.apply(&mut bytes, self.geometry).ok_or(damage)?;
        self.put(inode.offset, &bytes)
    }

    /// Notes a change of maps that is begun, or done.
    fn intent(&mut self, item: &Item) -> Result<(), Error<R::Error>> {
        let bytes = item.description();
        let id = |at| item::le64(bytes, at);
        let done = match item.kind() {
            item::MAP => {
                let mut owners = bytes.get(16..).unwrap_or_default();
                while let Some(owner) = item::le64(owners, 0) {
                    self.intents.push((item.kind(), id(8).unwrap_or(0), owner));
                    owners = owners.get(32..).unwrap_or_default();
                }
                None
            }
            item::EXCHANGE => {
                for inode in [16, 24] {
                    self.intents.push((item.kind(), id(8).unwrap_or(0), id(inode).unwrap_or(0)));
                }
                None
            }
            item::MAP_DONE => Some(item::MAP),
            item::EXCHANGE_DONE => Some(item::EXCHANGE),
            _ => None,
        };
        if let Some(kind) = done {
            self.intents.retain(|intent| intent.0 != kind || Some(intent.1) != id(8));
        }
        if self.intents.len() > INTENTS_MAX { Err(too_large().into()) } else { Ok(()) }
    }

    /// Changes `bytes` from `offset` on.
    fn put(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Error<R::Error>> {
        let disk = self.ring.disk();
        for place in disk.overlay.pages_of(offset, bytes.len()) {
            let mut page = alloc::vec![0; disk.overlay.page_size()];
            disk.read(place, &mut page)?;
            let skip = narrow(offset.saturating_sub(place));
            let from = bytes.get(narrow(place.saturating_sub(offset))..).unwrap_or_default();
            for (to, from) in page.iter_mut().skip(skip).zip(from) {
                *to = *from;
            }
            if !disk.overlay.put(place, page) {
                return Err(too_large().into());
            }
        }
        Ok(())
    }
}

impl Transaction {
    fn lsn(&self) -> u64 {
        u64::from(self.start.cycle) << 32 | u64::from(self.start.block)
    }
}

fn too_large() -> Unsupported {
    Unsupported::Log(LogContent::TooLarge)
}

fn unknown(item: &Item) -> Unsupported {
    Unsupported::Log(LogContent::Item(item.kind()))
}
