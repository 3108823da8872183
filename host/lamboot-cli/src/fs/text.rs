// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the commands found, for people.

use super::document::{About, FileInfo, FileSystem, Listing, Probe};

use jiff::Timestamp;
use std::fmt::Write as _;

pub(super) fn probe(found: &Probe) -> String {
    let mut text = found.file_system.as_ref().map(system).unwrap_or_default();
    for partition in found.partitions.iter().flatten() {
        let name = partition.name.as_deref().filter(|name| !name.is_empty());
        let name = name.map(|name| format!(" \"{}\"", plain(name))).unwrap_or_default();
        let size = human(partition.size);
        let _ = writeln!(text, "partition {}{name}, {size}, at byte {}", partition.number, partition.offset);
        match &partition.file_system {
            Some(found) => system(found).lines().for_each(|line| text.push_str(&format!("    {line}\n"))),
            None => text.push_str("    nothing that is known\n"),
        }
    }
    for finding in &found.findings {
        let _ = writeln!(text, "note: {}", plain(finding));
    }
    text
}

pub(super) fn system(found: &FileSystem) -> String {
    let mut text = String::new();
    if let Some(error) = &found.error {
        let _ = writeln!(text, "cannot be read: {}", plain(error));
    }
    for (name, value) in [("type", found.name), ("uuid", found.uuid.as_deref())] {
        value.iter().for_each(|value| {
            let _ = writeln!(text, "{name}: {value}");
        });
    }
    for (name, value) in [("label", &found.label), ("state", &found.remark)] {
        value.iter().for_each(|value| {
            let _ = writeln!(text, "{name}: {}", plain(value));
        });
    }
    text
}

pub(super) fn file(file: &FileInfo) -> String {
    let mut text = format!("{}\n", long(&file.about).trim_end());
    for extent in file.extents.iter().flatten() {
        let place = extent.place.map_or("zeros".to_owned(), |place| format!("at byte {place}"));
        let _ = writeln!(text, "from byte {}: {} bytes {place}", extent.offset, extent.length);
    }
    text
}

pub(super) fn listing(listing: &Listing, with_details: bool) -> String {
    let mut text = String::new();
    for file in &listing.files {
        if with_details {
            text.push_str(&long(&file.about));
        }
        text.push_str(&plain(&file.path));
        if file.about.kind == "directory" {
            text.push('/');
        }
        if let Some(target) = file.about.target.as_ref().filter(|_| with_details) {
            let _ = write!(text, " -> {}", plain(target));
        }
        text.push('\n');
    }
    text
}

/// What stands before a name.
fn long(about: &About) -> String {
    let mode = about.mode.as_deref().unwrap_or("-");
    let modified = about.modified.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let modified = modified.map_or_else(|| "-".to_owned(), |time| time.to_string());
    format!("{:9} {mode:>4} {:>12} {modified:>20} ", about.kind, about.size)
}

fn human(bytes: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 10 * 1024 && unit + 1 < units.len() {
        size /= 1024;
        unit += 1;
    }
    format!("{size} {}", units[unit])
}

/// A name that does nothing to a terminal.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}
