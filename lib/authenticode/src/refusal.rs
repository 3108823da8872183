// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a signature does not count, or an image is refused, in words for its owner.

use crate::chain::CHAIN_MAX;
use crate::public_key::{RSA_BITS_MAX, RSA_BITS_MIN};
use crate::signed_data::{CERTIFICATES_MAX, SIGNED_DATA_BYTES_MAX};
use crate::subject::Subject;
use alloc::string::{String, ToString as _};
use core::fmt;

/// Why a signature does not count, or an image is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The image has no signature, and no list has its hash.
    NotSigned,
    /// Something is not as its format wants it: what.
    Malformed(&'static str),
    /// A signature has more than [`SIGNED_DATA_BYTES_MAX`] bytes.
    SignatureTooLarge {
        /// How many.
        bytes: usize,
    },
    /// A certificate has more than [`CERTIFICATE_BYTES_MAX`](crate::CERTIFICATE_BYTES_MAX) bytes.
    CertificateTooLarge {
        /// How many.
        bytes: usize,
    },
    /// A signature has more than [`CERTIFICATES_MAX`] certificates.
    TooManyCertificates,
    /// The certificate is no PKCS#7 `SignedData`.
    NotSignedData,
    /// What is signed is not the hash of an image.
    NotAuthenticode,
    /// More than one signer in one signature. Images have a signature for each.
    SeveralSigners,
    /// Nothing but the content is signed.
    NoSignedAttributes,
    /// A hash function that is broken: which.
    WeakDigest(&'static str),
    /// RSASSA-PSS, which firmware does not verify in images.
    Pss,
    /// An algorithm that is not known.
    UnknownAlgorithm,
    /// Two places that must name the same algorithm do not.
    AlgorithmsDiffer,
    /// A public key that is neither RSA nor on the curves P-256 and P-384.
    UnknownKey,
    /// An RSA key is smaller than [`RSA_BITS_MIN`].
    RsaTooSmall {
        /// Its size.
        bits: usize,
    },
    /// An RSA key is larger than [`RSA_BITS_MAX`].
    RsaTooLarge {
        /// Its size.
        bits: usize,
    },
    /// An RSA key's public exponent has more than 32 bits.
    RsaExponent,
    /// The signer's certificate did not come with the signature.
    SignerNotThere,
    /// The image does not have the hash that was signed: it was changed after it was signed.
    ImageChanged,
    /// The signed content does not have the hash that was signed.
    ContentChanged,
    /// The signer's key did not make the signature.
    WrongSignature,
    /// An authority's certificate does not say that it may sign certificates.
    NoAuthority,
    /// More authorities are below an authority than its certificate allows.
    PathTooLong,
    /// A certificate has a critical extension that is not known.
    UnknownCriticalExtension,
    /// No list has a certificate that the signature leads to.
    NotInLists {
        /// Who would have to be in one: the last issuer that is known.
        issuer: String,
    },
    /// The list's certificate is for kernel modules, and shim starts no program by it.
    KernelModulesOnly {
        /// The list.
        list: String,
        /// The certificate.
        subject: String,
    },
    /// More than [`CHAIN_MAX`] certificates lead from the signer to a list.
    ChainTooLong,
    /// More signatures than [`VERIFICATIONS_MAX`](crate::VERIFICATIONS_MAX) would have to be computed.
    TooMuchWork,
    /// A list forbids this image.
    ForbiddenImage {
        /// The list.
        list: String,
    },
    /// A list forbids a certificate that the signature leads to.
    Revoked {
        /// The list.
        list: String,
        /// The certificate.
        subject: String,
        /// From which day, as year, month and day; `None` for always. Signatures from before do not count
        /// either, since when they were made is not known: time stamps are not looked at.
        since: Option<(u16, u8, u8)>,
    },
}

impl Refusal {
    /// `time` is an `EFI_TIME`, all zero for always (UEFI 2.10, section 32.4.1).
    pub(crate) fn revoked(list: &str, subject: Subject<'_>, time: Option<&[u8]>) -> Self {
        let since = time.and_then(|time| time.first_chunk()).and_then(|[low, high, month, day]| {
            let year = u16::from_le_bytes([*low, *high]);
            (year != 0).then_some((year, *month, *day))
        });
        Self::Revoked { list: list.to_string(), subject: subject.to_string(), since }
    }

    /// Whether it refuses the whole image, whatever else is said of it.
    #[must_use]
    pub fn forbids(&self) -> bool {
        matches!(self, Self::ForbiddenImage { .. } | Self::Revoked { .. } | Self::TooMuchWork)
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::NotSigned => "not_signed",
            Self::Malformed(_) => "malformed",
            Self::SignatureTooLarge { .. } => "signature_too_large",
            Self::CertificateTooLarge { .. } => "certificate_too_large",
            Self::TooManyCertificates => "too_many_certificates",
            Self::NotSignedData => "not_signed_data",
            Self::NotAuthenticode => "not_authenticode",
            Self::SeveralSigners => "several_signers",
            Self::NoSignedAttributes => "no_signed_attributes",
            Self::WeakDigest(_) => "weak_digest",
            Self::Pss => "rsa_pss",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::AlgorithmsDiffer => "algorithms_differ",
            Self::UnknownKey => "unknown_key",
            Self::RsaTooSmall { .. } => "rsa_too_small",
            Self::RsaTooLarge { .. } => "rsa_too_large",
            Self::RsaExponent => "rsa_exponent",
            Self::SignerNotThere => "signer_not_there",
            Self::ImageChanged => "image_changed",
            Self::ContentChanged => "content_changed",
            Self::WrongSignature => "wrong_signature",
            Self::NoAuthority => "no_authority",
            Self::PathTooLong => "path_too_long",
            Self::UnknownCriticalExtension => "unknown_critical_extension",
            Self::NotInLists { .. } => "not_in_lists",
            Self::KernelModulesOnly { .. } => "kernel_modules_only",
            Self::ChainTooLong => "chain_too_long",
            Self::TooMuchWork => "too_much_work",
            Self::ForbiddenImage { .. } => "forbidden_image",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// Words that need no numbers.
    fn words(&self) -> &'static str {
        match self {
            Self::NotSigned => "it has no signature, and no list has its hash",
            Self::NotSignedData => "the certificate is no PKCS#7 signature",
            Self::NotAuthenticode => "what is signed is not the hash of an image",
            Self::SeveralSigners => "one signature has several signers",
            Self::NoSignedAttributes => "the signature has no signed attributes",
            Self::Pss => "RSASSA-PSS is not verified in images; sign with PKCS#1 v1.5",
            Self::UnknownAlgorithm => "an algorithm of the signature is not known",
            Self::AlgorithmsDiffer => "the signature names different algorithms for the same thing",
            Self::UnknownKey => "a public key is neither RSA nor on the curves P-256 and P-384",
            Self::RsaExponent => "an RSA key's public exponent has more than 32 bits",
            Self::SignerNotThere => "the signer's certificate did not come with the signature",
            Self::ImageChanged => "it was changed after it was signed",
            Self::ContentChanged => "the signed content is not what was signed",
            Self::WrongSignature => "the signer's key did not make the signature",
            Self::NoAuthority => "an issuer's certificate does not say that it may sign certificates",
            Self::PathTooLong => "more authorities are below an authority than it allows",
            Self::UnknownCriticalExtension => "a certificate has a critical extension that is not known",
            Self::TooMuchWork => "too many certificates with the same names would have to be tried",
            _ => "",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(part) => write!(f, "{part} is malformed"),
            Self::SignatureTooLarge { bytes } => {
                write!(f, "a signature has {bytes} bytes, more than {SIGNED_DATA_BYTES_MAX}")
            }
            Self::CertificateTooLarge { bytes } => write!(f, "a certificate has {bytes} bytes, too many"),
            Self::TooManyCertificates => {
                write!(f, "a signature has more than {CERTIFICATES_MAX} certificates")
            }
            Self::WeakDigest(name) => write!(f, "{name} is broken, and not trusted"),
            Self::RsaTooSmall { bits } => {
                write!(f, "an RSA key has {bits} bits, fewer than {RSA_BITS_MIN}")
            }
            Self::RsaTooLarge { bits } => write!(f, "an RSA key has {bits} bits, more than {RSA_BITS_MAX}"),
            Self::NotInLists { issuer } => write!(f, "no list has its signer or {issuer}"),
            Self::KernelModulesOnly { list, subject } => {
                write!(f, "{subject} in {list} is for kernel modules, and shim starts no program by it")
            }
            Self::ChainTooLong => write!(f, "more than {CHAIN_MAX} certificates lead to a list"),
            Self::ForbiddenImage { list } => write!(f, "{list} forbids this image"),
            Self::Revoked { list, subject, since: None } => write!(f, "{list} forbids {subject}"),
            Self::Revoked { list, subject, since: Some((year, month, day)) } => {
                write!(f, "{list} forbids {subject} since {year:04}-{month:02}-{day:02}")
            }
            _ => f.write_str(self.words()),
        }
    }
}

impl core::error::Error for Refusal {}
