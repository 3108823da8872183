// SPDX-License-Identifier: MIT OR Apache-2.0
//! ext2 and ext4 images, changed anywhere.
#![no_main]

mod ext;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let image = ext::chosen(bytes);
    let places = image.places();
    let _ = ext::read_changed(image, &places, bytes);
});
