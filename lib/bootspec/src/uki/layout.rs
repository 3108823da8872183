// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which sections belong to which profile of an image (UAPI.5, Multi-Profile UKIs).

use super::refusal::Refusal;
use crate::architecture::Architecture;
use alloc::vec::Vec;
use pe_image::{Headers, SUBSYSTEM_EFI_APPLICATION, Section};

/// The most profiles of one image that are offered.
pub const PROFILES_MAX: usize = 32;

/// Sections that a profile has at most once. `.dtbauto` and `.efifw` may come more often.
const SINGLE: [&str; 12] = [
    ".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".hwids", ".uname", ".sbat",
    ".pcrsig", ".pcrpkey",
];
/// Sections one of which makes an image without a kernel an addon (UAPI.5, PE Addons).
const OF_ADDONS: [&str; 5] = [".cmdline", ".dtb", ".dtbauto", ".ucode", ".initrd"];
/// The section that opens a profile.
const PROFILE: &str = ".profile";

/// The profiles of an image.
pub(super) struct Layout {
    /// At least one: an image without profiles is one by itself.
    pub(super) profiles: Vec<Parts>,
    /// Whether the image has profiles.
    pub(super) has_profiles: bool,
    /// How many it has beyond [`PROFILES_MAX`].
    excess: usize,
}

/// What counts of one profile's sections.
#[derive(Clone, Copy, Default)]
pub(super) struct Parts {
    pub(super) has_kernel: bool,
    pub(super) osrel: Option<Text>,
    pub(super) cmdline: Option<Text>,
    pub(super) profile: Option<Text>,
}

/// Where a section's content is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    pub(super) offset: u32,
    pub(super) size: u32,
    pub(super) section: &'static str,
}

impl Layout {
    /// # Errors
    ///
    /// The image is not for this machine, not a unified kernel image, or has a section twice.
    pub(super) fn of(headers: &Headers, machine: Architecture) -> Result<Self, Refusal> {
        judge(headers, machine)?;
        let sections = headers.sections();
        let mut starts = starts(sections);
        let base_end = starts.next().unwrap_or(sections.len());
        let base = Parts::default().with(sections.get(..base_end).unwrap_or_default())?;
        let mut layout = Self { profiles: Vec::new(), has_profiles: base_end < sections.len(), excess: 0 };
        let mut start = base_end;
        while start < sections.len() {
            let end = starts.next().unwrap_or(sections.len());
            layout.push(base.with(sections.get(start..end).unwrap_or_default())?);
            start = end;
        }
        if !layout.has_profiles {
            layout.profiles.push(base);
        }
        Ok(layout)
    }

    fn push(&mut self, profile: Parts) {
        if self.profiles.len() < PROFILES_MAX {
            self.profiles.push(profile);
        } else {
            self.excess = self.excess.saturating_add(1);
        }
    }

    /// The first profile that is left out because there are too many.
    pub(super) fn left_out(&self) -> Option<u32> {
        (self.excess > 0).then(|| u32::try_from(PROFILES_MAX).unwrap_or(u32::MAX))
    }

    /// Every text to be read, with repetitions.
    pub(super) fn texts(&self) -> impl Iterator<Item = Text> {
        self.profiles.iter().flat_map(|parts| [parts.osrel, parts.cmdline, parts.profile]).flatten()
    }
}

/// Where profiles begin.
fn starts(sections: &[Section]) -> impl Iterator<Item = usize> {
    sections.iter().enumerate().filter(|(_, section)| section.is(PROFILE)).map(|(index, _)| index)
}

fn judge(headers: &Headers, machine: Architecture) -> Result<(), Refusal> {
    let has = |name: &str| headers.sections().iter().any(|section| section.is(name));
    if !has(".linux") {
        let addon = OF_ADDONS.into_iter().any(has);
        return Err(if addon { Refusal::Addon } else { Refusal::NoKernel });
    }
    if headers.subsystem() != SUBSYSTEM_EFI_APPLICATION {
        return Err(Refusal::Subsystem { found: headers.subsystem() });
    }
    if headers.machine() != machine.pe_machine() {
        return Err(Refusal::Machine { found: headers.machine(), wanted: machine });
    }
    Ok(())
}

impl Parts {
    /// These parts with those of a profile in their place. A section that is empty in memory takes
    /// one away.
    fn with(mut self, sections: &[Section]) -> Result<Self, Refusal> {
        let mut seen = [false; SINGLE.len()];
        for section in sections {
            for (name, seen) in SINGLE.iter().zip(&mut seen) {
                if section.is(name) && core::mem::replace(seen, true) {
                    return Err(Refusal::Repeated { section: name });
                }
            }
            self.take(section);
        }
        Ok(self)
    }

    fn take(&mut self, section: &Section) {
        let there = section.virtual_size > 0;
        let text = |name| {
            there.then(|| Text { offset: section.file_offset, size: section.content_size(), section: name })
        };
        if section.is(".linux") {
            self.has_kernel = there;
        } else if section.is(".osrel") {
            self.osrel = text(".osrel");
        } else if section.is(".cmdline") {
            self.cmdline = text(".cmdline");
        } else if section.is(PROFILE) {
            self.profile = text(PROFILE);
        }
    }
}
