// SPDX-License-Identifier: MIT OR Apache-2.0
//! A signature as PKCS#7 has it (RFC 2315, sections 9 and 14; RFC 5652, section 5), around
//! `SpcIndirectDataContent` ("Windows Authenticode Portable Executable Signature Format").

use crate::algorithm::{DigestAlgorithm, Scheme};
use crate::certificate::Certificate;
use crate::element::{CONTEXT_0, CONTEXT_1, Elements, unsigned};
use crate::public_key::PublicKey;
use crate::refusal::Refusal;
use alloc::vec::Vec;
use der::Tag;
use der::asn1::ObjectIdentifier;

/// The largest signature, in bytes. Those of the field have 1,500 to 10,000.
pub const SIGNED_DATA_BYTES_MAX: usize = 64 * 1024;
/// The most certificates in one signature: the signer's, and the authorities above.
pub const CERTIFICATES_MAX: usize = 16;
/// The most attributes that are signed. Usual are three to five.
const ATTRIBUTES_MAX: usize = 16;
/// Entries of a certificate table are filled up to a multiple of 8 bytes; some count this to the entry.
const PADDING_MAX: usize = 7;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `SPC_INDIRECT_DATA_OBJID`.
const INDIRECT_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.4");
/// `SPC_PE_IMAGE_DATAOBJ`.
const PE_IMAGE_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.15");

const PART: &str = "the PKCS#7 signature";
const CONTENT: &str = "the signed content";
const SIGNER: &str = "the signer's information";
const ATTRIBUTES: &str = "the signed attributes";

/// One signature of an image, read and not yet believed.
#[derive(Clone, Debug)]
pub struct SignedData<'b> {
    /// The hash function of image, content and attributes.
    digest: DigestAlgorithm,
    /// The image's hash.
    image: &'b [u8],
    /// `SpcIndirectDataContent` without its tag, as it is hashed.
    content: &'b [u8],
    certificates: Vec<Certificate<'b>>,
    signer: SignerInfo<'b>,
}

/// What is read of `SignerInfo`.
#[derive(Clone, Copy, Debug)]
struct SignerInfo<'b> {
    issuer: &'b [u8],
    serial: &'b [u8],
    digest: DigestAlgorithm,
    attributes: Attributes<'b>,
    scheme: Scheme,
    signature: &'b [u8],
}

/// The signed attributes.
#[derive(Clone, Copy, Debug)]
struct Attributes<'b> {
    /// With the tag that they have in the signature, which is not the tag that is hashed.
    whole: &'b [u8],
    message_digest: &'b [u8],
}

impl<'b> SignedData<'b> {
    /// Reads a signature. Nothing is computed, and nothing is believed of it.
    ///
    /// # Errors
    ///
    /// It is malformed, too large, not a signature of an image, or of an algorithm that is not trusted.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Refusal> {
        if bytes.len() > SIGNED_DATA_BYTES_MAX {
            return Err(Refusal::SignatureTooLarge { bytes: bytes.len() });
        }
        let mut elements = open(bytes)?;
        one(&mut elements)?;
        let digest = only_digest(&mut elements)?;
        let (content, indirect) = content(&mut elements)?;
        let (image_digest, image) = indirect_data(indirect)?;
        let certificates = certificates(&mut elements)?;
        // Lists of revoked certificates are not looked at, as firmware does not.
        elements.take_if(CONTEXT_1)?;
        let mut signers = elements.enter(Tag::Set)?;
        elements.finish()?;
        let signer = SignerInfo::read(&mut signers)?;
        if !signers.is_empty() {
            return Err(Refusal::SeveralSigners);
        }
        if digest != image_digest || digest != signer.digest {
            return Err(Refusal::AlgorithmsDiffer);
        }
        Ok(Self { digest, image, content, certificates, signer })
    }

    /// The hash function that it was made with.
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// The image's hash that was signed.
    #[must_use]
    pub fn image_digest(&self) -> &'b [u8] {
        self.image
    }

    /// All certificates that came with it.
    pub(crate) fn certificates(&self) -> &[Certificate<'b>] {
        &self.certificates
    }

    /// The place of the signer's own certificate in [`Self::certificates`] (RFC 5652, section 5.3,
    /// `issuerAndSerialNumber`).
    pub(crate) fn signer(&self) -> Option<usize> {
        let SignerInfo { issuer, serial, .. } = self.signer;
        self.certificates.iter().position(|one| one.issuer == issuer && one.serial == serial)
    }

    /// Whether all of it was signed by `key`: the content has the hash that the attributes say, and the
    /// attributes are signed (RFC 5652, section 5.6).
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), Refusal> {
        if self.digest.hash(self.content).bytes() != self.signer.attributes.message_digest {
            return Err(Refusal::ContentChanged);
        }
        let hash = self.digest.hash(&self.signer.attributes.as_hashed());
        if key.verifies(self.signer.scheme, self.digest, &hash, self.signer.signature) {
            Ok(())
        } else {
            Err(Refusal::WrongSignature)
        }
    }
}

