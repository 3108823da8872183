// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes are an entry or a refusal; what is kept of them is bounded.
#![no_main]

use bootspec::{FILES_MAX, Main, NOTES_MAX, TEXT_MAX, Type1};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Type1::parse(bytes) {
        Ok(entry) => {
            assert!(bytes.len() <= TEXT_MAX && entry.options.len() <= bytes.len());
            assert!(entry.notes.len() <= NOTES_MAX && entry.extra.len() <= FILES_MAX);
            if let Main::Linux(linux) = &entry.main {
                assert!(linux.initrds.len() <= FILES_MAX && linux.overlays.len() <= FILES_MAX);
            }
        }
        Err(refusal) => assert!(!refusal.to_string().contains(char::is_control)),
    }
});
