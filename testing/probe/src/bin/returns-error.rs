// SPDX-License-Identifier: MIT OR Apache-2.0
//! A kernel that cannot start: returns an error status to its loader.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::exit::return_error);
