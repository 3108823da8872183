// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which entries exist, in which order, and why was each other one rejected?
//!
//! Type 1 entries (UAPI.1) of the ESP. Every file that could have been meant as an entry is either
//! offered or rejected with a reason.

mod titles;

use crate::entry::{Counted, Entry, EntryKind};
use crate::error::ErrorKind;
use crate::facts::Architecture;
use crate::ports::{DirEntry, Esp, FileKind, VolumeId, Volumes};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bootspec::order::{self, Cohorts};
use bootspec::{EntryName, Main, Type1};
use core::cmp::Ordering;
use lamboot_schema::paths;
use lamboot_schema::trust_log::Event;

/// The most names that are looked at in the entries' folder.
pub const MAX_FILES: usize = 4096;
/// The most entries that are offered.
pub const MAX_ENTRIES: usize = 1024;
/// The most rejected entries that are written down.
pub const MAX_RECORDED: usize = 32;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// What can be started, the default first.
    pub entries: Vec<Entry>,
    /// What cannot, and why.
    pub rejected: Vec<Rejected>,
}

/// An entry that is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file that describes it.
    pub path: String,
    /// Why it is not offered.
    pub reason: String,
    /// The record that the trust log gets.
    pub event: Event,
}

/// Searches the ESP.
pub fn discover(
    volumes: &mut dyn Volumes,
    esp: &Esp,
    architecture: Architecture,
    cohorts: Cohorts,
) -> Discovery {
    let mut search =
        Search { volume: esp.volume, architecture, cohorts, found: Vec::new(), rejected: Vec::new() };
    match volumes.read_dir(esp.volume, paths::ENTRIES, MAX_FILES) {
        Ok(listing) => {
            for file in &listing.entries {
                search.consider(volumes, file);
            }
            if listing.truncated {
                search.reject(paths::ENTRIES, format!("only the first {MAX_FILES} files were looked at"));
            }
        }
        Err(error) if error.kind == ErrorKind::NotFound => {}
        Err(error) => search.unreadable(paths::ENTRIES, error.to_string()),
    }
    search.finish()
}

/// A Type 1 entry that is fit to be offered.
struct Found {
    name: EntryName,
    text: Type1,
    entry: Entry,
}

struct Search {
    volume: VolumeId,
    architecture: Architecture,
    cohorts: Cohorts,
    /// In menu order.
    found: Vec<Found>,
    rejected: Vec<Rejected>,
}

impl Search {
    fn consider(&mut self, volumes: &mut dyn Volumes, file: &DirEntry) {
        if file.metadata.kind == FileKind::Directory {
            return;
        }
        let path = format!("{}\\{}", paths::ENTRIES, file.name);
        let name = match EntryName::parse(&file.name) {
            Ok(name) => name,
            Err(reason) if reason.is_worth_telling() => return self.reject(&path, reason.to_string()),
            Err(_) => return,
        };
        match volumes.read(self.volume, &path, bootspec::TEXT_MAX.saturating_add(1)) {
            Err(error) if error.kind == ErrorKind::TooLarge => {
                let most = bootspec::TEXT_MAX;
                self.reject(&path, format!("the file has more than the {most} bytes of an entry"));
            }
            Err(error) => self.unreadable(&path, error.to_string()),
            Ok(bytes) => match Type1::parse(&bytes) {
                Ok(text) => self.take(path, name, text),
                Err(refusal) => self.reject(&path, refusal.to_string()),
            },
        }
    }

    fn take(&mut self, path: String, name: EntryName, text: Type1) {
        match self.entry(&path, &name, &text) {
            Ok(entry) if self.found.len() < MAX_ENTRIES => self.insert(Found { name, text, entry }),
            Ok(_) => self.reject(&path, format!("there are {MAX_ENTRIES} entries already")),
            Err(reason) => self.reject(&path, reason),
        }
    }

    /// Puts an entry into its place; one that is equal to others goes behind them.
    fn insert(&mut self, new: Found) {
        let compare = |a: &Found, b: &Found| {
            order::compare(&a.text.place(&a.name), &b.text.place(&b.name), self.cohorts)
        };
        let place = self.found.partition_point(|found| compare(found, &new) != Ordering::Greater);
        self.found.insert(place, new);
    }

