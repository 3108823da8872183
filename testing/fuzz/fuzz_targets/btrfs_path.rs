// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any path, in a btrfs image whose leaves of names and subvolumes are changed: found or refused, and its bytes
//! read.
#![no_main]

mod btrfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (path, changes) = bytes.split_at(end);
    let leaf = |image: &btrfs::Image, place| image.is_metadata(place) && image.first_kind(place).0 == 0;
    let Some(volume) = btrfs::read_changed(changes, leaf) else { return };
    if let Ok(file) = volume.lookup(path) {
        let mut buffer = [0; 5000];
        if let Ok(length) = file.read_at(1000, &mut buffer) {
            assert_eq!(length as u64, file.metadata().size.saturating_sub(1000).min(5000));
        }
        let _ = file.child("..").map(|above| above.read_dir().map(Iterator::count));
    }
    let _ = volume.lookup_no_follow(path).map(|file| file.read_link());
});
