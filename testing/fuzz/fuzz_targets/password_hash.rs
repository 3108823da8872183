// SPDX-License-Identifier: MIT OR Apache-2.0
//! The hash of a password: any text is read or refused, what is read is written as it was meant, and a
//! check has bounds.
#![no_main]

use lamboot_core::password::PasswordHash;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(hash) = PasswordHash::parse(text) else { return };
    let written = hash.to_string();
    assert_eq!(PasswordHash::parse(&written).as_ref(), Ok(&hash));
    let iterations = written.split(['=', ',']).nth(1).and_then(|number| number.parse().ok());
    let iterations: u32 = iterations.expect("the second field is the count");
    assert!((1_000..=2_000_000).contains(&iterations));
    // One with few iterations can be checked while others are tried.
    if iterations < 1_100 {
        assert!(!hash.is_of(text));
    }
});
