// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a disk could not be looked at. What is wrong with a table is a [`Finding`](crate::Finding).

use core::fmt;

/// Why a disk could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// Neither the first sectors nor the last could be read.
    Device(E),
    /// Sectors of this size are none that disks have: a power of two from 512 to 4096.
    SectorSize(u32),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whoever looks after the device.
    Device,
    /// Whoever asked.
    Misuse,
}

impl<E> Error<E> {
    /// Who can act on it.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Device(_) => Family::Device,
            Self::SectorSize(_) => Family::Misuse,
        }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::SectorSize(_) => "sector_size",
        }
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => error.fmt(f),
            Self::SectorSize(size) => write!(f, "no disk has sectors of {size} bytes"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}
