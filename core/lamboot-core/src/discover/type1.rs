// SPDX-License-Identifier: MIT OR Apache-2.0
//! Type 1 entries (UAPI.1): text files in `\loader\entries`, or in `\boot\loader\entries` where `/boot` is a
//! folder of the system's root volume.

use super::candidate::Rank;
use super::{Candidate, Search, machine};
use crate::entry::{Counted, Entry, EntryKind};
use crate::error::ErrorKind;
use crate::ports::{DirEntry, FileKind, Listing, VolumeInfo, VolumeRole};
use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bootspec::{CountedName, EntryName, EspPath, Linux, Main, Type1};
use lamboot_schema::paths;

/// What RHEL 8 and its kin write in place of kernel options.
const KERNEL_OPTIONS: &str = "$kernelopts";

impl Search<'_> {
    pub(super) fn type1(&mut self, volume: &VolumeInfo) {
        let own = self.list_once(volume, paths::ENTRIES);
        self.type1_files(volume, paths::ENTRIES, &own);
        // A partition that is for booting has no such folder of its own.
        if volume.role == VolumeRole::Other {
            let of_root = self.list_once(volume, paths::ENTRIES_OF_ROOT);
            // What OSTree calls `boot` on a volume for `/boot` is a link to its root: the same files again.
            if of_root != own {
                self.type1_files(volume, paths::ENTRIES_OF_ROOT, &of_root);
            }
        }
    }

    pub(super) fn type1_files(&mut self, volume: &VolumeInfo, folder: &str, listing: &Listing) {
        for file in &listing.entries {
            if file.metadata.kind == FileKind::File {
                self.type1_file(volume, folder, file);
            }
        }
    }

    fn type1_file(&mut self, volume: &VolumeInfo, folder: &str, file: &DirEntry) {
        let path = format!("{folder}\\{}", file.name);
        let name = match EntryName::parse(&file.name) {
            Ok(name) => name,
            Err(reason) if reason.is_worth_telling() => {
                return self.reject(volume, &path, reason.to_string());
            }
            Err(_) => return,
        };
        match self.volumes.read(volume.id, &path, bootspec::TEXT_MAX.saturating_add(1)) {
            Err(error) if error.kind == ErrorKind::TooLarge => {
                let most = bootspec::TEXT_MAX;
                self.reject(volume, &path, format!("the file has more than the {most} bytes of an entry"));
            }
            Err(error) => self.unreadable(volume, &path, error.to_string()),
            Ok(bytes) if !self.spend(volume, &path, bytes.len()) => {}
            Ok(bytes) => self.type1_text(volume, &path, name, &bytes),
        }
    }

    fn type1_text(&mut self, volume: &VolumeInfo, path: &str, name: EntryName, bytes: &[u8]) {
        let mut unknown = false;
        let mut fill = |word: &str| {
            let value = self.fill(volume, word);
            unknown |= value.is_none() && word == KERNEL_OPTIONS;
            value
        };
        match Type1::parse_with(bytes, &mut fill) {
            Ok(text) if unknown && !has_root(&text.options) => {
                let reason =
                    format!("`{KERNEL_OPTIONS}` has its options, and no grubenv says what stands for it");
                self.reject(volume, path, reason);
            }
            Ok(text) => self.take_type1(volume, path, name, text),
            Err(refusal) => self.reject(volume, path, refusal.to_string()),
        }
    }

    fn take_type1(&mut self, volume: &VolumeInfo, path: &str, name: EntryName, mut text: Type1) {
        let rank = Rank {
            file_id: None,
            counter: name.counted().counter,
            sort_key: text.sort_key.take(),
            machine_id: text.machine_id.take(),
        };
        match self.type1_entry(volume, path, name, text) {
            Ok(entry) => self.found.push(Candidate::specified(rank, entry, volume)),
            Err(reason) => self.reject(volume, path, reason),
        }
    }

    /// The entry, or why this machine cannot start it.
    fn type1_entry(
        &mut self,
        volume: &VolumeInfo,
        path: &str,
        name: EntryName,
        text: Type1,
    ) -> Result<Box<Entry>, String> {
        let own = self.scope.architecture;
        if !text.is_for(machine(own)) {
            let other = text.architecture.as_deref().unwrap_or("");
            return Err(format!("it is for {other}, and this machine is {}", own.name()));
        }
        let counter = counted(&name.counted());
        let title = text.title.unwrap_or_default();
        let mut entry = Box::new(Entry::new(
            name.into_id(),
            title,
            EntryKind::Linux,
            volume.id,
            Rc::clone(&volume.identity),
        ));
        entry.version = text.version.unwrap_or_default();
        entry.file = path.into();
        entry.options = text.options;
        entry.extra = paths_of(text.extra);
        entry.counter = counter;
        fill_main(&mut entry, text.main)?;
        if path.starts_with(paths::ENTRIES_OF_ROOT) {
            self.settle_paths(&mut entry);
        }
        if self.is_ourselves(volume, &entry.image) {
            return Err("it starts LamBoot again".into());
        }
        self.require_files(&entry)?;
        Ok(entry)
    }

    /// Paths are from the volume's root (UAPI.1); but what writes entries may take `/boot` for the root of
    /// a volume of its own. Where a file is missing, it is looked for in `/boot`.
    fn settle_paths(&mut self, entry: &mut Entry) {
        let volume = entry.volume;
        let files = core::iter::once(&mut entry.image).chain(&mut entry.initrds);
        for path in files.chain(&mut entry.devicetree).chain(&mut entry.extra) {
            let inside = format!("{}{path}", paths::BOOT);
            if self.presence.is_missing(self.volumes, volume, path)
                && !self.presence.is_missing(self.volumes, volume, &inside)
            {
                *path = inside;
            }
        }
    }

    /// Every file that the entry names is needed (UAPI.1): half of them boot half a system.
    fn require_files(&mut self, entry: &Entry) -> Result<(), String> {
        let files = core::iter::once(&entry.image).chain(&entry.initrds).chain(&entry.devicetree);
        for path in files {
            if self.presence.is_missing(self.volumes, entry.volume, path) {
                return Err(format!("{path}: there is no such file on its volume"));
            }
        }
        Ok(())
    }
}

