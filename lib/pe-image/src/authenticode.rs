// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which bytes of an image are signed ("Windows Authenticode Portable Executable Signature Format",
//! Calculating the PE Image Hash).
//!
//! All of the file is, but `CheckSum`, the entry of the Certificate Table in the data directories, and the
//! certificate table itself. The specification adds up the sizes of headers and sections, and begins what is
//! behind them at that sum. This is the end of the last section only where nothing lies between them, so
//! everything else is refused: who signs and who verifies would hash different bytes.

use crate::bytes::{index, u16_at, u32_at};
use crate::section::Section;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

const PE32_PLUS: u16 = 0x20B;
/// `CheckSum` in the Optional Header, of both kinds.
const CHECK_SUM: usize = 64;
/// `IMAGE_DIRECTORY_ENTRY_SECURITY`: the fifth data directory.
const CERTIFICATE_TABLE: u32 = 4;
/// Bytes of a data directory.
const DIRECTORY: usize = 8;
/// The certificate table begins on a multiple of this (PE Format, The Attribute Certificate Table).
const ALIGNMENT: u64 = 8;

/// What the Optional Header says about hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashable {
    file_size: u64,
    check_sum_at: u64,
    directory: Directory,
}

/// The data directory of the Certificate Table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directory {
    /// There are fewer directories.
    None,
    /// It would be in the section table.
    Outside,
    /// Where it is in the file, and where it says that the table is.
    At { at: u64, offset: u32, size: u32 },
}

impl Hashable {
    /// From the Optional Header, which begins at `at` in the file.
    pub(crate) fn read(optional: &[u8], at: usize, file_size: u64) -> Self {
        let directory = Directory::read(optional, at).unwrap_or(Directory::Outside);
        Self { file_size, check_sum_at: place(at, CHECK_SUM), directory }
    }
}

impl Directory {
    fn read(optional: &[u8], at: usize) -> Option<Self> {
        let directories = if u16_at(optional, 0)? == PE32_PLUS { 112_usize } else { 96 };
        if u32_at(optional, directories.checked_sub(4)?)? <= CERTIFICATE_TABLE {
            return Some(Self::None);
        }
        let entry = directories.checked_add(index(CERTIFICATE_TABLE).checked_mul(DIRECTORY)?)?;
        let (offset, size) = (u32_at(optional, entry)?, u32_at(optional, entry.checked_add(4)?)?);
        Some(Self::At { at: place(at, entry), offset, size })
    }
}

/// The bytes of one file that are signed, and where its signatures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticodeRanges {
    hashed: Vec<Range<u64>>,
    certificates: Option<Range<u64>>,
}

impl AuthenticodeRanges {
    pub(crate) fn new(
        image: &Hashable,
        size_of_headers: u64,
        sections: &[Section],
    ) -> Result<Self, HashRefusal> {
        let certificates = image.certificates()?;
        let end = certificates.as_ref().map_or(image.file_size, |table| table.start);
        let mut hashed = image.headers(size_of_headers)?;
        let mut reached = size_of_headers;
        for section in in_order(sections) {
            reached = follow(&mut hashed, reached, section)?;
        }
        match certificates {
            Some(_) if end < reached => return Err(HashRefusal::CertificatesInImage),
            _ => push(&mut hashed, reached..end),
        }
        Ok(Self { hashed, certificates })
    }

    /// The bytes to hash, in this order: places in the file, each in it and none empty. They ascend, so
    /// each byte is hashed once; there are never more than two and one a section with bytes.
    #[must_use]
    pub fn hashed(&self) -> &[Range<u64>] {
        &self.hashed
    }

    /// Where the certificate table is, for [`Certificates`](crate::Certificates): the end of the file.
    /// `None` where the image has no signatures.
    #[must_use]
    pub fn certificates(&self) -> Option<Range<u64>> {
        self.certificates.clone()
    }
}

impl Hashable {
    /// The headers without `CheckSum` and the directory of the Certificate Table.
    fn headers(&self, size_of_headers: u64) -> Result<Vec<Range<u64>>, HashRefusal> {
        let mut hashed = Vec::new();
        let behind_sum = self.check_sum_at.saturating_add(4);
        push(&mut hashed, 0..self.check_sum_at);
        match self.directory {
            Directory::None => push(&mut hashed, behind_sum..size_of_headers),
            Directory::Outside => return Err(HashRefusal::DirectoryOutsideHeader),
            Directory::At { at, .. } => {
                push(&mut hashed, behind_sum..at);
                push(&mut hashed, at.saturating_add(place(0, DIRECTORY))..size_of_headers);
            }
        }
        Ok(hashed)
    }