/// `ContentInfo` and what follows it.
fn open(bytes: &[u8]) -> Result<Elements<'_>, Refusal> {
    let mut outer = Elements::new(bytes, PART);
    let mut info = outer.sequence()?;
    if outer.rest().len() > PADDING_MAX || outer.rest().iter().any(|byte| *byte != 0) {
        return Err(outer.malformed());
    }
    if info.oid()? != SIGNED_DATA.as_bytes() {
        return Err(Refusal::NotSignedData);
    }
    let mut content = info.enter(CONTEXT_0)?;
    info.finish()?;
    let elements = content.sequence()?;
    content.finish()?;
    Ok(elements)
}

/// `version`, which is 1.
fn one(elements: &mut Elements<'_>) -> Result<(), Refusal> {
    match unsigned(elements.take(Tag::Integer)?.value) {
        Some([1]) => Ok(()),
        _ => Err(elements.malformed()),
    }
}

/// `digestAlgorithms`: Authenticode has one.
fn only_digest(elements: &mut Elements<'_>) -> Result<DigestAlgorithm, Refusal> {
    let mut set = elements.enter(Tag::Set)?;
    let digest = DigestAlgorithm::read(&mut set)?;
    set.finish()?;
    Ok(digest)
}

/// `contentInfo`: the bytes that are hashed, and the elements in them.
fn content<'b>(elements: &mut Elements<'b>) -> Result<(&'b [u8], Elements<'b>), Refusal> {
    let mut info = elements.sequence()?;
    if info.oid()? != INDIRECT_DATA.as_bytes() {
        return Err(Refusal::NotAuthenticode);
    }
    let mut explicit = info.enter(CONTEXT_0)?;
    info.finish()?;
    let content = explicit.take(Tag::Sequence)?.value;
    explicit.finish()?;
    Ok((content, Elements::new(content, CONTENT)))
}

/// `SpcIndirectDataContent`: the image's hash.
fn indirect_data<'b>(mut content: Elements<'b>) -> Result<(DigestAlgorithm, &'b [u8]), Refusal> {
    let mut data = content.sequence()?;
    if data.oid()? != PE_IMAGE_DATA.as_bytes() {
        return Err(Refusal::NotAuthenticode);
    }
    let mut info = content.sequence()?;
    content.finish()?;
    let digest = DigestAlgorithm::read(&mut info)?;
    let hash = info.take(Tag::OctetString)?.value;
    info.finish()?;
    Ok((digest, hash))
}

fn certificates<'b>(elements: &mut Elements<'b>) -> Result<Vec<Certificate<'b>>, Refusal> {
    let mut list = Vec::new();
    let Some(field) = elements.take_if(CONTEXT_0)? else { return Ok(list) };
    let mut set = Elements::new(field.value, PART);
    while !set.is_empty() {
        if list.len() >= CERTIFICATES_MAX {
            return Err(Refusal::TooManyCertificates);
        }
        list.push(Certificate::read(set.any()?.whole)?);
    }
    Ok(list)
}

impl<'b> SignerInfo<'b> {
    fn read(signers: &mut Elements<'b>) -> Result<Self, Refusal> {
        let mut elements = Elements::new(signers.take(Tag::Sequence)?.value, SIGNER);
        one(&mut elements)?;
        let mut name = elements.sequence()?;
        let issuer = name.take(Tag::Sequence)?.whole;
        let serial = name.take(Tag::Integer)?.value;
        name.finish()?;
        let digest = DigestAlgorithm::read(&mut elements)?;
        let attributes = elements.take_if(CONTEXT_0)?.ok_or(Refusal::NoSignedAttributes)?;
        let attributes = Attributes::read(attributes.whole, attributes.value)?;
        let scheme = Scheme::read(&mut elements, digest)?;
        let signature = elements.take(Tag::OctetString)?.value;
        // Attributes that are not signed: time stamps, which firmware asks for dates of revocation only.
        elements.take_if(CONTEXT_1)?;
        elements.finish()?;
        Ok(Self { issuer, serial, digest, attributes, scheme, signature })
    }
}

impl<'b> Attributes<'b> {
    fn read(whole: &'b [u8], list: &'b [u8]) -> Result<Self, Refusal> {
        let mut list = Elements::new(list, ATTRIBUTES);
        let (mut content_type, mut message_digest) = (None, None);
        for _ in 0..ATTRIBUTES_MAX {
            if list.is_empty() {
                break;
            }
            let (oid, values) = attribute(&mut list)?;
            if oid == CONTENT_TYPE.as_bytes() {
                only(&mut content_type, values, Tag::ObjectIdentifier)?;
            } else if oid == MESSAGE_DIGEST.as_bytes() {
                only(&mut message_digest, values, Tag::OctetString)?;
            }
        }
        list.finish()?;
        if content_type != Some(INDIRECT_DATA.as_bytes()) {
            return Err(list.malformed());
        }
        Ok(Self { whole, message_digest: message_digest.ok_or(list.malformed())? })
    }

