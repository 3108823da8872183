// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the caller decides when a file system is opened.

/// How a file system is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is checked.
    pub verify: Verify,
    /// What happens where the journal is dirty.
    pub log: LogPolicy,
}

/// What is checked of every block of metadata. Structure always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verify {
    /// Checksums too, where the file system has them (`metadata_csum`, `uninit_bg`).
    #[default]
    Checksums,
    /// No checksums, to save what can be saved of a damaged file system.
    Structure,
}

/// What happens where the journal has changes that are not in place yet: after a crash, or while the file
/// system is mounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogPolicy {
    /// Opening fails with [`Unsupported::DirtyLog`](crate::Unsupported::DirtyLog).
    Refuse,
    /// What is in place is read, as if the journal were empty. It may be old, or contradict itself.
    Ignore,
    /// Blocks that the journal has are read from there, at most [`REPLAY_MAX`](crate::REPLAY_MAX): what is
    /// read is as the kernel would have it after it recovered the journal. Nothing is written. A journal
    /// with more changes cannot be opened so.
    #[default]
    Replay,
}
