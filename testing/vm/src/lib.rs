// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU with UEFI firmware and a software TPM as a library.
//!
//! A scenario describes a disk, a small Linux user space and a machine, starts it, and talks to its
//! console:
//!
//! ```no_run
//! use lamboot_vm::{Arch, DiskImage, Initramfs, LaunchPlan, VmError, scenario};
//!
//! # fn main() -> Result<(), VmError> {
//! scenario::<VmError>(|lab| {
//!     let built = lab.artifacts()?.arch(Arch::X86_64);
//!     let initrd = Initramfs::new(&built)?.run("say kernel $(uname -r)").build()?;
//!     let disk = lab.disk(
//!         DiskImage::gpt()
//!             .file(Arch::X86_64.removable_path(), built.loader()?)
//!             .file("/linux", built.kernel()?)
//!             .file("/initrd", initrd)
//!             .file("/loader/entries/a.conf", "linux /linux\ninitrd /initrd\noptions console=ttyS0 quiet\n"),
//!     )?;
//!     let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
//!     vm.serial().wait_for("LAMBOOT-TEST: kernel 6.")?;
//!     vm.wait_end()?;
//!     assert!(disk.esp()?.exists("/EFI/LamBoot/boot.json")?);
//!     Ok(())
//! })
//! # }
//! ```
//!
//! [`MachineBuilder::resume`] continues a saved state in well under a second;
//! [`MachineBuilder::cold`] starts the firmware, for scenarios about variables, boot order or resets.
//! Every machine has a folder of its own, ends with the test, and leaves its logs only when the test fails.
//!
//! # What this does not do
//!
//! No network; Secure Boot on PCs only. Instructions are emulated unless told otherwise, so
//! times measured here say nothing about hardware.
#![forbid(unsafe_code)]

mod acceleration;
mod arch;
mod artifacts;
mod checksum;
mod command;
mod console_text;
mod disk;
mod error;
mod firmware;
mod initramfs;
mod key;
mod lab;
mod launch_plan;
mod machine;
mod modules;
mod pattern;
mod process;
mod qmp;
mod running;
mod saved_state;
mod serial;
mod signing;
pub mod tools;
mod tpm;
mod workspace;

pub use regex::Regex;
pub use uuid::{Uuid, uuid};

pub use crate::{
    acceleration::Acceleration,
    arch::Arch,
    artifacts::{ArchArtifacts, Artifacts},
    checksum::checksum,
    disk::{
        Contents, DISK_GUID, Disk, DiskImage, ESP_PARTITION_GUID, Esp, FatPartition, IsoImage,
        STANDARD_ESP_MIB, XBOOTLDR_MIB, XBOOTLDR_PARTITION_GUID,
    },
    error::{Result, VmError},
    firmware::Firmware,
    initramfs::Initramfs,
    key::Key,
    lab::{Lab, scenario},
    launch_plan::LaunchPlan,
    machine::{DiskBus, MachineBuilder, PointingDevice},
    pattern::Pattern,
    qmp::Qmp,
    running::{Ending, Machine},
    serial::Serial,
};
