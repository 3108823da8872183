// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the largest disk in several ways and reports how fast each of them was.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::disk_reader::run);
