// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the running kernel what it recovers of file systems that crashed, and how much memory a replay
//! needs for the same.
//!
//! Runs as `tests/referee.rs` does. Alone in its program, since it counts what is allocated.

use lamboot_fixtures::xfs::Tools;
use lamboot_fixtures::xfs::live::CRASHES;
use peak_alloc::PeakAlloc;
use std::fs::File;
use xfs_view::{LogState, Xfs};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most bytes at once that a replay of a log of the default size may have.
const MEMORY_MAX: usize = 8_000_000;

#[test]
fn a_replay_gives_what_the_kernel_recovers_in_bounded_memory() {
    let Some(tools) = Tools::of_the_referee() else { return };
    let folder = tempfile::tempdir().unwrap();
    for crash in CRASHES {
        let image = crash.make(&tools, folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let opened = Xfs::open(File::open(&image).unwrap()).unwrap();
        let (peak, log) = (MEMORY.peak_usage() - before, opened.superblock().log_size());
        drop(opened);
        let (state, found) = crash.judge(&image).unwrap_or_else(|error| panic!("{error:?}"));
        eprintln!("{crash:?}: log of {log} bytes, {peak} bytes of memory, {state:?}");
        assert!(matches!(state, LogState::Replayed { bytes: 1.., .. }), "{crash:?}: {state:?}");
        assert!(found.names > 100, "{crash:?}: {found:?}");
        assert!(peak < MEMORY_MAX, "{crash:?}: {peak} bytes");
    }
}
