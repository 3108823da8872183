// SPDX-License-Identifier: MIT OR Apache-2.0
//! Type 1 entries (UAPI.1, Type #1 Boot Loader Specification Entries): the text of one file.

use crate::architecture::Architecture;
use crate::draft::Draft;
use crate::name::EntryName;
use crate::note::Note;
use crate::order::Place;
use crate::path::EspPath;
use crate::refusal::Refusal;
use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// The most files that `initrd`, `devicetree-overlay` or `extra` may name, each.
pub const FILES_MAX: usize = 64;

/// What one entry file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type1 {
    /// `title`: the line to show in a menu.
    pub title: Option<String>,
    /// `version`: of what is started; compare with [`crate::version::compare`].
    pub version: Option<String>,
    /// `machine-id`: of the installation that wrote the entry.
    pub machine_id: Option<String>,
    /// `sort-key`: short name of the system, for sorting only.
    pub sort_key: Option<String>,
    /// `architecture`, as written; ask [`Type1::is_for`].
    pub architecture: Option<String>,
    /// All `options`, joined with one space, without placeholders.
    pub options: String,
    /// `extra`: sidecar files (credentials, sysext, confext), in order.
    pub extra: Vec<EspPath>,
    /// What is started.
    pub main: Main,
    /// What is odd, in the order of lines, at most [`crate::NOTES_MAX`].
    pub notes: Vec<Note>,
    /// How many more notes there were.
    pub notes_left_out: usize,
}

/// What an entry starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Main {
    /// `linux`: a kernel with an EFI stub.
    Linux(Linux),
    /// `efi`: any EFI program. It gets the options as they are.
    Efi(EspPath),
    /// `uki`: a unified kernel image on the entry's own volume.
    Uki {
        /// The image.
        image: EspPath,
        /// `profile`: which of the image's profiles, from 0.
        profile: Option<u32>,
    },
    /// `uki-url`: a unified kernel image to download.
    UkiUrl {
        /// The URL. One that begins with a colon replaces the last part of the loader's own.
        url: String,
        /// `profile`: which of the image's profiles, from 0.
        profile: Option<u32>,
    },
}

/// A kernel and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linux {
    /// The kernel.
    pub kernel: EspPath,
    /// Every `initrd`, in order. All are needed: half of them boot half a system.
    pub initrds: Vec<EspPath>,
    /// `devicetree`: a compiled device tree in place of the firmware's.
    pub devicetree: Option<EspPath>,
    /// `devicetree-overlay`: overlays for it, in order.
    pub overlays: Vec<EspPath>,
}

impl Type1 {
    /// Reads an entry. Takes any bytes; time and memory are linear in their number, which is
    /// limited to [`crate::TEXT_MAX`].
    ///
    /// Unknown keys change nothing and are noted. Of a key that may come up only once, the last
    /// counts. Words that begin with a dollar sign are for GRUB to fill in, and are left out of
    /// `options` and `initrd`.
    ///
    /// ```
    /// use bootspec::{Main, Type1};
    ///
    /// let entry = Type1::parse(b"title Debian\nlinux /vmlinuz\ninitrd /initrd.img\noptions ro quiet\n")?;
    /// let Main::Linux(linux) = &entry.main else { unreachable!() };
    /// assert_eq!(linux.kernel.as_str(), r"\vmlinuz");
    /// assert_eq!(entry.options, "ro quiet");
    /// # Ok::<(), bootspec::Refusal>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Refusal`] names the line and what is wrong with it; see [`crate::Reason`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::parse_with(bytes, &mut |_| None)
    }

    /// As [`Type1::parse`], where somebody knows what GRUB would fill in: `fill` is given each word of
    /// `options` that begins with a dollar sign, and says what stands for it.
    ///
    /// ```
    /// let mut fill = |word: &str| (word == "$kernelopts").then(|| String::from("root=/dev/vda2"));
    /// let entry = bootspec::Type1::parse_with(b"linux /l\noptions $kernelopts quiet $x\n", &mut fill)?;
    /// assert_eq!(entry.options, "root=/dev/vda2 quiet");
    /// # Ok::<(), bootspec::Refusal>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Type1::parse`].
    pub fn parse_with(bytes: &[u8], fill: &mut dyn FnMut(&str) -> Option<String>) -> Result<Self, Refusal> {
        let text = text::decode(bytes)?;
        let mut draft = Draft::default();
        for line in text::lines(text) {
            draft.take(line, fill)?;
        }
        draft.finish()
    }

    /// Whether a machine of this type can start the entry. An entry that names no type is for all;
    /// one that names an unknown type is for none.
    #[must_use]
    pub fn is_for(&self, machine: Architecture) -> bool {
        self.architecture.as_deref().is_none_or(|name| Architecture::from_name(name) == Some(machine))
    }

    /// What decides the place of this entry, in a file of that name, in a menu.
    #[must_use]
    pub fn place<'e>(&'e self, name: &'e EntryName) -> Place<'e> {
        Place {
            id: name.id(),
            counter: name.counted().counter,
            sort_key: self.sort_key.as_deref(),
            machine_id: self.machine_id.as_deref(),
            version: self.version.as_deref(),
        }
    }
}

impl Main {
    /// The file that is started; `None` when it is to be downloaded.
    #[must_use]
    pub fn file(&self) -> Option<&EspPath> {
        match self {
            Self::Linux(linux) => Some(&linux.kernel),
            Self::Efi(image) | Self::Uki { image, .. } => Some(image),
            Self::UkiUrl { .. } => None,
        }
    }

    /// The key that names it.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Linux(_) => "linux",
            Self::Efi(_) => "efi",
            Self::Uki { .. } => "uki",
            Self::UkiUrl { .. } => "uki-url",
        }
    }
}
