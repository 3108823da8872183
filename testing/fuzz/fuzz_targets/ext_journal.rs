// SPDX-License-Identifier: MIT OR Apache-2.0
//! The journal of an ext4 image that a crash left, changed anywhere.
#![no_main]

mod ext;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let image = ext::Image::dirty();
    let places = image.journal();
    let _ = ext::read_changed(image, &places, bytes);
});
