// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, sorted by who can act, each with a token that stays the same.

use core::fmt;

/// Why an image, a path or a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The image could not be read at a place where something should be.
    Device(E),
    /// The image may be well, but this crate does not read it.
    Unsupported(Unsupported),
    /// The image is not as the specification says.
    Damaged(Damage),
    /// The image is well, and what was asked for is not in it.
    NotFound(NotFound),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever looks after the medium that holds the image.
    Device,
    /// Whoever wants this crate to do more.
    Unsupported,
    /// Whoever made the image or copied it.
    Damaged,
    /// Whoever asked.
    NotFound,
}

/// What is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// There is no primary volume descriptor (ECMA-119, 8.4).
    NotIso9660,
    /// Logical blocks of another size than 2048 bytes.
    BlockSize,
    /// A file recorded in interleaved mode (ECMA-119, 6.4.3).
    Interleaved,
    /// A file compressed by zisofs.
    Compressed,
    /// The file has more bytes than the caller's limit.
    TooLarge,
}

/// What is wrong with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// A volume descriptor has no proper root directory.
    Descriptor,
    /// A directory record is cut off or shorter than its name.
    Record,
    /// A system use entry is cut off, or continues too often.
    SystemUse,
    /// A folder has more bytes than [`crate::DIRECTORY_MAX`].
    DirectoryTooLarge,
    /// A file has more extents than [`crate::EXTENTS_MAX`].
    TooManyExtents,
    /// The extents of one file are not one after another in their folder.
    SplitFile,
    /// More than [`crate::LINKS_MAX`] symbolic links on one path.
    TooManyLinks,
    /// More than [`crate::STEPS_MAX`] names on one path, links included.
    TooDeep,
}

/// What is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotFound {
    /// No file of this path.
    Name,
    /// It is not a folder.
    NotADirectory,
    /// It is not a regular file.
    NotAFile,
}

impl<E> Error<E> {
    /// Who can act on it.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Device(_) => Family::Device,
            Self::Unsupported(_) => Family::Unsupported,
            Self::Damaged(_) => Family::Damaged,
            Self::NotFound(_) => Family::NotFound,
        }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::Unsupported(what) => what.token(),
            Self::Damaged(what) => what.token(),
            Self::NotFound(what) => what.token(),
        }
    }
}

impl Unsupported {
    fn token(self) -> &'static str {
        match self {
            Self::NotIso9660 => "not_iso9660",
            Self::BlockSize => "block_size",
            Self::Interleaved => "interleaved",
            Self::Compressed => "compressed",
            Self::TooLarge => "too_large",
        }
    }
}

impl Damage {
    fn token(self) -> &'static str {
        match self {
            Self::Descriptor => "bad_descriptor",
            Self::Record => "bad_record",
            Self::SystemUse => "bad_system_use",
            Self::DirectoryTooLarge => "directory_too_large",
            Self::TooManyExtents => "too_many_extents",
            Self::SplitFile => "split_file",
            Self::TooManyLinks => "too_many_links",
            Self::TooDeep => "too_deep",
        }
    }
}

impl NotFound {
    fn token(self) -> &'static str {
        match self {
            Self::Name => "no_such_file",
            Self::NotADirectory => "not_a_directory",
            Self::NotAFile => "not_a_file",
        }
    }
}

impl<E> From<Unsupported> for Error<E> {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

impl<E> From<Damage> for Error<E> {
    fn from(what: Damage) -> Self {
        Self::Damaged(what)
    }
}

impl<E> From<NotFound> for Error<E> {
    fn from(what: NotFound) -> Self {
        Self::NotFound(what)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => return error.fmt(f),
            Self::Unsupported(Unsupported::NotIso9660) => "this is no ISO 9660 image",
            Self::Unsupported(Unsupported::BlockSize) => "the image's blocks are not of 2048 bytes",
            Self::Unsupported(Unsupported::Interleaved) => "the file is recorded in interleaved mode",
            Self::Unsupported(Unsupported::Compressed) => "the file is compressed by zisofs",
            Self::Unsupported(Unsupported::TooLarge) => "the file is larger than it may be here",
            Self::Damaged(Damage::Descriptor) => "the image has no proper root directory",
            Self::Damaged(Damage::Record) => "a directory record is cut off",
            Self::Damaged(Damage::SystemUse) => "a system use entry is cut off or continues too often",
            Self::Damaged(Damage::DirectoryTooLarge) => "a folder is too large",
            Self::Damaged(Damage::TooManyExtents) => "a file is in too many pieces",
            Self::Damaged(Damage::SplitFile) => "the pieces of a file are not together",
            Self::Damaged(Damage::TooManyLinks) => "there are too many symbolic links on the path",
            Self::Damaged(Damage::TooDeep) => "the path is too deep",
            Self::NotFound(NotFound::Name) => "there is no such file",
            Self::NotFound(NotFound::NotADirectory) => "it is not a folder",
            Self::NotFound(NotFound::NotAFile) => "it is not a file",
        }
        .fmt(f)
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}
