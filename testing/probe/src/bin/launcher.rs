// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts the loader under test from inside the firmware and reports what came back.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::launcher::run);
