// SPDX-License-Identifier: MIT OR Apache-2.0
//! Buffers that were given back: what the log had for them before belongs to nobody any more (XFS
//! Algorithms & Data Structures, "Buffer Log Item").

use super::item::Buffer;
use crate::bytes::wide;
use alloc::vec::Vec;

/// The buffers that the log will still give back, as often as it does.
#[derive(Debug, Default)]
pub(super) struct Cancelled {
    /// Place and length, sorted, so that no number of them makes a replay slow.
    buffers: Vec<(u64, usize)>,
}

impl Cancelled {
    /// Counts that `buffer` will be given back.
    pub(super) fn add(&mut self, buffer: &Buffer) {
        self.buffers.insert(self.first(buffer.offset, buffer.length), (buffer.offset, buffer.length));
    }

    /// Whether the log has the buffer given back later, so that what it had before is of no use.
    pub(super) fn is_to_come(&self, buffer: &Buffer) -> bool {
        let found = self.buffers.get(self.first(buffer.offset, buffer.length));
        found == Some(&(buffer.offset, buffer.length))
    }

    /// Whether that is so of the buffer at `buffer` that the inode at `inode` is in.
    pub(super) fn is_to_come_for_inode(&self, buffer: u64, inode: u64) -> bool {
        let same = self.buffers.get(self.first(buffer, 0)..).unwrap_or_default();
        let mut same = same.iter().take_while(|(offset, _)| *offset == buffer);
        same.any(|(offset, length)| inode < offset.saturating_add(wide(*length)))
    }

    /// Counts that `buffer` was given back: what comes after belongs to whoever has it next.
    pub(super) fn pass(&mut self, buffer: &Buffer) {
        if self.is_to_come(buffer) {
            self.buffers.remove(self.first(buffer.offset, buffer.length));
        }
    }

    /// The index of the first that is not before these.
    fn first(&self, offset: u64, length: usize) -> usize {
        self.buffers.partition_point(|buffer| *buffer < (offset, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(buffers: &[(u64, usize)]) -> Cancelled {
        let mut cancelled = Cancelled::default();
        buffers.iter().for_each(|&(offset, length)| cancelled.add(&Buffer::at(offset, length)));
        cancelled
    }

    #[test]
    fn a_buffer_counts_until_it_was_given_back_as_often_as_the_log_says() {
        let mut cancelled = of(&[(8192, 512), (4096, 1024), (8192, 512)]);
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
        let mut cancelled = of(&[(4096, 512), (4096, 1024)]);
        assert!(cancelled.is_to_come_for_inode(4096, 4096 + 512));
        assert!(!cancelled.is_to_come_for_inode(4096, 4096 + 1024));
        assert!(!cancelled.is_to_come_for_inode(4608, 4608));
        cancelled.pass(&Buffer::at(4096, 1024));
        assert!(!cancelled.is_to_come_for_inode(4096, 4096 + 512));
        assert!(cancelled.is_to_come_for_inode(4096, 4096 + 511));
    }
}
