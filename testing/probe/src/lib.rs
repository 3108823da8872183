// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small UEFI programs that drive a test from inside the firmware, or stand in for a kernel.
//!
//! | program | what it does |
//! |---|---|
//! | `launcher` | connects the devices, follows the disk's plan, starts the loader, reports what came back |
//! | `returns-error` | returns an error status, as a kernel that cannot start does |
//! | `reports-keys` | names every key until Escape, as the firmware delivers it |
//! | `bench-launcher` | starts the loader from a disk in memory, reports instructions and requests |
//! | `reads-disk` | reads the largest disk in several ways and reports how fast each was |
//! | `reads-initrd` | asks for the initrd as Linux does and reports its size and checksum |
//!
//! They report on the console, and on x86 on the debug port 0xe9 as well, one line a fact. On an
//! ordinary host every program builds as a stub that says where it belongs.
//!
//! # What this does not do
//!
//! Nothing here is part of LamBoot or is ever installed.
#![cfg_attr(target_os = "uefi", no_std)]

#[cfg(target_os = "uefi")]
extern crate alloc;

pub mod plan;

#[cfg(target_os = "uefi")]
pub mod bench_launcher;
#[cfg(target_os = "uefi")]
pub mod clock;
#[cfg(target_os = "uefi")]
pub mod console;
#[cfg(target_os = "uefi")]
pub mod disk_reader;
#[cfg(target_os = "uefi")]
pub mod drawing;
#[cfg(target_os = "uefi")]
pub mod exit;
#[cfg(target_os = "uefi")]
pub mod initrd_reader;
#[cfg(target_os = "uefi")]
pub mod key_reporter;
#[cfg(target_os = "uefi")]
pub mod launcher;
#[cfg(target_os = "uefi")]
pub mod memory_disk;
#[cfg(target_os = "uefi")]
pub mod port;
#[cfg(target_os = "uefi")]
pub mod program;
#[cfg(target_os = "uefi")]
pub mod protocols;
#[cfg(target_os = "uefi")]
pub mod volume;

/// Defines `main`: the given function under UEFI, an explanation elsewhere.
#[macro_export]
macro_rules! uefi_program {
    ($run:path) => {
        #[cfg(target_os = "uefi")]
        #[uefi::entry]
        fn main() -> uefi::Status {
            $run()
        }

        #[cfg(not(target_os = "uefi"))]
        fn main() {
            println!("this program runs under UEFI firmware: build it for a *-unknown-uefi target");
        }
    };
}

#[cfg(target_os = "uefi")]
#[global_allocator]
static ALLOCATOR: uefi::allocator::Allocator = uefi::allocator::Allocator;

#[cfg(target_os = "uefi")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    say!("PROBE: {info}");
    exit::machine(exit::FAILED)
}
