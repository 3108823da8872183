// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes as a section and as a level: read in bounds, and what is revoked is below the level.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sbat::{Level, ROWS_MAX, section};

fuzz_target!(|input: (&[u8], &[u8])| {
    let components = section(input.0);
    let level = Level::read(input.1);
    for refusal in [components.as_ref().err(), level.as_ref().err()].into_iter().flatten() {
        assert!(!refusal.to_string().contains(char::is_control) && !refusal.token().is_empty());
    }
    let (Ok(components), Ok(level)) = (components, level) else { return };
    assert!(components.len() <= ROWS_MAX && level.least().len() <= ROWS_MAX);
    match level.first_revoked(&components) {
        Some(revoked) => assert!(revoked.component.generation < revoked.least),
        None => {
            for component in &components {
                assert!(level.least_of(component.name).is_none_or(|least| component.generation >= least));
            }
        }
    }
});
