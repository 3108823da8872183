// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything about the sources that a program can judge without running them.

pub mod claims;
pub mod layers;
pub mod licences;
pub mod metadata;
pub mod sources;

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::arch::Arch;
use crate::build::{self, toolchain};
use crate::process;
use crate::setup::components::{Component, ensure_component};
use crate::tree::Tree;
use metadata::Metadata;

/// One of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Sources are formatted as `cargo fmt` does.
    Format,
    /// Dependencies point in the intended direction; unsafe code and serialisation stay where they belong.
    Layers,
    /// Every dependency has a licence on the list.
    Licences,
    /// Every claim of the security model names tests that exist.
    Claims,
    /// Clippy has nothing to say: about host crates, and about UEFI crates for both architectures.
    Clippy,
    /// The documentation builds without a warning.
    Docs,
}

/// The order in which all are run: the quick ones first.
const ALL: [Check; 6] =
    [Check::Format, Check::Layers, Check::Licences, Check::Claims, Check::Clippy, Check::Docs];

/// Runs `checks`, or all where none are named; goes on after a failed one, so that one run
/// tells everything.
///
/// # Errors
/// Names the checks that failed.
pub fn run(tree: &Tree, checks: &[Check]) -> Result<()> {
    let checks = if checks.is_empty() { &ALL } else { checks };
    ensure_components(tree, checks)?;
    let metadata = metadata::read(tree)?;
    let mut failed = Vec::new();
    for check in checks {
        let result = one(tree, &metadata, *check);
        match &result {
            Ok(()) => println!("check {check:?}: ok"),
            Err(error) => {
                println!("check {check:?}: FAILED\n{error:#}");
                failed.push(format!("{check:?}"));
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    println!("check result: ok. {} passed", checks.len());
    Ok(())
}

fn one(tree: &Tree, metadata: &Metadata, check: Check) -> Result<()> {
    match check {
        Check::Format => format(tree),
        Check::Layers => {
            let mut found = layers::violations(metadata);
            found.extend(sources::violations(metadata)?);
            none(&found)
        }
        Check::Licences => none(&licences::violations(metadata)?),
        Check::Claims => none(&claims::violations(tree.root())?),
        Check::Clippy => clippy(tree, metadata),
        Check::Docs => docs(tree, metadata),
    }
}

fn none(violations: &[String]) -> Result<()> {
    if violations.is_empty() {
        return Ok(());
    }
    bail!("{}", violations.join("\n"));
}

fn format(tree: &Tree) -> Result<()> {
    process::run(host_cargo(tree)?.args(["fmt", "--all", "--check"]))?;
    // The step before the chores is a workspace of its own.
    process::run(host_cargo(tree)?.args(["fmt", "--check", "--manifest-path", "xtask/Cargo.toml"]))
}

fn clippy(tree: &Tree, metadata: &Metadata) -> Result<()> {
    let mut host = host_cargo(tree)?;
    host.args(["clippy", "--locked", "--workspace", "--all-targets", "--keep-going"]);
    process::run(host.args(without_uefi(metadata)).args(["--", "--deny=warnings"]))?;
    let mut step = host_cargo(tree)?;
    step.args(["clippy", "--locked", "--manifest-path", "xtask/Cargo.toml", "--all-targets"]);
    process::run(step.args(["--", "--deny=warnings"]))?;
    let toolchain = toolchain::choose(tree, &Arch::ALL)?;
    ensure_component(tree, toolchain.rust(), Component::Clippy)?;
    let packages: Vec<&str> = metadata.uefi_members().map(|package| package.name.as_str()).collect();
    for arch in Arch::ALL {
        for package in &packages {
            // One by one, as they are built: features differ.
            let mut uefi = build::uefi_command(tree, &toolchain, arch, "clippy")?;
            process::run(uefi.args(["--package", package, "--", "--deny=warnings"]))?;
        }
    }
    Ok(())
}

fn docs(tree: &Tree, metadata: &Metadata) -> Result<()> {
    let mut command = host_cargo(tree)?;
    command.args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items", "--keep-going"]);
    process::run(command.args(without_uefi(metadata)).env("RUSTDOCFLAGS", "--deny=warnings"))?;
    let toolchain = toolchain::choose(tree, &[Arch::X86_64])?;
    let sysroot = toolchain.sysroot().map(|path| format!("--sysroot={}\x1f", path.display()));
    let flags = format!("{}--deny=warnings", sysroot.unwrap_or_default());
    for package in metadata.uefi_members() {
        let mut uefi = build::uefi_command(tree, &toolchain, Arch::X86_64, "doc")?;
        uefi.args(["--no-deps", "--document-private-items", "--package", &package.name]);
        process::run(uefi.env("CARGO_ENCODED_RUSTDOCFLAGS", &flags))?;
    }
    Ok(())
}

/// Makes sure that the checks find rustfmt and clippy.
fn ensure_components(tree: &Tree, checks: &[Check]) -> Result<()> {
    let host = toolchain::host(tree)?;
    if checks.contains(&Check::Format) {
        ensure_component(tree, &host, Component::Rustfmt)?;
    }
    if checks.contains(&Check::Clippy) {
        ensure_component(tree, &host, Component::Clippy)?;
    }
    Ok(())
}

fn host_cargo(tree: &Tree) -> Result<Command> {
    let mut command = toolchain::host(tree).context("checks need Rust")?.cargo();
    command.current_dir(tree.root());
    Ok(command)
}

fn without_uefi(metadata: &Metadata) -> impl Iterator<Item = &str> {
    metadata.uefi_members().flat_map(|package| ["--exclude", package.name.as_str()])
}
