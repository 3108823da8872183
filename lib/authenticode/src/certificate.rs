// SPDX-License-Identifier: MIT OR Apache-2.0
//! X.509 certificates (RFC 5280, section 4.1): what a chain of signatures needs of them.

use crate::algorithm::{DigestAlgorithm, Scheme};
use crate::element::{CONTEXT_0, CONTEXT_3, Elements, unsigned, whole_bytes};
use crate::extensions::Extensions;
use crate::public_key::PublicKey;
use crate::refusal::Refusal;
use crate::subject::Subject;
use der::Tag;

/// The largest certificate, in bytes. Authorities for EFI programs have certificates of about 1,500.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

const PART: &str = "a certificate";
/// `version` of certificates with extensions.
const V3: [u8; 1] = [2];

/// A certificate, as far as it could be read without its keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'b> {
    /// All of it, with its tag.
    pub(crate) whole: &'b [u8],
    /// What is signed, `TBSCertificate`, with its tag.
    pub(crate) signed: &'b [u8],
    /// `serialNumber`, as it is stored.
    pub(crate) serial: &'b [u8],
    /// `Name`s, with their tags.
    pub(crate) issuer: &'b [u8],
    pub(crate) subject: Subject<'b>,
    /// `SubjectPublicKeyInfo`, with its tag.
    key: &'b [u8],
    pub(crate) extensions: Extensions,
    /// `AlgorithmIdentifier` of the signature, with its tag.
    algorithm: &'b [u8],
    signature: &'b [u8],
}

impl<'b> Certificate<'b> {
    /// Reads a certificate, and nothing behind it.
    ///
    /// # Errors
    ///
    /// It is malformed, or longer than [`CERTIFICATE_BYTES_MAX`].
    pub(crate) fn read(whole: &'b [u8]) -> Result<Self, Refusal> {
        if whole.len() > CERTIFICATE_BYTES_MAX {
            return Err(Refusal::CertificateTooLarge { bytes: whole.len() });
        }
        let mut outer = Elements::new(whole, PART);
        let mut elements = outer.sequence()?;
        outer.finish()?;
        let signed = elements.take(Tag::Sequence)?;
        let algorithm = elements.take(Tag::Sequence)?.whole;
        let signature = elements.take(Tag::BitString)?.value;
        let signature = whole_bytes(signature).ok_or(elements.malformed())?;
        elements.finish()?;
        let fields = Fields::read(signed.value)?;
        // RFC 5280, section 4.1.1.2: the identifier that is signed is the same.
        if fields.algorithm != algorithm {
            return Err(Refusal::AlgorithmsDiffer);
        }
        Ok(Self {
            whole,
            signed: signed.whole,
            serial: fields.serial,
            issuer: fields.issuer,
            subject: Subject::new(fields.subject),
            key: fields.key,
            extensions: fields.extensions,
            algorithm,
            signature,
        })
    }

    /// Its key.
    pub(crate) fn key(&self) -> Result<PublicKey, Refusal> {
        PublicKey::read(self.key)
    }

    /// Whether the key signed this certificate.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> Result<bool, Refusal> {
        let (scheme, digest) = Scheme::read_with_digest(&mut Elements::new(self.algorithm, PART))?;
        Ok(key.verifies(scheme, digest, &digest.hash(self.signed), self.signature))
    }

    /// SHA-256 of all of it: how tools name certificates.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let hash = DigestAlgorithm::Sha256.hash(self.whole);
        hash.bytes().first_chunk().copied().unwrap_or_default()
    }
}

/// What is read of a `TBSCertificate`.
struct Fields<'b> {
    serial: &'b [u8],
    algorithm: &'b [u8],
    issuer: &'b [u8],
    subject: &'b [u8],
    key: &'b [u8],
    extensions: Extensions,
}

impl<'b> Fields<'b> {
    fn read(signed: &'b [u8]) -> Result<Self, Refusal> {
        let mut elements = Elements::new(signed, PART);
        let version = version(&mut elements)?;
        let serial = elements.take(Tag::Integer)?.value;
        let algorithm = elements.take(Tag::Sequence)?.whole;
        let issuer = elements.take(Tag::Sequence)?.whole;
        // `validity` is not looked at: firmware has no clock that it could trust.
        elements.take(Tag::Sequence)?;
        let subject = elements.take(Tag::Sequence)?.whole;
        let key = elements.take(Tag::Sequence)?.whole;
        let extensions = extensions(&mut elements, version)?;
        Ok(Self { serial, algorithm, issuer, subject, key, extensions })
    }
}

/// `version`; `None` for v1, which has none.
fn version<'b>(elements: &mut Elements<'b>) -> Result<Option<&'b [u8]>, Refusal> {
    let Some(field) = elements.take_if(CONTEXT_0)? else { return Ok(None) };
    let mut inner = Elements::new(field.value, PART);
    let version = inner.take(Tag::Integer)?.value;
    inner.finish()?;
    unsigned(version).ok_or(inner.malformed()).map(Some)
}

/// Unique identifiers, which are not looked at, and extensions, which only v3 has.
fn extensions(elements: &mut Elements<'_>, version: Option<&[u8]>) -> Result<Extensions, Refusal> {
    for number in [1, 2] {
        elements.take_if(crate::element::context(number, false))?;
    }
    let Some(field) = elements.take_if(CONTEXT_3)? else {
        elements.finish()?;
        return Ok(Extensions::default());
    };
    elements.finish()?;
    if version != Some(&V3) {
        return Err(elements.malformed());
    }
    Extensions::read(field.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{SHA256, SampleCertificate};

    type Change = fn(&mut SampleCertificate);

    #[test]
    fn what_is_read_and_what_is_refused() {
        let malformed = Err(Refusal::Malformed(PART));
        let cases: [(Change, Result<(), Refusal>); 6] = [
            (|_| (), Ok(())),
            (|it| (it.version, it.extensions) = (None, false), Ok(())),
            (|it| it.version = None, malformed.clone()),
            (|it| it.version = Some(1), malformed),
            (|it| it.signed_algorithm = SHA256, Err(Refusal::AlgorithmsDiffer)),
            (|it| it.padding = CERTIFICATE_BYTES_MAX - 150, Ok(())),
        ];
        for (number, (change, expected)) in cases.into_iter().enumerate() {
            let mut sample = SampleCertificate::default();
            change(&mut sample);
            assert_eq!(Certificate::read(&sample.build()).map(|_| ()), expected, "{number}");
        }
        let padding = CERTIFICATE_BYTES_MAX;
        let large = SampleCertificate { padding, ..SampleCertificate::default() }.build();
        let refused = Certificate::read(&large).map(|_| ());
        assert_eq!(refused, Err(Refusal::CertificateTooLarge { bytes: large.len() }));
    }
}
