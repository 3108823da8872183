// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry on its way into the menu, with what decides its place.

use crate::entry::Entry;
use crate::ports::VolumeInfo;
use alloc::boxed::Box;
use alloc::string::String;
use bootspec::Counter;
use bootspec::order::{self, Cohorts, Place};
use core::cmp::Ordering;

/// Which part of the menu an entry stands in. What specifications order comes first, then what was
/// found beside it, then what the machine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Type 1 and Type 2 entries, in the order of UAPI.1.
    Specified,
    /// Directories with a kernel.
    Directory,
    /// Snapshots, which stand in a list of their own.
    Snapshot,
    /// Windows.
    Windows,
    /// The EFI shell.
    Shell,
    /// The loader of the removable path.
    Removable,
    /// Other boot loaders.
    Loader,
    /// What is in ISO files.
    Iso,
    /// What the machine does by itself.
    Machine,
}

/// An entry, and what decides its place.
pub(super) struct Candidate {
    pub(super) part: Part,
    /// In a box, because candidates are moved about.
    pub(super) entry: Box<Entry>,
    rank: Rank,
}

/// What UAPI.1 orders entries by, beside their version.
#[derive(Default)]
pub(super) struct Rank {
    /// The file's id, where the entry has another one.
    pub(super) file_id: Option<String>,
    pub(super) counter: Option<Counter>,
    pub(super) sort_key: Option<String>,
    pub(super) machine_id: Option<String>,
}

impl Candidate {
    /// A candidate that no specification orders: its id alone decides, within its part.
    pub(super) fn plain(part: Part, entry: Entry, volume: &VolumeInfo) -> Self {
        Self::ranked(part, Rank::default(), entry.into(), volume)
    }

    /// A candidate of a file that has several: they stand together, in the order in which they were
    /// listed.
    pub(super) fn of_file(part: Part, file_id: String, entry: Entry, volume: &VolumeInfo) -> Self {
        let rank = Rank { file_id: Some(file_id), ..Rank::default() };
        Self::ranked(part, rank, entry.into(), volume)
    }

    /// A candidate that UAPI.1 gives its place.
    pub(super) fn specified(rank: Rank, entry: Box<Entry>, volume: &VolumeInfo) -> Self {
        Self::ranked(Part::Specified, rank, entry, volume)
    }

    fn ranked(part: Part, rank: Rank, mut entry: Box<Entry>, volume: &VolumeInfo) -> Self {
        entry.foreign = volume.removable && !volume.same_disk;
        entry.unattended &= !entry.foreign;
        Self { part, entry, rank }
    }

    /// The machine that it was written for; empty where nobody said.
    pub(super) fn machine_id(&self) -> &str {
        self.rank.machine_id.as_deref().unwrap_or_default()
    }

    /// The id that decides the place.
    fn id(&self) -> &str {
        self.rank.file_id.as_deref().unwrap_or(&self.entry.id)
    }

    /// Whether somebody wrote it, rather than that a program was found.
    pub(super) fn is_written(&self) -> bool {
        self.part == Part::Specified && !self.entry.file.eq_ignore_ascii_case(&self.entry.image)
    }

    fn place(&self) -> Place<'_> {
        Place {
            id: self.id(),
            counter: self.rank.counter,
            sort_key: self.rank.sort_key.as_deref(),
            machine_id: self.rank.machine_id.as_deref(),
            // An empty version is none.
            version: Some(&self.entry.version),
        }
    }

    /// [`Ordering::Less`] when this one comes first in the menu.
    pub(super) fn compare(&self, other: &Self, cohorts: Cohorts) -> Ordering {
        self.part.cmp(&other.part).then_with(|| match self.part {
            Part::Specified => order::compare(&self.place(), &other.place(), cohorts),
            // What the machine does stands in the order in which it was listed, and the newest snapshot first.
            Part::Machine | Part::Snapshot => Ordering::Equal,
            _ => (self.entry.volume, self.id()).cmp(&(other.entry.volume, other.id())),
        })
    }
}
