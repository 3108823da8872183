// SPDX-License-Identifier: MIT OR Apache-2.0
//! Titles that tell entries apart (UAPI.1: add the version, then the machine id, then the id).

use crate::entry::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Digits of the machine id that are shown.
const MACHINE_ID_DIGITS: usize = 8;

/// Extends titles that stand twice, until each stands once. Entries without a title get their id.
pub(super) fn make_unique(entries: &mut [Entry], machine_ids: &[String]) {
    for entry in entries.iter_mut().filter(|entry| entry.title.is_empty()) {
        entry.title.clone_from(&entry.id);
    }
    let versions: Vec<String> = entries.iter().map(|entry| entry.version.clone()).collect();
    let short = |id: &String| String::from(id.get(..MACHINE_ID_DIGITS).unwrap_or(id));
    let machine_ids: Vec<String> = machine_ids.iter().map(short).collect();
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    for additions in [versions, machine_ids, ids] {
        extend(entries, &additions);
    }
}

fn extend(entries: &mut [Entry], additions: &[String]) {
    let stands_twice = |title: &str| entries.iter().filter(|entry| entry.title == title).count() > 1;
    let twice: Vec<bool> = entries.iter().map(|entry| stands_twice(&entry.title)).collect();
    for ((entry, addition), twice) in entries.iter_mut().zip(additions).zip(twice) {
        if twice && !addition.is_empty() {
            entry.title = format!("{} ({addition})", entry.title);
        }
    }
}
