// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signature databases: lists of `EFI_SIGNATURE_LIST` (UEFI 2.10, section 32.4.1), as the variables `db`,
//! `dbx` and shim's `MokListRT` hold them.

use crate::algorithm::DigestAlgorithm;
use alloc::vec::Vec;
use core::fmt;

/// The largest database, in bytes. Microsoft's `dbx` has some 20 KB; variables of firmware have less than 64 KB,
/// and shim's lists in memory may be a few times that.
pub const DATABASE_BYTES_MAX: usize = 1024 * 1024;

/// `SignatureType`, and three sizes.
const HEADER: usize = 28;
/// `SignatureOwner` in front of every signature.
const OWNER: usize = 16;
/// `EFI_TIME` behind the hash of a revoked certificate.
const TIME: usize = 16;

/// Types by their GUIDs, as they are stored.
const TYPES: [([u8; 16], Kind); 9] = [
    (*b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72", Kind::X509),
    (
        *b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28",
        Kind::Image(DigestAlgorithm::Sha256),
    ),
    (
        *b"\x07\x53\x3e\xff\xd0\x9f\xc9\x48\x85\xf1\x8a\xd5\x6c\x70\x1e\x01",
        Kind::Image(DigestAlgorithm::Sha384),
    ),
    (
        *b"\xae\x0f\x3e\x09\xc4\xa6\x50\x4f\x9f\x1b\xd4\x1e\x2b\x89\xc1\x9a",
        Kind::Image(DigestAlgorithm::Sha512),
    ),
    (
        *b"\x92\xa4\xd2\x3b\xc0\x96\x79\x40\xb4\x20\xfc\xf9\x8e\xf1\x03\xed",
        Kind::Certificate(DigestAlgorithm::Sha256),
    ),
    (
        *b"\x6e\x87\x76\x70\xc2\x80\xe6\x4e\xaa\xd2\x28\xb3\x49\xa6\x86\x5b",
        Kind::Certificate(DigestAlgorithm::Sha384),
    ),
    (
        *b"\x63\xbf\x6d\x44\x02\x25\xda\x4c\xbc\xfa\x24\x65\xd2\xb0\xfe\x9d",
        Kind::Certificate(DigestAlgorithm::Sha512),
    ),
    (*b"\x12\xa5\x6c\x82\x10\xcf\xc9\x4a\xb1\x87\xbe\x01\x49\x66\x31\xbd", Kind::Sha1),
    (*b"\xe8\x66\x57\x3c\x9c\x26\x34\x4e\xaa\x14\xed\x77\x6e\x85\xb3\xb6", Kind::Rsa2048),
];

/// What the signatures of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    X509,
    Image(DigestAlgorithm),
    Certificate(DigestAlgorithm),
    Sha1,
    Rsa2048,
    Unknown,
}

/// What a database has an entry for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry<'b> {
    /// `EFI_CERT_X509_GUID`: a certificate, in DER; not looked at yet.
    X509(&'b [u8]),
    /// `EFI_CERT_SHA256_GUID`, `_SHA384_` or `_SHA512_`: an image with this hash.
    Image(DigestAlgorithm, &'b [u8]),
    /// `EFI_CERT_X509_SHA256_GUID`, `_SHA384_` or `_SHA512_`: certificates whose `TBSCertificate` has this
    /// hash, and when they were revoked, as `EFI_TIME`; all zero for always.
    Certificate(DigestAlgorithm, &'b [u8], &'b [u8]),
    /// A hash by SHA-1, a key without certificate, or an unknown type, which nothing is compared with.
    NotUsed,
}

/// A signature database: what is allowed, or what is forbidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureDatabase<'b> {
    entries: Vec<Entry<'b>>,
}

