// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the workspace and its build folder are.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The workspace's folder, as it was when this crate was built.
#[must_use]
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's build folder: `CARGO_TARGET_DIR`, or `target` in the workspace.
#[must_use]
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}
