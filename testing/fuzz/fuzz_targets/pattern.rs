// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns for ids: a text without special characters matches itself alone, and stars add nothing
//! but length.
#![no_main]

use bootspec::pattern::matches;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (glob, id) = input;
    let plain = !glob.contains(['*', '?', '[', '\\']);
    if plain && glob.is_ascii() && id.is_ascii() {
        assert_eq!(matches(glob, id), glob.eq_ignore_ascii_case(id));
    }
    if matches(glob, id) {
        assert!(matches(&format!("*{glob}"), id));
        assert!(matches(&format!("{glob}*"), &format!("{id}x")));
    }
    let escaped: String = id.chars().flat_map(|c| ['\\', c]).collect();
    assert!(matches(&escaped, id));
});
