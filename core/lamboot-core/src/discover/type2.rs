// SPDX-License-Identifier: MIT OR Apache-2.0
//! Type 2 entries (UAPI.1, UAPI.5): unified kernel images in `\EFI\Linux`, one entry a profile.

use super::candidate::Rank;
use super::type1::counted;
use super::{Candidate, Search, machine};
use crate::entry::{Entry, EntryKind};
use crate::error::PortError;
use crate::ports::{DirEntry, FileKind, VolumeInfo};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use bootspec::name::UkiName;
use bootspec::uki::{self, Profile, UkiError};
use lamboot_schema::paths;

impl Search<'_> {
    pub(super) fn type2(&mut self, volume: &VolumeInfo) {
        let listing = self.list(volume, paths::UKIS);
        for file in &listing.entries {
            if file.metadata.kind == FileKind::File {
                self.type2_file(volume, file);
            }
        }
    }

    fn type2_file(&mut self, volume: &VolumeInfo, file: &DirEntry) {
        let path = format!("{}\\{}", paths::UKIS, file.name);
        let name = match UkiName::parse(&file.name) {
            Ok(name) => name,
            Err(reason) if reason.is_worth_telling() => {
                return self.reject(volume, &path, reason.to_string());
            }
            Err(_) => return,
        };
        let volumes = &mut *self.volumes;
        let mut read = 0_usize;
        let mut read_at = |offset, length| {
            let bytes = volumes.read_at(volume.id, &path, offset, length)?;
            read = read.saturating_add(bytes.len());
            Ok(bytes)
        };
        let size = file.metadata.size;
        let image = uki::read::<PortError>(&name, size, machine(self.scope.architecture), &mut read_at);
        if !self.spend(volume, &path, read) {
            return;
        }
        match image {
            Ok(image) => {
                for profile in &image.entries {
                    let entry = type2_entry(volume, &path, &name, profile);
                    let place = profile.place(&name);
                    let rank = Rank {
                        // Profiles stand together, in the order of their numbers.
                        file_id: Some(name.id().into()),
                        counter: place.counter,
                        sort_key: place.sort_key.map(String::from),
                        machine_id: place.machine_id.map(String::from),
                    };
                    self.found.push(Candidate::specified(rank, entry.into(), volume));
                }
            }
            Err(UkiError::Read(error)) => self.unreadable(volume, &path, error.to_string()),
            Err(UkiError::Refused(refusal)) => self.reject(volume, &path, refusal.to_string()),
        }
    }
}

fn type2_entry(volume: &VolumeInfo, path: &str, name: &UkiName, profile: &Profile) -> Entry {
    // The first profile is the image's own; others are for who asks for them.
    let is_first = matches!(profile.number, None | Some(0));
    Entry {
        version: profile.version.clone().unwrap_or_default(),
        file: path.into(),
        image: path.into(),
        options: profile.number.map(|number| format!("@{number} ")).unwrap_or_default(),
        built_in: profile.options.clone(),
        counter: counted(&name.counted()),
        unattended: is_first,
        ..Entry::new(
            profile.id.clone(),
            profile.title.clone(),
            EntryKind::Uki,
            volume.id,
            Rc::clone(&volume.identity),
        )
    }
}
