// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a program: little of it into memory, and all that is signed once, to hash it.

use authenticode::{ImageDigests, ImageHasher, Lists, Refusal, SignedData, Wanted, signatures};
use pe_image::{HEADERS_MAX, Headers};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The most bytes of a certificate table that are read: of sixteen signatures as large as any may be.
const TABLE_BYTES_MAX: u64 = 1024 * 1024;
/// How much is read at a time.
const CHUNK: usize = 1024 * 1024;

/// A program, as far as it is needed.
pub(super) struct Image {
    pub(super) size: u64,
    pub(super) digests: ImageDigests,
    /// The content of `.sbat`; `None` where there is no such section.
    pub(super) sbat: Option<Vec<u8>>,
    table: Vec<u8>,
}

impl Image {
    /// Reads and hashes a file.
    pub(super) fn read(path: &Path, lists: &Lists<'_>) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        if !metadata.is_file() {
            return Err("it is not a file".into());
        }
        let size = metadata.len();
        let headers = headers(&file, size)?;
        let ranges = headers.authenticode_ranges().map_err(|refusal| refusal.to_string())?;
        let table = match ranges.certificates() {
            Some(range) => take(&file, range, TABLE_BYTES_MAX, "certificate table")?,
            None => Vec::new(),
        };
        let sbat = sbat(&file, &headers)?;
        let read = signatures(&table).map_err(|refusal| refusal.to_string())?;
        let digests = hash(&file, ranges.hashed(), Wanted::by(read.iter().flatten(), lists))?;
        drop(read);
        Ok(Self { size, digests, sbat, table })
    }

    /// Its signatures, each read or refused.
    pub(super) fn signatures(&self) -> Vec<Result<SignedData<'_>, Refusal>> {
        // The table was read before, so this has the same answer.
        signatures(&self.table).unwrap_or_default()
    }
}

fn headers(file: &File, size: u64) -> Result<Headers, String> {
    let mut prefix = Vec::new();
    loop {
        match Headers::parse(&prefix, size) {
            Ok(headers) => return Ok(headers),
            Err(pe_image::Refusal::NeedsMore(bytes)) if bytes <= HEADERS_MAX => {
                let end = u64::try_from(bytes).unwrap_or(size);
                prefix = take(file, 0..end, size, "headers")?;
            }
            Err(refusal) => return Err(refusal.to_string()),
        }
    }
}

fn sbat(file: &File, headers: &Headers) -> Result<Option<Vec<u8>>, String> {
    let section = headers.sbat().map_err(|count| format!("it has {count} sections `.sbat`"))?;
    let Some(section) = section else { return Ok(None) };
    let start = u64::from(section.file_offset);
    let range = start..start.saturating_add(u64::from(section.content_size()));
    let limit = u64::try_from(sbat::BYTES_MAX).unwrap_or(u64::MAX);
    take(file, range, limit, "section `.sbat`").map(Some)
}

/// A part of the file that is not larger than `limit`.
fn take(file: &File, range: Range<u64>, limit: u64, what: &str) -> Result<Vec<u8>, String> {
    let size = range.end.saturating_sub(range.start);
    if size > limit {
        return Err(format!("its {what} has {size} bytes, more than {limit}"));
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|error| error.to_string())?];
    file.read_exact_at(&mut bytes, range.start).map_err(|error| format!("its {what}: {error}"))?;
    Ok(bytes)
}

fn hash(file: &File, ranges: &[Range<u64>], wanted: Wanted) -> Result<ImageDigests, String> {
    let mut hasher = ImageHasher::new(wanted);
    let mut chunk = vec![0; CHUNK];
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            let rest = usize::try_from(range.end.saturating_sub(at)).unwrap_or(CHUNK);
            let part = chunk.get_mut(..rest.min(CHUNK)).unwrap_or_default();
            file.read_exact_at(part, at).map_err(|error| error.to_string())?;
            hasher.update(part);
            at = at.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        }
    }
    Ok(hasher.finish())
}
