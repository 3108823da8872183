// SPDX-License-Identifier: MIT OR Apache-2.0
//! One list of everything: in order, each thing once, each id once, each title once.

use super::candidate::{Candidate, Part};
use super::{Discovery, Event, MAX_ENTRIES, Rejected, Search, titles};
use crate::entry::Entry;
use crate::ports::{VolumeId, VolumeInfo};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use view_parts::{permuted, sorted, sorted_by};

impl Search<'_> {
    pub(super) fn finish(mut self) -> Discovery {
        let cohorts = self.scope.cohorts;
        let found = core::mem::take(&mut self.found);
        let order = sorted_by(&found, |a, b| a.compare(b, cohorts));
        let mut found = permuted(found, &order);
        self.drop_repeated(&mut found);
        self.qualify_ids(&mut found);
        for late in found.split_off(MAX_ENTRIES.min(found.len())) {
            self.leave_out(&late, format!("there are {MAX_ENTRIES} entries before it"));
        }
        let machine_ids: Vec<String> =
            found.iter().map(|candidate| String::from(candidate.machine_id())).collect();
        let mut entries: Vec<Entry> = found.into_iter().map(|candidate| *candidate.entry).collect();
        titles::make_unique(&mut entries, &machine_ids);
        let rejected = core::mem::take(&mut self.rejected);
        let path = |place: usize| rejected.get(place).map(|rejected| &rejected.path);
        let order = sorted(rejected.len(), &mut |a, b| path(a).cmp(&path(b)));
        let recovered = core::mem::take(&mut self.recovered);
        Discovery { entries, rejected: permuted(rejected, &order), recovered }
    }

    /// What would start exactly the same as one before it is left out, if it has the same title or
    /// nobody wrote it.
    fn drop_repeated(&mut self, found: &mut Vec<Candidate>) {
        // What somebody wrote goes before what was merely found.
        let by = |a: &Candidate, b: &Candidate| by_start(a, b).then(b.is_written().cmp(&a.is_written()));
        let hashes: Vec<u64> = found.iter().map(start_hash).collect();
        let order =
            sorted(found.len(), &mut |a, b| by_hash(&hashes, a, b).then_with(|| compare(found, a, b, by)));
        let mut repeated = alloc::vec![None; found.len()];
        let mut first: Option<usize> = None;
        for &place in &order {
            let same = first.filter(|first| is_repeated(found, *first, place));
            match same {
                Some(first) => set(&mut repeated, place, first),
                None => first = Some(place),
            }
        }
        self.leave_out_marked(found, &repeated, |first| format!("it starts the same as {first}"));
    }

    /// Files that differ in their counter alone are one entry: the first in order stands for all.
    /// Of the same id on several volumes, all but the first get the volume's tag.
    fn qualify_ids(&mut self, found: &mut Vec<Candidate>) {
        for attempt in 0..2 {
            let order = sorted_by(found, by_id);
            let mut repeated = alloc::vec![None; found.len()];
            let mut first: Option<usize> = None;
            let mut qualified = false;
            for &place in &order {
                let same = first.filter(|first| {
                    compare(found, *first, place, |a, b| a.entry.id.cmp(&b.entry.id)) == Ordering::Equal
                });
                match same {
                    Some(first) if attempt > 0 || same_volume(found, first, place) => {
                        set(&mut repeated, place, first);
                    }
                    Some(_) => {
                        self.qualify(found, place);
                        qualified = true;
                    }
                    None => first = Some(place),
                }
            }
            self.leave_out_marked(found, &repeated, |first| {
                format!("another file with the id {first} is offered")
            });
            if !qualified {
                return;
            }
        }
    }

    /// Puts the volume's tag before the id's suffix.
    fn qualify(&self, found: &mut [Candidate], place: usize) {
        let Some(candidate) = found.get_mut(place) else { return };
        let tag = tag(candidate.entry.volume, self.list);
        let (stem, suffix) = match candidate.entry.id.rsplit_once('.') {
            Some((stem, suffix @ ("conf" | "efi"))) => (stem, format!(".{suffix}")),
            _ => (candidate.entry.id.as_str(), String::new()),
        };
        candidate.entry.id = format!("{stem}-{tag}{suffix}");
    }

    /// Removes candidates that have the place of another one, which they repeat.
    fn leave_out_marked(
        &mut self,
        found: &mut Vec<Candidate>,
        repeated: &[Option<usize>],
        reason: impl Fn(&str) -> String,
    ) {
        if repeated.iter().all(Option::is_none) {
            return;
        }
        for (candidate, first) in found.iter().zip(repeated) {
            if let Some(first) = first.and_then(|first| found.get(first)) {
                self.leave_out(candidate, reason(&first.entry.id));
            }
        }
        let mut marks = repeated.iter();
        found.retain(|_| marks.next().is_none_or(Option::is_none));
    }

    fn leave_out(&mut self, candidate: &Candidate, reason: String) {
        let entry = &candidate.entry;
        let path = if entry.file.is_empty() { &entry.image } else { &entry.file };
        if self.rejected.len() < super::MAX_REJECTED {
            self.rejected.push(Rejected {
                path: path.clone(),
                volume: Rc::clone(&entry.volume_identity),
                reason,
                event: Event::BlsEntryInvalid,
            });
        }
    }
}

