// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replays the log in memory: what the kernel does when it mounts after a crash, as far as a reader
//! looks at it.

use super::LogState;
use super::head::Ring;
use super::item::{self, Buffer, Inode};
use super::overlay::Overlay;
use super::record::{BLOCK, Header, Lsn};
use super::transaction::{Assembly, Item, Operation, Step, operations};
use crate::bytes::{index, narrow, wide};
use crate::error::{Damage, Error, Fault, LogContent, Structure, Unsupported};
use crate::geometry::Geometry;
use alloc::vec::Vec;
use read_at::ReadAt;

/// Blocks before the head that may be half written: eight records of the greatest length.
const UNSURE: u32 = 8 * 520;
/// How often the head may be taken back to a record that is whole.
const HEADS_MAX: u32 = 16;
/// The most transactions, buffers that were given back, and unfinished intents that are kept.
const KEPT_MAX: usize = 65_536;

/// A transaction that was committed.
#[derive(Clone, Copy, Debug)]
struct Transaction {
    id: u32,
    start: Lsn,
    /// The block of its first record, and of its last.
    first: u32,
    last: u32,
}

/// Looks at the header of a record, its block, and its bytes.
type Visit<'v, E> = &'v mut dyn FnMut(&Header, u32, &[u8]) -> Result<(), Error<E>>;
/// Does something with an item.
type Act<'a, S, E> = &'a mut dyn FnMut(&mut S, &Item) -> Result<(), Error<E>>;

/// A replay under way.
pub(super) struct Replay<'r, 'd, R> {
    ring: &'r mut Ring<'d, R>,
    geometry: &'r Geometry,
    /// Buffers that were given back, as often.
    cancelled: Vec<(u64, usize, u32)>,
    /// Intents that are not done, once for each inode whose map they change.
    intents: Vec<(u16, u64, u64)>,
}

/// What a replay found.
pub(crate) struct Replayed {
    pub(crate) state: LogState,
    /// Inodes whose maps have changes that were begun and not finished.
    pub(crate) unfinished: Vec<u64>,
}

impl<'r, 'd, R: ReadAt> Replay<'r, 'd, R> {
    pub(super) fn new(ring: &'r mut Ring<'d, R>, geometry: &'r Geometry) -> Self {
        Self { ring, geometry, cancelled: Vec::new(), intents: Vec::new() }
    }

