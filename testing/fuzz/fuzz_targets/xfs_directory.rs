// SPDX-License-Identifier: MIT OR Apache-2.0
//! XFS directories of every form, changed anywhere.
#![no_main]

mod xfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = xfs::read_changed(bytes, |_, first| {
        let hashes = matches!(first[8..], [0x3D | 0xD2, 0xF1 | 0xFF] | [0x3E | 0xFE, 0xBE]);
        hashes || first.starts_with(b"XD") || (first.starts_with(b"IN") && first[2] & 0xF0 == 0x40)
    });
});
