// SPDX-License-Identifier: MIT OR Apache-2.0
//! A running Linux system as LamBoot's tools see it: ports and decisions.
//!
//! | module | noun |
//! |---|---|
//! | [`efivars`] | the port to UEFI variables |
//! | [`efivarfs`] | its implementation on the kernel's efivarfs |
//! | [`memory_vars`] | its implementation in memory, which can fail and lose power |
//! | [`mark_success`] | what to store when the system has come up |
//!
//! Decisions are pure: they take what was read and return what is to be written.
//!
//! # What this does not do
//!
//! It reads no arguments and prints nothing; that is `lamboot-cli`. It never removes a variable.
#![forbid(unsafe_code)]

pub mod efivarfs;
pub mod efivars;
pub mod mark_success;
pub mod memory_vars;
