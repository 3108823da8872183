// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which entries exist, in which order, and why was each other one rejected?
//!
//! Every volume is searched for what it can start; one global order stands at the end. Every file
//! that could have been meant as an entry is either offered or rejected with a reason.
//!
//! | source | file | where it looks |
//! |---|---|---|
//! | Type 1 entries (UAPI.1) | `type1` | `\loader\entries`, and `\boot\loader\entries` of other volumes |
//! | Type 2 entries (UAPI.1, UAPI.5) | `type2` | `\EFI\Linux` |
//! | directories in the manner of kernelstub | `directories` | `\EFI\NAME-UUID` |
//! | Windows and other boot loaders | `loaders` | `\EFI\*`, the removable path |
//! | Type 1 entries of a system that lies in a subvolume | `subvolumes` | the same folders of `@`, `@rootfs`, `root` |
//! | snapshots by Snapper and Timeshift | `snapshots` | `….snapshots/N/snapshot`, `timeshift-btrfs/snapshots` |
//! | ISO files, where the owner allows it | `iso` | `\isos`, `\boot\isos` |
//! | what the machine does by itself | `machine` | |

mod candidate;
mod directories;
mod grubenv;
mod iso;
mod loaders;
mod machine;
mod merge;
mod presence;
mod program;
mod snapshots;
mod subvolumes;
mod titles;
mod type1;
mod type2;

use crate::entry::Entry;
use crate::error::{ErrorKind, PortError};
use crate::facts::Architecture;
use crate::ports::{Condition, Esp, Listing, Subvolume, VolumeId, VolumeInfo, VolumeRole, Volumes};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bootspec::order::Cohorts;
use candidate::Candidate;
use lamboot_schema::trust_log::Event;
use lamboot_schema::volume::VolumeIdentity;
use presence::Presence;

/// The most names that are looked at in one folder.
pub const MAX_FILES: usize = 4096;
/// The most entries that are offered.
pub const MAX_ENTRIES: usize = 1024;
/// The most rejected entries that are written down.
pub const MAX_RECORDED: usize = 32;
/// The most rejected entries that are kept.
const MAX_REJECTED: usize = 1024;
/// The most bytes of entries that are read, on all volumes together.
const BUDGET: usize = 16 << 20;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The machine's own.
    pub architecture: Architecture,
    /// How entries with and without a sort key stand to each other.
    pub cohorts: Cohorts,
    /// Whether Windows and other boot loaders are listed.
    pub loaders: bool,
    /// Whether ISO files are looked into.
    pub isos: bool,
    /// Whether snapshots are listed.
    pub snapshots: bool,
    /// Whether the firmware's set-up screen is listed; only where the firmware can be asked for it.
    pub firmware_setup: bool,
    /// Whether a restart is listed.
    pub reboot: bool,
    /// Whether power-off is listed.
    pub power_off: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// What can be started, the default first.
    pub entries: Vec<Entry>,
    /// What cannot, and why.
    pub rejected: Vec<Rejected>,
    /// Volumes that were not left as they should be, and can be read.
    pub recovered: Vec<Recovered>,
}

/// A volume that was not left as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Which one.
    pub volume: Rc<VolumeIdentity>,
    /// What was done about it.
    pub remark: String,
}

/// An entry that is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file that describes it; on another volume than LamBoot's own, that volume's name first. A
    /// volume that cannot be read is there under its name alone.
    pub path: String,
    /// The volume that it is on.
    pub volume: Rc<VolumeIdentity>,
    /// Why it is not offered.
    pub reason: String,
    /// The record that the trust log gets.
    pub event: Event,
}

/// Searches every volume.
pub fn discover(volumes: &mut dyn Volumes, esp: &Esp, scope: &Scope) -> Discovery {
    let list = volumes.list();
    let mut search = Search {
        volumes,
        list: &list,
        esp,
        scope,
        presence: Presence::default(),
        found: Vec::new(),
        rejected: Vec::new(),
        recovered: Vec::new(),
        environments: Vec::new(),
        subvolumes: Vec::new(),
        budget: BUDGET,
        isos: 0,
        snapshots: snapshots::Count::default(),
    };
    let open: Vec<&VolumeInfo> = list
        .iter()
        .filter(|volume| search.is_open(volume) && search.is_the_only_one(volume, &list))
        .collect();
    for &volume in &open {
        search.type1(volume);
        search.roots(volume);
        search.type2(volume);
        search.programs(volume);
    }
    // When all entries are known: a snapshot may be started by the kernel of one.
    for &volume in open.iter().filter(|_| scope.snapshots) {
        search.snapshots(volume);
    }
    // Last, so that nothing else is left out because of what they have read.
    for &volume in open.iter().filter(|_| scope.isos) {
        search.isos(volume);
    }
    search.machine();
    search.finish()
}