    fn certificates(&self) -> Result<Option<Range<u64>>, HashRefusal> {
        let Directory::At { offset, size, .. } = self.directory else { return Ok(None) };
        let (start, size) = (u64::from(offset), u64::from(size));
        match (start, size) {
            (0, 0) => return Ok(None),
            (_, 0) | (0, _) => return Err(HashRefusal::HalfCertificates),
            _ => {}
        }
        let end = start.saturating_add(size);
        if end > self.file_size {
            return Err(HashRefusal::CertificatesOutsideFile);
        }
        if end < self.file_size {
            return Err(HashRefusal::BytesBehindCertificates { count: self.file_size.saturating_sub(end) });
        }
        if !start.is_multiple_of(ALIGNMENT) {
            return Err(HashRefusal::CertificatesUnaligned { offset });
        }
        Ok(Some(start..end))
    }
}

/// The sections that have bytes in the file, by their places in it.
fn in_order(sections: &[Section]) -> Vec<&Section> {
    let mut with_bytes: Vec<&Section> = sections.iter().filter(|section| section.file_size > 0).collect();
    with_bytes.sort_unstable_by_key(|section| section.file_offset);
    with_bytes
}

/// Adds a section that must begin at `reached`, and says where it ends.
fn follow(hashed: &mut Vec<Range<u64>>, reached: u64, section: &Section) -> Result<u64, HashRefusal> {
    let start = u64::from(section.file_offset);
    let end = start.saturating_add(u64::from(section.file_size));
    if start != reached {
        return Err(HashRefusal::Gap { section: section.name, count: start.saturating_sub(reached) });
    }
    push(hashed, start..end);
    Ok(end)
}

/// Adds bytes, if there are any; to the last ones where they follow them.
fn push(hashed: &mut Vec<Range<u64>>, bytes: Range<u64>) {
    if bytes.is_empty() {
        return;
    }
    match hashed.last_mut() {
        Some(last) if last.end == bytes.start => last.end = bytes.end,
        _ => hashed.push(bytes),
    }
}

/// A place in the file from two numbers that were found in its first 64 KiB.
fn place(at: usize, and: usize) -> u64 {
    u64::try_from(at.saturating_add(and)).unwrap_or(u64::MAX)
}

/// Why an image cannot be hashed for a signature, in words for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRefusal {
    /// The Optional Header says that it has a directory of certificates, and ends before it.
    DirectoryOutsideHeader,
    /// There is a place and no size of the certificate table, or a size and no place.
    HalfCertificates,
    /// The certificate table goes on behind the end of the file.
    CertificatesOutsideFile,
    /// The certificate table is not on a multiple of 8 bytes.
    CertificatesUnaligned {
        /// Where it begins.
        offset: u32,
    },
    /// The certificate table begins within headers or sections, which would then not be hashed.
    CertificatesInImage,
    /// Bytes behind the certificate table. Programs differ in whether they are hashed.
    BytesBehindCertificates {
        /// How many.
        count: u64,
    },
    /// Bytes between the headers or a section and the next section. Programs differ in whether they are
    /// hashed.
    Gap {
        /// The name of the section behind them, filled up with NULs.
        section: [u8; 8],
        /// How many.
        count: u64,
    },
}

impl HashRefusal {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::DirectoryOutsideHeader => "certificate_directory_outside_header",
            Self::HalfCertificates => "certificate_table_half_there",
            Self::CertificatesOutsideFile => "certificate_table_outside_file",
            Self::CertificatesUnaligned { .. } => "certificate_table_unaligned",
            Self::CertificatesInImage => "certificate_table_in_image",
            Self::BytesBehindCertificates { .. } => "bytes_behind_certificate_table",
            Self::Gap { .. } => "bytes_between_sections",
        }
    }
}

impl fmt::Display for HashRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirectoryOutsideHeader => f.write_str("the data directories do not fit into the header"),
            Self::HalfCertificates => f.write_str("the certificate table has a place or a size, not both"),
            Self::CertificatesOutsideFile => {
                f.write_str("the certificate table goes on behind the end of the file; copy it again")
            }
            Self::CertificatesUnaligned { offset } => {
                write!(f, "the certificate table begins at {offset}, not on a multiple of 8 bytes")
            }
            Self::CertificatesInImage => f.write_str("the certificate table begins within the image"),
            Self::BytesBehindCertificates { count } => {
                write!(f, "{count} bytes follow the certificate table, which must be the end of the file")
            }
            Self::Gap { section, count } => {
                let name = section.split(|byte| *byte == 0).next().unwrap_or_default().escape_ascii();
                write!(
                    f,
                    "{count} bytes before section `{name}` belong to nothing; programs hash them or not"
                )
            }
        }
    }
}

