// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which volumes are entries on?

use crate::entry::{Entry, EntryKind};
use crate::ports::{Identity, VolumeId, Volumes};
use alloc::rc::Rc;
use alloc::vec::Vec;
use lamboot_schema::volume::VolumeIdentity;

/// Completes what is known of the volumes that these entries are on. To ask a firmware's driver costs requests, so
/// each volume is asked once, and others not at all.
pub(super) fn identify(entries: &mut [Entry], volumes: &mut dyn Volumes) {
    let mut asked: Vec<(VolumeId, Rc<VolumeIdentity>)> = Vec::new();
    for entry in entries.iter_mut().filter(|entry| is_vague(entry)) {
        let known = asked.iter().find(|(volume, _)| *volume == entry.volume);
        entry.volume_identity = known.map(|(_, identity)| Rc::clone(identity)).unwrap_or_else(|| {
            let identity = Rc::new(ask(entry, volumes));
            asked.push((entry.volume, Rc::clone(&identity)));
            identity
        });
    }
}

fn is_vague(entry: &Entry) -> bool {
    entry.volume_identity.uuid.is_none() && !matches!(entry.kind, EntryKind::Machine(_))
}

fn ask(entry: &Entry, volumes: &mut dyn Volumes) -> VolumeIdentity {
    let Identity { file_system, uuid, .. } = volumes.identity(entry.volume);
    let known = VolumeIdentity::clone(&entry.volume_identity);
    VolumeIdentity { file_system: known.file_system.or(file_system), uuid, ..known }
}
