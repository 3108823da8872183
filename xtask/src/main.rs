// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hands the command line on to the real program, `chores/`, run by a Rust that can build it.

#![forbid(unsafe_code)]

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xtask::install;
use xtask::toolchain::{self, Toolchain};

fn main() -> ExitCode {
    let root = root();
    match find_or_install(&root) {
        Ok(toolchain) => hand_over(&toolchain, &root),
        Err(message) => fail(&message),
    }
}

/// The toolchain to use: one that is there, else one that the package manager brought.
fn find_or_install(root: &Path) -> Result<Toolchain, String> {
    if let Some(found) = toolchain::find(root) {
        return Ok(found);
    }
    eprintln!("xtask: no Rust {} or newer found", toolchain::NEEDED);
    install::rust()?;
    toolchain::find(root).ok_or_else(|| {
        format!("the packages were installed, and still no Rust {} or newer was found", toolchain::NEEDED)
    })
}

/// Replaces this process by the real program; comes back only if that could not start.
fn hand_over(toolchain: &Toolchain, root: &Path) -> ExitCode {
    let error = toolchain
        .cargo()
        .args(["run", "--quiet", "--package", "lamboot-chores", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .arg("--")
        .args(std::env::args_os().skip(1))
        .exec();
    fail(&format!("cannot start {}: {}", toolchain.cargo.display(), error))
}

fn fail(message: &str) -> ExitCode {
    eprintln!("xtask: {}", message);
    ExitCode::FAILURE
}

/// The top of the tree: the folder above this package.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}
