// SPDX-License-Identifier: MIT OR Apache-2.0
//! LamBoot's loader: builds the ports, runs a session, does what it says.
//!
//! # What this does not do
//!
//! It takes no decision: those are all in `lamboot-core`. On a host it is a program that says so.
#![cfg_attr(target_os = "uefi", no_std, no_main)]
#![deny(unsafe_code)]

#[cfg(target_os = "uefi")]
mod loader;
#[cfg(target_os = "uefi")]
mod sbat;

/// What the file is for whoever starts it on a host.
#[cfg(not(target_os = "uefi"))]
fn main() {
    eprintln!("lamboot is a UEFI program; build it for x86_64-unknown-uefi or aarch64-unknown-uefi");
    std::process::exit(2);
}
