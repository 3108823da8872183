// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the caller decides when a file system is opened.

/// How a file system is read.
///
/// A tool that looks at a mounted file system, whose log changes under it, reads what is in place:
///
/// ```no_run
/// use xfs_view::{LogPolicy, Options, Xfs};
///
/// # fn look<R: xfs_view::ReadAt>(device: R) -> Result<(), xfs_view::Error<R::Error>> {
/// let xfs = Xfs::open_with(device, Options { log: LogPolicy::Ignore, ..Options::default() })?;
/// println!("{:?}", xfs.log_state());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is checked.
    pub verify: Verify,
    /// What happens where the log is dirty.
    pub log: LogPolicy,
}

/// What is checked of every block of metadata. Structure always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verify {
    /// Checksums too, where the file system has them (version 5).
    #[default]
    Checksums,
    /// No checksums, and not whether a block is of this file system, place and file: to save what
    /// can be saved of a damaged one.
    Structure,
}

/// What happens where the log has changes that are not in place yet: after a crash, or while the file
/// system is mounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogPolicy {
    /// Opening fails with [`Unsupported::DirtyLog`](crate::Unsupported::DirtyLog).
    Refuse,
    /// What is in place is read, as if the log were clean. It may be old, or contradict itself.
    Ignore,
    /// The changes are read into memory, at most [`REPLAY_MAX`](crate::REPLAY_MAX) bytes, and what is
    /// read is as the kernel would have it after it recovered the log. Nothing is written. A log with more changes cannot be opened so.
    #[default]
    Replay,
}