    /// The entry, or why this machine or this version cannot start it.
    fn entry(&self, path: &str, name: &EntryName, text: &Type1) -> Result<Entry, String> {
        if !text.is_for(machine(self.architecture)) {
            let other = text.architecture.as_deref().unwrap_or("");
            return Err(format!("it is for {other}, and this machine is {}", self.architecture.name()));
        }
        if let Some(first) = text.extra.first() {
            return Err(format!("`extra` ({}) is not supported by this version", first.as_str()));
        }
        let (kind, image, initrds, options) = what_to_start(text)?;
        Ok(Entry {
            version: text.version.clone().unwrap_or_default(),
            file: path.into(),
            image,
            initrds,
            options,
            counter: counted(name),
            ..Entry::new(name.id().into(), text.title.clone().unwrap_or_default(), kind, self.volume)
        })
    }

    fn reject(&mut self, path: &str, reason: String) {
        self.rejected.push(Rejected { path: path.into(), reason, event: Event::BlsEntryInvalid });
    }

    fn unreadable(&mut self, path: &str, reason: String) {
        self.rejected.push(Rejected { path: path.into(), reason, event: Event::BlsEntryReadFailed });
    }

    /// One id for each, one title for each.
    fn finish(mut self) -> Discovery {
        let mut entries: Vec<Entry> = Vec::new();
        let mut machine_ids = Vec::new();
        for found in core::mem::take(&mut self.found) {
            // Files that differ in their counter alone: the first in order stands for all.
            if entries.iter().any(|entry| entry.id == found.entry.id) {
                let reason = format!("another file with the id {} is offered", found.entry.id);
                self.reject(&found.entry.file, reason);
                continue;
            }
            machine_ids.push(found.text.machine_id.unwrap_or_default());
            entries.push(found.entry);
        }
        self.rejected.sort_by(|a, b| a.path.cmp(&b.path));
        titles::make_unique(&mut entries, &machine_ids);
        Discovery { entries, rejected: self.rejected }
    }
}

fn what_to_start(text: &Type1) -> Result<(EntryKind, String, Vec<String>, String), String> {
    let options = text.options.clone();
    match &text.main {
        Main::Linux(linux) => {
            if let Some(tree) = &linux.devicetree {
                return Err(format!("`devicetree` ({}) is not supported by this version", tree.as_str()));
            }
            let initrds = linux.initrds.iter().map(|path| path.as_str().into()).collect();
            Ok((EntryKind::Linux, linux.kernel.as_str().into(), initrds, options))
        }
        Main::Efi(image) => Ok((EntryKind::Chainload, image.as_str().into(), Vec::new(), options)),
        Main::Uki { image, profile } => {
            let options = match profile {
                Some(profile) => format!("@{profile} {options}"),
                None => options,
            };
            Ok((EntryKind::Uki, image.as_str().into(), Vec::new(), options))
        }
        Main::UkiUrl { .. } => Err("`uki-url` needs network boot, which this version does not have".into()),
    }
}

fn counted(name: &EntryName) -> Option<Counted> {
    let counted = name.counted();
    let counter = counted.counter?;
    Some(Counted { left: counter.left.value, spent_name: counted.spend()? })
}

