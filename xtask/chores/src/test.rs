// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every test of the project, in the order from cheap to dear.

use std::env;
use std::process::Command;

use anyhow::Result;
use lamboot_fixtures::xfs::{NEEDS_ROOT, is_root};

use crate::artifacts::{self, Age};
use crate::build::{self, toolchain};
use crate::process;
use crate::setup;
use crate::tree::Tree;

/// The package of the machine scenarios, one property a file.
pub const SCENARIOS: &str = "lamboot-scenarios";

/// Runs unit and property tests, simulated boots, machine scenarios, and the test that two
/// builds are the same.
///
/// # Errors
/// A tool is missing and cannot be had, a build failed, or a test failed: the first of them.
pub fn all(tree: &Tree) -> Result<()> {
    cargo_test_with_referees(tree)?;
    cargo_test(tree, &["--manifest-path", "xtask/Cargo.toml"])?;
    prepare(tree)?;
    cargo_test(tree, &["--package", SCENARIOS])?;
    cargo_test(tree, &["--package", "lamboot-chores", "--test", "reproducible"])
}

/// Runs the scenario called `name`, showing what the machine prints.
///
/// # Errors
/// As [`all`].
pub fn scenario(tree: &Tree, name: &str) -> Result<()> {
    prepare(tree)?;
    let mut command =
        cargo_test_command(tree, &["--package", SCENARIOS, "--test", name, "--", "--nocapture"])?;
    process::run(command.env("LAMBOOT_SHOW_CONSOLE", "1"))
}

/// Has all ready that a machine is started with.
///
/// # Errors
/// A tool is missing and cannot be had, or a build failed.
pub fn prepare(tree: &Tree) -> Result<()> {
    setup::ensure(setup::MACHINES)?;
    build::all(tree)?;
    artifacts::ensure(tree, Age::Any)?;
    artifacts::ensure_peers(tree, Age::Any)?;
    artifacts::ensure_ukify(tree, Age::Any)?;
    artifacts::ensure_guest(tree, Age::Any)
}

fn cargo_test(tree: &Tree, arguments: &[&str]) -> Result<()> {
    process::run(&mut cargo_test_command(tree, arguments)?)
}

fn cargo_test_command(tree: &Tree, arguments: &[&str]) -> Result<Command> {
    let mut command = toolchain::host(tree)?.cargo();
    command.current_dir(tree.root()).args(["test", "--locked", "--no-fail-fast"]).args(arguments);
    // Scenarios are found in the same place by whoever starts them.
    command.env("LAMBOOT_ARTIFACTS", env::current_dir()?.join(tree.artifacts()));
    Ok(command)
}

/// Plain `cargo test`, in which the tests that ask another program ask it, and fail where it is
/// missing; an ordinary user is told first which of them are left out.
fn cargo_test_with_referees(tree: &Tree) -> Result<()> {
    setup::ensure(setup::REFEREES)?;
    if !is_root() {
        println!("left out, since this is not root: what compares with the kernel ({NEEDS_ROOT})");
    }
    let mut command = cargo_test_command(tree, &[])?;
    command.env("LAMBOOT_REFEREES", "1").env("LAMBOOT_XFSPROGS", artifacts::xfsprogs(Age::Any)?);
    if setup::find_program("bootctl").is_none() {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain([artifacts::bootctl(Age::Any)?]);
        command.env("PATH", env::join_paths(folders)?);
    }
    process::run(&mut command)
}