impl<'b> SignatureDatabase<'b> {
    /// Reads lists that follow one another, to the end of `bytes`. None at all is an empty database.
    ///
    /// # Errors
    ///
    /// [`ListRefusal`], and nothing of the database may be believed: it must not allow anything, nor must
    /// anything be allowed that it could forbid.
    ///
    /// ```
    /// use authenticode::SignatureDatabase;
    ///
    /// assert_eq!(SignatureDatabase::read(&[])?.entries(), []);
    /// assert!(SignatureDatabase::read(b"not a list").is_err());
    /// # Ok::<(), authenticode::ListRefusal>(())
    /// ```
    pub fn read(bytes: &'b [u8]) -> Result<Self, ListRefusal> {
        if bytes.len() > DATABASE_BYTES_MAX {
            return Err(ListRefusal::TooLarge { bytes: bytes.len() });
        }
        let (mut entries, mut rest) = (Vec::new(), bytes);
        while !rest.is_empty() {
            rest = list(rest, &mut entries)?;
        }
        Ok(Self { entries })
    }

    /// A database of one certificate, in DER.
    #[must_use]
    pub fn of_certificate(certificate: &'b [u8]) -> Self {
        Self { entries: Vec::from([Entry::X509(certificate)]) }
    }

    /// What it has entries for, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'b>] {
        &self.entries
    }
}

/// Reads the first list; returns what follows it.
fn list<'b>(bytes: &'b [u8], entries: &mut Vec<Entry<'b>>) -> Result<&'b [u8], ListRefusal> {
    let (header, _) = bytes.split_at_checked(HEADER).ok_or(ListRefusal::Truncated)?;
    let (guid, sizes) = header.split_first_chunk::<16>().ok_or(ListRefusal::Truncated)?;
    let [list_size, header_size, size] = sizes_of(sizes).ok_or(ListRefusal::Truncated)?;
    let (list, rest) = bytes.split_at_checked(list_size).ok_or(ListRefusal::Truncated)?;
    let start = HEADER.checked_add(header_size).ok_or(ListRefusal::BadSize)?;
    let signatures = list.get(start..).ok_or(ListRefusal::BadSize)?;
    let kind = TYPES.iter().find(|(known, _)| known == guid).map_or(Kind::Unknown, |(_, kind)| *kind);
    if size <= OWNER || !signatures.len().is_multiple_of(size) || !kind.has(size) {
        return Err(ListRefusal::BadSize);
    }
    for signature in signatures.chunks_exact(size) {
        let data = signature.get(OWNER..).ok_or(ListRefusal::BadSize)?;
        entries.push(kind.entry(data).ok_or(ListRefusal::BadSize)?);
    }
    Ok(rest)
}

/// `SignatureListSize`, `SignatureHeaderSize` and `SignatureSize`.
fn sizes_of(bytes: &[u8]) -> Option<[usize; 3]> {
    let mut sizes = [0; 3];
    for (size, number) in sizes.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *size = usize::try_from(u32::from_le_bytes(*number)).ok()?;
    }
    Some(sizes)
}

impl Kind {
    /// Whether signatures of this kind have this size, with their owner.
    fn has(self, size: usize) -> bool {
        let size = size.saturating_sub(OWNER);
        match self {
            Self::Image(digest) => size == digest.size(),
            Self::Certificate(digest) => size == digest.size().saturating_add(TIME),
            Self::Sha1 => size == 20,
            Self::Rsa2048 => size == 256,
            Self::X509 | Self::Unknown => true,
        }
    }

    fn entry(self, data: &[u8]) -> Option<Entry<'_>> {
        Some(match self {
            Self::X509 => Entry::X509(data),
            Self::Image(digest) => Entry::Image(digest, data),
            Self::Certificate(digest) => {
                let (hash, time) = data.split_at_checked(digest.size())?;
                Entry::Certificate(digest, hash, time)
            }
            Self::Sha1 | Self::Rsa2048 | Self::Unknown => Entry::NotUsed,
        })
    }
}

