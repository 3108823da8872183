// SPDX-License-Identifier: MIT OR Apache-2.0
//! The signatures of an image: entries of its certificate table (PE Format, The Attribute Certificate
//! Table; UEFI 2.10, section 32.2.4, `WIN_CERTIFICATE`).

use crate::bytes::{array, index, u16_at, u32_at};
use core::fmt;

/// The most entries of one table. An image is signed once, or once for each of a few authorities.
pub const CERTIFICATES_MAX: usize = 16;

/// `dwLength`, `wRevision`, `wCertificateType`.
const HEADER: usize = 8;
/// Entries begin on a multiple of this.
const ALIGNMENT: usize = 8;
/// `WIN_CERT_REVISION_2_0`.
const REVISION: u16 = 0x0200;
/// `WIN_CERT_TYPE_PKCS_SIGNED_DATA`.
const PKCS_SIGNED_DATA: u16 = 0x0002;
/// `WIN_CERT_TYPE_EFI_GUID`.
const EFI_GUID: u16 = 0x0EF1;
/// `EFI_CERT_TYPE_PKCS7_GUID`, 4aafd29d-68df-49ee-8aa9-347d375665a7, as it is stored.
const PKCS7_GUID: [u8; 16] =
    [0x9D, 0xD2, 0xAF, 0x4A, 0xDF, 0x68, 0xEE, 0x49, 0x8A, 0xA9, 0x34, 0x7D, 0x37, 0x56, 0x65, 0xA7];

/// One entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate<'b> {
    /// `wCertificateType`.
    pub kind: u16,
    /// `bCertificate`: all behind the entry's header, up to `dwLength`.
    pub content: &'b [u8],
}

impl<'b> Certificate<'b> {
    /// The PKCS#7 `SignedData`, in DER, perhaps with bytes that fill it up; `None` when the entry is of
    /// another kind. UEFI knows it by itself (`WIN_CERT_TYPE_PKCS_SIGNED_DATA`) and behind a GUID
    /// (`WIN_CERTIFICATE_UEFI_GUID` with `EFI_CERT_TYPE_PKCS7_GUID`).
    #[must_use]
    pub fn pkcs7(&self) -> Option<&'b [u8]> {
        match self.kind {
            PKCS_SIGNED_DATA => Some(self.content),
            EFI_GUID => self.content.strip_prefix(PKCS7_GUID.as_slice()),
            _ => None,
        }
    }
}

/// Reads a certificate table: the bytes that
/// [`AuthenticodeRanges::certificates`](crate::AuthenticodeRanges::certificates) names.
///
/// Yields at most [`CERTIFICATES_MAX`] entries; nothing follows a refusal.
///
/// ```
/// use pe_image::Certificates;
///
/// // Length, revision, type, three bytes of content, and five that fill it up.
/// let table = [11, 0, 0, 0, 0, 2, 2, 0, 7, 8, 9, 0, 0, 0, 0, 0];
/// let entry = Certificates::new(&table).next().unwrap()?;
/// assert_eq!(entry.pkcs7(), Some(&[7, 8, 9][..]));
/// # Ok::<(), pe_image::CertificateRefusal>(())
/// ```
#[derive(Clone, Debug)]
pub struct Certificates<'b> {
    rest: &'b [u8],
    seen: usize,
}

impl<'b> Certificates<'b> {
    /// The entries of this table.
    #[must_use]
    pub fn new(table: &'b [u8]) -> Self {
        Self { rest: table, seen: 0 }
    }

    fn read(&mut self) -> Result<Certificate<'b>, CertificateRefusal> {
        if self.seen >= CERTIFICATES_MAX {
            return Err(CertificateRefusal::TooMany);
        }
        let header = array::<HEADER>(self.rest, 0).ok_or(CertificateRefusal::Truncated)?;
        let (length, revision, kind) = fields(&header).ok_or(CertificateRefusal::Truncated)?;
        if revision != REVISION {
            return Err(CertificateRefusal::Revision(revision));
        }
        let content = self.rest.get(HEADER..length).ok_or(CertificateRefusal::BadLength)?;
        // The last entry may end with the table, without what fills it up.
        let next = length.checked_next_multiple_of(ALIGNMENT).unwrap_or(usize::MAX);
        self.rest = self.rest.get(next..).unwrap_or_default();
        self.seen = self.seen.saturating_add(1);
        Ok(Certificate { kind, content })
    }
}