/// A search under way.
struct Search<'s> {
    volumes: &'s mut dyn Volumes,
    /// Every volume that is searched.
    list: &'s [VolumeInfo],
    esp: &'s Esp,
    scope: &'s Scope,
    presence: Presence,
    found: Vec<Candidate>,
    rejected: Vec<Rejected>,
    recovered: Vec<Recovered>,
    /// What GRUB would fill in, by volume.
    environments: Vec<(VolumeId, grubenv::Environment)>,
    /// What was asked for once, by volume.
    subvolumes: Vec<(VolumeId, Vec<Subvolume>)>,
    /// Bytes of entries that may still be read.
    budget: usize,
    /// ISO files that were looked into.
    isos: usize,
    snapshots: snapshots::Count,
}

impl Search<'_> {
    /// Whether a volume can be read; that it cannot, or was not left as it should be, is written down.
    fn is_open(&mut self, volume: &VolumeInfo) -> bool {
        match &volume.condition {
            Condition::Good => true,
            Condition::Recovered(remark) => {
                let (volume, remark) = (Rc::clone(&volume.identity), remark.clone());
                self.recovered.push(Recovered { volume, remark });
                true
            }
            Condition::Closed(reason) => {
                self.note(volume, "", reason.clone(), Event::VolumeUnreadable);
                false
            }
        }
    }

    /// Whether no other volume has the same file system. Of copies, nobody can say which Linux will mount:
    /// the one on LamBoot's own disk counts, else the first.
    fn is_the_only_one(&mut self, volume: &VolumeInfo, list: &[VolumeInfo]) -> bool {
        let same = |other: &&VolumeInfo| {
            volume.identity.uuid.is_some() && other.identity.uuid == volume.identity.uuid
        };
        let copies = || list.iter().filter(same);
        let counts = copies().find(|other| other.same_disk).or_else(|| copies().next());
        match counts.filter(|counts| counts.id != volume.id) {
            None => true,
            Some(counts) => {
                let (uuid, first) =
                    (volume.identity.uuid.as_deref().unwrap_or_default(), &counts.identity.name);
                let reason =
                    format!("the file system with the UUID {uuid} is on {first}, too, and only that is used");
                self.note(volume, "", reason, Event::VolumeUnreadable);
                false
            }
        }
    }

    /// The names in a folder, which are remembered: entries name files in it.
    fn list(&mut self, volume: &VolumeInfo, path: &str) -> Listing {
        let listing = self.list_once(volume, path);
        if !listing.entries.is_empty() {
            self.presence.learn(volume.id, path, &listing);
        }
        listing
    }

    /// The names in a folder; none where there is no such folder.
    fn list_once(&mut self, volume: &VolumeInfo, path: &str) -> Listing {
        match self.volumes.read_dir(volume.id, path, MAX_FILES) {
            Ok(listing) => {
                if listing.truncated {
                    self.reject(volume, path, format!("only the first {MAX_FILES} files were looked at"));
                }
                listing
            }
            Err(error) if is_absent(&error) => Listing::default(),
            Err(error) => {
                self.unreadable(volume, path, error.to_string());
                Listing::default()
            }
        }
    }

    fn reject(&mut self, volume: &VolumeInfo, path: &str, reason: String) {
        self.note(volume, path, reason, Event::BlsEntryInvalid);
    }

    fn unreadable(&mut self, volume: &VolumeInfo, path: &str, reason: String) {
        self.note(volume, path, reason, Event::BlsEntryReadFailed);
    }

    fn note(&mut self, volume: &VolumeInfo, path: &str, reason: String, event: Event) {
        if self.rejected.len() < MAX_REJECTED {
            let path = match volume.role {
                VolumeRole::Boot => path.into(),
                _ if path.is_empty() => volume.identity.name.clone(),
                _ => format!("{}: {path}", volume.identity.name),
            };
            self.rejected.push(Rejected { path, volume: Rc::clone(&volume.identity), reason, event });
        }
    }

    /// Takes part of the budget; whether it was there.
    fn spend(&mut self, volume: &VolumeInfo, path: &str, bytes: usize) -> bool {
        match self.budget.checked_sub(bytes) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => {
                self.reject(volume, path, String::from("too much was read already; the rest is left out"));
                false
            }
        }
    }
}

fn is_absent(error: &PortError) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

const fn machine(architecture: Architecture) -> bootspec::Architecture {
    match architecture {
        Architecture::X86_64 => bootspec::Architecture::X64,
        Architecture::Aarch64 => bootspec::Architecture::Aa64,
    }
}

#[cfg(test)]
mod tests;
