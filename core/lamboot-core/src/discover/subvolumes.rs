// SPDX-License-Identifier: MIT OR Apache-2.0
//! Systems whose root is a subvolume that is not the default one: paths of their volume begin above it.

use super::Search;
use crate::ports::{Subvolume, VolumeInfo, VolumeRole};
use alloc::string::ToString;
use alloc::vec::Vec;
use lamboot_schema::volume::VolumeIdentity;

/// The file system that has subvolumes.
const FILE_SYSTEM: &str = "btrfs";
/// The most subvolumes that are asked for, the newest first.
const MAX_SUBVOLUMES: usize = 512;
/// What installers call the subvolume of the root: Ubuntu's and Arch Linux's, Debian's, Fedora's.
const ROOTS: [&str; 3] = ["@", "@rootfs", "root"];

impl Search<'_> {
    /// Type 1 entries of the roots that installers make, where the default subvolume is above them.
    pub(super) fn roots(&mut self, volume: &VolumeInfo) {
        let subvolumes = self.subvolumes(volume);
        if !subvolumes.iter().any(|found| found.is_root && found.path.is_empty()) {
            return;
        }
        for root in subvolumes.iter().filter(|found| ROOTS.contains(&found.path.as_str())) {
            self.type1(&as_volume(root, volume));
        }
    }

    /// The subvolumes of a volume, asked for once.
    pub(super) fn subvolumes(&mut self, volume: &VolumeInfo) -> Vec<Subvolume> {
        if volume.identity.file_system.as_deref() != Some(FILE_SYSTEM) {
            return Vec::new();
        }
        if let Some((_, known)) = self.subvolumes.iter().find(|(id, _)| *id == volume.id) {
            return known.clone();
        }
        let found = self.volumes.subvolumes(volume.id, MAX_SUBVOLUMES).unwrap_or_else(|error| {
            self.unreadable(volume, "", error.to_string());
            Vec::new()
        });
        self.subvolumes.push((volume.id, found.clone()));
        found
    }
}

/// A subvolume as a volume to search.
pub(super) fn as_volume(subvolume: &Subvolume, volume: &VolumeInfo) -> VolumeInfo {
    let mut identity = VolumeIdentity::clone(&volume.identity);
    identity.subvolume = Some(subvolume.path.clone());
    VolumeInfo { id: subvolume.volume, role: VolumeRole::Other, identity: identity.into(), ..volume.clone() }
}