fn compare(
    found: &[Candidate],
    a: usize,
    b: usize,
    by: impl Fn(&Candidate, &Candidate) -> Ordering,
) -> Ordering {
    match (found.get(a), found.get(b)) {
        (Some(a), Some(b)) => by(a, b),
        _ => Ordering::Equal,
    }
}

fn by_id(a: &Candidate, b: &Candidate) -> Ordering {
    a.entry.id.cmp(&b.entry.id)
}

/// By everything that is handed over.
fn by_start(a: &Candidate, b: &Candidate) -> Ordering {
    let key = |candidate: &Candidate| (candidate.entry.volume, candidate.part == Part::Machine);
    fn folded(path: &str) -> impl Iterator<Item = u8> {
        path.bytes().map(|byte| byte.to_ascii_lowercase())
    }
    let (x, y) = (&a.entry, &b.entry);
    key(a)
        .cmp(&key(b))
        .then_with(|| folded(&x.image).cmp(folded(&y.image)))
        .then_with(|| x.options.trim_ascii().cmp(y.options.trim_ascii()))
        .then_with(|| x.initrds.cmp(&y.initrds))
        .then_with(|| x.devicetree.cmp(&y.devicetree))
        .then_with(|| x.extra.cmp(&y.extra))
}

/// The same for what starts the same. Hashes bring things together that may be the same, without
/// comparing long texts that begin alike again and again.
fn start_hash(candidate: &Candidate) -> u64 {
    let Entry { image, options, .. } = &*candidate.entry;
    hash(image.bytes().map(|byte| byte.to_ascii_lowercase()).chain(options.trim_ascii().bytes()))
}

/// FNV-1a.
pub(super) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

pub(super) fn by_hash(hashes: &[u64], a: usize, b: usize) -> Ordering {
    hashes.get(a).cmp(&hashes.get(b))
}

fn is_repeated(found: &[Candidate], first: usize, place: usize) -> bool {
    let (Some(first), Some(other)) = (found.get(first), found.get(place)) else { return false };
    let may_go = !other.is_written() || first.entry.title == other.entry.title;
    // What the machine does has no image.
    !other.entry.image.is_empty() && may_go && by_start(first, other) == Ordering::Equal
}

fn same_volume(found: &[Candidate], a: usize, b: usize) -> bool {
    matches!((found.get(a), found.get(b)), (Some(a), Some(b)) if a.entry.volume == b.entry.volume)
}

fn set(marks: &mut [Option<usize>], place: usize, first: usize) {
    if let Some(mark) = marks.get_mut(place) {
        *mark = Some(first);
    }
}

/// Enough of a volume's identity to tell ids apart.
fn tag(volume: VolumeId, list: &[VolumeInfo]) -> String {
    let guid = list
        .iter()
        .find(|known| known.id == volume)
        .and_then(|known| known.identity.partition_guid.as_deref());
    match guid.and_then(|guid| guid.get(..8)) {
        Some(digits) => digits.into(),
        None => format!("volume{}", volume.0),
    }
}
