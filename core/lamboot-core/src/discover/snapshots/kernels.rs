// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernels outside of a snapshot that can start it: those of entries for the same root, whose modules it has.

use super::{Entry, EntryKind, Search, VolumeInfo, options};
use crate::ports::{FileKind, Identity, VolumeId, Volumes};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use view_parts::sorted_by;

/// The most entries that are taken for the kernel of a snapshot.
const MAX_KERNELS: usize = 16;
/// The most folders of modules that are looked at.
const MAX_MODULES: usize = 64;
/// Where modules are; `/lib` is a link to `/usr/lib` on most systems.
const MODULES: [&str; 2] = [r"\usr\lib\modules", r"\lib\modules"];
/// The header of a kernel for x86 (Linux, the x86 boot protocol): its place, and its first letters.
const HEADER: (u64, &[u8]) = (0x202, b"HdrS");
/// Where the place of the kernel's release stands within the header, less 0x200.
const RELEASE: usize = 0x20E - 0x202;
/// The most letters of a release.
const RELEASE_MAX: usize = 64;

/// A kernel, and what it calls itself.
struct Kernel {
    entry: Box<Entry>,
    release: Option<String>,
}

/// The kernels for one volume's snapshots, found when they are first needed.
pub(super) struct Kernels {
    volume: VolumeInfo,
    identity: Option<Identity>,
    known: Option<Vec<Kernel>>,
}

impl Kernels {
    pub(super) fn new(volume: &VolumeInfo) -> Self {
        Self { volume: volume.clone(), identity: None, known: None }
    }

    /// The first entry whose kernel has its modules on `view`.
    pub(super) fn entry_for(
        &mut self,
        search: &mut Search<'_>,
        view: &VolumeInfo,
    ) -> Result<Box<Entry>, &'static str> {
        let modules = modules(search.volumes, view.id);
        if modules.is_empty() {
            return Err("it has neither an entry for a kernel nor modules of one");
        }
        if self.known.is_none() {
            self.known = Some(self.find(search));
        }
        let known = self.known.iter().flatten();
        let mut fits = known.filter(|kernel| modules.iter().any(|release| kernel.is_release(release)));
        fits.next()
            .map(|kernel| kernel.entry.clone())
            .ok_or("no entry for its root has the kernel of its modules")
    }

    /// Entries for the root on this volume, in the order of the menu.
    fn find(&mut self, search: &mut Search<'_>) -> Vec<Kernel> {
        let found: Vec<_> = search
            .found
            .iter()
            .filter(|found| found.entry.kind == EntryKind::Linux && !found.entry.foreign)
            .collect();
        let order = sorted_by(&found, |a, b| a.compare(b, search.scope.cohorts));
        let entries = order.iter().filter_map(|&place| found.get(place));
        let entries: Vec<Box<Entry>> = entries.map(|found| found.entry.clone()).collect();
        let mut kernels = Vec::new();
        for entry in entries {
            if kernels.len() < MAX_KERNELS && self.is_root_of(search.volumes, &entry.options) == Some(true) {
                let release = release(search.volumes, &entry);
                kernels.push(Kernel { entry, release });
            }
        }
        kernels
    }

    /// Whether these options do not name another file system as the root.
    pub(super) fn may_be_root_of(&mut self, volumes: &mut dyn Volumes, options: &str) -> bool {
        self.is_root_of(volumes, options) != Some(false)
    }

    /// Whether these options name this volume as the root; `None` where they name it in a way that only Linux knows.
    fn is_root_of(&mut self, volumes: &mut dyn Volumes, options: &str) -> Option<bool> {
        let root = options::root(options)?.trim_matches('"');
        let identity = self.identity.get_or_insert_with(|| volumes.identity(self.volume.id));
        let (kind, value) = root
            .strip_prefix("/dev/disk/by-")
            .and_then(|rest| rest.split_once('/'))
            .or_else(|| root.split_once('='))?;
        let own = match kind.to_ascii_lowercase().as_str() {
            "uuid" => self.volume.identity.uuid.as_ref().or(identity.uuid.as_ref()),
            "partuuid" => self.volume.identity.partition_guid.as_ref(),
            "label" => identity.label.as_ref(),
            _ => return None,
        };
        Some(own.is_some_and(|own| own.eq_ignore_ascii_case(value)))
    }
}

impl Kernel {
    /// Whether its modules are in the folder of this name.
    fn is_release(&self, release: &str) -> bool {
        let names = |name: &str| {
            let before = name.strip_suffix(release);
            before.is_some_and(|before| before.is_empty() || before.ends_with('-'))
        };
        self.entry.version == release
            || self.release.as_deref() == Some(release)
            || self.entry.image.split('\\').any(names)
    }
}

/// The folders of modules of a system.
fn modules(volumes: &mut dyn Volumes, view: VolumeId) -> Vec<String> {
    let listings = MODULES.iter().filter_map(|folder| volumes.read_dir(view, folder, MAX_MODULES).ok());
    let folders = listings.take(1).flat_map(|listing| listing.entries);
    folders.filter(|entry| entry.metadata.kind == FileKind::Directory).map(|entry| entry.name).collect()
}

/// What a kernel for x86 says that it is; others say nothing at a place that is known.
fn release(volumes: &mut dyn Volumes, entry: &Entry) -> Option<String> {
    let (at, letters) = HEADER;
    let header = volumes.read_at(entry.volume, &entry.image, at, RELEASE.checked_add(2)?).ok()?;
    let place = header.get(RELEASE..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))?;
    if !header.starts_with(letters) || place == 0 {
        return None;
    }
    let text = volumes
        .read_at(entry.volume, &entry.image, u64::from(place).checked_add(0x200)?, RELEASE_MAX)
        .ok()?;
    let release = text.split(|byte| matches!(byte, 0 | b' ')).next()?;
    core::str::from_utf8(release).ok().filter(|release| !release.is_empty()).map(String::from)
}
