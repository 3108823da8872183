// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the running kernel about every file of images that `mkfs.btrfs` made and the kernel filled.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it; then it needs root. `cargo xtask
//! diff btrfs --all` compares more images.

use btrfs_view::LogState;
use lamboot_fixtures::btrfs::{live, quick};

/// Whether the referee is asked.
fn asked() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

#[test]
fn after_a_crash_the_last_commit_is_read() {
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (state, found) = live::judge(folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(state, LogState::Ignored);
    assert!(found.names > 500, "{found:?}");
}

#[test]
fn the_kernel_reads_the_same() {
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for recipe in quick() {
        let image = recipe.make(folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        let found = recipe.judge(&image).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(found.names > 500, "{}: {found:?}", recipe.name);
        image.remove().unwrap();
    }
}