impl core::error::Error for HashRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, Headers, MACHINE_X64};
    use proptest::prelude::*;

    const DIRECTORIES: usize = 64 + 24 + 112;
    const ENTRY: usize = DIRECTORIES + 32;
    const TABLE: usize = DIRECTORIES + 128;

    fn builder() -> Builder {
        Builder::new(MACHINE_X64).directories(16).section(".a", [1; 512]).section(".b", [2; 10])
    }

    fn ranges(file: &[u8]) -> Result<AuthenticodeRanges, HashRefusal> {
        Headers::parse(file, file.len() as u64).unwrap().authenticode_ranges()
    }

    /// `file` with this number at a place.
    fn with(mut file: Vec<u8>, at: usize, number: u32) -> Vec<u8> {
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        file
    }

    #[test]
    fn all_but_sum_directory_and_certificates_is_hashed() {
        let file = builder().trailing([3; 5]).certificates([4; 24]).build();
        let ranges = ranges(&file).unwrap();
        assert_eq!(ranges.hashed(), [0..152, 156..232, 240..1544]);
        assert_eq!(ranges.certificates(), Some(1544..1568));
    }

    #[test]
    fn an_image_without_signature_is_hashed_to_its_end() {
        let file = builder().trailing([3; 5]).build();
        assert_eq!(ranges(&file).unwrap().hashed(), [0..152, 156..232, 240..1541]);
        let few = builder().directories(4).build();
        assert_eq!(ranges(&few).unwrap().hashed(), [0..152, 156..few.len() as u64]);
    }

    #[test]
    fn sections_are_hashed_by_their_places() {
        // The same places in the other order: also in memory, which does not matter here.
        let file = builder().build();
        let swapped = with(with(file.clone(), TABLE + 20, 0x400), TABLE + 60, 0x200);
        assert_eq!(ranges(&swapped), ranges(&file));
    }

    #[test]
    fn what_others_might_hash_otherwise_is_refused() {
        let file = builder().build();
        let signed = builder().certificates([4; 24]).build();
        let longer = [&signed[..], &[0; 8]].concat();
        let cases = [
            (with(builder().directories(0).build(), DIRECTORIES - 4, 5), HashRefusal::DirectoryOutsideHeader),
            (with(file.clone(), ENTRY, 8), HashRefusal::HalfCertificates),
            (with(file.clone(), ENTRY + 4, 8), HashRefusal::HalfCertificates),
            (with(signed.clone(), ENTRY + 4, 32), HashRefusal::CertificatesOutsideFile),
            (with(signed.clone(), ENTRY, u32::MAX), HashRefusal::CertificatesOutsideFile),
            (longer, HashRefusal::BytesBehindCertificates { count: 8 }),
            (
                with(with(signed.clone(), ENTRY, 1537), ENTRY + 4, 23),
                HashRefusal::CertificatesUnaligned { offset: 1537 },
            ),
            (with(with(signed, ENTRY, 1528), ENTRY + 4, 32), HashRefusal::CertificatesInImage),
            (
                with(file.clone(), TABLE + 16, 0x1F8),
                HashRefusal::Gap { section: *b".b\0\0\0\0\0\0", count: 8 },
            ),
            (with(file, TABLE + 16, 0), HashRefusal::Gap { section: *b".b\0\0\0\0\0\0", count: 0x200 }),
        ];
        for (file, refusal) in cases {
            assert_eq!(ranges(&file), Err(refusal), "{}", refusal.token());
            assert!(!refusal.to_string().contains(char::is_control));
        }
    }

    proptest! {
        /// However headers are damaged: what is said is in the file and in order, and what is left out is
        /// as much as the format has.
        #[test]
        fn what_is_hashed_is_true_of_the_file(
            changes in proptest::collection::vec((0_usize..480, any::<u8>()), 0..6),
            signed: bool,
        ) {
            let mut file = builder().certificates(if signed { vec![4; 24] } else { vec![] }).build();
            changes.into_iter().for_each(|(at, byte)| file[at] = byte);
            let size = file.len() as u64;
            let Ok(headers) = Headers::parse(&file, size) else { return Ok(()) };
            let Ok(ranges) = headers.authenticode_ranges() else { return Ok(()) };
            let mut reached = 0;
            let mut left_out = 0;
            for range in ranges.hashed() {
                prop_assert!(range.start >= reached && range.start < range.end && range.end <= size);
                left_out += range.start - reached;
                reached = range.end;
            }
            let table = ranges.certificates().unwrap_or(size..size);
            prop_assert!(left_out == 4 || left_out == 12, "{left_out}");
            prop_assert_eq!((reached, table.end), (table.start, size));
        }
    }
}
