// SPDX-License-Identifier: MIT OR Apache-2.0
//! XFS inodes, changed anywhere.
#![no_main]

mod xfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = xfs::read_changed(bytes, |_, first| first.starts_with(b"IN"));
});
