// SPDX-License-Identifier: MIT OR Apache-2.0
//! `policy.toml`: any bytes are read, and whatever protects fails closed.
#![no_main]

use lamboot_core::{facts::SecureBoot, policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let reading = policy::read(bytes);
    assert!(reading.findings.len() <= 20);
    if reading.policy.secure_boot_required {
        assert!(reading.policy.refusal("x", SecureBoot::Off).is_some());
    }
});
