// SPDX-License-Identifier: MIT OR Apache-2.0
//! One error for all readers: what kind, the reader's own token, and a sentence for people.

use alloc::string::{String, ToString};
use core::fmt;

/// What a call of this crate gives back.
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no file system that is known here.
    Unknown,
    /// There is something that is known, and nothing here reads it.
    Foreign,
    /// There is something that is encrypted.
    Locked,
    /// There is no file of this path.
    NotFound,
    /// It is not a directory.
    NotADirectory,
    /// It is not a regular file.
    NotAFile,
    /// It is not a symbolic link.
    NotASymlink,
    /// The path is too long, or leads through too many links.
    BadPath,
    /// The file has more bytes than the caller's limit.
    TooLarge,
    /// The device could not be read.
    Device,
    /// The file system may be well, but its reader does not read this.
    Unsupported,
    /// The file system is not as its specification says.
    Damaged,
}

/// Why a volume, a path or a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    /// The reader's own name for it, which stays the same from release to release.
    pub token: &'static str,
    /// The sentence for people.
    pub message: String,
}

/// Who can act, as every reader sorts its errors.
#[derive(Clone, Copy)]
pub(crate) enum Family {
    Device,
    Unsupported,
    Damaged,
    Misuse,
}

impl Error {
    /// A reader's own error.
    pub(crate) fn of_reader(family: Family, token: &'static str, what: &dyn fmt::Display) -> Self {
        Self { kind: kind(family, token), token, message: what.to_string() }
    }

    /// There is no subvolume of this number.
    pub(crate) fn no_subvolume(id: u64) -> Self {
        let message = alloc::format!("there is no subvolume {id}");
        Self { kind: Kind::NotFound, token: "no_such_subvolume", message }
    }

    /// Nothing that is known stands on the volume.
    pub(crate) fn unknown() -> Self {
        let message = "there is no file system that is known here".to_string();
        Self { kind: Kind::Unknown, token: "unknown", message }
    }

    /// Whether there is nothing of this path, rather than something that cannot be read.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.kind, Kind::NotFound | Kind::NotADirectory)
    }
}

/// The readers agree in their tokens for what was asked wrongly.
fn kind(family: Family, token: &str) -> Kind {
    match (family, token) {
        (Family::Device, _) => Kind::Device,
        (_, "too_large") => Kind::TooLarge,
        (Family::Unsupported, _) => Kind::Unsupported,
        (Family::Damaged, _) => Kind::Damaged,
        (Family::Misuse, "no_such_file") => Kind::NotFound,
        (Family::Misuse, "not_a_directory") => Kind::NotADirectory,
        (Family::Misuse, "not_a_file") => Kind::NotAFile,
        (Family::Misuse, "not_a_symlink") => Kind::NotASymlink,
        (Family::Misuse, _) => Kind::BadPath,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Error {}