/// Why a signature database is not believed, in words for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRefusal {
    /// It has more than [`DATABASE_BYTES_MAX`].
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// It ends within a list.
    Truncated,
    /// The sizes of a list do not fit each other, or not its type.
    BadSize,
}

impl ListRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "database_too_large",
            Self::Truncated => "database_truncated",
            Self::BadSize => "database_bad_size",
        }
    }
}

impl fmt::Display for ListRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => {
                write!(f, "the database has {bytes} bytes, more than {DATABASE_BYTES_MAX}")
            }
            Self::Truncated => f.write_str("the database ends within a signature list"),
            Self::BadSize => f.write_str("the sizes in a signature list do not fit each other"),
        }
    }
}

impl core::error::Error for ListRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list_of(kind: Kind, header: &[u8], size: usize, signatures: &[&[u8]]) -> Vec<u8> {
        let guid = TYPES.iter().find(|(_, known)| *known == kind).map_or([9; 16], |(guid, _)| *guid);
        let total = HEADER + header.len() + size * signatures.len();
        let mut bytes = guid.to_vec();
        for number in [total, header.len(), size] {
            bytes.extend((number as u32).to_le_bytes());
        }
        bytes.extend(header);
        for data in signatures {
            bytes.extend([7; OWNER]);
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn every_kind_of_entry() {
        let hash = [3; 32];
        let revoked = [&hash[..], &[1; TIME]].concat();
        let bytes = [
            list_of(Kind::X509, &[], 19, &[b"der"]),
            list_of(Kind::Image(DigestAlgorithm::Sha256), &[1, 2], 48, &[&hash, &hash]),
            list_of(Kind::Certificate(DigestAlgorithm::Sha256), &[], 64, &[&revoked]),
            list_of(Kind::Unknown, &[], 17, &[b"x"]),
            list_of(Kind::Sha1, &[], 36, &[]),
        ]
        .concat();
        let database = SignatureDatabase::read(&bytes).unwrap();
        let image = Entry::Image(DigestAlgorithm::Sha256, &hash);
        let certificate = Entry::Certificate(DigestAlgorithm::Sha256, &hash, &[1; TIME]);
        assert_eq!(database.entries(), [Entry::X509(b"der"), image, image, certificate, Entry::NotUsed]);
    }

    #[test]
    fn sizes_that_cannot_be_true() {
        let sha256 = Kind::Image(DigestAlgorithm::Sha256);
        let good = list_of(sha256, &[], 48, &[&[3; 32]]);
        let with = |at: usize, number: u32| {
            let mut bytes = good.clone();
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            SignatureDatabase::read(&bytes).unwrap_err()
        };
        assert_eq!(with(16, 27), ListRefusal::BadSize);
        assert_eq!(with(16, u32::MAX), ListRefusal::Truncated);
        assert_eq!(with(16, 0), ListRefusal::BadSize);
        assert_eq!(with(20, u32::MAX), ListRefusal::BadSize);
        assert_eq!(with(20, 1), ListRefusal::BadSize);
        for size in [0, 1, 16, 47, 49, u32::MAX] {
            assert_eq!(with(24, size), ListRefusal::BadSize, "{size}");
        }
        let short = list_of(sha256, &[], 36, &[&[3; 20]]);
        assert_eq!(SignatureDatabase::read(&short).unwrap_err(), ListRefusal::BadSize);
        assert_eq!(SignatureDatabase::read(&good[..27]).unwrap_err(), ListRefusal::Truncated);
        assert_eq!(SignatureDatabase::read(&good[..75]).unwrap_err(), ListRefusal::Truncated);
        let large = alloc::vec![0; DATABASE_BYTES_MAX + 1];
        let refusal = SignatureDatabase::read(&large).unwrap_err();
        assert_eq!(refusal, ListRefusal::TooLarge { bytes: large.len() });
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_in_bounds(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(database) = SignatureDatabase::read(&bytes) {
                prop_assert!(database.entries().len() * (OWNER + 1) <= bytes.len());
            }
        }
    }
}
