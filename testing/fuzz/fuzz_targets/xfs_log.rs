// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log that a crash left, its operations changed anywhere and its records made whole again: replayed
//! or refused, and everything read.
#![no_main]

mod xfs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| xfs::replay_changed(bytes));
