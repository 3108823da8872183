// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is this EFI program? By what it says of itself, not by its name.
//!
//! Boot loaders carry an SBAT table (shim, `SBAT.md`) whose second line names them; systemd-boot
//! also has a `.sdmagic` section (systemd, `LoaderInfo`).

use super::Search;
use crate::facts::Architecture;
use crate::glob::has_suffix;
use crate::ports::VolumeInfo;
use crate::source::Extent;
use alloc::string::String;
use alloc::vec::Vec;
use pe_image::headers::{MACHINE_AA64, MACHINE_X64};
use pe_image::{Headers, Refusal};

/// How much of a file is read for its headers.
const HEAD: usize = 4096;
/// The most of an SBAT section that is looked at.
const MAX_SBAT: usize = 1024;

/// A program that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// LamBoot itself, of any version.
    Ourselves,
    /// GRUB.
    Grub,
    /// A shim, which starts another loader of its own folder.
    Shim,
    /// systemd-boot.
    SystemdBoot,
    /// rEFInd.
    Refind,
    /// Anything else.
    Other,
}

impl Program {
    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ourselves => "LamBoot",
            Self::Grub => "GRUB",
            Self::Shim => "shim",
            Self::SystemdBoot => "systemd-boot",
            Self::Refind => "rEFInd",
            Self::Other => "",
        }
    }

    /// The program whose SBAT table this is: the first component after the table's own.
    fn of_sbat(table: &[u8]) -> Self {
        let mut lines = table.split(|byte| *byte == b'\n').skip(1);
        let component = lines.next().and_then(|line| line.split(|byte| *byte == b',').next());
        match component {
            Some(b"lamboot") => Self::Ourselves,
            Some(b"grub") => Self::Grub,
            Some(b"shim") => Self::Shim,
            Some(b"systemd-boot") => Self::SystemdBoot,
            Some(b"refind") => Self::Refind,
            _ => Self::Other,
        }
    }
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) program: Program,
    /// Its SBAT table; two files of the same size with the same one are taken for copies.
    sbat: Vec<u8>,
    size: u64,
}

impl Identity {
    /// Whether both are copies of one known program.
    pub(super) fn is_copy_of(&self, other: &Self) -> bool {
        self.program != Program::Other && self == other
    }
}

impl Search<'_> {
    /// What a program says of itself; `None` when there is no such file or it is no EFI program for
    /// this machine.
    pub(super) fn identify(&mut self, volume: &VolumeInfo, path: &str) -> Option<Identity> {
        let length = self.volumes.metadata(volume.id, path).ok()?.size;
        self.identify_part(volume, path, Extent { offset: 0, length })
    }

    /// The same of a program that lies inside of a file.
    pub(super) fn identify_part(
        &mut self,
        volume: &VolumeInfo,
        path: &str,
        place: Extent,
    ) -> Option<Identity> {
        let size = place.length;
        let headers = match self.headers(volume, path, place) {
            Ok(headers) => headers,
            Err(Refusal::NotPe | Refusal::Truncated) => return None,
            // Odd headers are for the firmware to judge.
            Err(_) => return Some(Identity { program: Program::Other, sbat: Vec::new(), size }),
        };
        if headers.machine() != native(self.scope.architecture) {
            return None;
        }
        let sbat = headers.sections().iter().find(|section| section.is(".sbat")).and_then(|section| {
            let length = usize::try_from(section.content_size()).unwrap_or(MAX_SBAT).min(MAX_SBAT);
            let at = place.offset.saturating_add(u64::from(section.file_offset));
            self.volumes.read_at(volume.id, path, at, length).ok()
        });
        let sbat = sbat.unwrap_or_default();
        Some(Identity { program: Program::of_sbat(&sbat), sbat, size })
    }

    /// The headers, with a second read for those that are longer than most.
    fn headers(&mut self, volume: &VolumeInfo, path: &str, place: Extent) -> Result<Headers, Refusal> {
        let Extent { offset, length: size } = place;
        let mut read =
            |length| self.volumes.read_at(volume.id, path, offset, length).map_err(|_| Refusal::NotPe);
        match Headers::parse(&read(HEAD)?, size) {
            Err(Refusal::NeedsMore(bytes)) => Headers::parse(&read(bytes)?, size),
            parsed => parsed,
        }
    }

    /// Whether starting this file would start LamBoot again: by the path that it was loaded from, or
    /// by what the file says of itself.
    pub(super) fn is_ourselves(&mut self, volume: &VolumeInfo, path: &str) -> bool {
        let own = self.esp.loader_path.as_deref();
        if volume.id == self.esp.volume && own.is_some_and(|own| own.eq_ignore_ascii_case(path)) {
            return true;
        }
        has_suffix(path, ".efi")
            && self.identify(volume, path).is_some_and(|found| found.program == Program::Ourselves)
    }
}

const fn native(architecture: Architecture) -> u16 {
    match architecture {
        Architecture::X86_64 => MACHINE_X64,
        Architecture::Aarch64 => MACHINE_AA64,
    }
}

/// A path in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    alloc::format!("{folder}\\{name}")
}
