// SPDX-License-Identifier: MIT OR Apache-2.0
//! A physical volume or a member of an array that is changed anywhere, with checksums made true: read or refused.
//!
//! The first byte chooses; then each change has three bytes.
#![no_main]

#[path = "../../../lib/volume-view/tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;
use support::{Md, checksum, group, member, physical, superblock, volume};
use volume_view::ReadAt;
use volume_view::lvm::{PhysicalVolume, assemble};
use volume_view::md::Member;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, changes)) = bytes.split_first() else { return };
    let changes = changes.chunks_exact(3).take(64);
    let changes = changes.map(|change| (usize::from(u16::from_le_bytes([change[0], change[1]])), change[2]));
    if choice & 1 == 0 { array(choice, changes) } else { physical_volume(choice, changes) }
});

fn array(choice: u8, changes: impl Iterator<Item = (usize, u8)>) {
    let version = [0, 10, 11, 12][usize::from(choice >> 1) % 4];
    let mut bytes = member(Md { version, level: 1, features: 0, role: 0 });
    let place = superblock(version) as usize;
    for (at, byte) in changes {
        bytes[place + at % 4096] = byte;
    }
    let size = bytes.len() as u64;
    if let Ok(Some(member)) = Member::find(bytes.as_slice(), size) {
        let _ = member.mirror().map(|(start, length)| assert!(start.checked_add(length).is_some()));
    }
}

fn physical_volume(choice: u8, changes: impl Iterator<Item = (usize, u8)>) {
    let linear = volume("v", "\"VISIBLE\"", 2, "type = \"striped\" stripes = [\"pv0\", 3]");
    let offset = if choice & 2 == 0 { 512 } else { (1 << 16) - 50 };
    let mut device = physical('0', Some(&group(1, &[""], &linear)), offset);
    for (at, byte) in changes {
        device.bytes[at % 6000] = byte;
    }
    if choice & 4 == 0 {
        let label = checksum(&device.bytes[532..1024]);
        device.bytes[528..532].copy_from_slice(&label.to_le_bytes());
        let area = checksum(&device.bytes[4100..4608]);
        device.bytes[4096..4100].copy_from_slice(&area.to_le_bytes());
    }
    let Ok(open) = PhysicalVolume::open(device) else { return };
    for group in assemble(vec![open]).into_iter().flatten() {
        for volume in group.volumes() {
            let _ = volume.open().map(|mut volume| volume.read_at(10, &mut [0; 5000]));
        }
    }
}
