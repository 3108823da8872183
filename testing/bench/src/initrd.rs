// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two sizes of initrd that are measured.

use lamboot_vm::{Contents, Initramfs};

use crate::init_program;

/// How large the initrd is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Initrd {
    /// 2.8 MB: a small machine's.
    Small,
    /// 62.8 MB: a distribution's, with every driver and firmware file.
    Large,
}

impl Initrd {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// `small` or `large`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
        }
    }

    /// An archive with the first process and one large file.
    pub(crate) fn archive(self) -> lamboot_vm::Result<Contents> {
        let padding = match self {
            Self::Small => 2_800_000,
            Self::Large => 62_800_000,
        };
        let init = init_program::elf();
        Ok(Initramfs::empty().file("/init", 0o755, init).padding(padding).build()?.into())
    }
}
