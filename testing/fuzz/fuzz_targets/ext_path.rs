// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any path, in an ext2 or ext4 image that is changed anywhere: found or refused, and its bytes read.
#![no_main]

mod ext;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (path, changes) = bytes.split_at(end);
    let image = ext::chosen(changes.get(1..).unwrap_or_default());
    let places = image.places();
    let Some(volume) = ext::read_changed(image, &places, changes.get(1..).unwrap_or_default()) else {
        return;
    };
    if let Ok(file) = volume.lookup(path) {
        let mut buffer = [0; 5000];
        let length = file.read_at(1000, &mut buffer);
        assert!(
            length.is_err() || file.metadata().size.saturating_sub(1000).min(5000) == length.unwrap() as u64
        );
    }
    let _ = volume.lookup_no_follow(path).map(|file| file.read_link());
});
