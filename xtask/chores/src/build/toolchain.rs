// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which Rust builds for UEFI: one that has, or can add, the targets; else the
//! distribution's, with a sysroot made from its packaged sources.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use xtask::install;
use xtask::toolchain::{self as rust, Toolchain};

use super::sysroot;
use crate::arch::Arch;
use crate::process;
use crate::setup::{self, components};
use crate::tree::Tree;

/// A Rust that can build for UEFI.
#[derive(Clone, Debug)]
pub struct UefiToolchain {
    rust: Toolchain,
    version: String,
    source: Source,
}

/// Where the standard library for the target comes from.
#[derive(Clone, Debug)]
enum Source {
    /// It is part of the toolchain (rustup's target component).
    Carried,
    /// It was made from the distribution's sources.
    Made { sysroot: PathBuf, linker: PathBuf },
}

impl fmt::Display for UefiToolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, .. } = self;
        match &self.source {
            Source::Carried => write!(f, "UEFI: {version}, which has the targets"),
            Source::Made { sysroot, linker } => {
                let (sysroot, linker) = (sysroot.display(), linker.display());
                write!(f, "UEFI: the distribution's {version}, core built in {sysroot}, {linker}")
            }
        }
    }
}

impl UefiToolchain {
    /// A command that runs its cargo.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = self.rust.cargo();
        if let Source::Made { linker, .. } = &self.source {
            for arch in Arch::ALL {
                command.env(linker_variable(arch), linker);
            }
        }
        command
    }

    /// The Rust without what is special about UEFI.
    #[must_use]
    pub fn rust(&self) -> &Toolchain {
        &self.rust
    }

    /// The sysroot to name to rustc; none if its own will do.
    #[must_use]
    pub fn sysroot(&self) -> Option<&Path> {
        match &self.source {
            Source::Carried => None,
            Source::Made { sysroot, .. } => Some(sysroot),
        }
    }

    /// The folder that holds the sources of the standard library, if the machine has them:
    /// as rustc names it, and where links lead to.
    ///
    /// # Errors
    /// rustc does not tell its sysroot.
    pub fn library_sources(&self) -> Result<Vec<PathBuf>> {
        let named = library_source(&self.rust)?;
        let real = fs::canonicalize(&named).ok().filter(|real| *real != named);
        Ok(std::iter::once(named).chain(real).collect())
    }
}

/// The Rust for programs of this machine: the one that runs the chores.
///
/// # Errors
/// There is none that is new enough.
pub fn host(tree: &Tree) -> Result<Toolchain> {
    rust::find(tree.root()).with_context(|| format!("no Rust {} or newer found", rust::NEEDED))
}

/// Finds a Rust that can build for each of `arches`, in this order: the one in use has the
/// targets; a sysroot was made earlier; rustup can add them; a sysroot can be made.
///
/// `LAMBOOT_UEFI_RUST` narrows the choice: `carried` takes only the first and third,
/// `packaged` only the second and fourth.
///
/// # Errors
/// None of them: names what would have to be installed.
pub fn choose(tree: &Tree, arches: &[Arch]) -> Result<UefiToolchain> {
    let wish = std::env::var("LAMBOOT_UEFI_RUST").unwrap_or_default();
    let in_use = rust::in_use(tree.root()).filter(|_| wish != "packaged");
    if let Some(rust) = in_use.as_ref().filter(|rust| carries(rust, tree, arches)) {
        return carried(rust, tree);
    }
    if let Some(made) = packaged().filter(|_| wish != "carried").filter(|made| sysroot_has(made, arches)) {
        return Ok(made);
    }
    if let Some(rust) =
        in_use.as_ref().filter(|rust| add_targets(tree, arches) && carries(rust, tree, arches))
    {
        return carried(rust, tree);
    }
    if wish == "carried" {
        bail!("the Rust in use has no UEFI targets, and rustup could not add them");
    }
    make(arches)
}

fn carried(rust: &Toolchain, tree: &Tree) -> Result<UefiToolchain> {
    let version = version(rust.rustc().current_dir(tree.root()))?;
    Ok(UefiToolchain { rust: rust.clone(), version, source: Source::Carried })
}

