// SPDX-License-Identifier: MIT OR Apache-2.0
//! ISO files, and what can be started from each of them.
//!
//! An image is read through the volume that its file is on, as far as it takes to learn what there is
//! to start ([`crate::iso`]); kernel and initrds become runs of bytes of the file. How much of it is
//! read is bounded (`reader`), and so is the number of files.

mod reader;

use super::loaders::portable;
use super::program::{Program, join};
use super::{Candidate, Search, machine};
use crate::discover::candidate::Part as Place;
use crate::entry::{Entry, EntryKind, Part};
use crate::glob::has_suffix;
use crate::iso::{self, IsoEntry};
use crate::ports::{FileKind, Identity, VolumeInfo};
use crate::source::Extent;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use iso_view::Iso;
use lamboot_schema::paths;
use reader::{Files, Reader, Trouble};

/// Where ISO files are looked for.
const FOLDERS: [&str; 2] = [paths::ISOS, paths::BOOT_ISOS];
/// The most ISO files that are looked into, on all volumes together.
const MAX_ISOS: usize = 32;
/// The most runs of bytes that a kernel or initrd may be in.
const MAX_EXTENTS: usize = 16;

/// Why nothing of an ISO file is offered.
enum Unusable {
    /// The device failed.
    Unreadable(String),
    /// The file is not what can be started.
    Rejected(String),
}

/// What an image has to start.
struct Found {
    /// Entries, each with where its files lie.
    entries: Vec<(IsoEntry, Vec<Part>)>,
    /// Why one of them was left out.
    left_out: Option<Unusable>,
}

/// An ISO file on a volume.
struct IsoFile<'f> {
    volume: &'f VolumeInfo,
    path: &'f str,
    size: u64,
}

impl Search<'_> {
    /// Looks into every ISO file of a volume.
    pub(super) fn isos(&mut self, volume: &VolumeInfo) {
        let mut identity = None;
        for folder in FOLDERS {
            for file in self.list(volume, folder).entries {
                if file.metadata.kind == FileKind::File && has_suffix(&file.name, ".iso") {
                    let path = join(folder, &file.name);
                    let identity = identity.get_or_insert_with(|| self.volumes.identity(volume.id));
                    self.iso_file(&IsoFile { volume, path: &path, size: file.metadata.size }, identity);
                }
            }
        }
    }

    fn iso_file(&mut self, file: &IsoFile<'_>, identity: &Identity) {
        if self.isos >= MAX_ISOS {
            let reason = format!("only the first {MAX_ISOS} ISO files are looked into");
            return self.reject(file.volume, file.path, reason);
        }
        self.isos = self.isos.saturating_add(1);
        match self.look_into(file, identity) {
            Ok(found) => self.offer(file, found),
            Err(why) => self.unusable(file, why),
        }
    }

    /// What the image has to start.
    fn look_into(&mut self, file: &IsoFile<'_>, identity: &Identity) -> Result<Found, Unusable> {
        let path = file.path.replace('\\', "/");
        let place = iso::Place {
            path: &path,
            volume_uuid: identity.uuid.as_deref(),
            volume_label: identity.label.as_deref(),
        };
        let reader = Reader::new(&mut *self.volumes, &mut self.budget, file);
        let mut files = Files::new(Iso::open(reader).map_err(Trouble)?);
        let entries = iso::entries(&mut files, &place, machine(self.scope.architecture));
        match (entries, files.trouble()) {
            (Ok(entries), None) => locate_all(&mut files, file, entries),
            (Ok(entries), Some(trouble)) if !trouble.is_device() => locate_all(&mut files, file, entries),
            (_, Some(trouble)) => Err(trouble.into()),
            (Err(reason), None) => Err(Unusable::Rejected(reason.to_string())),
        }
    }

    fn offer(&mut self, file: &IsoFile<'_>, found: Found) {
        let name = file.path.rsplit('\\').next().unwrap_or_default();
        let file_id = portable(&format!("iso-{}", name.to_ascii_lowercase()));
        for (number, (found, parts)) in (1_usize..).zip(found.entries) {
            let id = if number == 1 { file_id.clone() } else { format!("{file_id}@{number}") };
            let entry = Entry {
                file: file.path.into(),
                image: file.path_of(&found.kernel),
                initrds: found.initrds.iter().map(|path| file.path_of(path)).collect(),
                options: found.options,
                parts,
                // An ISO file is for who asks for it.
                unattended: false,
                ..Entry::new(
                    id,
                    found.title,
                    EntryKind::Iso,
                    file.volume.id,
                    Rc::clone(&file.volume.identity),
                )
            };
            if self.starts_lamboot(file, &entry) {
                self.reject(file.volume, &entry.image, "it starts LamBoot again".into());
                continue;
            }
            self.found.push(Candidate::of_file(Place::Iso, file_id.clone(), entry, file.volume));
        }
        if let Some(left_out) = found.left_out {
            self.unusable(file, left_out);
        }
    }

    fn unusable(&mut self, file: &IsoFile<'_>, why: Unusable) {
        match why {
            Unusable::Unreadable(reason) => self.unreadable(file.volume, file.path, reason),
            Unusable::Rejected(reason) => self.reject(file.volume, file.path, reason),
        }
    }

    fn starts_lamboot(&mut self, file: &IsoFile<'_>, entry: &Entry) -> bool {
        let part = entry.parts.iter().find(|part| part.path == entry.image);
        let place = part.and_then(|part| part.extents.first()).filter(|_| has_suffix(&entry.image, ".efi"));
        let found = place.and_then(|place| self.identify_part(file.volume, file.path, *place));
        found.is_some_and(|found| found.program == Program::Ourselves)
    }
}

impl IsoFile<'_> {
    /// What a file of the image is called outside of it: as if the ISO file were a folder.
    fn path_of(&self, inner: &str) -> String {
        let separator = if inner.starts_with('/') { "" } else { "\\" };
        format!("{}{separator}{}", self.path, inner.replace('/', "\\"))
    }
}

/// Finds where the files of all entries lie.
fn locate_all(files: &mut Files<'_>, file: &IsoFile<'_>, entries: Vec<IsoEntry>) -> Result<Found, Unusable> {
    let mut found = Found { entries: Vec::new(), left_out: None };
    for entry in entries {
        match locate(files, file, &entry) {
            Ok(parts) => found.entries.push((entry, parts)),
            Err(why) => drop(found.left_out.get_or_insert(why)),
        }
    }
    match found.left_out {
        Some(why) if found.entries.is_empty() => Err(why),
        _ => Ok(found),
    }
}

/// Where kernel and initrds of an entry lie in the ISO file.
fn locate(files: &mut Files<'_>, file: &IsoFile<'_>, entry: &IsoEntry) -> Result<Vec<Part>, Unusable> {
    let mut parts = Vec::new();
    for path in core::iter::once(&entry.kernel).chain(&entry.initrds) {
        let extents = files.extents(path).map_err(|trouble| trouble.about(path))?;
        check(&extents, file.size).map_err(|reason| Unusable::Rejected(format!("{path}: {reason}")))?;
        parts.push(Part { path: file.path_of(path), extents });
    }
    Ok(parts)
}

fn check(extents: &[Extent], file_size: u64) -> Result<(), &'static str> {
    let is_inside =
        |extent: &Extent| extent.offset.checked_add(extent.length).is_some_and(|end| end <= file_size);
    match extents {
        [] => Err("is empty"),
        _ if extents.len() > MAX_EXTENTS => Err("is in too many pieces"),
        _ if !extents.iter().all(is_inside) => {
            Err("lies beyond the end of the ISO file, which was not copied whole")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
