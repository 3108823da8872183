// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which transactions of the log were committed, and which buffers they gave back: known before
//! anything is replayed.

use super::cancelled::Cancelled;
use super::item::{self, Buffer};
use super::record::{Lsn, Record};
use super::transaction::{Assembly, Mark, Operation, Step};
use crate::error::{LogContent, Unsupported};
use alloc::vec::Vec;

/// The most transactions, and buffers that were given back.
const KEPT_MAX: usize = 32_768;
/// The most transactions that are begun and not committed at one time.
const BEGUN_MAX: usize = 256;

/// A transaction that was begun: where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transaction {
    pub(super) id: u32,
    /// The place of the record in which it begins.
    pub(super) start: Lsn,
    /// And of its first operation in that record.
    pub(super) mark: Mark,
}

/// A transaction of which the end is not known yet.
#[derive(Debug)]
struct Begun {
    transaction: Transaction,
    assembly: Assembly,
    cancelled: Vec<Buffer>,
}

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Survey {
    begun: Vec<Begun>,
    committed: Vec<Transaction>,
    cancelled: Cancelled,
    /// Buffers that are given back, by transactions that are committed or not.
    buffers: usize,
}

impl Survey {
    /// Takes the next record.
    pub(super) fn record(&mut self, record: &Record) -> Result<(), Unsupported> {
        let mut operations = record.operations();
        loop {
            let mark = operations.mark();
            let Some(operation) = operations.next() else { return Ok(()) };
            if operation.starts() {
                self.begin(Transaction { id: operation.transaction, start: record.header.lsn, mark });
            }
            self.operation(&operation)?;
            if self.begun.len() > BEGUN_MAX || self.committed.len().max(self.buffers) > KEPT_MAX {
                return Err(Unsupported::Log(LogContent::TooLarge));
            }
        }
    }

    /// The transactions that were committed, in their order, and the buffers that they gave back.
    pub(super) fn finish(self) -> (Vec<Transaction>, Cancelled) {
        (self.committed, self.cancelled)
    }

    fn begin(&mut self, transaction: Transaction) {
        self.begun.retain(|begun| begun.transaction.id != transaction.id);
        self.begun.push(Begun { transaction, assembly: Assembly::brief(), cancelled: Vec::new() });
    }

    fn operation(&mut self, operation: &Operation<'_>) -> Result<(), Unsupported> {
        let is_its = |begun: &Begun| begun.transaction.id == operation.transaction;
        let Some(index) = self.begun.iter().position(is_its) else { return Ok(()) };
        let Some(begun) = self.begun.get_mut(index) else { return Ok(()) };
        let item = match begun.assembly.take(operation) {
            Step::Nothing => None,
            Step::Whole(item) => Some(item),
            Step::TooLarge => return Err(Unsupported::Log(LogContent::TooLarge)),
        };
        let buffer = item.filter(|item| item.kind() == item::BUFFER).and_then(|item| Buffer::read(&item));
        if let Some(buffer) = buffer.filter(Buffer::is_cancelled) {
            begun.cancelled.push(buffer);
            self.buffers = self.buffers.saturating_add(1);
        }
        if operation.commits() {
            self.committed.push(begun.transaction);
            begun.cancelled.iter().for_each(|buffer| self.cancelled.add(buffer));
            self.begun.swap_remove(index);
        }
        Ok(())
    }
}