fn fields(header: &[u8]) -> Option<(usize, u16, u16)> {
    Some((index(u32_at(header, 0)?), u16_at(header, 4)?, u16_at(header, 6)?))
}

impl<'b> Iterator for Certificates<'b> {
    type Item = Result<Certificate<'b>, CertificateRefusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.read();
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// Why a certificate table is not believed, in words for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateRefusal {
    /// The table ends within the header of an entry.
    Truncated,
    /// An entry is shorter than its own header, or longer than the table.
    BadLength,
    /// An entry has this revision, and not `WIN_CERT_REVISION_2_0`.
    Revision(u16),
    /// There are more than [`CERTIFICATES_MAX`] entries.
    TooMany,
}

impl CertificateRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Truncated => "certificate_truncated",
            Self::BadLength => "certificate_bad_length",
            Self::Revision(_) => "certificate_revision",
            Self::TooMany => "too_many_certificates",
        }
    }
}

impl fmt::Display for CertificateRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the certificate table ends within an entry"),
            Self::BadLength => f.write_str("a certificate's length cannot be true"),
            Self::Revision(revision) => write!(f, "a certificate has the unknown revision {revision:#06x}"),
            Self::TooMany => write!(f, "the image has more than {CERTIFICATES_MAX} certificates"),
        }
    }
}

impl core::error::Error for CertificateRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(kind: u16, content: &[u8]) -> Vec<u8> {
        let mut entry = (content.len() as u32 + 8).to_le_bytes().to_vec();
        entry.extend(REVISION.to_le_bytes());
        entry.extend(kind.to_le_bytes());
        entry.extend(content);
        entry.resize(entry.len().next_multiple_of(8), 0);
        entry
    }

    fn read(table: &[u8]) -> Result<Vec<Certificate<'_>>, CertificateRefusal> {
        Certificates::new(table).collect()
    }

    #[test]
    fn entries_of_every_kind() {
        let in_guid = [&PKCS7_GUID[..], &[5]].concat();
        let other_guid = [0; 20];
        let table =
            [entry(2, &[1, 2, 3]), entry(0x0EF1, &in_guid), entry(0x0EF1, &other_guid), entry(0x0EF0, &[])];
        let table = table.concat();
        let entries = read(&table).unwrap();
        let pkcs7: Vec<_> = entries.iter().map(Certificate::pkcs7).collect();
        assert_eq!(pkcs7, [Some(&[1, 2, 3][..]), Some(&[5][..]), None, None]);
        assert_eq!(read(&[]), Ok(vec![]));
    }

    #[test]
    fn what_cannot_be_true() {
        let good = entry(2, &[1, 2, 3]);
        let with = |at: usize, byte: u8| {
            let mut entry = good.clone();
            entry[at] = byte;
            entry
        };
        let cases = [
            (with(0, 7), CertificateRefusal::BadLength),
            (with(0, 17), CertificateRefusal::BadLength),
            (with(3, 0xFF), CertificateRefusal::BadLength),
            (with(5, 1), CertificateRefusal::Revision(0x100)),
            (good[..5].to_vec(), CertificateRefusal::Truncated),
            ([good.clone(), vec![0]].concat(), CertificateRefusal::Truncated),
            ([good.clone(), vec![0; 8]].concat(), CertificateRefusal::Revision(0)),
            (entry(2, &[]).repeat(17), CertificateRefusal::TooMany),
        ];
        for (table, refusal) in cases {
            assert_eq!(read(&table), Err(refusal), "{}", refusal.token());
        }
        assert_eq!(read(&entry(2, &[]).repeat(16)).unwrap().len(), CERTIFICATES_MAX);
        assert_eq!(read(&good[..11]).unwrap()[0].content, [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn any_table_ends(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let entries = Certificates::new(&bytes);
            prop_assert!(entries.clone().count() <= CERTIFICATES_MAX + 1);
            let content: usize = entries.flatten().map(|entry| entry.content.len()).sum();
            prop_assert!(content <= bytes.len());
        }
    }
}
