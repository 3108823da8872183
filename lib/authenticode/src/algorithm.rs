// SPDX-License-Identifier: MIT OR Apache-2.0
//! Algorithms by their object identifiers (RFC 5754, RFC 8017 appendix A.2, RFC 5758).

use crate::element::{Element, Elements};
use crate::refusal::Refusal;
use core::fmt;
use der::Tag;
use der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const MD5_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
const SHA1_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const EC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
const SHA1_WITH_ECDSA: ObjectIdentifier = oid("1.2.840.10045.4.1");

/// Hash functions, and their identifiers: alone, with RSA (PKCS#1 v1.5), with ECDSA.
const DIGESTS: [(DigestAlgorithm, ObjectIdentifier, ObjectIdentifier, ObjectIdentifier); 3] = [
    (
        DigestAlgorithm::Sha256,
        oid("2.16.840.1.101.3.4.2.1"),
        oid("1.2.840.113549.1.1.11"),
        oid("1.2.840.10045.4.3.2"),
    ),
    (
        DigestAlgorithm::Sha384,
        oid("2.16.840.1.101.3.4.2.2"),
        oid("1.2.840.113549.1.1.12"),
        oid("1.2.840.10045.4.3.3"),
    ),
    (
        DigestAlgorithm::Sha512,
        oid("2.16.840.1.101.3.4.2.3"),
        oid("1.2.840.113549.1.1.13"),
        oid("1.2.840.10045.4.3.4"),
    ),
];

/// Hash functions that are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// What signs a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Rsa,
    /// ECDSA.
    Ecdsa,
}

/// A hash, at most 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash {
    bytes: [u8; 64],
    size: usize,
}

impl Hash {
    fn new(hash: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Self { bytes, size: hash.len().min(64) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.size).unwrap_or_default()
    }
}

impl DigestAlgorithm {
    /// Reads an `AlgorithmIdentifier`, whose parameters are absent or `NULL`.
    ///
    /// # Errors
    ///
    /// It is malformed, SHA-1, MD5 or unknown.
    pub(crate) fn read(elements: &mut Elements<'_>) -> Result<Self, Refusal> {
        let (value, parameters) = identifier(elements)?;
        no_parameters(parameters, elements)?;
        if let Some(weak) = weak(value) {
            return Err(Refusal::WeakDigest(weak));
        }
        let known = DIGESTS.iter().find(|(_, digest, ..)| digest.as_bytes() == value);
        known.map(|(algorithm, ..)| *algorithm).ok_or(Refusal::UnknownAlgorithm)
    }

