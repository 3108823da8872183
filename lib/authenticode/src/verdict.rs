// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found of an image: values, with the names that owners know.

use crate::algorithm::DigestAlgorithm;
use crate::certificate::Certificate;
use crate::refusal::Refusal;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

/// Whether an image may be started, and what was found of each of its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Of the image as a whole.
    pub verdict: Verdict,
    /// Of each signature, in the order of the certificate table.
    pub signatures: Vec<Examined>,
}

/// Whether an image may be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Trusted(Trust),
    /// It may not: why.
    Refused(Refusal),
}

/// Why something is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The name of the list that says so.
    pub list: String,
    /// What in it says so.
    pub how: How,
}

/// What in a list makes an image trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The hash of the image.
    ImageDigest(DigestAlgorithm),
    /// A certificate, which a signature leads to.
    Signature {
        /// Who signed the image.
        signer: CertificateName,
        /// The certificate of the list: the signer's own, or that of an authority above.
        authority: CertificateName,
    },
}

/// A certificate, as owners know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateName {
    /// Its subject, as `CN=Example, O=Example Ltd`.
    pub subject: String,
    /// The SHA-256 of all of it, in DER.
    pub sha256: [u8; 32],
}

impl CertificateName {
    pub(crate) fn of(certificate: &Certificate<'_>) -> Self {
        Self { subject: certificate.subject.to_string(), sha256: certificate.fingerprint() }
    }
}

/// One signature, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The hash function; `None` when the signature could not be read.
    pub digest: Option<DigestAlgorithm>,
    /// Who signed; `None` when that is not known.
    pub signer: Option<CertificateName>,
    /// Whether it leads to a list, or why it does not count.
    pub outcome: Result<Trust, Refusal>,
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::ImageDigest(digest) => write!(f, "its {digest} is in {}", self.list),
            How::Signature { signer, authority } if signer == authority => {
                write!(f, "signed by {}, which is in {}", signer.subject, self.list)
            }
            How::Signature { signer, authority } => {
                let (list, above) = (&self.list, &authority.subject);
                write!(f, "signed by {}, whose authority {above} is in {list}", signer.subject)
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trusted(trust) => write!(f, "trusted: {trust}"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
        }
    }
}