/// Whether `rust` comes with a libcore for each of `arches`.
fn carries(rust: &Toolchain, tree: &Tree, arches: &[Arch]) -> bool {
    arches.iter().all(|arch| {
        let mut command = rust.rustc();
        command.current_dir(tree.root()).args(["--print", "target-libdir", "--target", arch.uefi_target()]);
        process::output(&mut command).is_ok_and(|folder| sysroot::has_core(Path::new(folder.trim())))
    })
}

/// Asks rustup for the targets; false if there is no rustup, or it cannot fetch them.
fn add_targets(tree: &Tree, arches: &[Arch]) -> bool {
    if setup::find_program("rustup").is_none() {
        return false;
    }
    let mut command = Command::new("rustup");
    command
        .current_dir(tree.root())
        .args(["target", "add"])
        .args(arches.iter().map(|arch| arch.uefi_target()));
    let added = process::run(command.env_remove("LD_LIBRARY_PATH"));
    if added.is_err() {
        eprintln!("rustup could not add the UEFI targets; taking the distribution's Rust instead");
    }
    added.is_ok()
}

/// The distribution's Rust, if all that a sysroot is made of is there.
fn packaged() -> Option<UefiToolchain> {
    let rust = rust::packaged()?;
    let linker = linker()?;
    library_source(&rust).ok().filter(|source| source.join("library/core").is_dir())?;
    let version = version(&mut rust.rustc()).ok()?;
    let sysroot = sysroot::folder(&rust, &linker).ok()?;
    Some(UefiToolchain { rust, version, source: Source::Made { sysroot, linker } })
}

fn sysroot_has(toolchain: &UefiToolchain, arches: &[Arch]) -> bool {
    let Some(sysroot) = toolchain.sysroot() else { return false };
    arches.iter().all(|arch| sysroot::has_core(&sysroot::libraries(sysroot, *arch)))
}

/// The distribution's Rust with a sysroot; installs and makes what is missing.
fn make(arches: &[Arch]) -> Result<UefiToolchain> {
    if packaged().is_none() {
        install_packaged()?;
    }
    let made = packaged().context("the distribution's Rust, its sources or lld-link are not to be found")?;
    for &arch in arches {
        sysroot::ensure(&made, arch)?;
    }
    Ok(made)
}

/// Installs the distribution's Rust with its sources, and LLVM's linker.
fn install_packaged() -> Result<()> {
    if !install::has_apt() {
        bail!(
            "no Rust for UEFI: install rustup and run `rustup target add {} {}`",
            Arch::X86_64.uefi_target(),
            Arch::Aarch64.uefi_target()
        );
    }
    let installed = rust::packaged().and_then(|rust| components::suffix_of(&rust));
    let suffix = installed.map_or_else(components::suffix_to_install, Ok)?;
    let names = ["rustc", "cargo"].map(|name| format!("{name}{suffix}"));
    let source = format!("rust{suffix}-src");
    let lld = if linker().is_some() { "" } else { "lld" };
    setup::packages(&[&names[0], &names[1], &source, lld])
}

/// LLVM's linker for PE images: plain, else the newest versioned one.
fn linker() -> Option<PathBuf> {
    let plain = setup::find_program("lld-link");
    plain.or_else(|| (14..100).rev().find_map(|version| setup::find_program(&format!("lld-link-{version}"))))
}

fn linker_variable(arch: Arch) -> String {
    format!("CARGO_TARGET_{}_LINKER", arch.uefi_target().to_uppercase().replace('-', "_"))
}

/// `<sysroot>/lib/rustlib/src/rust`.
fn library_source(rust: &Toolchain) -> Result<PathBuf> {
    let sysroot = process::output(rust.rustc().args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

fn version(rustc: &mut Command) -> Result<String> {
    let text = process::output(rustc.arg("--version"))?;
    Ok(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_linker_variable_as_cargo_reads_it() {
        assert_eq!(linker_variable(Arch::X86_64), "CARGO_TARGET_X86_64_UNKNOWN_UEFI_LINKER");
    }
}
