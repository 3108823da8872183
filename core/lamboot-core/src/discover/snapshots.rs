// SPDX-License-Identifier: MIT OR Apache-2.0
//! Snapshots that can be started (`docs/decisions/0017-snapshots.md`).
//!
//! A snapshot with entries of its own starts by the first of them. One whose `/boot` lies elsewhere starts by the
//! first entry of the same root whose kernel has its modules in the snapshot. Either way the root's subvolume is
//! replaced on the command line. How many are looked into, and how much of each is read, is bounded.

mod kernels;

use super::candidate::{Candidate, Part};
use super::subvolumes::as_volume;
use super::{Search, VolumeInfo};
use crate::entry::{Entry, EntryKind};
use crate::ports::{Subvolume, VolumeId};
use crate::snapshots::layout::is_nameable;
use crate::snapshots::{Layout, NOTES_MAX, Notes, options};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use kernels::Kernels;
use lamboot_schema::paths;

/// The most snapshots that are offered, on all volumes together.
const MAX_OFFERED: usize = 32;
/// The most snapshots that are looked into, on all volumes together.
const MAX_LOOKED_INTO: usize = 96;
/// The most entries of one snapshot that are read.
const MAX_OWN: usize = 32;
/// The most bytes of entries that are read in snapshots of one volume.
const BUDGET: usize = 1 << 20;
/// Digits of the file system's UUID in ids.
const UUID_DIGITS: usize = 8;

/// What was done on all volumes so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    looked_into: usize,
    offered: usize,
}

/// A snapshot on its way into the menu.
struct Snapshot<'s> {
    subvolume: &'s Subvolume,
    layout: Layout<'s>,
}

/// Those that are not offered: how many, and why not the newest of them.
#[derive(Default)]
struct LeftOut {
    count: usize,
    why: String,
}

impl LeftOut {
    fn add(&mut self, path: &str, why: &str) {
        if self.count == 0 {
            self.why = format!("{path}: {why}");
        }
        self.count = self.count.saturating_add(1);
    }
}

