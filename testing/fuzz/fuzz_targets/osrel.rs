// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes are an `os-release`; what is taken from them is bounded and can be shown.
#![no_main]

use bootspec::osrel::{OsRelease, VALUE_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let fields = OsRelease::parse(bytes);
    for value in [fields.title(), fields.version(), fields.sort_key()].into_iter().flatten() {
        assert!(!value.is_empty() && value.len() <= VALUE_MAX && !value.contains(char::is_control));
    }
});
