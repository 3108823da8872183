// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small elements of DER for tests.

use alloc::vec::Vec;

/// A value with its tag and length.
pub(crate) fn wrap(tag: u8, value: &[u8]) -> Vec<u8> {
    let size = value.len();
    let length = match size {
        0..0x80 => Vec::from([size as u8]),
        0x80..0x100 => Vec::from([0x81, size as u8]),
        0x100..0x1_0000 => Vec::from([0x82, (size >> 8) as u8, size as u8]),
        _ => Vec::from([0x83, (size >> 16) as u8, (size >> 8) as u8, size as u8]),
    };
    [&[tag], &length[..], value].concat()
}

/// Object identifiers, with tag and length.
pub(crate) const SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
pub(crate) const SHA512: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03";
pub(crate) const SHA1: &[u8] = b"\x06\x05\x2b\x0e\x03\x02\x1a";
pub(crate) const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub(crate) const SHA256_WITH_RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
pub(crate) const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
pub(crate) const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
pub(crate) const INDIRECT_DATA: &[u8] = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";
pub(crate) const PE_IMAGE_DATA: &[u8] = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f";
const CONTENT_TYPE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";

/// Elements in a `SEQUENCE`.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    wrap(0x30, &parts.concat())
}

/// A certificate that has the form of one, and a signature of zeros.
pub(crate) struct SampleCertificate {
    pub(crate) version: Option<u8>,
    pub(crate) serial: u8,
    pub(crate) signed_algorithm: &'static [u8],
    pub(crate) extensions: bool,
    pub(crate) padding: usize,
}

impl Default for SampleCertificate {
    fn default() -> Self {
        let version = Some(2);
        Self { version, serial: 1, signed_algorithm: SHA256_WITH_RSA, extensions: true, padding: 0 }
    }
}

impl SampleCertificate {
    pub(crate) fn build(&self) -> Vec<u8> {
        let version = self.version.map(|version| wrap(0xA0, &wrap(2, &[version]))).unwrap_or_default();
        let extensions = if self.extensions { wrap(0xA3, &sequence(&[])) } else { Vec::new() };
        let (serial, name) = (wrap(2, &[self.serial]), sequence(&[]));
        let key = sequence(&[&wrap(4, &alloc::vec![0; self.padding])]);
        let algorithm = sequence(&[self.signed_algorithm]);
        let signed = sequence(&[&version, &serial, &algorithm, &name, &name, &name, &key, &extensions]);
        sequence(&[&signed, &sequence(&[SHA256_WITH_RSA]), &wrap(3, &[0; 9])])
    }
}

/// A signature that has the form of one, and is none.
pub(crate) struct SampleSignature {
    pub(crate) kind: &'static [u8],
    pub(crate) content: &'static [u8],
    pub(crate) image: &'static [u8],
    /// Of the whole, of the image's hash, of the signer.
    pub(crate) digests: [&'static [u8]; 3],
    pub(crate) certificates: Vec<u8>,
    /// Content type and message digest, each so many times.
    pub(crate) attributes: Option<[usize; 2]>,
    pub(crate) attribute_type: &'static [u8],
    pub(crate) scheme: &'static [u8],
    pub(crate) signers: usize,
}

impl Default for SampleSignature {
    fn default() -> Self {
        Self {
            kind: SIGNED_DATA,
            content: INDIRECT_DATA,
            image: PE_IMAGE_DATA,
            digests: [SHA256; 3],
            certificates: SampleCertificate::default().build(),
            attributes: Some([1, 1]),
            attribute_type: INDIRECT_DATA,
            scheme: RSA,
            signers: 1,
        }
    }
}

impl SampleSignature {
    pub(crate) fn build(&self) -> Vec<u8> {
        let one = wrap(2, &[1]);
        let [whole, image, _] = self.digests.map(|digest| sequence(&[digest]));
        let info = sequence(&[&image, &wrap(4, &[0; 32])]);
        let indirect = sequence(&[&sequence(&[self.image]), &info]);
        let content = sequence(&[self.content, &wrap(0xA0, &indirect)]);
        let signers = wrap(0x31, &self.signer().repeat(self.signers));
        let certificates = wrap(0xA0, &self.certificates);
        let signed = sequence(&[&one, &wrap(0x31, &whole), &content, &certificates, &signers]);
        sequence(&[self.kind, &wrap(0xA0, &signed)])
    }

    fn signer(&self) -> Vec<u8> {
        let attribute = |oid: &[u8], value: &[u8]| sequence(&[oid, &wrap(0x31, value)]);
        let attributes = self.attributes.map(|[types, digests]| {
            let types = attribute(CONTENT_TYPE, self.attribute_type).repeat(types);
            wrap(0xA0, &[types, attribute(MESSAGE_DIGEST, &wrap(4, &[0; 32])).repeat(digests)].concat())
        });
        let name = sequence(&[&sequence(&[]), &wrap(2, &[1])]);
        let [digest, scheme] = [self.digests[2], self.scheme].map(|oid| sequence(&[oid]));
        let attributes = attributes.unwrap_or_default();
        sequence(&[&wrap(2, &[1]), &name, &digest, &attributes, &scheme, &wrap(4, &[0; 256])])
    }
}