impl Search<'_> {
    /// Offers the newest snapshots of a volume.
    pub(super) fn snapshots(&mut self, volume: &VolumeInfo) {
        let subvolumes = self.subvolumes(volume);
        let top = subvolumes.iter().find(|found| found.path.is_empty()).map(|found| found.volume);
        // The default subvolume of openSUSE is called like a snapshot, and is the system itself.
        let others = subvolumes.iter().filter(|found| !found.is_root);
        let known = |subvolume| Some(Snapshot { subvolume, layout: Layout::of(&subvolume.path)? });
        let snapshots: Vec<Snapshot<'_>> = others.filter_map(known).collect();
        if snapshots.is_empty() {
            return;
        }
        let budget = core::mem::replace(&mut self.budget, BUDGET);
        let left_out = self.offer_snapshots(volume, top, &snapshots);
        self.budget = budget;
        if left_out.count > 0 {
            let LeftOut { count, why } = left_out;
            self.reject(volume, "", format!("{count} of its snapshots cannot be started; {why}"));
        }
    }

    fn offer_snapshots(
        &mut self,
        volume: &VolumeInfo,
        top: Option<VolumeId>,
        snapshots: &[Snapshot<'_>],
    ) -> LeftOut {
        let mut left_out = LeftOut::default();
        let mut kernels = Kernels::new(volume);
        let written = self.written_for(&mut kernels);
        let mut groups: Vec<(&str, String)> = Vec::new();
        for snapshot in snapshots {
            let path = snapshot.subvolume.path.as_str();
            if written.iter().any(|known| known == path) {
                continue;
            }
            if self.snapshots.looked_into >= MAX_LOOKED_INTO || self.snapshots.offered >= MAX_OFFERED {
                left_out.add(path, "only the newest ones are looked into");
                continue;
            }
            self.snapshots.looked_into = self.snapshots.looked_into.saturating_add(1);
            match self.snapshot_entry(volume, snapshot, &mut kernels) {
                Ok(entry) => {
                    let base = snapshot.layout.base;
                    let group = match groups.iter().find(|(known, _)| *known == base) {
                        Some((_, group)) => group.clone(),
                        None => format!("Snapshots of {}", system_name(&entry, volume)),
                    };
                    groups.push((base, group.clone()));
                    let notes = self.snapshot_notes(top, &snapshot.layout);
                    self.offer_snapshot(volume, snapshot, *entry, &notes, group);
                }
                Err(why) => left_out.add(path, why),
            }
        }
        left_out
    }

    /// The subvolumes of the volume that somebody wrote entries for.
    fn written_for(&mut self, kernels: &mut Kernels) -> Vec<String> {
        let mut written = Vec::new();
        for known in self.found.iter().filter(|known| known.part == Part::Specified) {
            let options = &known.entry.options;
            if let Some(path) = options::subvolume(options)
                && kernels.may_be_root_of(self.volumes, options)
            {
                written.push(path.into());
            }
        }
        written
    }

    /// An entry that starts the snapshot, or why there is none.
    fn snapshot_entry(
        &mut self,
        volume: &VolumeInfo,
        snapshot: &Snapshot<'_>,
        kernels: &mut Kernels,
    ) -> Result<Box<Entry>, &'static str> {
        let Subvolume { path, read_only, .. } = snapshot.subvolume;
        if !is_nameable(path) {
            return Err("its path has characters that no command line can name");
        }
        let view = as_volume(snapshot.subvolume, volume);
        let own = self.own_entry(&view).filter(|own| kernels.may_be_root_of(self.volumes, &own.options));
        let mut entry = match own {
            Some(own) => own,
            None => kernels.entry_for(self, &view)?,
        };
        entry.options = options::with_subvolume(&entry.options, path, *read_only)?;
        Ok(entry)
    }

    /// The first Linux entry that the snapshot has itself.
    fn own_entry(&mut self, view: &VolumeInfo) -> Option<Box<Entry>> {
        let (found, rejected) = (self.found.len(), self.rejected.len());
        for folder in [paths::ENTRIES_OF_ROOT, paths::ENTRIES] {
            if let Ok(listing) = self.volumes.read_dir(view.id, folder, MAX_OWN) {
                self.type1_files(view, folder, &listing);
            }
        }
        let own = self.found.split_off(found);
        // Entries of the past are nobody's mistake.
        self.rejected.truncate(rejected);
        let linux = own.into_iter().filter(|candidate| candidate.entry.kind == EntryKind::Linux);
        linux.min_by(|a, b| a.compare(b, self.scope.cohorts)).map(|candidate| candidate.entry)
    }

    fn snapshot_notes(&mut self, top: Option<VolumeId>, layout: &Layout<'_>) -> Notes {
        let bytes = top.and_then(|top| self.volumes.read(top, &layout.notes_path(), NOTES_MAX).ok());
        layout.read_notes(&bytes.unwrap_or_default())
    }

    fn offer_snapshot(
        &mut self,
        volume: &VolumeInfo,
        snapshot: &Snapshot<'_>,
        entry: Entry,
        notes: &Notes,
        group: String,
    ) {
        self.snapshots.offered = self.snapshots.offered.saturating_add(1);
        let Subvolume { path, read_only, .. } = snapshot.subvolume;
        let entry = Entry {
            id: id(volume, path),
            title: snapshot.layout.title(notes),
            // Nobody can write to it, and its name is not LamBoot's to change.
            counter: None,
            unattended: false,
            never_default: true,
            group: Some(group),
            snapshot: format!("{path}{}", if *read_only { ", read-only" } else { "" }),
            ..entry
        };
        self.found.push(Candidate::plain(Part::Snapshot, entry, volume));
    }
}

/// What the system is called that snapshots are of.
fn system_name(entry: &Entry, volume: &VolumeInfo) -> String {
    if entry.title.is_empty() { volume.identity.name.clone() } else { entry.title.clone() }
}

/// By file system and path alone: whatever else is on the machine, it stays the same.
fn id(volume: &VolumeInfo, path: &str) -> String {
    let uuid = volume.identity.uuid.as_deref().and_then(|uuid| uuid.get(..UUID_DIGITS));
    let names = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|name| !name.is_empty());
    let id = ["snapshot", uuid.unwrap_or("btrfs")].into_iter().chain(names);
    id.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;
