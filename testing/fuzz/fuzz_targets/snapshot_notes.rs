// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a maker says of a snapshot, and options and paths beside it: whatever they say, a title can be shown and a
//! command line has one subvolume.
#![no_main]

use lamboot_core::snapshots::{Layout, layout, notes, options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, String, String)| {
    let (bytes, path, line) = input;
    for notes in [notes::of_snapper(&bytes), notes::of_timeshift(&bytes)] {
        assert!(notes.description.chars().count() <= 60 && !notes.description.contains(char::is_control));
        if let Some(layout) = Layout::of(&path) {
            assert!(!layout.title(&notes).contains(char::is_control));
        }
    }
    if layout::is_nameable(&path) && !path.starts_with('/') {
        if let Ok(changed) = options::with_subvolume(&line, &path, true) {
            assert_eq!(options::subvolume(&changed), Some(path.as_str()), "{changed}");
        }
    }
});
