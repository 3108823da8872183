// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inodes with lists and roots of extents, and blocks of trees of extents, changed anywhere.
#![no_main]

mod xfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = xfs::read_changed(bytes, |_, first| {
        first.starts_with(b"BMA3") || (first.starts_with(b"IN") && matches!(first[5], 2 | 3))
    });
});
