// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the running kernel about every file of images that `mkfs.xfs` made and the kernel filled.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it; then it needs root, and
//! `LAMBOOT_XFSPROGS` says where the newest programs are. `cargo xtask diff xfs --all` compares more
//! images.

use lamboot_fixtures::xfs::live::CRASHES;
use lamboot_fixtures::xfs::{Tools, quick};
use std::path::PathBuf;
use xfs_view::LogState;

/// None where the referee is not asked.
fn tools() -> Option<Tools> {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return None;
    }
    let newest = std::env::var_os("LAMBOOT_XFSPROGS").map(PathBuf::from);
    Some(Tools::at(&newest.expect("LAMBOOT_XFSPROGS says where the newest programs are")))
}

#[test]
fn a_replay_gives_what_the_kernel_recovers() {
    let Some(tools) = tools() else { return };
    let folder = tempfile::tempdir().unwrap();
    for crash in CRASHES {
        let (state, found) = crash.judge(&tools, folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(matches!(state, LogState::Replayed { bytes, .. } if bytes > 0), "{crash:?}: {state:?}");
        assert!(found.names > 100, "{crash:?}: {found:?}");
    }
}

#[test]
fn the_kernel_reads_the_same() {
    let Some(tools) = tools() else { return };
    let folder = tempfile::tempdir().unwrap();
    for recipe in quick() {
        let image = recipe.make(&tools, folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        let found = recipe.judge(&image).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(found.names > 3000, "{}: {found:?}", recipe.name);
        recipe.remove(&image).unwrap();
    }
}
