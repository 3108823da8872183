// SPDX-License-Identifier: MIT OR Apache-2.0
//! The btrfs superblock, changed anywhere.
#![no_main]

mod btrfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = btrfs::read_changed(bytes, |_, place| (65536..69632).contains(&place));
});
