// SPDX-License-Identifier: MIT OR Apache-2.0
//! The journal: whether it is empty, and a replay in memory (ext4 Data Structures and Algorithms,
//! "Journal (jbd2)").
//!
//! The journal is a file, a ring of blocks. A *descriptor* says for which places of the volume the blocks
//! behind it are; a *revoke* block, which places have been given to something else, so that what the journal
//! has of them from before is of no use; a *commit* ends a transaction. Blocks that belong to the ring
//! itself begin with a magic number, and a block of data that happens to do so is stored with zeros there:
//! it is *escaped*.
//!
//! A replay copies nothing: it keeps where in the journal the newest form of each block is.

mod crc32;
mod head;
mod overlay;
mod record;
mod replay;

pub(crate) use overlay::Overlay;

use crate::error::{Error, Unsupported};
use crate::options::LogPolicy;
use crate::volume::Ext;
use read_at::ReadAt;

/// The most blocks that a replayed journal may have changes of. Each takes 24 bytes of memory, and while
/// the journal is read twice that.
pub const REPLAY_MAX: usize = 131_072;

/// Whether the journal was clean when the file system was opened, and what was done about it if not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogState {
    /// There is none, or all of it is in place.
    Clean,
    /// The journal has changes that are not in place: there was a crash, or the file system is mounted now.
    /// They were ignored, as [`LogPolicy::Ignore`] asks.
    DirtyIgnored,
    /// The journal had such changes, and they were replayed in memory, as [`LogPolicy::Replay`] asks.
    Replayed {
        /// How many transactions.
        transactions: u32,
        /// How many blocks have a newer form in the journal.
        blocks: usize,
        /// Whether there are fast commits behind them. Those are not replayed: what is read is whole, and as
        /// old as the last full commit.
        fast_commits: bool,
    },
}

/// Looks whether the journal of `ext` is dirty, and does as `policy` says.
pub(crate) fn open<R: ReadAt>(
    ext: &Ext<R>,
    policy: LogPolicy,
) -> Result<(LogState, Overlay), Error<R::Error>> {
    let superblock = ext.superblock();
    let features = superblock.features();
    // Without the mark, what the journal has is old, and the kernel does not look at it either.
    if !features.has_journal() || !features.needs_recovery() {
        return Ok((LogState::Clean, Overlay::default()));
    }
    if policy == LogPolicy::Ignore {
        return Ok((LogState::DirtyIgnored, Overlay::default()));
    }
    if superblock.journal == 0 {
        return Err(Unsupported::ExternalJournal.into());
    }
    let Some(journal) = head::Journal::open(ext)? else {
        return Ok((LogState::Clean, Overlay::default()));
    };
    if policy == LogPolicy::Refuse {
        return Err(Unsupported::DirtyLog.into());
    }
    replay::Replay::new(ext, journal).run()
}
