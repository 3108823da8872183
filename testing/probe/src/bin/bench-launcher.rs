// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures what a boot loader costs until `ExitBootServices`.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::bench_launcher::run);
