// SPDX-License-Identifier: MIT OR Apache-2.0
//! A kernel that only looks at its initrd, options and device path.
#![cfg_attr(target_os = "uefi", no_main, no_std)]

lamboot_probe::uefi_program!(lamboot_probe::initrd_reader::run);
