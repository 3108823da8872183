// SPDX-License-Identifier: MIT OR Apache-2.0
//! What scenarios share: names, and disks that are nearly always wanted.
//!
//! Every property is one file in `tests/`, named by the property. Each starts a virtual machine with
//! what `cargo xtask build` made; run them with `cargo xtask test` or `cargo xtask vm NAME`.
//!
//! # What this does not do
//!
//! Anything that can be shown without firmware is tested in the crate that decides it.
#![forbid(unsafe_code)]

use lamboot_vm::{ArchArtifacts, DiskImage, Result};

/// The launcher's last word: exit port value when the loader under test came back.
pub const LOADER_RETURNED: u32 = 0x11;
/// Exit port value of a probe that did what it is for.
pub const PROBE_DONE: u32 = 0x10;

/// A disk with LamBoot where firmware looks for it and where its installer puts it.
///
/// # Errors
/// When LamBoot has not been built.
pub fn disk_with_lamboot(built: &ArchArtifacts) -> Result<DiskImage> {
    let loader = built.loader()?;
    let installed = format!("/EFI/LamBoot/{}", built.arch().loader_name());
    Ok(DiskImage::gpt().file(built.arch().removable_path(), loader.clone()).file(&installed, loader))
}

/// The kernel command line for a console that the test can read.
#[must_use]
pub fn quiet_console(built: &ArchArtifacts) -> String {
    format!("console={} quiet nokaslr", built.arch().serial_console())
}
