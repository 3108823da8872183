// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds everything that runs under UEFI firmware, and puts it into the artifacts folder.
//!
//! The way there: [`toolchain::choose`] finds a Rust with a standard library for the target
//! (or makes one, [`sysroot`]); [`flags`] are those that make the same bytes anywhere.

pub mod flags;
pub mod sysroot;
pub mod toolchain;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::arch::Arch;
use crate::check::metadata::{self, Metadata};
use crate::tree::Tree;
use crate::{process, setup};

use toolchain::UefiToolchain;

/// The package of the loader; its program has the same name.
pub const LOADER: &str = "lamboot";
/// The package of the programs that tests start in place of, or beside, the loader.
pub const PROBE: &str = "lamboot-probe";
/// The package of the program that runs in the booted system; its program is `lamboot`.
pub const HOST: &str = "lamboot-cli";

/// Builds all: the loader and the test programs for both architectures, and the host program.
///
/// # Errors
/// A tool is missing and cannot be had, or a build failed.
pub fn all(tree: &Tree) -> Result<()> {
    uefi(tree, &Arch::ALL)?;
    host(tree)
}

/// Builds the loader and the test programs for each of `arches`:
/// `<arch>/lambootx64.efi` and `<arch>/probe/<name>.efi` in the artifacts folder.
///
/// # Errors
/// A tool is missing and cannot be had, or a build failed.
pub fn uefi(tree: &Tree, arches: &[Arch]) -> Result<()> {
    setup::ensure(setup::BUILD)?;
    let toolchain = toolchain::choose(tree, arches)?;
    eprintln!("{toolchain}");
    let metadata = metadata::read(tree)?;
    for &arch in arches {
        cargo_build(tree, &toolchain, arch)?;
        collect(tree, &metadata, arch)?;
    }
    Ok(())
}

/// Builds the program that runs in the booted system, without any shared library, so that
/// it also runs in an initramfs: `x86_64/lamboot` in the artifacts folder.
///
/// # Errors
/// The build failed.
pub fn host(tree: &Tree) -> Result<()> {
    setup::ensure(setup::BUILD)?;
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let target_dir = tree.target().join("static");
    let mut command = toolchain::host(tree)?.cargo();
    command.current_dir(tree.root()).args(["build", "--release", "--locked", "--package", HOST]);
    command.args(["--target", TARGET, "--target-dir"]).arg(&target_dir);
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
    process::run(&mut command)?;
    let built = target_dir.join(TARGET).join("release/lamboot");
    put(&built, &tree.artifacts_of(Arch::X86_64).join("lamboot"))
}

/// The Cargo command `subcommand` for the UEFI crates of `arch`, with this build's flags.
///
/// # Errors
/// Cargo's folders cannot be found.
pub fn uefi_command(tree: &Tree, toolchain: &UefiToolchain, arch: Arch, subcommand: &str) -> Result<Command> {
    let mut command = toolchain.cargo();
    command.current_dir(tree.root()).args([subcommand, "--release", "--locked"]);
    command.args(["--target", arch.uefi_target(), "--target-dir"]).arg(tree.uefi_target());
    command.env_remove("RUSTFLAGS");
    command.env("CARGO_ENCODED_RUSTFLAGS", flags::encoded(tree, toolchain, arch)?);
    Ok(command)
}

/// Builds each package by itself: in one go, Cargo would give the loader's dependencies the
/// features that only the test programs ask for.
fn cargo_build(tree: &Tree, toolchain: &UefiToolchain, arch: Arch) -> Result<()> {
    // Sources first: the flags name the folder that they are unpacked into.
    process::output(toolchain.cargo().current_dir(tree.root()).args(["fetch", "--locked", "--quiet"]))?;
    for package in [LOADER, PROBE] {
        process::run(uefi_command(tree, toolchain, arch, "build")?.args(["--bins", "--package", package]))?;
    }
    Ok(())
}

/// Copies what was built to where its users look for it.
fn collect(tree: &Tree, metadata: &Metadata, arch: Arch) -> Result<()> {
    let built = tree.uefi_target().join(arch.uefi_target()).join("release");
    let artifacts = tree.artifacts_of(arch);
    put(&built.join("lamboot.efi"), &artifacts.join(arch.loader()))?;
    for program in metadata.package(PROBE)?.programs() {
        let file = format!("{program}.efi");
        put(&built.join(&file), &artifacts.join("probe").join(&file))?;
    }
    Ok(())
}

/// Copies `from` to `to` by way of a new file, so that nobody sees half of it.
fn put(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("an artifact is in a folder")?;
    fs::create_dir_all(folder)?;
    let half = to.with_extension(format!("{}.new", std::process::id()));
    fs::copy(from, &half).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::rename(&half, to).with_context(|| format!("cannot write {}", to.display()))
}