    /// Replays all between the tail and `head`.
    pub(super) fn run(mut self, head: u32) -> Result<Replayed, Error<R::Error>> {
        let (tail, head) = self.bounds(head)?;
        let transactions = self.transactions(tail, head)?;
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
            let reached = self.records(last.tail, head, &mut |_, _, _| Ok(()))?;
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
    fn records(&mut self, tail: Lsn, head: u32, visit: Visit<'_, R::Error>) -> Result<u32, Error<R::Error>> {
        let mut at = tail;
        let mut left = self.distance(tail.block, head);
        while left > 0 {
            let first = self.ring.read(at.block, 1)?;
            let header = Header::parse(&first).filter(|header| header.lsn == at && header.blocks() <= left);
            let Some(header) = header else { return Ok(at.block) };
            if !header.is_little_endian() {
                return Err(Unsupported::Log(LogContent::ByteOrder).into());
            }
            let mut record = self.ring.read(at.block, header.blocks())?;
            if !header.holds(&record) {
                return Ok(at.block);
            }
            header.restore(&mut record);
            let start = narrow(u64::from(header.header_blocks).saturating_mul(BLOCK));
            let bytes = record.get(start..).and_then(|bytes| bytes.get(..index(header.length)));
            visit(&header, at.block, bytes.unwrap_or_default())?;
            left = left.saturating_sub(header.blocks());
            at = self.ring.place_after(at, header.blocks());
        }
        Ok(head)
    }

    /// The transactions that were committed, in their order; notes which buffers were given back.
    fn transactions(&mut self, tail: Lsn, head: u32) -> Result<Vec<Transaction>, Error<R::Error>> {
        let mut begun: Vec<(Transaction, Assembly)> = Vec::new();
        let mut committed: Vec<Transaction> = Vec::new();
        // Of transactions that are not committed yet, too.
        let mut cancelled: Vec<(u32, Buffer)> = Vec::new();
        let mut passed: Vec<Buffer> = Vec::new();
        self.records(tail, head, &mut |header, place, bytes| {
            for operation in operations(bytes, header.operations) {
                if operation.starts() {
                    begun.retain(|(transaction, _)| transaction.id != operation.transaction);
                    let transaction = Transaction {
                        id: operation.transaction,
                        start: header.lsn,
                        first: place,
                        last: place,
                    };
                    cancelled.retain(|(id, _)| *id != operation.transaction);
                    begun.push((transaction, Assembly::default()));
                }
                let known =
                    begun.iter_mut().position(|(transaction, _)| transaction.id == operation.transaction);
                let Some(known) = known else { continue };
                let Some((transaction, assembly)) = begun.get_mut(known) else { continue };
                let item = if operation.commits() { assembly.finish() } else { whole(assembly, &operation)? };
                let buffer =
                    item.filter(|item| item.kind() == item::BUFFER).and_then(|item| Buffer::read(&item));
                if let Some(buffer) = buffer.filter(Buffer::is_cancelled) {
                    cancelled.push((operation.transaction, buffer));
                }
                if operation.commits() {
                    committed.push(Transaction { last: place, ..*transaction });
                    let of_this = cancelled.iter().filter(|(id, _)| *id == operation.transaction);
                    passed.extend(of_this.map(|(_, buffer)| *buffer));
                    cancelled.retain(|(id, _)| *id != operation.transaction);
                    begun.swap_remove(known);
                }
                if begun.len().max(committed.len()).max(cancelled.len()).max(passed.len()) > KEPT_MAX {
                    return Err(Unsupported::Log(LogContent::TooLarge).into());
                }
            }
            Ok(())
        })?;
        for buffer in passed {
            self.cancel(&buffer);
        }
        Ok(committed)
    }

    fn cancel(&mut self, buffer: &Buffer) {
        match self
            .cancelled
            .iter_mut()
            .find(|(offset, length, _)| (*offset, *length) == (buffer.offset, buffer.length))
        {
            Some((_, _, count)) => *count = count.saturating_add(1),
            None => self.cancelled.push((buffer.offset, buffer.length, 1)),
        }
    }

    /// Whether the log has the buffer given back later, so that what it had before is of no use.
    fn will_be_cancelled(&self, buffer: &Buffer) -> bool {
        let same = |it: &&(u64, usize, u32)| (it.0, it.1) == (buffer.offset, buffer.length);
        self.cancelled.iter().find(same).is_some_and(|(_, _, count)| *count > 0)
    }

    /// Counts that a buffer was given back: what comes after belongs to whoever has it next.
    fn pass_cancel(&mut self, item: &Item) {
        let buffer = Some(item).filter(|item| item.kind() == item::BUFFER).and_then(Buffer::read);
        let Some(buffer) = buffer.filter(Buffer::is_cancelled) else { return };
        let same = |it: &&mut (u64, usize, u32)| (it.0, it.1) == (buffer.offset, buffer.length);
        if let Some((_, _, count)) = self.cancelled.iter_mut().find(same) {
            *count = count.saturating_sub(1);
        }
    }

    fn each_item(
        &mut self,
        transaction: &Transaction,
        act: Act<'_, Self, R::Error>,
    ) -> Result<(), Error<R::Error>> {
        let mut assembly = Assembly::default();
        let mut at = transaction.start;
        let mut left = self.distance(transaction.first, transaction.last).saturating_add(1);
        while left > 0 {
            // A record at a time, so that the device is free while items are applied.
            let mut bytes = (Vec::new(), 0, 0);
            let block = at.block;
            let first = self.ring.read(block, 1)?;
            let Some(header) = Header::parse(&first).filter(|header| header.lsn == at) else {
                return Err(self.damage().into());
            };
            let end = self.ring.after(block, header.blocks());
            self.records(at, end, &mut |header, _, record| {
                bytes = (record.to_vec(), header.operations, header.blocks());
                Ok(())
            })?;
            for operation in
                operations(&bytes.0, bytes.1).filter(|operation| operation.transaction == transaction.id)
            {
                let item =
                    if operation.commits() { assembly.finish() } else { whole(&mut assembly, &operation)? };
                if let Some(item) = item {
                    act(self, &item)?;
                }
            }
            left = left.saturating_sub(header.blocks());
            at = self.ring.place_after(at, header.blocks());
        }
        Ok(())
    }

    fn buffer(&mut self, item: &Item, transaction: &Transaction) -> Result<(), Error<R::Error>> {
        if item.kind() != item::BUFFER {
            return if item::KNOWN.contains(&item.kind()) { Ok(()) } else { Err(unknown(item).into()) };
        }
        let Some(buffer) = Buffer::read(item) else { return Err(self.damage().into()) };
        if buffer.is_cancelled() || !buffer.is_read() || self.will_be_cancelled(&buffer) {
            return Ok(());
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
            None if !self.geometry.v5 && item::is_old_kind(&bytes) => {}
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
        let covers = |(offset, length, count): &(u64, usize, u32)| {
            *count > 0 && *offset == inode.buffer && inode.offset < offset.saturating_add(wide(*length))
        };
        if self.cancelled.iter().any(covers) {
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
        if self.intents.len() > KEPT_MAX {
            Err(Unsupported::Log(LogContent::TooLarge).into())
        } else {
            Ok(())
        }
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
                return Err(Unsupported::Log(LogContent::TooLarge).into());
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

fn whole<E>(assembly: &mut Assembly, operation: &Operation<'_>) -> Result<Option<Item>, Error<E>> {
    match assembly.add(operation) {
        Step::Nothing => Ok(None),
        Step::Whole(item) => Ok(Some(item)),
        Step::TooLarge => Err(Unsupported::Log(LogContent::TooLarge).into()),
    }
}

fn unknown(item: &Item) -> Unsupported {
    Unsupported::Log(LogContent::Item(item.kind()))
}
