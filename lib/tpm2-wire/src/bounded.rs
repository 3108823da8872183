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

/// The largest digest: that of SHA-512, 64 bytes.
pub const DIGEST_BYTES_MAX: usize = 64;
/// The largest name: the number of a hash algorithm, and a digest.
pub const NAME_BYTES_MAX: usize = 66;

/// A digest of any algorithm, as a `TPM2B_DIGEST` has one. May be empty.
pub type Digest = Bounded<DIGEST_BYTES_MAX>;
/// The name of an object or an NV index, as a `TPM2B_NAME` has one (TPM 2.0 Library, part 1, 16).
pub type Name = Bounded<NAME_BYTES_MAX>;

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
