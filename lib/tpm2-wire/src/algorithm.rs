// SPDX-License-Identifier: MIT OR Apache-2.0
//! Algorithms, by the numbers that the TCG gave them.

use core::fmt;

/// An algorithm, by its number in the TCG Algorithm Registry (`TPM_ALG_ID`). It may be one without a name here.
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
    /// None.
    pub const NULL: Self = Self(0x0010);
    /// SM3 with 256 bits.
    pub const SM3_256: Self = Self(0x0012);
    /// Signatures by ECDSA.
    pub const ECDSA: Self = Self(0x0018);
    /// Keys on elliptic curves.
    pub const ECC: Self = Self(0x0023);

    /// How many bytes digests have; `None` for what makes no digests, or has no name here.
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

    /// The name as Linux and tpm2-tools write it: `sha256`.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::SHA1 => Some("sha1"),
            Self::SHA256 => Some("sha256"),
            Self::SHA384 => Some("sha384"),
            Self::SHA512 => Some("sha512"),
            Self::NULL => Some("null"),
            Self::SM3_256 => Some("sm3_256"),
            Self::ECDSA => Some("ecdsa"),
            Self::ECC => Some("ecc"),
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
