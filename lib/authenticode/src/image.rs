// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image in memory: from its bytes to a judgement.

use crate::digest::{ImageDigests, Wanted};
use crate::judge::{Lists, judge};
use crate::refusal::Refusal;
use crate::signed_data::SignedData;
use crate::verdict::Judgement;
use alloc::vec::Vec;
use core::fmt;
use pe_image::{CertificateRefusal, Certificates, HashRefusal, Headers};

/// Why an image cannot be judged at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageRefusal {
    /// Its headers cannot be believed.
    Headers(pe_image::Refusal),
    /// Which of its bytes are signed cannot be said.
    Hash(HashRefusal),
    /// Its certificate table cannot be believed.
    Certificates(CertificateRefusal),
}

impl ImageRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Headers(refusal) => refusal.token(),
            Self::Hash(refusal) => refusal.token(),
            Self::Certificates(refusal) => refusal.token(),
        }
    }
}

impl fmt::Display for ImageRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headers(refusal) => refusal.fmt(f),
            Self::Hash(refusal) => refusal.fmt(f),
            Self::Certificates(refusal) => refusal.fmt(f),
        }
    }
}

impl core::error::Error for ImageRefusal {}

impl From<pe_image::Refusal> for ImageRefusal {
    fn from(refusal: pe_image::Refusal) -> Self {
        Self::Headers(refusal)
    }
}

impl From<HashRefusal> for ImageRefusal {
    fn from(refusal: HashRefusal) -> Self {
        Self::Hash(refusal)
    }
}

impl From<CertificateRefusal> for ImageRefusal {
    fn from(refusal: CertificateRefusal) -> Self {
        Self::Certificates(refusal)
    }
}

/// The signatures of a certificate table, each read or refused. Entries of other kinds than PKCS#7 are left
/// out, as firmware does.
///
/// # Errors
///
/// The table itself cannot be believed.
pub fn signatures(table: &[u8]) -> Result<Vec<Result<SignedData<'_>, Refusal>>, CertificateRefusal> {
    let mut signatures = Vec::new();
    for entry in Certificates::new(table) {
        if let Some(bytes) = entry?.pkcs7() {
            signatures.push(SignedData::read(bytes));
        }
    }
    Ok(signatures)
}

/// Judges a whole image that is in memory.
///
/// # Errors
///
/// It cannot be judged, so it must not be started: see [`ImageRefusal`].
pub fn verify(file: &[u8], lists: &Lists<'_>) -> Result<Judgement, ImageRefusal> {
    let size = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let ranges = Headers::parse(file, size)?.authenticode_ranges()?;
    let table = ranges
        .certificates()
        .and_then(|table| file.get(usize::try_from(table.start).ok()?..usize::try_from(table.end).ok()?));
    let signatures = signatures(table.unwrap_or_default())?;
    let wanted = Wanted::by(signatures.iter().flatten(), lists);
    let digests = ImageDigests::of(file, &ranges, wanted).ok_or(pe_image::Refusal::Truncated)?;
    Ok(judge(&signatures, &digests, lists))
}
