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

/// The first `count` operations in the bytes of a record.
pub(super) fn operations(bytes: &[u8], count: u32) -> impl Iterator<Item = Operation<'_>> {
    let mut rest = bytes;
    (0..count).map_while(move |_| {
        let (operation, after) = Operation::read(rest)?;
        rest = after;
        Some(operation)
    })
}

/// An item: a description, and the regions that it says.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) regions: Vec<Vec<u8>>,
    total: usize,
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
        self.regions.len() >= self.total
    }

    fn length(&self) -> usize {
        self.regions.iter().fold(0, |sum: usize, region| sum.saturating_add(region.len()))
    }
}

/// Puts items together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    header: usize,
    item: Option<Item>,
}

/// What an operation of the transaction brings.
pub(super) enum Step {
    Nothing,
    Whole(Item),
    /// An item is larger than any can be.
    TooLarge,
}

impl Assembly {
    /// Takes the next operation of the transaction.
    pub(super) fn add(&mut self, operation: &Operation<'_>) -> Step {
        if operation.starts() && operation.bytes.is_empty() {
            return Step::Nothing;
        }
        if self.header < TRANSACTION_HEADER {
            self.header = self.header.saturating_add(operation.bytes.len());
            return Step::Nothing;
        }
        if operation.flags & WAS_CONTINUED != 0 {
            return self.go_on(operation.bytes);
        }
        let whole = self.item.take_if(|item| item.is_full());
        let item = self.item.get_or_insert_default();
        if item.regions.is_empty() {
            item.total =
                array(operation.bytes, 2).map_or(1, |size| usize::from(u16::from_le_bytes(size))).max(1);
        }
        if operation.bytes.len() > ITEM_MAX || item.length() > ITEM_MAX {
            return Step::TooLarge;
        }
        item.regions.push(operation.bytes.to_vec());
        whole.map_or(Step::Nothing, Step::Whole)
    }

    /// A region that began in the record before.
    fn go_on(&mut self, bytes: &[u8]) -> Step {
        let Some(item) = &mut self.item else { return Step::Nothing };
        if item.length().saturating_add(bytes.len()) > ITEM_MAX {
            return Step::TooLarge;
        }
        if let Some(region) = item.regions.last_mut() {
            region.extend(bytes);
        }
        // The description itself was cut before its count of regions.
        if let [only] = item.regions.as_slice() {
            item.total = array(only, 2).map_or(1, |size| usize::from(u16::from_le_bytes(size))).max(1);
        }
        Step::Nothing
    }

    /// The last item.
    pub(super) fn finish(&mut self) -> Option<Item> {
        self.item.take_if(|item| item.is_full())
    }
}
