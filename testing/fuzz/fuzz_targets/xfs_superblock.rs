// SPDX-License-Identifier: MIT OR Apache-2.0
//! An XFS superblock, and the headers of the first allocation group, changed anywhere.
#![no_main]

mod xfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = xfs::read_changed(bytes, |place, _| place < 2048);
});
