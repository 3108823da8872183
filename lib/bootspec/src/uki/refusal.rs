// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why an image or one of its profiles is not offered, in words for its owner.

use super::layout::PROFILES_MAX;
use super::texts::{SECTION_MAX, TEXTS_MAX};
use crate::architecture::Architecture;
use core::fmt;

/// Why nothing of an image is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UkiError<E> {
    /// The file could not be read.
    Read(E),
    /// The file was read, and cannot be used.
    Refused(Refusal),
}

/// Why an image, or one of its profiles, cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its headers are damaged, or it is no PE image.
    Image(pe_image::Refusal),
    /// It is no kernel, but something to add to one.
    Addon,
    /// It has no kernel: a boot loader, or another program.
    NoKernel,
    /// It is no EFI application.
    Subsystem {
        /// What it is instead.
        found: u16,
    },
    /// It is for another machine type.
    Machine {
        /// Which, in the numbers of the PE Format.
        found: u16,
        /// The machine's own.
        wanted: Architecture,
    },
    /// A section comes twice in one profile.
    Repeated {
        /// Its name.
        section: &'static str,
    },
    /// A section has more than [`SECTION_MAX`] bytes.
    TooLarge {
        /// Its name.
        section: &'static str,
    },
    /// The sections to be read have more than [`TEXTS_MAX`] bytes together.
    TooMuchText,
    /// Nothing says which operating system it is. Other loaders do not show such an image either.
    NoOsRelease,
    /// The operating system says no name.
    NoTitle,
    /// The file gave fewer bytes than it has.
    ShortRead,
}

/// What is odd about a profile of an image that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// The number of the profile.
    pub profile: u32,
    /// What is odd.
    pub what: What,
}

/// What is odd about a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is not offered.
    NotOffered(Refusal),
    /// Its `ID` cannot be part of an entry's id; its number stands for it.
    BadId,
    /// It and those behind it are left out: there are more than [`PROFILES_MAX`].
    TooMany,
}

impl Refusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Image(refusal) => refusal.token(),
            Self::Addon => "addon",
            Self::NoKernel => "no_kernel",
            Self::Subsystem { .. } => "subsystem",
            Self::Machine { .. } => "machine",
            Self::Repeated { .. } => "repeated_section",
            Self::TooLarge { .. } => "section_too_large",
            Self::TooMuchText => "too_much_text",
            Self::NoOsRelease => "no_osrel",
            Self::NoTitle => "no_title",
            Self::ShortRead => "short_read",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(refusal) => refusal.fmt(f),
            Self::Addon => f.write_str("the image is an addon for other images, not a kernel"),
            Self::NoKernel => f.write_str("there is no section `.linux`, so no kernel"),
            Self::Subsystem { found } => write!(f, "the image is no EFI application, but of kind {found}"),
            Self::Machine { found, wanted } => {
                write!(f, "the image is for machine type {found:#06x}, and this machine is {wanted}")
            }
            Self::Repeated { section } => write!(f, "section `{section}` comes twice; build the image again"),
            Self::TooLarge { section } => write!(f, "section `{section}` has more than {SECTION_MAX} bytes"),
            Self::TooMuchText => write!(f, "the texts of all profiles have more than {TEXTS_MAX} bytes"),
            Self::NoOsRelease => f.write_str("there is no section `.osrel` to say what system this is"),
            Self::NoTitle => f.write_str("`.osrel` has none of PRETTY_NAME, IMAGE_ID, NAME and ID"),
            Self::ShortRead => f.write_str("the file gave fewer bytes than it has"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for UkiError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "profile {}: ", self.profile)?;
        match &self.what {
            What::NotOffered(refusal) => write!(f, "not offered: {refusal}"),
            What::BadId => f.write_str("its `ID` is not used; its number stands for it"),
            What::TooMany => write!(f, "left out with those behind it; {PROFILES_MAX} are enough"),
        }
    }
}

impl core::error::Error for Refusal {}
impl<E: fmt::Debug + fmt::Display> core::error::Error for UkiError<E> {}
