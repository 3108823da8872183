// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things are: the source tree, what is built from it, and what is kept between trees.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::arch::Arch;

/// A checkout of LamBoot's sources, and the folders that belong to it.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// The tree around the package that Cargo runs, else around the current folder.
    ///
    /// # Errors
    /// Neither is inside a checkout of LamBoot.
    pub fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = env::current_dir().ok();
        let root = package.iter().chain(&here).find_map(|start| root_above(start));
        Ok(Self { root: root.context("this is not a checkout of LamBoot")? })
    }

    /// The tree whose top folder is `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The top folder, where Cargo.toml and xtask/ are.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder; `CARGO_TARGET_DIR` moves it.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// Where builds for UEFI go: apart, since their flags would throw away the host's.
    #[must_use]
    pub fn uefi_target(&self) -> PathBuf {
        self.target().join("uefi")
    }

    /// Where finished files are put for whoever uses them; `LAMBOOT_ARTIFACTS` moves it.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        env::var_os("LAMBOOT_ARTIFACTS").map_or_else(|| self.target().join("artifacts"), PathBuf::from)
    }

    /// The artifacts of one architecture.
    #[must_use]
    pub fn artifacts_of(&self, arch: Arch) -> PathBuf {
        self.artifacts().join(arch.name())
    }
}

/// What is kept for all trees of this user: sysroots, kernels. `$XDG_CACHE_HOME/lamboot`.
///
/// # Errors
/// Neither `XDG_CACHE_HOME` nor `HOME` is set.
pub fn cache() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    Ok(cache.or_else(home).context("neither XDG_CACHE_HOME nor HOME is set")?.join("lamboot"))
}

fn root_above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| dir.join("xtask/chores/Cargo.toml").is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_top_from_any_folder_below() {
        let tree = Tree::find().unwrap();
        assert!(tree.root().join("rust-toolchain.toml").is_file());
        assert_eq!(root_above(&tree.root().join("xtask/chores/src")).as_deref(), Some(tree.root()));
        assert_eq!(root_above(Path::new("/")), None);
    }
}
