// SPDX-License-Identifier: MIT OR Apache-2.0
//! Titles that tell entries apart (UAPI.1: add the version, then the machine id, then the id; where
//! several volumes have one, the volume's name before the id).

use super::merge::{by_hash, hash};
use crate::entry::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use view_parts::sorted;

/// Digits of the machine id that are shown.
const MACHINE_ID_DIGITS: usize = 8;

/// Extends titles that stand twice, until each stands once. Entries without a title get their id.
pub(super) fn make_unique(entries: &mut [Entry], machine_ids: &[String]) {
    for entry in entries.iter_mut().filter(|entry| entry.title.is_empty()) {
        entry.title.clone_from(&entry.id);
    }
    let machine = |_: &Entry, place: usize| {
        let id = machine_ids.get(place).map_or("", String::as_str);
        String::from(id.get(..MACHINE_ID_DIGITS).unwrap_or(id))
    };
    let _ = extend(entries, &|entry, _| entry.version.clone())
        && extend(entries, &machine)
        && extend(entries, &|entry, _| entry.volume_identity.name.clone())
        && extend(entries, &|entry, _| entry.id.clone());
}

/// Adds to each title that stands twice, unless the addition is the same for all of them; whether a
/// title stood twice.
fn extend(entries: &mut [Entry], addition: &dyn Fn(&Entry, usize) -> String) -> bool {
    let title = |place: &usize| entries.get(*place).map_or("", |entry| entry.title.as_str());
    let hashes: Vec<u64> = entries.iter().map(|entry| hash(entry.title.bytes())).collect();
    let order =
        sorted(entries.len(), &mut |a, b| by_hash(&hashes, a, b).then_with(|| title(&a).cmp(title(&b))));
    let groups: Vec<Vec<usize>> = order
        .chunk_by(|a, b| title(a) == title(b))
        .filter(|group| group.len() > 1)
        .map(<[usize]>::to_vec)
        .collect();
    let stood_twice = !groups.is_empty();
    for group in groups {
        let additions: Vec<String> = group
            .iter()
            .map(|place| entries.get(*place).map_or_else(String::new, |entry| addition(entry, *place)))
            .collect();
        if additions.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) {
            continue;
        }
        for (place, addition) in group.iter().zip(additions) {
            if let Some(entry) = entries.get_mut(*place).filter(|_| !addition.is_empty()) {
                entry.title = format!("{} ({addition})", entry.title);
            }
        }
    }
    stood_twice
}
