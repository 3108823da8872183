// SPDX-License-Identifier: MIT OR Apache-2.0
//! Machine types, as entries name them (UAPI.1, `architecture`).

use core::fmt;

/// A machine type that UEFI runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// 32-bit x86.
    Ia32,
    /// 64-bit x86.
    X64,
    /// 32-bit Arm.
    Arm,
    /// 64-bit Arm.
    Aa64,
    /// 64-bit RISC-V.
    RiscV64,
    /// 64-bit `LoongArch`.
    LoongArch64,
}

/// The specification's name first, then what is found in the field.
const NAMES: [(Architecture, &[&str]); 6] = [
    (Architecture::Ia32, &["ia32", "i386", "i686", "x86"]),
    (Architecture::X64, &["x64", "x86_64", "x86-64", "amd64"]),
    (Architecture::Arm, &["arm"]),
    (Architecture::Aa64, &["aa64", "aarch64", "arm64"]),
    (Architecture::RiscV64, &["riscv64"]),
    (Architecture::LoongArch64, &["loongarch64"]),
];

impl Architecture {
    /// The machine type that `name` stands for, whatever its case; `None` for an unknown one.
    ///
    /// ```
    /// use bootspec::architecture::Architecture;
    /// assert_eq!(Architecture::from_name("X86-64"), Some(Architecture::X64));
    /// assert_eq!(Architecture::from_name("vax"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let known =
            |(_, names): &&(Self, &[&str])| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        NAMES.iter().find(known).map(|(architecture, _)| *architecture)
    }

    /// `Machine` of an image for this machine type (PE Format, Machine Types).
    #[must_use]
    pub const fn pe_machine(self) -> u16 {
        match self {
            Self::Ia32 => pe_image::MACHINE_IA32,
            Self::X64 => pe_image::MACHINE_X64,
            Self::Arm => pe_image::MACHINE_ARM,
            Self::Aa64 => pe_image::MACHINE_AA64,
            Self::RiscV64 => pe_image::MACHINE_RISCV64,
            Self::LoongArch64 => pe_image::MACHINE_LOONGARCH64,
        }
    }

    /// The machine type that this code was compiled for; `None` when UEFI does not run on it.
    #[must_use]
    pub const fn native() -> Option<Self> {
        if cfg!(target_arch = "x86_64") {
            Some(Self::X64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Self::Aa64)
        } else if cfg!(target_arch = "x86") {
            Some(Self::Ia32)
        } else if cfg!(target_arch = "arm") {
            Some(Self::Arm)
        } else if cfg!(target_arch = "riscv64") {
            Some(Self::RiscV64)
        } else if cfg!(target_arch = "loongarch64") {
            Some(Self::LoongArch64)
        } else {
            None
        }
    }
}

impl fmt::Display for Architecture {
    /// The specification's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ia32 => "IA32",
            Self::X64 => "x64",
            Self::Arm => "ARM",
            Self::Aa64 => "AA64",
            Self::RiscV64 => "RISCV64",
            Self::LoongArch64 => "LOONGARCH64",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_every_case() {
        for (architecture, names) in NAMES {
            for name in names {
                assert_eq!(Architecture::from_name(name), Some(architecture));
                assert_eq!(Architecture::from_name(&name.to_uppercase()), Some(architecture));
            }
            assert_eq!(Architecture::from_name(&architecture.to_string()), Some(architecture));
        }
    }

    #[test]
    fn unknown_names_are_not_guessed() {
        for name in ["", "x6", "x64 ", "x644", "ia64", "arm64be"] {
            assert_eq!(Architecture::from_name(name), None, "{name}");
        }
    }
}