    /// Bytes of a hash.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of these bytes.
    pub(crate) fn hash(self, bytes: &[u8]) -> Hash {
        match self {
            Self::Sha256 => Hash::new(&Sha256::digest(bytes)),
            Self::Sha384 => Hash::new(&Sha384::digest(bytes)),
            Self::Sha512 => Hash::new(&Sha512::digest(bytes)),
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl Scheme {
    /// Reads the identifier of a signature over a hash of `digest`, in a `SignerInfo`: a scheme alone, or
    /// with the hash function, which must be that one.
    pub(crate) fn read(elements: &mut Elements<'_>, digest: DigestAlgorithm) -> Result<Self, Refusal> {
        let (value, parameters) = identifier(elements)?;
        no_parameters(parameters, elements)?;
        match value {
            _ if value == RSA.as_bytes() => Ok(Self::Rsa),
            _ if value == EC_KEY.as_bytes() => Ok(Self::Ecdsa),
            _ => match with_digest(value)? {
                (scheme, with) if with == digest => Ok(scheme),
                _ => Err(Refusal::AlgorithmsDiffer),
            },
        }
    }

    /// Reads the identifier of a certificate's signature: a scheme with its hash function.
    pub(crate) fn read_with_digest(bytes: &mut Elements<'_>) -> Result<(Self, DigestAlgorithm), Refusal> {
        let (value, parameters) = identifier(bytes)?;
        if value == RSA_PSS.as_bytes() {
            return Err(Refusal::Pss);
        }
        no_parameters(parameters, bytes)?;
        with_digest(value)
    }
}

fn with_digest(value: &[u8]) -> Result<(Scheme, DigestAlgorithm), Refusal> {
    if value == RSA_PSS.as_bytes() {
        return Err(Refusal::Pss);
    }
    if let Some(weak) = weak(value) {
        return Err(Refusal::WeakDigest(weak));
    }
    DIGESTS
        .iter()
        .find_map(|(digest, _, rsa, ecdsa)| match value {
            _ if value == rsa.as_bytes() => Some((Scheme::Rsa, *digest)),
            _ if value == ecdsa.as_bytes() => Some((Scheme::Ecdsa, *digest)),
            _ => None,
        })
        .ok_or(Refusal::UnknownAlgorithm)
}

/// Hash functions that are broken.
fn weak(value: &[u8]) -> Option<&'static str> {
    let is = |oids: &[ObjectIdentifier]| oids.iter().any(|oid| oid.as_bytes() == value);
    if is(&[SHA1, SHA1_WITH_RSA, SHA1_WITH_ECDSA]) {
        return Some("SHA-1");
    }
    is(&[MD5, MD5_WITH_RSA]).then_some("MD5")
}

/// An `AlgorithmIdentifier`: identifier and parameters.
pub(crate) fn identifier<'b>(
    elements: &mut Elements<'b>,
) -> Result<(&'b [u8], Option<Element<'b>>), Refusal> {
    let mut inner = elements.sequence()?;
    let oid = inner.oid()?;
    let parameters = if inner.is_empty() { None } else { Some(inner.any()?) };
    inner.finish()?;
    Ok((oid, parameters))
}

fn no_parameters(parameters: Option<Element<'_>>, of: &Elements<'_>) -> Result<(), Refusal> {
    match parameters {
        None => Ok(()),
        Some(element) if element.tag == Tag::Null && element.value.is_empty() => Ok(()),
        Some(_) => Err(of.malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn wrap(oid: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
        let value = [&[6, oid.as_bytes().len() as u8], oid.as_bytes(), parameters].concat();
        [&[0x30, value.len() as u8], &value[..]].concat()
    }

    fn digest(oid: ObjectIdentifier, parameters: &[u8]) -> Result<DigestAlgorithm, Refusal> {
        DigestAlgorithm::read(&mut Elements::new(&wrap(oid, parameters), "it"))
    }

    #[test]
    fn digests() {
        for (algorithm, oid, ..) in DIGESTS {
            assert_eq!(digest(oid, &[]), Ok(algorithm));
            assert_eq!(digest(oid, &[5, 0]), Ok(algorithm));
            assert_eq!(digest(oid, &[4, 0]), Err(Refusal::Malformed("it")));
        }
        assert_eq!(digest(SHA1, &[5, 0]), Err(Refusal::WeakDigest("SHA-1")));
        assert_eq!(digest(MD5, &[]), Err(Refusal::WeakDigest("MD5")));
        assert_eq!(digest(RSA, &[]), Err(Refusal::UnknownAlgorithm));
    }

    #[test]
    fn schemes() {
        let read = |oid, digest| Scheme::read(&mut Elements::new(&wrap(oid, &[]), "it"), digest);
        for (algorithm, alone, rsa, ecdsa) in DIGESTS {
            assert_eq!(read(rsa, algorithm), Ok(Scheme::Rsa));
            assert_eq!(read(ecdsa, algorithm), Ok(Scheme::Ecdsa));
            assert_eq!(read(alone, algorithm), Err(Refusal::UnknownAlgorithm));
        }
        assert_eq!(read(DIGESTS[0].2, DigestAlgorithm::Sha512), Err(Refusal::AlgorithmsDiffer));
        assert_eq!(read(RSA, DigestAlgorithm::Sha512), Ok(Scheme::Rsa));
        assert_eq!(read(RSA_PSS, DigestAlgorithm::Sha256), Err(Refusal::Pss));
        assert_eq!(read(SHA1_WITH_RSA, DigestAlgorithm::Sha256), Err(Refusal::WeakDigest("SHA-1")));
    }
}
