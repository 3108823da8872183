// SPDX-License-Identifier: MIT OR Apache-2.0
//! How large the loader is.

use std::fs;

use anyhow::{Context as _, Result};

use super::{Figure, Goal};
use crate::arch::Arch;
use crate::build;
use crate::tree::Tree;

/// Bytes that the `x86_64` loader may have when it reads every file system.
const GOAL: f64 = 400_000.0;

/// Builds the loader for both architectures and weighs the files.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    build::uefi(tree, &Arch::ALL)?;
    Arch::ALL.into_iter().map(|arch| one(tree, arch)).collect()
}

fn one(tree: &Tree, arch: Arch) -> Result<Figure> {
    let file = tree.artifacts_of(arch).join(arch.loader());
    let bytes = fs::metadata(&file).with_context(|| format!("cannot read {}", file.display()))?.len();
    let bytes = u32::try_from(bytes).context("a loader of 4 GiB")?;
    let figure = Figure::new(&format!("size.{}", arch.name()), f64::from(bytes), "bytes");
    Ok(if arch == Arch::X86_64 { figure.with_goal(Goal::AtMost(GOAL)) } else { figure })
}
