// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hash algorithms, by the numbers that the TCG gave them.

use core::fmt;

/// A hash algorithm, by its number in the TCG Algorithm Registry (`TPM_ALG_ID`).
///
/// A log may name one that is not among these constants. Its digests are then bytes like any others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Algorithm(pub u16);

impl Algorithm {
    /// SHA-1.
    pub const SHA1: Self = Self(0x0004);
    /// SHA-256.
    pub const SHA256: Self = Self(0x000B);
    /// SHA-384.
    pub const SHA384: Self = Self(0x000C);
    /// SHA-512.
    pub const SHA512: Self = Self(0x000D);
    /// SM3 with 256 bits.
    pub const SM3_256: Self = Self(0x0012);

    /// Those with a name here.
    pub const NAMED: [Self; 5] = [Self::SHA1, Self::SHA256, Self::SHA384, Self::SHA512, Self::SM3_256];

    /// The name as Linux and tpm2-tools write it: `sha256`.
    ///
    /// ```
    /// use tcg_eventlog::Algorithm;
    ///
    /// assert_eq!(Algorithm(0x0B).name(), Some("sha256"));
    /// assert_eq!(Algorithm(0x27).name(), None);
    /// ```
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::SHA1 => Some("sha1"),
            Self::SHA256 => Some("sha256"),
            Self::SHA384 => Some("sha384"),
            Self::SHA512 => Some("sha512"),
            Self::SM3_256 => Some("sm3_256"),
            _ => None,
        }
    }

    /// How many bytes its digests have; `None` for one that has no name here.
    #[must_use]
    pub const fn digest_size(self) -> Option<u16> {
        match self {
            Self::SHA1 => Some(20),
            Self::SHA256 | Self::SM3_256 => Some(32),
            Self::SHA384 => Some(48),
            Self::SHA512 => Some(64),
            _ => None,
        }
    }
}

/// The name, or the number: `sha256`, `algorithm 0x27`.
impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "algorithm {:#x}", self.0),
        }
    }
}