const fn machine(architecture: Architecture) -> bootspec::Architecture {
    match architecture {
        Architecture::X86_64 => bootspec::Architecture::X64,
        Architecture::Aarch64 => bootspec::Architecture::Aa64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{PortError, PortResult};
    use crate::ports::{Listing, Metadata, VolumeInfo};
    use std::collections::BTreeMap;

    /// A folder of entries.
    struct Folder(BTreeMap<&'static str, PortResult<Vec<u8>>>);

    impl Volumes for Folder {
        fn esp(&mut self) -> PortResult<Esp> {
            Ok(Esp { volume: VolumeId(0), partition_guid: None, loader_path: None, read_only: false })
        }

        fn list(&mut self) -> Vec<VolumeInfo> {
            Vec::new()
        }

        fn read_at(&mut self, volume: VolumeId, path: &str, from: u64, length: usize) -> PortResult<Vec<u8>> {
            let bytes = self.read(volume, path, usize::MAX)?;
            let from = usize::try_from(from).unwrap().min(bytes.len());
            Ok(bytes[from..].iter().copied().take(length).collect())
        }

        fn metadata(&mut self, _: VolumeId, _: &str) -> PortResult<Metadata> {
            Ok(Metadata { kind: FileKind::File, size: 0, read_only: false })
        }

        fn read_dir(&mut self, _: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
            assert_eq!(path, paths::ENTRIES);
            let metadata = Metadata { kind: FileKind::File, size: 1, read_only: false };
            let entries: Vec<DirEntry> =
                self.0.keys().map(|name| DirEntry { name: (*name).into(), metadata }).take(limit).collect();
            Ok(Listing { truncated: entries.len() < self.0.len(), entries })
        }

        fn read(&mut self, _: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
            let name = path.rsplit('\\').next().unwrap();
            match &self.0[name] {
                Ok(bytes) if bytes.len() > limit => Err(ErrorKind::TooLarge.into()),
                other => other.clone(),
            }
        }
    }

    fn found(files: &[(&'static str, &str)]) -> Discovery {
        let files = files.iter().map(|(name, text)| (*name, Ok(text.as_bytes().to_vec()))).collect();
        search(Folder(files))
    }

    fn search(mut folder: Folder) -> Discovery {
        let esp = folder.esp().unwrap();
        discover(&mut folder, &esp, Architecture::X86_64, Cohorts::Separate)
    }

    #[test]
    fn entries_come_with_all_that_is_needed_to_start_them() {
        let found = found(&[
            (
                "debian+3-1.conf",
                "title Debian\nversion 6.1\nlinux /6.1/linux\ninitrd /ucode.img\ninitrd /6.1/initrd\noptions ro\noptions quiet\n",
            ),
            ("tool.conf", "title Tool\nefi /tool.efi\noptions -v x\n"),
            ("u.conf", "title U\nuki /EFI/Linux/u.efi\nprofile 2\n"),
            ("readme.txt", "not an entry"),
        ]);
        assert_eq!(found.rejected, []);
        let debian = found.entries.iter().find(|entry| entry.id == "debian.conf").unwrap();
        assert_eq!((debian.image.as_str(), debian.options.as_str()), (r"\6.1\linux", "ro quiet"));
        assert_eq!(debian.initrds, [r"\ucode.img", r"\6.1\initrd"]);
        assert_eq!(debian.file, r"\loader\entries\debian+3-1.conf");
        assert_eq!(debian.counter.as_ref().unwrap().spent_name, "debian+2-2.conf");
        let tool = found.entries.iter().find(|entry| entry.id == "tool.conf").unwrap();
        assert_eq!((tool.kind, tool.options.as_str()), (EntryKind::Chainload, "-v x"));
        let uki = found.entries.iter().find(|entry| entry.id == "u.conf").unwrap();
        assert_eq!((uki.kind, uki.options.as_str()), (EntryKind::Uki, "@2 "));
    }

    #[test]
    fn every_rejected_entry_has_a_reason() {
        let mut files = Folder(BTreeMap::from([
            ("arm.conf", Ok(b"linux /l\narchitecture aa64\n".to_vec())),
            ("empty.conf", Ok(Vec::new())),
            ("half.conf", Ok(b"title Debian\nlin".to_vec())),
            ("latin1.conf", Ok(b"title K\xf6ln\nlinux /l\n".to_vec())),
            ("net.conf", Ok(b"uki-url http://x/y.efi\n".to_vec())),
            ("up.conf", Ok(b"linux /../l\n".to_vec())),
            ("tree.conf", Ok(b"linux /l\ndevicetree /t.dtb\n".to_vec())),
            ("broken.conf", Err(PortError::new(ErrorKind::Device))),
            ("huge.conf", Ok(vec![b'#'; bootspec::TEXT_MAX + 2])),
        ]));
        let esp = files.esp().unwrap();
        let found = discover(&mut files, &esp, Architecture::X86_64, Cohorts::Separate);
        assert_eq!(found.entries, []);
        let reasons: Vec<String> =
            found.rejected.iter().map(|r| format!("{} {}", r.path, r.reason)).collect();
        for (file, word) in [
            ("arm", "aa64"),
            ("empty", "empty"),
            ("half", "nothing to start"),
            ("latin1", "UTF-8"),
            ("net", "network"),
            ("up", "linux"),
            ("tree", "devicetree"),
            ("broken", "device error"),
            ("huge", "bytes"),
        ] {
            assert!(
                reasons.iter().any(|reason| reason.contains(file) && reason.contains(word)),
                "{file}: {reasons:#?}"
            );
        }
    }

    #[test]
    fn files_that_differ_in_their_counter_are_one_entry() {
        let found = found(&[("a+2-1.conf", "linux /l\n"), ("a.conf", "linux /l\n")]);
        assert_eq!(found.entries.len(), 1);
        assert_eq!(found.entries[0].file, r"\loader\entries\a.conf");
        assert!(found.rejected[0].reason.contains("a.conf"));
    }

    #[test]
    fn a_folder_without_end_costs_a_bounded_time() {
        let names: Vec<&'static str> =
            (0..MAX_FILES + 9).map(|n| &*Box::leak(format!("{n}.conf").into_boxed_str())).collect();
        let folder = Folder(names.iter().map(|name| (*name, Ok(b"linux /l\n".to_vec()))).collect());
        let found = search(folder);
        assert_eq!(found.entries.len(), MAX_ENTRIES);
        assert!(found.rejected.iter().any(|rejected| rejected.reason.contains("only the first")));
    }
}
