// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparing is antisymmetric and transitive for any three texts, divided by the byte 0xFF.
#![no_main]

use bootspec::version::compare;
use libfuzzer_sys::fuzz_target;
use std::cmp::Ordering;

fuzz_target!(|bytes: &[u8]| {
    let mut all: Vec<&[u8]> = bytes.splitn(3, |byte| *byte == 0xFF).collect();
    all.resize(3, b"");
    for a in &all {
        for b in &all {
            assert_eq!(compare(a, b), compare(b, a).reverse());
        }
    }
    all.sort_by(|a, b| compare(a, b));
    assert_ne!(compare(all[0], all[2]), Ordering::Greater);
    if compare(all[0], all[2]) == Ordering::Equal {
        assert_eq!(compare(all[0], all[1]), Ordering::Equal);
        assert_eq!(compare(all[1], all[2]), Ordering::Equal);
    }
});
