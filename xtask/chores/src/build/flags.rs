// SPDX-License-Identifier: MIT OR Apache-2.0
//! The compiler flags that make the same image in every folder, on every machine.
//!
//! What differs by nature: the PE time stamp (`/Brepro` replaces it by a hash), the debug
//! directory with the path of a PDB (`/DEBUG:NONE`), and the paths of sources, which panic
//! messages carry (`--remap-path-prefix`, where the last one that fits is taken).

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::toolchain::UefiToolchain;
use crate::arch::Arch;
use crate::tree::Tree;

/// The flags in the form of `CARGO_ENCODED_RUSTFLAGS`, which allows for spaces in paths.
///
/// # Errors
/// Neither `CARGO_HOME` nor `HOME` is set, or the toolchain does not tell where it is.
pub fn encoded(tree: &Tree, toolchain: &UefiToolchain, arch: Arch) -> Result<String> {
    let mut flags: Vec<String> =
        ["-Clink-arg=/Brepro", "-Clink-arg=/DEBUG:NONE", COMPACT_SHA2].map(str::to_owned).into();
    if arch == Arch::X86_64 {
        flags.push(SMALLER_ON_X86.to_owned());
    }
    if let Some(sysroot) = toolchain.sysroot() {
        flags.push(format!("--sysroot={}", sysroot.display()));
    }
    let cargo_home = cargo_home()?;
    flags.extend(remaps(std::slice::from_ref(&cargo_home), "/cargo"));
    flags.extend(remaps(&toolchain.library_sources()?, LIBRARY));
    // The folder of a registry is named after its address, which mirrors change.
    flags.extend(remaps(&registries(&cargo_home), "/cargo/registry/src"));
    flags.extend(remaps(&[tree.root().to_path_buf()], "/lamboot"));
    Ok(flags.join("\x1f"))
}

/// SHA-256 with its rounds in a loop: the loader hashes a few kilobytes, and the unrolled rounds
/// are ten of them.
const COMPACT_SHA2: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// A function that needs much of the stack is called, not copied into its callers: 2 % of the loader. On aarch64 it
/// would grow by more.
const SMALLER_ON_X86: &str = "-Cllvm-args=-inline-max-stacksize=128";

/// What the folder of the standard library's sources is called in an image.
pub(super) const LIBRARY: &str = "/rust";

/// Flags that write `to` where one of `folders` would stand.
pub(super) fn remaps(folders: &[PathBuf], to: &str) -> Vec<String> {
    folders.iter().map(|from| format!("--remap-path-prefix={}={to}", from.display())).collect()
}

/// The folders that crates are unpacked into, in a fixed order.
fn registries(cargo_home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

fn cargo_home() -> Result<PathBuf> {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).context("neither CARGO_HOME nor HOME is set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_registry_folder_is_left_out() {
        let home = env::temp_dir().join(format!("lamboot-flags-{}", std::process::id()));
        std::fs::create_dir_all(home.join("registry/src/mirror-0123")).unwrap();
        let remaps = remaps(&registries(&home), "/cargo/registry/src");
        std::fs::remove_dir_all(&home).unwrap();
        let expected =
            format!("--remap-path-prefix={}/registry/src/mirror-0123=/cargo/registry/src", home.display());
        assert_eq!(remaps, [expected]);
    }
}
