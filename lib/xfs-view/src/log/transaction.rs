// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the operations in records to the items of one transaction (XFS Algorithms & Data Structures,
//! "Log Operations", "Log Items").

use crate::bytes::{array, be32, byte, index};
use alloc::vec::Vec;

/// Flags of an operation.
const START: u8 = 1;
const COMMIT: u8 = 2;
const WAS_CONTINUED: u8 = 8;
/// The bytes before an operation's own.
const HEADER: usize = 12;
/// The bytes with which a transaction begins.
const TRANSACTION_HEADER: usize = 16;
/// The most bytes of an item. The largest is a directory's block of 64 KiB.
const ITEM_MAX: usize = 256 * 1024;
/// The most regions of an item. A directory's block has at most half as many as it has chunks of 128 bytes.
const REGIONS_MAX: usize = 1024;
/// The bytes of a description that say where a buffer is.
const BRIEF: usize = 16;

/// An operation in a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'b> {
    pub(super) transaction: u32,
    flags: u8,
    pub(super) bytes: &'b [u8],
}

impl<'b> Operation<'b> {
    pub(super) fn starts(&self) -> bool {
        self.flags & START != 0
    }

    pub(super) fn commits(&self) -> bool {
        self.flags & COMMIT != 0
    }

    /// The first of `bytes`, and those after it.
    fn read(bytes: &'b [u8]) -> Option<(Self, &'b [u8])> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let (own, rest) = rest.split_at_checked(index(be32(header, 4)?))?;
        Some((Self { transaction: be32(header, 0)?, flags: byte(header, 9)?, bytes: own }, rest))
    }
}

/// The operations of a record, one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operations<'b> {
    rest: &'b [u8],
    left: u32,
}

/// A place between the operations of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The bytes and the operations after it.
    bytes: u32,
    left: u32,
}

impl<'b> Operations<'b> {
    /// The first `count` in the bytes of a record.
    pub(super) fn new(bytes: &'b [u8], count: u32) -> Self {
        Self { rest: bytes, left: count }
    }

    /// Where the next one is.
    pub(super) fn mark(&self) -> Mark {
        Mark { bytes: u32::try_from(self.rest.len()).unwrap_or(0), left: self.left }
    }

    /// Those from `mark` on, which is of the same record.
    pub(super) fn from(self, mark: Mark) -> Self {
        let skip = self.rest.len().saturating_sub(index(mark.bytes));
        Self { rest: self.rest.get(skip..).unwrap_or_default(), left: mark.left }
    }
}

impl<'b> Iterator for Operations<'b> {
    type Item = Operation<'b>;

    fn next(&mut self) -> Option<Operation<'b>> {
        self.left = self.left.checked_sub(1)?;
        let (operation, rest) = Operation::read(self.rest)?;
        self.rest = rest;
        Some(operation)
    }
}

/// An item: a description, and the regions that it says.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) regions: Vec<Vec<u8>>,
    /// How many regions came, and how many there are.
    seen: usize,
    total: usize,
    length: usize,
}

impl Item {
    pub(super) fn description(&self) -> &[u8] {
        self.regions.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// The type, in the byte order of the machine that wrote it: little-endian.
    pub(super) fn kind(&self) -> u16 {
        array(self.description(), 0).map_or(0, u16::from_le_bytes)
    }

    fn is_full(&self) -> bool {
        self.seen >= self.total
    }

    /// Takes bytes into the last region.
    fn extend(&mut self, bytes: &[u8]) {
        if let Some(region) = self.regions.last_mut() {
            region.extend_from_slice(bytes);
        }
        // The count of regions is in the description, which may be cut before it.
        if let [only] = self.regions.as_slice() {
            self.total = array(only, 2).map_or(1, |size| usize::from(u16::from_le_bytes(size))).max(1);
        }
    }
}

/// Puts items together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    header: usize,
    item: Option<Item>,
    /// Of each item only the beginning of its description is kept.
    brief: bool,
}

/// What an operation of the transaction brings.
pub(super) enum Step {
    Nothing,
    Whole(Item),
    /// An item is larger than any can be.
    TooLarge,
}

impl Assembly {
    /// One that keeps of each item only its description, as far as a buffer's goes.
    pub(super) fn brief() -> Self {
        Self { brief: true, ..Self::default() }
    }

    /// Takes the next operation of the transaction.
    pub(super) fn take(&mut self, operation: &Operation<'_>) -> Step {
        if operation.commits() {
            return self.finish().map_or(Step::Nothing, Step::Whole);
        }
        if operation.starts() && operation.bytes.is_empty() {
            return Step::Nothing;
        }
        if self.header < TRANSACTION_HEADER {
            self.header = self.header.saturating_add(operation.bytes.len());
            return Step::Nothing;
        }
        let goes_on = operation.flags & WAS_CONTINUED != 0;
        let whole = self.item.take_if(|item| !goes_on && item.is_full());
        if goes_on && self.item.is_none() {
            return Step::Nothing;
        }
        if !self.add(operation.bytes, goes_on) {
            return Step::TooLarge;
        }
        whole.map_or(Step::Nothing, Step::Whole)
    }

    /// Adds `bytes` to the item: in a new region, or in the last one. False if it is larger than any.
    fn add(&mut self, bytes: &[u8], goes_on: bool) -> bool {
        let item = self.item.get_or_insert_default();
        item.length = item.length.saturating_add(bytes.len());
        if !goes_on {
            item.seen = item.seen.saturating_add(1);
        }
        if item.length > ITEM_MAX || item.seen > REGIONS_MAX {
            return false;
        }
        if self.brief && item.seen > 1 {
            return true;
        }
        if !goes_on {
            item.regions.push(Vec::new());
        }
        let known = item.regions.last().map_or(0, Vec::len);
        let room = if self.brief { BRIEF.saturating_sub(known) } else { ITEM_MAX };
        item.extend(bytes.get(..room).unwrap_or(bytes));
        true
    }

    /// The last item.
    fn finish(&mut self) -> Option<Item> {
        self.item.take_if(|item| item.is_full())
    }
}
