// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names every key until Escape, as the firmware delivers it.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::key_reporter::run);
