// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the running kernel about every file of images that `mkfs.xfs` made and the kernel filled.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it; then it needs root, and
//! `LAMBOOT_XFSPROGS` says where the newest programs are. `cargo xtask diff xfs --all` compares more
//! images.

use lamboot_fixtures::xfs::refused::REFUSED;
use lamboot_fixtures::xfs::snapshot::snapshots;
use lamboot_fixtures::xfs::{Tools, quick};

#[test]
fn the_kernel_reads_the_same() {
    let Some(tools) = Tools::of_the_referee() else { return };
    let folder = tempfile::tempdir().unwrap();
    for recipe in quick() {
        let image = recipe.make(&tools, folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        let found = recipe.judge(&image).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(found.names > 3000, "{}: {found:?}", recipe.name);
        recipe.remove(&image).unwrap();
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let Some(tools) = Tools::of_the_referee() else { return };
    let folder = tempfile::tempdir().unwrap();
    for refused in REFUSED {
        refused.judge(&tools, folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
    }
}

#[test]
fn copies_that_are_taken_while_the_kernel_writes_are_read_as_it_recovers_them() {
    let Some(tools) = Tools::of_the_referee() else { return };
    let folder = tempfile::tempdir().unwrap();
    for mkfs in ["", "-b size=1k -m rmapbt=1"] {
        let found = snapshots(&tools, folder.path(), mkfs).unwrap_or_else(|error| panic!("{error:?}"));
        eprintln!("{mkfs:?}: {found:?}");
        // Those that were taken while the kernel was held still are always well.
        assert!(found.same >= 4 && found.names > 500, "{mkfs:?}: {found:?}");
    }
}
