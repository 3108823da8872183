// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI firmware in the places where distributions install it.

use std::path::{Path, PathBuf};

use crate::{Arch, Result, VmError};

/// A firmware image and the empty variable store that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmware {
    /// The code flash, mapped read-only.
    pub code: PathBuf,
    /// The template of the variable flash; every machine gets a copy.
    pub variables: PathBuf,
}

/// Code and variable files, in order of preference: 4 MiB builds without Secure Boot enforcement first.
const X86_64: &[(&str, &str)] = &[
    // Debian, Ubuntu
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    // Fedora
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    // Arch
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
    // openSUSE
    ("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
    ("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
];

const AARCH64: &[(&str, &str)] = &[
    // Debian, Ubuntu
    ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    // Fedora
    ("/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"),
    // Arch
    ("/usr/share/edk2/aarch64/QEMU_CODE.fd", "/usr/share/edk2/aarch64/QEMU_VARS.fd"),
    // openSUSE
    ("/usr/share/qemu/aavmf-aarch64-code.bin", "/usr/share/qemu/aavmf-aarch64-vars.bin"),
];

/// The firmware that enforces Secure Boot, with variables in which it is on for the packaged test keys.
const SECURE_X86_64: &[(&str, &str)] =
    &[("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd")];

impl Firmware {
    /// The distribution's firmware for PCs that enforces Secure Boot, with test keys that
    /// [`crate::Lab::signed`] signs for. Only Debian and Ubuntu have such keys.
    ///
    /// # Errors
    /// [`VmError::MissingFirmware`] with every path that was tried.
    pub fn find_secure() -> Result<Self> {
        first_present(SECURE_X86_64).ok_or_else(|| VmError::MissingFirmware {
            arch: Arch::X86_64.name(),
            packages: "ovmf (Debian, Ubuntu)",
            looked_at: SECURE_X86_64.iter().map(|(code, _)| PathBuf::from(code)).collect(),
        })
    }

    /// The distribution's firmware for `arch`.
    ///
    /// # Errors
    /// [`VmError::MissingFirmware`] with every path that was tried.
    pub fn find(arch: Arch) -> Result<Self> {
        let (table, packages) = match arch {
            Arch::X86_64 => {
                (X86_64, "ovmf (Debian, Ubuntu), edk2-ovmf (Fedora, Arch), qemu-ovmf-x86_64 (openSUSE)")
            }
            Arch::Aarch64 => (
                AARCH64,
                "qemu-efi-aarch64 (Debian, Ubuntu), edk2-aarch64 (Fedora, Arch), qemu-uefi-aarch64 (openSUSE)",
            ),
        };
        first_present(table).ok_or_else(|| VmError::MissingFirmware {
            arch: arch.name(),
            packages,
            looked_at: table.iter().map(|(code, _)| PathBuf::from(code)).collect(),
        })
    }
}

fn first_present(table: &[(&str, &str)]) -> Option<Firmware> {
    table
        .iter()
        .find(|(code, variables)| Path::new(code).is_file() && Path::new(variables).is_file())
        .map(|(code, variables)| Firmware { code: code.into(), variables: variables.into() })
}
