// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any text is a group's metadata or refused; what is read of a volume that it describes comes from a disk.
#![no_main]

#[path = "../../../lib/volume-view/tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;
use support::physical;
use volume_view::lvm::{PhysicalVolume, assemble, check};
use volume_view::{Misuse, ReadAt};

fuzz_target!(|bytes: &[u8]| {
    let is_group = check(bytes).is_ok();
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.len() > 60_000 {
        return;
    }
    let members = "01".chars().map(|digit| PhysicalVolume::open(physical(digit, Some(text), 512)).unwrap());
    for group in assemble(members.collect()) {
        assert_eq!(group.is_ok(), is_group);
        let Ok(group) = group else { continue };
        for volume in group.volumes().take(50) {
            let Ok(mut open) = volume.open() else { continue };
            let mut part = [0; 1500];
            for at in [0, 4000, open.size().saturating_sub(1500)] {
                if at + 1500 <= open.size() {
                    let _ = open.read_at(at, &mut part);
                }
            }
            let size = open.size();
            assert_eq!(open.read_at(size, &mut [0]), Err(Misuse::OutOfRange.into()));
        }
    }
});
