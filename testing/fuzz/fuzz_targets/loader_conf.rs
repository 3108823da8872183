// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes are a `loader.conf`; what is kept and told of them is bounded and harmless.
#![no_main]

use bootspec::{LoaderConf, NOTES_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let conf = LoaderConf::parse(bytes);
    assert!(conf.notes.len() <= NOTES_MAX && conf.notes.is_sorted_by_key(|note| note.line));
    for id in [&conf.default, &conf.preferred].into_iter().flatten() {
        assert!(id.len() <= bytes.len() && !id.contains(char::is_control));
    }
    assert!(conf.notes.iter().all(|note| !note.to_string().contains(char::is_control)));
});
