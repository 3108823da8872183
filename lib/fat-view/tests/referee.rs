// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares every file of images that `mkfs.fat` made and `mtools` filled.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it. `cargo xtask diff fat --all`
//! compares more images.

use lamboot_fixtures::fat::quick;

#[test]
fn mtools_wrote_the_same() {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for recipe in quick() {
        let image = recipe.make(folder.path()).unwrap_or_else(|error| panic!("{error:?}"));
        let found = recipe.judge(&image).unwrap_or_else(|error| panic!("{error:?}"));
        assert!(found.names > 60 && found.runs > 4, "{}: {found:?}", recipe.name);
        recipe.remove(&image).unwrap();
    }
}
