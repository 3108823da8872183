// SPDX-License-Identifier: MIT OR Apache-2.0
//! Buffers that were given back: what the log had for them before belongs to nobody any more (XFS
//! Algorithms & Data Structures, "Buffer Log Item").

use super::item::Buffer;
use crate::bytes::wide;
use alloc::vec::Vec;

/// The buffers that the log gives back, and how often that is still to come.
#[derive(Debug, Default)]
pub(super) struct Cancelled {
    /// Sorted by place and length, so that no number of them makes a replay slow.
    buffers: Vec<(u64, usize, u32)>,
}

impl Cancelled {
    pub(super) fn new(mut given_back: Vec<(u64, usize, u32)>) -> Self {
        given_back.sort_unstable();
        given_back.dedup_by(|later, first| {
            let same = (later.0, later.1) == (first.0, first.1);
            first.2 = first.2.saturating_add(u32::from(same).saturating_mul(later.2));
            same
        });
        Self { buffers: given_back }
    }

    /// Whether the log has the buffer given back later, so that what it had before is of no use.
    pub(super) fn is_to_come(&self, buffer: &Buffer) -> bool {
        self.find(buffer).is_some_and(|(_, _, count)| *count > 0)
    }

    /// Whether that is so of the buffer at `buffer` that the inode at `inode` is in.
    pub(super) fn is_to_come_for_inode(&self, buffer: u64, inode: u64) -> bool {
        let first = self.buffers.partition_point(|(offset, _, _)| *offset < buffer);
        let same = self.buffers.get(first..).unwrap_or_default();
        let mut same = same.iter().take_while(|(offset, _, _)| *offset == buffer);
        same.any(|(offset, length, count)| *count > 0 && inode < offset.saturating_add(wide(*length)))
    }

    /// Counts that `buffer` was given back: what comes after belongs to whoever has it next.
    pub(super) fn pass(&mut self, buffer: &Buffer) {
        let Some(index) = self.index(buffer) else { return };
        if let Some((_, _, count)) = self.buffers.get_mut(index) {
            *count = count.saturating_sub(1);
        }
    }

    fn find(&self, buffer: &Buffer) -> Option<&(u64, usize, u32)> {
        self.buffers.get(self.index(buffer)?)
    }

    fn index(&self, buffer: &Buffer) -> Option<usize> {
        let key = |(offset, length, _): &(u64, usize, u32)| (*offset, *length);
        self.buffers.binary_search_by_key(&(buffer.offset, buffer.length), key).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_counts_until_it_was_given_back_as_often_as_the_log_says() {
        let mut cancelled = Cancelled::new(vec![(8192, 512, 1), (4096, 1024, 1), (8192, 512, 1)]);
        let twice = Buffer::at(8192, 512);
        cancelled.pass(&twice);
        assert!(cancelled.is_to_come(&twice));
        cancelled.pass(&twice);
        cancelled.pass(&twice);
        assert!(!cancelled.is_to_come(&twice));
        assert!(cancelled.is_to_come(&Buffer::at(4096, 1024)));
        assert!(!cancelled.is_to_come(&Buffer::at(4096, 512)));
    }

    #[test]
    fn an_inode_is_given_back_with_the_buffer_that_it_is_in() {
        let mut cancelled = Cancelled::new(vec![(4096, 512, 1), (4096, 1024, 1)]);
        assert!(cancelled.is_to_come_for_inode(4096, 4096 + 512));
        assert!(!cancelled.is_to_come_for_inode(4096, 4096 + 1024));
        assert!(!cancelled.is_to_come_for_inode(4608, 4608));
        cancelled.pass(&Buffer::at(4096, 1024));
        assert!(!cancelled.is_to_come_for_inode(4096, 4096 + 512));
        assert!(cancelled.is_to_come_for_inode(4096, 4096 + 511));
    }
}
