// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes of bounded length, without an allocation: digests, names, structures as they were signed.

use crate::bytes::Reader;
use core::fmt;

/// At most `MAX` bytes.
#[derive(Clone, Copy)]
pub struct Bounded<const MAX: usize> {
    bytes: [u8; MAX],
    length: usize,
}

// Literals, not constants: rustc 1.95 crashes on closures of other crates that take such types out of a structure.
/// A digest of any algorithm, as a `TPM2B_DIGEST` has one: at most that of SHA-512, 64 bytes. May be empty.
pub type Digest = Bounded<64>;
/// The name of an object or an NV index, as a `TPM2B_NAME` has one (TPM 2.0 Library, part 1, 16): at most the number
/// of a hash algorithm, and a digest.
pub type Name = Bounded<66>;
/// A signed structure as a `TPM2B_ATTEST` has one: one with SHA-256 has about 140 bytes, one of 16 banks with
/// digests of 64 bytes less than 400.
pub type AttestBytes = Bounded<512>;
/// A public area as a `TPM2B_PUBLIC` has one: that of an RSA key of 4096 bits has about 600 bytes.
pub(crate) type PublicBytes = Bounded<640>;

impl<const MAX: usize> Bounded<MAX> {
    /// No bytes.
    pub const EMPTY: Self = Self { bytes: [0; MAX], length: 0 };

    /// A copy of these bytes; `None` when there are more than `MAX`.
    ///
    /// ```
    /// use tpm2_wire::Digest;
    ///
    /// assert_eq!(Digest::new(&[7; 32]).unwrap().as_bytes(), [7; 32]);
    /// assert!(Digest::new(&[7; 65]).is_none());
    /// ```
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut own = Self { length: bytes.len(), ..Self::EMPTY };
        own.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(own)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The bytes of a `TPM2B`, where they are not too many.
    pub(crate) fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        Self::new(reader.sized()?)
    }
}

impl<const MAX: usize> Default for Bounded<MAX> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const MAX: usize> PartialEq for Bounded<MAX> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const MAX: usize> Eq for Bounded<MAX> {}

/// In hexadecimal.
impl<const MAX: usize> fmt::Display for Bounded<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const MAX: usize> fmt::Debug for Bounded<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
