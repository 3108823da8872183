// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors, sorted by who can act on them.

use alloc::string::String;
use core::fmt;

/// Who can act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The device or the firmware failed: check cables, replace the disk, try again.
    Device,
    /// What was found is fine, but beyond this version.
    Unsupported,
    /// What was found contradicts its own format.
    Damaged,
    /// Policy, signature or write protection says no.
    Refused,
    /// The request itself makes no sense: a missing file, a directory in place of a file.
    Misuse,
}

/// What exactly went wrong at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such file, variable or device.
    NotFound,
    /// The path names a directory, and a file is needed.
    IsDirectory,
    /// The path names a file, and a directory is needed.
    NotADirectory,
    /// The new name belongs to another file already.
    AlreadyExists,
    /// The file is larger than the caller's limit.
    TooLarge,
    /// The volume or the variable store has no room left.
    Full,
    /// The volume, file or variable cannot be written.
    ReadOnly,
    /// The firmware forbids it (Secure Boot, policy).
    AccessDenied,
    /// Not enough memory.
    OutOfMemory,
    /// The firmware lacks the service, or the image is not for this machine.
    Unsupported,
    /// The content contradicts its format.
    Damaged,
    /// The device failed, or anything that firmware does not explain further.
    Device,
}

impl ErrorKind {
    /// Who can act on it.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::NotFound
            | Self::IsDirectory
            | Self::NotADirectory
            | Self::AlreadyExists
            | Self::TooLarge => Family::Misuse,
            Self::Full | Self::OutOfMemory | Self::Device => Family::Device,
            Self::ReadOnly | Self::AccessDenied => Family::Refused,
            Self::Unsupported => Family::Unsupported,
            Self::Damaged => Family::Damaged,
        }
    }

    /// The stable word for machines, after the family's.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::NotFound => "misuse.not_found",
            Self::IsDirectory => "misuse.is_directory",
            Self::NotADirectory => "misuse.not_a_directory",
            Self::AlreadyExists => "misuse.already_exists",
            Self::TooLarge => "misuse.too_large",
            Self::Full => "device.full",
            Self::ReadOnly => "refused.read_only",
            Self::AccessDenied => "refused.access_denied",
            Self::OutOfMemory => "device.out_of_memory",
            Self::Unsupported => "unsupported",
            Self::Damaged => "damaged",
            Self::Device => "device.error",
        }
    }

    /// The sentence part for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::IsDirectory => "is a directory, not a file",
            Self::NotADirectory => "is a file, not a directory",
            Self::AlreadyExists => "exists already",
            Self::TooLarge => "is too large",
            Self::Full => "no room left",
            Self::ReadOnly => "is read-only",
            Self::AccessDenied => "refused by the firmware",
            Self::OutOfMemory => "not enough memory",
            Self::Unsupported => "not supported by this machine",
            Self::Damaged => "is damaged",
            Self::Device => "device error",
        }
    }
}

/// An error at a port: its kind, and the number that recreates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What the firmware said, for instance `EFI_CRC_ERROR`; may be empty.
    pub detail: String,
}

impl PortError {
    /// An error without further detail.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        Self { kind, detail: String::new() }
    }
}

impl From<ErrorKind> for PortError {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.words())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

impl core::error::Error for PortError {}

/// What a port gives back.
pub type PortResult<T> = Result<T, PortError>;
