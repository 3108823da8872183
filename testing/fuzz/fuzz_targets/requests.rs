// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables of the Boot Loader Interface: whatever bytes they have, a boot starts something or waits for its
//! owner, and what holds once is gone.
#![no_main]

use lamboot_sim::{Ending, Machine, REQUESTS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|requests: [Option<Vec<u8>>; 9]| {
    let mut machine = Machine::with_debian();
    for (id, bytes) in REQUESTS.into_iter().zip(&requests) {
        if let Some(bytes) = bytes {
            machine.set_variable_bytes(id, bytes);
        }
    }
    let boot = machine.boot();
    assert!(matches!(boot.ending, Ending::Started(_) | Ending::Waits), "{:?}", boot.ending);
    assert!(!machine.variables.keys().any(|(name, _)| name.ends_with("OneShot")));
});