    /// RFC 5652, section 5.4: they are hashed as a `SET`.
    fn as_hashed(&self) -> Vec<u8> {
        const SET: u8 = 0x31;
        let mut bytes = self.whole.to_vec();
        if let Some(tag) = bytes.first_mut() {
            *tag = SET;
        }
        bytes
    }
}

fn attribute<'b>(list: &mut Elements<'b>) -> Result<(&'b [u8], Elements<'b>), Refusal> {
    let mut attribute = list.sequence()?;
    let oid = attribute.oid()?;
    let values = attribute.enter(Tag::Set)?;
    attribute.finish()?;
    Ok((oid, values))
}

/// Keeps the only value of an attribute that must not come twice (RFC 5652, section 11).
fn only<'b>(place: &mut Option<&'b [u8]>, mut values: Elements<'b>, tag: Tag) -> Result<(), Refusal> {
    let value = values.take(tag)?.value;
    values.finish()?;
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(values.malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{DATA, SHA1, SHA256, SHA256_WITH_RSA, SHA512, SampleCertificate, SampleSignature};
    use alloc::vec;

    type Change = fn(&mut SampleSignature);
    /// How many certificates, and which is the signer's.
    type Read = Result<(usize, Option<usize>), Refusal>;

    fn read(change: Change) -> Read {
        let mut sample = SampleSignature::default();
        change(&mut sample);
        SignedData::read(&sample.build()).map(|signature| (signature.certificates.len(), signature.signer()))
    }

    #[test]
    fn what_is_read_and_what_is_refused() {
        let malformed = Err(Refusal::Malformed(ATTRIBUTES));
        let cases: [(Change, Read); 18] = [
            (|_| (), Ok((1, Some(0)))),
            (|it| it.scheme = SHA256_WITH_RSA, Ok((1, Some(0)))),
            (|it| it.certificates.clear(), Ok((0, None))),
            (|it| it.kind = DATA, Err(Refusal::NotSignedData)),
            (|it| it.content = DATA, Err(Refusal::NotAuthenticode)),
            (|it| it.image = DATA, Err(Refusal::NotAuthenticode)),
            (|it| it.digests = [SHA512, SHA256, SHA256], Err(Refusal::AlgorithmsDiffer)),
            (|it| it.digests = [SHA256, SHA512, SHA256], Err(Refusal::AlgorithmsDiffer)),
            (|it| it.digests = [SHA256, SHA256, SHA512], Err(Refusal::AlgorithmsDiffer)),
            (|it| it.digests = [SHA1; 3], Err(Refusal::WeakDigest("SHA-1"))),
            (|it| it.attributes = None, Err(Refusal::NoSignedAttributes)),
            (|it| it.attributes = Some([0, 1]), malformed.clone()),
            (|it| it.attributes = Some([1, 0]), malformed.clone()),
            (|it| it.attributes = Some([2, 1]), malformed.clone()),
            (|it| it.attributes = Some([1, 2]), malformed.clone()),
            (|it| it.attribute_type = DATA, malformed),
            (|it| it.signers = 0, Err(Refusal::Malformed(PART))),
            (|it| it.signers = 2, Err(Refusal::SeveralSigners)),
        ];
        for (number, (change, expected)) in cases.into_iter().enumerate() {
            assert_eq!(read(change), expected, "{number}");
        }
    }

    #[test]
    fn numbers_and_sizes_are_bounded() {
        let certificate = SampleCertificate::default().build();
        let with = |certificates: Vec<u8>| {
            let sample = SampleSignature { certificates, ..SampleSignature::default() };
            SignedData::read(&sample.build()).map(|signature| signature.certificates.len())
        };
        assert_eq!(with(certificate.repeat(CERTIFICATES_MAX)), Ok(CERTIFICATES_MAX));
        let too_many = with(certificate.repeat(CERTIFICATES_MAX + 1));
        assert_eq!(too_many, Err(Refusal::TooManyCertificates));
        let bytes = vec![0; SIGNED_DATA_BYTES_MAX + 1];
        let refusal = SignedData::read(&bytes).map(|_| ());
        assert_eq!(refusal, Err(Refusal::SignatureTooLarge { bytes: bytes.len() }));
    }

    #[test]
    fn only_zeros_may_fill_it_up() {
        let bytes = SampleSignature::default().build();
        let with = |padding: &[u8]| SignedData::read(&[&bytes[..], padding].concat()).map(|_| ());
        assert_eq!(with(&[0; 7]), Ok(()));
        assert_eq!(with(&[0; 8]), Err(Refusal::Malformed(PART)));
        assert_eq!(with(&[0, 1]), Err(Refusal::Malformed(PART)));
    }
}
