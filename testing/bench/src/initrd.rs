// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two sizes of initrd that are measured.

use lamboot_fixtures::tools::half_text;
use lamboot_vm::{Contents, Initramfs};

use crate::init_program;

/// Bytes of the file in the large one.
const LARGE: usize = 62_800_000;

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

    /// The large archive with as many bytes of which half can be compressed, for file systems that do so.
    pub(crate) fn compressible() -> lamboot_vm::Result<Vec<u8>> {
        let init = Initramfs::empty().file("/init", 0o755, init_program::elf());
        init.file("/padding", 0o644, half_text(LARGE)).build()
    }

    /// An archive with the first process and one large file.
    pub(crate) fn archive(self) -> lamboot_vm::Result<Contents> {
        let padding = match self {
            Self::Small => 2_800_000,
            Self::Large => LARGE as u64,
        };
        let init = init_program::elf();
        Ok(Initramfs::empty().file("/init", 0o755, init).padding(padding).build()?.into())
    }
}
