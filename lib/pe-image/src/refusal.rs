// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why the headers of a file are not believed, in words for its owner.

use crate::headers::HEADERS_MAX;
use crate::section::SECTIONS_MAX;
use core::fmt;

/// Why headers cannot be used; or, in one case, not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No mistake: the first so many bytes of the file are needed to say more.
    NeedsMore(usize),
    /// The file is not a PE image: a text, an archive, or a kernel without EFI stub.
    NotPe,
    /// The file ends before its headers do.
    Truncated,
    /// The headers go on behind [`HEADERS_MAX`].
    HeadersTooLarge,
    /// The Optional Header is too short or of an unknown kind.
    BadOptionalHeader,
    /// `SizeOfHeaders` ends within the section table, or is larger than `SizeOfImage`.
    BadSizes,
    /// There are more than [`SECTIONS_MAX`] sections.
    TooManySections {
        /// How many.
        count: usize,
    },
    /// A section's bytes are not in the file.
    OutsideFile {
        /// Its name, filled up with NULs.
        section: [u8; 8],
    },
    /// A section's memory is not in the image.
    OutsideImage {
        /// Its name, filled up with NULs.
        section: [u8; 8],
    },
    /// A section's bytes are in the headers.
    InHeaders {
        /// Its name, filled up with NULs.
        section: [u8; 8],
    },
    /// Two sections share bytes of the file.
    OverlapInFile,
    /// Two sections share memory.
    OverlapInMemory,
}

impl Refusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::NeedsMore(_) => "needs_more",
            Self::NotPe => "not_pe",
            Self::Truncated => "truncated",
            Self::HeadersTooLarge => "headers_too_large",
            Self::BadOptionalHeader => "bad_optional_header",
            Self::BadSizes => "bad_sizes",
            Self::TooManySections { .. } => "too_many_sections",
            Self::OutsideFile { .. } => "section_outside_file",
            Self::OutsideImage { .. } => "section_outside_image",
            Self::InHeaders { .. } => "section_in_headers",
            Self::OverlapInFile => "sections_overlap_in_file",
            Self::OverlapInMemory => "sections_overlap_in_memory",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (section, what) = match self {
            Self::NeedsMore(bytes) => return write!(f, "the first {bytes} bytes are needed"),
            Self::TooManySections { count } => {
                return write!(f, "the image has {count} sections, more than {SECTIONS_MAX}");
            }
            Self::HeadersTooLarge => {
                return write!(f, "the headers have more than {HEADERS_MAX} bytes");
            }
            Self::NotPe => return f.write_str("the file is not a PE image"),
            Self::Truncated => return f.write_str("the file ends before its headers do; copy it again"),
            Self::BadOptionalHeader => return f.write_str("the Optional Header is too short or unknown"),
            Self::BadSizes => return f.write_str("the sizes of headers and image cannot be true"),
            Self::OverlapInFile => return f.write_str("two sections share bytes of the file"),
            Self::OverlapInMemory => return f.write_str("two sections share memory"),
            Self::OutsideFile { section } => (section, "goes on behind the end of the file; copy it again"),
            Self::OutsideImage { section } => (section, "does not fit into the image"),
            Self::InHeaders { section } => (section, "is in the headers"),
        };
        write!(f, "section `{}` {what}", Name(section))
    }
}

/// A section's name with everything escaped that a terminal might take amiss.
pub(crate) struct Name<'n>(pub(crate) &'n [u8; 8]);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default().escape_ascii().fmt(f)
    }
}

impl core::error::Error for Refusal {}
