// SPDX-License-Identifier: MIT OR Apache-2.0
//! Spending a try never changes an id, never gives tries back, and ends.
#![no_main]

use bootspec::{EntryName, State};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file_name: &str| {
    let Ok(name) = EntryName::parse(file_name) else { return };
    let Some(counter) = name.counted().counter else {
        assert_eq!((name.state(), name.counted().spend()), (State::Good, None));
        return;
    };
    let spent = name.counted().spend().expect("a counter can be spent");
    let Ok(after) = EntryName::parse(&spent) else {
        assert!(spent.chars().count() > bootspec::NAME_MAX);
        return;
    };
    assert_eq!(after.id(), name.id());
    let left = after.counted().counter.expect("a counter stays one").left;
    assert_eq!(left.value, counter.left.value.saturating_sub(1));
    assert_eq!(left.width, counter.left.width);
});
