// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes of files in a btrfs image, changed anywhere: compressed ones above all.
#![no_main]

mod btrfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = btrfs::read_changed(bytes, |image, place| !image.is_metadata(place));
});
