// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `cargo xtask`.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lamboot_chores::arch::Arch;
use lamboot_chores::artifacts::{self, Age};
use lamboot_chores::check::{self, Check};
use lamboot_chores::tree::Tree;
use lamboot_chores::{bench, build, demo, docs, fixtures, setup, sign, test};

/// Builds, checks, tests and measures LamBoot.
///
/// Every command installs what it lacks through the system's package manager (apt), and
/// shows each such command before it runs. Elsewhere it names the packages to install.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Boot a real Linux through LamBoot in a virtual machine, and tell what was recorded
    Demo {
        /// Open a window with the machine's screen
        #[arg(long)]
        graphic: bool,
    },
    /// Write the demo's disk image to a file, for a machine of your own
    Image {
        /// Where to
        #[arg(long, default_value = "target/lamboot-demo.img")]
        out: PathBuf,
    },
    /// Build the loader and the test programs for UEFI, and the static host program
    Build {
        /// For which machines
        #[arg(long, value_enum)]
        arch: Option<Arch>,
    },
    /// Format, layers, licences, claims, clippy and docs: all, or those named
    Check {
        /// Which checks to run
        #[arg(value_enum)]
        checks: Vec<Check>,
    },
    /// Every test: unit, property, simulated boots, machine scenarios, reproducible build
    Test,
    /// Run one machine scenario (a file of testing/scenarios/tests) and show its console
    Vm {
        /// The file's name without .rs
        name: String,
    },
    /// Sign the loaders, or other EFI programs, with a key in a file or in a token
    Sign(sign::Arguments),
    /// Measure: a table, or one JSON object a line
    #[command(after_help = format!("Benches:\n{}", bench::list()))]
    Bench {
        /// Which one; all, if none is named
        name: Option<String>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Make file system images by their recipes, and prove what is in them
    Fixtures {
        /// Of which file system
        #[arg(value_enum)]
        kind: fixtures::Kind,
        /// Which images; all, if none is named
        names: Vec<String>,
    },
    /// Compare what the readers of file systems read with what the running kernel says; as root
    Diff {
        /// Which file system
        #[arg(value_enum)]
        kind: fixtures::Kind,
        /// Every image, in place of those that each test run compares
        #[arg(long)]
        all: bool,
        /// Only images of these names
        names: Vec<String>,
    },
    /// Write the pages of docs/reference that are printed from the code
    Docs {
        /// Only look whether one is old
        #[arg(long)]
        check: bool,
    },
    /// Install every tool that any command may need
    Setup,
    /// Fetch kernels and busybox from the distribution's archive (others do so when they need it)
    Artifacts {
        /// Look for newer versions than those fetched before
        #[arg(long)]
        refresh: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> anyhow::Result<()> {
    let tree = Tree::find()?;
    match chore {
        Chore::Demo { graphic } => demo::run(&tree, graphic),
        Chore::Image { out } => demo::image(&tree, &out),
        Chore::Build { arch: None } => build::all(&tree),
        Chore::Build { arch: Some(arch) } => build::uefi(&tree, &[arch]),
        Chore::Check { checks } => check::run(&tree, &checks),
        Chore::Test => test::all(&tree),
        Chore::Vm { name } => test::scenario(&tree, &name),
        Chore::Sign(arguments) => sign::run(&tree, &arguments),
        Chore::Bench { name, json } => bench::run(&tree, name.as_deref(), json),
        Chore::Fixtures { kind, names } => fixtures::make(&tree, kind, &names),
        Chore::Diff { kind, all, names } => fixtures::diff(kind, all, &names),
        Chore::Docs { check } => docs::run(&tree, check),
        Chore::Setup => setup::all(),
        Chore::Artifacts { refresh } => {
            artifacts::ensure(&tree, if refresh { Age::Newest } else { Age::Any })
        }
    }
}
