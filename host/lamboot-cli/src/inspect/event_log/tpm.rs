// SPDX-License-Identifier: MIT OR Apache-2.0
//! The PCRs of a TPM, as Linux has them in files.

use std::fs;
use std::path::{Path, PathBuf};
use tcg_eventlog::Algorithm;

/// PCRs that a running system extends, too (UAPI.7 and what it lists): registers in NVRAM in 9, IMA in 10,
/// phases of the boot in 11, identity in 15; 16 and 23 are anybody's, and 17 to 22 belong to dynamic launches.
const ALSO_BY_SYSTEM: [u32; 12] = [9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23];

/// A folder with `pcr-sha256/0` and so on, each the value in hexadecimal.
#[derive(Debug)]
pub(super) struct Tpm {
    folder: PathBuf,
}

impl Tpm {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The value of a PCR in small letters; `None` where it cannot be read.
    pub(super) fn pcr(&self, bank: Algorithm, index: u32) -> Option<String> {
        let file = self.folder.join(format!("pcr-{}", bank.name()?)).join(index.to_string());
        let text = fs::read_to_string(file).ok()?.trim().to_ascii_lowercase();
        text.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(text).filter(|text| !text.is_empty())
    }
}

/// Whether the running system may have extended it after the log was written.
pub(super) fn is_also_by_system(pcr: u32) -> bool {
    ALSO_BY_SYSTEM.contains(&pcr)
}
