// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the running kernel about every file of images that `mke2fs` made and the kernel filled.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it; then it needs root.
//! `cargo xtask diff ext --all` compares more images.

use ext_view::LogState;
use lamboot_fixtures::ext::live::CRASHES;
use lamboot_fixtures::ext::quick;

/// False where the referee is not asked.
fn asked() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

#[test]
fn a_replay_gives_what_the_kernel_recovers() {
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for crash in CRASHES {
        match crash.judge(folder.path()) {
            Ok((LogState::Replayed { blocks, fast_commits: false, .. }, found)) => {
                assert!(blocks > 0 && found.names > 100, "{crash:?}: {blocks} {found:?}");
            }
            // Newer than the last full commit, and told so.
            Ok((LogState::Replayed { fast_commits: true, .. }, _))
                if crash.mke2fs.contains("fast_commit") => {}
            Ok((state, _)) => wrong.push(format!("{crash:?}: {state:?}")),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
        assert!(found.names > 3000, "{}: {found:?}", recipe.name);
        recipe.remove(&image).unwrap();
    }
}
