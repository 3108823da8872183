// SPDX-License-Identifier: MIT OR Apache-2.0
//! The processor architectures that the loader is built for, under each of their names.

use clap::ValueEnum;

/// An architecture of the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Arch {
    /// 64-bit PCs.
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit ARM.
    #[value(name = "aarch64")]
    Aarch64,
}

impl Arch {
    /// Both, the PC first.
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Aarch64];

    /// The name used for folders and by users: `x86_64`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// The Rust target of the loader: `x86_64-unknown-uefi`.
    #[must_use]
    pub fn uefi_target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-uefi",
            Self::Aarch64 => "aarch64-unknown-uefi",
        }
    }

    /// The loader's file name: `lambootx64.efi`.
    #[must_use]
    pub fn loader(self) -> &'static str {
        match self {
            Self::X86_64 => "lambootx64.efi",
            Self::Aarch64 => "lambootaa64.efi",
        }
    }

    /// Debian's name: `amd64`.
    #[must_use]
    pub fn debian(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Aarch64 => "arm64",
        }
    }
}
