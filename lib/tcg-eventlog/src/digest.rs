// SPDX-License-Identifier: MIT OR Apache-2.0
//! Digests, and how they are made.

use crate::algorithm::Algorithm;
use core::fmt;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The most bytes of a digest that is made here: those of SHA-512.
const BYTES_MAX: usize = 64;

/// A digest, or the value of a PCR, of 20 to 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    bytes: [u8; BYTES_MAX],
    length: usize,
}

impl Digest {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The digest of what `parts` are after each other; `None` for an algorithm that is not built in.
    pub(crate) fn of(algorithm: Algorithm, parts: &[&[u8]]) -> Option<Self> {
        Some(match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::SHA1 => Self::from(&*finish(sha1::Sha1::new(), parts)),
            Algorithm::SHA256 => Self::from(&*finish(Sha256::new(), parts)),
            Algorithm::SHA384 => Self::from(&*finish(Sha384::new(), parts)),
            Algorithm::SHA512 => Self::from(&*finish(Sha512::new(), parts)),
            _ => return None,
        })
    }

    /// As many bytes of this value as the algorithm's digests have.
    pub(crate) fn filled(size: u16, value: u8) -> Self {
        let length = usize::from(size).min(BYTES_MAX);
        let mut bytes = [0; BYTES_MAX];
        bytes.iter_mut().take(length).for_each(|byte| *byte = value);
        Self { bytes, length }
    }

    /// Zeros in the place of each byte.
    pub(crate) fn zeroed(self) -> Self {
        Self { bytes: [0; BYTES_MAX], ..self }
    }

    /// With another last byte.
    pub(crate) fn ending_with(mut self, value: u8) -> Self {
        let last = self.length.checked_sub(1).and_then(|last| self.bytes.get_mut(last));
        last.into_iter().for_each(|byte| *byte = value);
        self
    }
}

impl From<&[u8]> for Digest {
    /// The first 64 bytes.
    fn from(bytes: &[u8]) -> Self {
        let mut digest = Self { bytes: [0; BYTES_MAX], length: bytes.len().min(BYTES_MAX) };
        digest.bytes.iter_mut().zip(bytes).for_each(|(own, byte)| *own = *byte);
        digest
    }
}

fn finish<H: sha2::Digest>(mut hash: H, parts: &[&[u8]]) -> sha2::digest::Output<H> {
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize()
}

/// Whether digests of this algorithm can be made.
#[must_use]
pub fn is_supported(algorithm: Algorithm) -> bool {
    Digest::of(algorithm, &[]).is_some()
}

/// In small hexadecimal letters.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests of "abc" in FIPS 180-4's examples, by their beginnings.
    #[test]
    fn digests_are_those_of_the_standard() {
        let starts = [
            (Algorithm::SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d", 20),
            (Algorithm::SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 32),
            (Algorithm::SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163", 48),
            (Algorithm::SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2", 64),
        ];
        for (algorithm, start, length) in starts {
            let digest = Digest::of(algorithm, &[b"a", b"", b"bc"]).unwrap();
            assert!(digest.to_string().starts_with(start), "{algorithm}");
            assert_eq!(digest.as_bytes().len(), length);
            assert_eq!(algorithm.digest_size(), u16::try_from(length).ok());
        }
        assert!(!is_supported(Algorithm::SM3_256));
    }
}
