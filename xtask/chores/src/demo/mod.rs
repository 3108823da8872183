// SPDX-License-Identifier: MIT OR Apache-2.0
//! The demonstration: a PC with a real kernel, started by LamBoot, and what was recorded.

mod disk;
mod story;

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use lamboot_vm::{Acceleration, Arch as Machine, Artifacts, Lab};

use crate::arch::Arch;
use crate::artifacts::{self, Age};
use crate::build;
use crate::setup;
use crate::tree::Tree;

/// Boots a PC from the demo's disk: on this terminal, or with `graphic` in a window. Ends by
/// printing what LamBoot recorded about the boot. Ctrl-C ends the machine and leaves nothing.
///
/// # Errors
/// A tool is missing, a build failed, the machine did not start, or it ended without a boot.
pub fn run(tree: &Tree, graphic: bool) -> Result<()> {
    if graphic && !has_display() {
        bail!("--graphic needs a display: neither WAYLAND_DISPLAY nor DISPLAY is set");
    }
    setup::ensure(setup::PC)?;
    if graphic {
        setup::ensure(setup::WINDOW)?;
    }
    prepare(tree)?;
    let lab = Lab::new("demo")?;
    let outcome = boot(&lab, graphic);
    lab.passed(); // a demo leaves nothing, however it ended
    println!("{}", outcome?);
    Ok(())
}

/// Writes the demo's disk image to `out`.
///
/// # Errors
/// A build failed, or the file cannot be written.
pub fn image(tree: &Tree, out: &Path) -> Result<()> {
    prepare(tree)?;
    let disk = disk::image(&Artifacts::locate()?.arch(Machine::X86_64))?.build(out)?;
    println!("{}: GPT, one EFI system partition, {} MiB", out.display(), disk.size_bytes() >> 20);
    Ok(())
}

/// Builds and fetches what goes on the disk.
fn prepare(tree: &Tree) -> Result<()> {
    build::uefi(tree, &[Arch::X86_64])?;
    build::host(tree)?;
    artifacts::ensure_for(tree, &[Arch::X86_64], Age::Any)
}

/// Runs the machine to its end, and returns what it left on its disk, as text.
fn boot(lab: &Lab, graphic: bool) -> Result<String> {
    let disk = lab.disk(disk::image(&lab.artifacts()?.arch(Machine::X86_64))?)?;
    let builder = lab.machine(Machine::X86_64).disk(&disk).tpm().memory_mib(1024);
    let builder = builder.acceleration(Acceleration::HardwareIfAvailable).no_reboot();
    let builder = if graphic { builder.window() } else { builder };
    greet(graphic);
    let status = builder.interactive();
    restore_terminal();
    let status = status?;
    if !status.success() {
        bail!("the machine was stopped: {status}");
    }
    story::tell(&disk.esp().context("cannot read the machine's disk")?)
}

fn greet(graphic: bool) {
    eprintln!("\nStarting a PC: UEFI firmware, LamBoot's menu, Linux, power off.");
    let place = if graphic { "in the window" } else { "here" };
    eprintln!("The menu appears {place} after some seconds: arrow keys and Enter, e to edit, F1 for help.");
    eprintln!("Without a key the first entry starts. Ctrl-C ends the machine.\n");
}

fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Takes back colours and a hidden cursor, which the machine's console may have left.
fn restore_terminal() {
    if std::io::stdout().is_terminal() {
        println!("\x1b[0m\x1b[?25h");
    }
}
