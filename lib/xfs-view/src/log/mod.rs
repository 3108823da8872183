// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log: whether it is clean (XFS Algorithms & Data Structures, "Journaling Log").
//!
//! The log is a ring of blocks of 512 bytes. Each carries the number of the round in which it was
//! written, its *cycle*; where the cycle falls, there is the head, and the last record ends. A file
//! system that was unmounted has a record that says so as its last.

mod cancelled;
mod head;
mod item;
mod overlay;
mod record;
mod replay;
mod survey;
mod transaction;

pub(crate) use head::open;
pub(crate) use overlay::Overlay;

/// The most bytes of changes that a replayed log may have in memory.
pub const REPLAY_MAX: usize = 7 * 1024 * 1024;

/// Whether the log was clean when the file system was opened, and what was done about it if not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogState {
    /// It was unmounted, and all is in place.
    Clean,
    /// The log has changes that are not in place: there was a crash, or it is mounted now. They were
    /// ignored, as [`LogPolicy::Ignore`](crate::LogPolicy::Ignore) asks.
    DirtyIgnored,
    /// The log had such changes, and they were replayed in memory, as
    /// [`LogPolicy::Replay`](crate::LogPolicy::Replay) asks.
    Replayed {
        /// How many transactions.
        transactions: u32,
        /// How many bytes are kept.
        bytes: usize,
    },
}
