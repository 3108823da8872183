// SPDX-License-Identifier: MIT OR Apache-2.0
//! Public keys (RFC 5280, section 4.1.2.7; RFC 8017, appendix A.1.1; RFC 5480) and the signatures that they
//! verify.

use crate::algorithm::{DigestAlgorithm, Hash, Scheme, identifier};
use crate::element::{Elements, unsigned, whole_bytes};
use crate::refusal::Refusal;
use der::Tag;
use der::asn1::ObjectIdentifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::BoxedUint;
use sha2::{Sha256, Sha384, Sha512};

/// The smallest RSA key, in bits: what UEFI firmware and shim accept.
pub const RSA_BITS_MIN: usize = 2048;
/// The largest RSA key, in bits. Time to verify grows with the square, and no authority for EFI programs
/// has more.
pub const RSA_BITS_MAX: usize = 4096;
/// The largest public exponent in bytes. All authorities have 65537; RFC 8017 allows exponents as long as the
/// key, with which a verification would take as long as a signature.
const RSA_EXPONENT_MAX: usize = 4;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// A key that verifies.
pub(crate) enum PublicKey {
    Rsa(rsa::PublicKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`, with its tag.
    ///
    /// # Errors
    ///
    /// It is malformed, of an unknown kind, or not of a size that is accepted.
    pub(crate) fn read(info: &[u8]) -> Result<Self, Refusal> {
        let mut outer = Elements::new(info, "a public key");
        let mut elements = outer.sequence()?;
        let (algorithm, parameters) = identifier(&mut elements)?;
        let bits = elements.take(Tag::BitString)?.value;
        let key = whole_bytes(bits).ok_or(elements.malformed())?;
        elements.finish()?;
        if algorithm == RSA.as_bytes() {
            return rsa(key);
        }
        let curve = parameters.filter(|_| algorithm == EC.as_bytes()).ok_or(Refusal::UnknownKey)?;
        elliptic(curve.value, key)
    }

    /// Whether this key made `signature` over the hash `hash`.
    pub(crate) fn verifies(
        &self,
        scheme: Scheme,
        digest: DigestAlgorithm,
        hash: &Hash,
        signature: &[u8],
    ) -> bool {
        let hash = hash.bytes();
        match (self, scheme) {
            (Self::Rsa(key), Scheme::Rsa) => match digest {
                DigestAlgorithm::Sha256 => key.pkcs1v15_verify_prehash::<Sha256>(hash, signature),
                DigestAlgorithm::Sha384 => key.pkcs1v15_verify_prehash::<Sha384>(hash, signature),
                DigestAlgorithm::Sha512 => key.pkcs1v15_verify_prehash::<Sha512>(hash, signature),
            }
            .is_ok(),
            (Self::P256(key), Scheme::Ecdsa) => p256::ecdsa::DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok()),
            (Self::P384(key), Scheme::Ecdsa) => p384::ecdsa::DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok()),
            (Self::Rsa(_), Scheme::Ecdsa) | (Self::P256(_) | Self::P384(_), Scheme::Rsa) => false,
        }
    }
}

fn rsa(key: &[u8]) -> Result<PublicKey, Refusal> {
    let mut outer = Elements::new(key, "an RSA key");
    let mut elements = outer.sequence()?;
    let modulus = unsigned(elements.take(Tag::Integer)?.value).ok_or(elements.malformed())?;
    let exponent = unsigned(elements.take(Tag::Integer)?.value).ok_or(elements.malformed())?;
    elements.finish()?;
    outer.finish()?;
    // Before anything is computed with them.
    let bits = bits(modulus);
    match bits {
        RSA_BITS_MIN..=RSA_BITS_MAX => {}
        _ if bits < RSA_BITS_MIN => return Err(Refusal::RsaTooSmall { bits }),
        _ => return Err(Refusal::RsaTooLarge { bits }),
    }
    if exponent.len() > RSA_EXPONENT_MAX {
        return Err(Refusal::RsaExponent);
    }
    let [modulus, exponent] = [modulus, exponent].map(BoxedUint::from_be_slice_vartime);
    rsa::PublicKey::new_with_size_limits(modulus, exponent, RSA_BITS_MIN..=RSA_BITS_MAX)
        .map(PublicKey::Rsa)
        .map_err(|_| Refusal::Malformed("an RSA key"))
}

/// Bits of a number whose first byte is not 0.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    number.len().saturating_mul(8).saturating_sub(usize::try_from(unused).unwrap_or(0))
}

fn elliptic(curve: &[u8], point: &[u8]) -> Result<PublicKey, Refusal> {
    let malformed = || Refusal::Malformed("a point of an elliptic curve");
    if curve == P256.as_bytes() {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
        return key.map(PublicKey::P256).map_err(|_| malformed());
    }
    if curve == P384.as_bytes() {
        let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point);
        return key.map(PublicKey::P384).map_err(|_| malformed());
    }
    Err(Refusal::UnknownKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::wrap;
    use alloc::vec;
    use alloc::vec::Vec;
    use std::time::{Duration, Instant};

    /// An RSA key of this modulus and exponent.
    fn key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let key = wrap(0x30, &[wrap(2, modulus), wrap(2, exponent)].concat());
        let algorithm = wrap(0x30, &[wrap(6, RSA.as_bytes()), wrap(5, &[])].concat());
        wrap(0x30, &[algorithm, wrap(3, &[&[0], &key[..]].concat())].concat())
    }

    /// An odd number of so many bits, as an INTEGER has it.
    fn number(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0xFF; bits.div_ceil(8)];
        if bits.is_multiple_of(8) {
            bytes.insert(0, 0);
        } else {
            bytes[0] = 0xFF >> (8 - bits % 8);
        }
        bytes
    }

    #[test]
    fn sizes_are_bounded_before_anything_is_computed() {
        let read = |bits: usize| PublicKey::read(&key(&number(bits), &[1, 0, 1])).map(|_| bits);
        assert_eq!(read(1024), Err(Refusal::RsaTooSmall { bits: 1024 }));
        assert_eq!(read(2047), Err(Refusal::RsaTooSmall { bits: 2047 }));
        assert_eq!(read(2048), Ok(2048));
        assert_eq!(read(4096), Ok(4096));
        assert_eq!(read(4097), Err(Refusal::RsaTooLarge { bits: 4097 }));
        let started = Instant::now();
        assert_eq!(read(1 << 20), Err(Refusal::RsaTooLarge { bits: 1 << 20 }));
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn numbers_that_make_no_key() {
        let read = |modulus: &[u8], exponent: &[u8]| PublicKey::read(&key(modulus, exponent)).err();
        let good = number(2048);
        assert_eq!(read(&good, &[1, 0, 0, 0, 1]), Some(Refusal::RsaExponent));
        assert_eq!(read(&good, &number(2000)), Some(Refusal::RsaExponent));
        let mut even = good.clone();
        *even.last_mut().unwrap() = 0xFE;
        let negative = &good[1..];
        let cases: [(&[u8], &[u8]); 6] =
            [(&even, &[3]), (negative, &[3]), (&good, &[]), (&good, &[0]), (&good, &[1]), (&good, &[4])];
        for (modulus, exponent) in cases {
            assert_eq!(read(modulus, exponent), Some(Refusal::Malformed("an RSA key")), "{exponent:?}");
        }
    }
}
