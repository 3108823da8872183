// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes `core` and `alloc` for a UEFI target from the distribution's packaged sources.
//!
//! Built once for each rustc and linker, kept in the user's cache, and named to rustc by
//! `--sysroot`. So the builds that use it need no unstable flag.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xtask::toolchain::Toolchain;

use super::flags;
use super::toolchain::UefiToolchain;
use crate::arch::Arch;
use crate::{process, tree};

/// Both the machine code and, for link-time optimisation, LLVM's form of it.
const FLAG: &str = "-Cembed-bitcode=yes";

const MANIFEST: &str = "\
[package]
name = \"sysroot\"
version = \"0.0.0\"
edition = \"2021\"
[workspace]
[profile.release]
opt-level = \"s\"
panic = \"abort\"
codegen-units = 1
debug = false
";

/// Where the sysroot for this rustc and linker is, or would be.
///
/// # Errors
/// rustc does not run, or there is no cache folder.
pub fn folder(rust: &Toolchain, linker: &Path) -> Result<PathBuf> {
    let version = process::output(rust.rustc().arg("-vV"))?;
    let release = version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or("unknown");
    let inputs = [&version, &linker.display().to_string(), FLAG, MANIFEST].join("\n");
    Ok(tree::cache()?.join(format!("sysroot-{release}-{:016x}", fnv1a(inputs.as_bytes()))))
}

/// The folder of a target's libraries in a sysroot.
#[must_use]
pub fn libraries(sysroot: &Path, arch: Arch) -> PathBuf {
    sysroot.join("lib/rustlib").join(arch.uefi_target()).join("lib")
}

/// Whether a folder of libraries has a libcore.
#[must_use]
pub fn has_core(libraries: &Path) -> bool {
    let entries = fs::read_dir(libraries).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| is_library(&name.to_string_lossy(), "core"))
}

/// Makes the libraries of `arch` unless they are there.
///
/// # Errors
/// The sources do not build, or the cache cannot be written.
pub fn ensure(toolchain: &UefiToolchain, arch: Arch) -> Result<()> {
    let sysroot = toolchain.sysroot().context("this toolchain brings its own libraries")?;
    if has_core(&libraries(sysroot, arch)) {
        return Ok(());
    }
    eprintln!("building core and alloc for {} (once, about a minute)", arch.uefi_target());
    let name = format!("{}.{}.{}", sysroot.display(), arch.name(), std::process::id());
    let work = PathBuf::from(name);
    let made = make(toolchain, arch, &work).and_then(|()| settle(sysroot, arch, &work));
    let cleaned = fs::remove_dir_all(&work);
    made?;
    Ok(cleaned?)
}

/// Compiles an empty crate in `work`, with the libraries that it stands on.
fn make(toolchain: &UefiToolchain, arch: Arch, work: &Path) -> Result<()> {
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("Cargo.toml"), MANIFEST)?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
    let mut flags = vec![FLAG.to_owned()];
    flags.extend(flags::remaps(&toolchain.library_sources()?, flags::LIBRARY));
    let mut command = toolchain.cargo();
    command.current_dir(work).args(["build", "--release", "--target", arch.uefi_target()]);
    command.arg("--target-dir").arg(work.join("target"));
    command.args(["-Zbuild-std=core,alloc,compiler_builtins"]);
    command.args(["-Zbuild-std-features=compiler-builtins-mem"]);
    command
        .env_remove("RUSTFLAGS")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    process::run(&mut command)
}

/// Moves the finished libraries of `work` into the sysroot, in one step.
fn settle(sysroot: &Path, arch: Arch, work: &Path) -> Result<()> {
    let finished = work.join(arch.uefi_target());
    let deps = work.join("target").join(arch.uefi_target()).join("release/deps");
    fs::create_dir_all(finished.join("lib"))?;
    for entry in fs::read_dir(deps)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let wanted = ["core", "alloc", "compiler_builtins"];
        if wanted.iter().any(|library| is_library(&name.to_string_lossy(), library)) {
            fs::copy(path, finished.join("lib").join(name))?;
        }
    }
    let rustlib = sysroot.join("lib/rustlib");
    fs::create_dir_all(&rustlib)?;
    let place = rustlib.join(arch.uefi_target());
    match fs::rename(&finished, &place) {
        Err(_) if has_core(&place.join("lib")) => Ok(()), // another process was quicker
        result => result.with_context(|| format!("cannot write {}", place.display())),
    }
}

fn is_library(file: &str, library: &str) -> bool {
    let rest = file.strip_prefix("lib").and_then(|file| file.strip_prefix(library));
    rest.is_some_and(|rest| rest.starts_with('-') && rest.ends_with(".rlib"))
}

/// The 64-bit FNV-1a hash: names a cache folder, no more.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_libcore_from_its_neighbours() {
        assert!(is_library("libcore-0123456789abcdef.rlib", "core"));
        assert!(!is_library("libcore-0123456789abcdef.rmeta", "core"));
        assert!(!is_library("libcore_simd-0123456789abcdef.rlib", "core"));
        assert!(!is_library("librustc_std_workspace_core-01.rlib", "core"));
    }

    #[test]
    fn hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
