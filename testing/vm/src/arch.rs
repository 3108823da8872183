// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two architectures LamBoot is built for.

use crate::tools::{QEMU_AARCH64, QEMU_X86_64, Tool};

/// Architecture of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arch {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
}

impl Arch {
    /// The name used for folders and by QEMU.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Aarch64 => "aarch64",
        }
    }

    /// LamBoot's file name: `lambootx64.efi` or `lambootaa64.efi`.
    #[must_use]
    pub fn loader_name(self) -> &'static str {
        match self {
            Arch::X86_64 => "lambootx64.efi",
            Arch::Aarch64 => "lambootaa64.efi",
        }
    }

    /// Where firmware looks on a removable disk (UEFI 2.10, section 3.5.1.1).
    #[must_use]
    pub fn removable_path(self) -> &'static str {
        match self {
            Arch::X86_64 => "/EFI/BOOT/BOOTX64.EFI",
            Arch::Aarch64 => "/EFI/BOOT/BOOTAA64.EFI",
        }
    }

    /// Linux's name of the first serial port in this machine.
    #[must_use]
    pub fn serial_console(self) -> &'static str {
        match self {
            Arch::X86_64 => "ttyS0",
            Arch::Aarch64 => "ttyAMA0",
        }
    }

    /// The emulator for this architecture.
    #[must_use]
    pub fn qemu(self) -> Tool {
        match self {
            Arch::X86_64 => QEMU_X86_64,
            Arch::Aarch64 => QEMU_AARCH64,
        }
    }
}
