// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why there is no plan for an image, in words for its owner.

use crate::plan::{ALIGNMENT_MAX, IMAGE_MAX};
use crate::refusal::Name;
use core::fmt;

/// Why an image cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanRefusal {
    /// It is a program for an operating system.
    NotEfi {
        /// `Subsystem`.
        subsystem: u16,
    },
    /// It needs more memory than [`IMAGE_MAX`].
    TooLarge {
        /// `SizeOfImage`, in bytes.
        size: u32,
    },
    /// `SectionAlignment` is no power of two, or larger than [`ALIGNMENT_MAX`].
    BadAlignment {
        /// `SectionAlignment`, in bytes.
        alignment: u32,
    },
    /// A section has bytes in the file and none in memory.
    NoMemory {
        /// Its name, filled up with NULs.
        section: [u8; 8],
    },
    /// A section's memory is where the headers go.
    OverHeaders {
        /// Its name, filled up with NULs.
        section: [u8; 8],
    },
    /// It begins outside of the file's bytes, or in a section that may not be run.
    EntryNotCode {
        /// `AddressOfEntryPoint`.
        entry: u32,
    },
    /// The Optional Header ends before the data directories that it says it has.
    DirectoriesOutsideHeader,
    /// It wants other programs, a thread's storage or a runtime, which firmware does not give.
    NeedsLinking {
        /// Which data directory says so, counted from 0.
        directory: usize,
    },
    /// The table of base relocations is not in the bytes of one section.
    RelocationsOutside {
        /// Where the directory says that it is in memory.
        address: u32,
    },
    /// It says that it never runs memory that can be written (`NX_COMPAT`), and a page may be both.
    WritableAndExecutable {
        /// The first such page, from the beginning of the image.
        address: u32,
    },
}

impl PlanRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::NotEfi { .. } => "not_efi",
            Self::TooLarge { .. } => "image_too_large",
            Self::BadAlignment { .. } => "bad_section_alignment",
            Self::NoMemory { .. } => "section_without_memory",
            Self::OverHeaders { .. } => "section_over_headers",
            Self::EntryNotCode { .. } => "entry_not_code",
            Self::DirectoriesOutsideHeader => "directories_outside_header",
            Self::NeedsLinking { .. } => "needs_linking",
            Self::RelocationsOutside { .. } => "relocations_outside",
            Self::WritableAndExecutable { .. } => "writable_and_executable",
        }
    }
}

impl fmt::Display for PlanRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEfi { subsystem } => {
                write!(f, "the image is no EFI program: its subsystem is {subsystem}")
            }
            Self::TooLarge { size } => write!(f, "the image needs {size} bytes, more than {IMAGE_MAX}"),
            Self::BadAlignment { alignment } => {
                write!(f, "sections on {alignment} bytes: not a power of two up to {ALIGNMENT_MAX}")
            }
            Self::NoMemory { section } => write!(f, "section `{}` has no size in memory", Name(section)),
            Self::OverHeaders { section } => {
                write!(f, "section `{}` has the memory of the headers", Name(section))
            }
            Self::EntryNotCode { entry } => write!(f, "the image begins at {entry:#x}, which is no code"),
            Self::DirectoriesOutsideHeader => f.write_str("the data directories do not fit into the header"),
            Self::NeedsLinking { directory } => {
                write!(f, "the image is for an operating system: it has data directory {directory}")
            }
            Self::RelocationsOutside { address } => {
                write!(f, "the relocations at {address:#x} are not in the bytes of one section")
            }
            Self::WritableAndExecutable { address } => {
                write!(f, "the page at {address:#x} may be written and run, and the image says that none may")
            }
        }
    }
}

impl core::error::Error for PlanRefusal {}