/// Whether a kernel is told where its root is.
fn has_root(options: &str) -> bool {
    bootspec::options::words(options)
        .any(|word| options.get(word).is_some_and(|word| word.starts_with("root=")))
}

fn fill_main(entry: &mut Entry, main: Main) -> Result<(), String> {
    match main {
        Main::Linux(Linux { kernel, initrds, devicetree, overlays }) => {
            if let Some(overlay) = overlays.first() {
                return Err(format!(
                    "`devicetree-overlay` ({}) is not supported by this version",
                    overlay.as_str()
                ));
            }
            entry.image = kernel.into();
            entry.initrds = paths_of(initrds);
            entry.devicetree = devicetree.map(String::from);
        }
        Main::Efi(image) => {
            entry.kind = EntryKind::Chainload;
            entry.image = image.into();
        }
        Main::Uki { image, profile } => {
            entry.kind = EntryKind::Uki;
            entry.image = image.into();
            if let Some(profile) = profile {
                entry.options = format!("@{profile} {}", entry.options);
            }
        }
        Main::UkiUrl { .. } => {
            return Err("`uki-url` needs network boot, which this version does not have".into());
        }
    }
    Ok(())
}

fn paths_of(paths: Vec<EspPath>) -> Vec<String> {
    paths.into_iter().map(String::from).collect()
}

/// The counter of a file's name, and the name after one more start.
pub(super) fn counted(counted: &CountedName<'_>) -> Option<Counted> {
    let counter = counted.counter?;
    Some(Counted { left: counter.left.value, spent_name: counted.spend()? })
}
