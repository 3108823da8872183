// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads headers and small sections of an image with few calls, each of which is one of the
//! firmware.

use super::layout::Text;
use super::refusal::{Refusal, UkiError};
use alloc::vec::Vec;
use pe_image::Headers;

/// The most bytes that one section may have that is read.
pub const SECTION_MAX: usize = 64 * 1024;
/// The most bytes of all sections that are read, with what lies between them.
pub const TEXTS_MAX: usize = 1024 * 1024;

/// Headers are read in steps of this.
const STEP: usize = 4096;
/// Sections with no more than this between them are read together: one call costs more.
const GAP_MAX: u64 = 16 * 1024;

type ReadAt<'r, E> = dyn FnMut(u64, usize) -> Result<Vec<u8>, E> + 'r;

/// Reads the headers; gives back the bytes as well, because small sections may be among them.
pub(super) fn headers<E>(
    file_size: u64,
    read_at: &mut ReadAt<'_, E>,
) -> Result<(Headers, Vec<u8>), UkiError<E>> {
    let mut prefix = Vec::new();
    let mut wanted = STEP;
    loop {
        let end = usize::try_from(file_size).unwrap_or(usize::MAX).min(wanted);
        let from = u64::try_from(prefix.len()).unwrap_or(u64::MAX);
        prefix.extend(exactly(read_at, from, end.saturating_sub(prefix.len()))?);
        match Headers::parse(&prefix, file_size) {
            Ok(headers) => return Ok((headers, prefix)),
            // Always more than there is.
            Err(pe_image::Refusal::NeedsMore(bytes)) => wanted = bytes.next_multiple_of(STEP),
            Err(refusal) => return Err(UkiError::Refused(Refusal::Image(refusal))),
        }
    }
}

fn exactly<E>(read_at: &mut ReadAt<'_, E>, offset: u64, length: usize) -> Result<Vec<u8>, UkiError<E>> {
    if length == 0 {
        return Ok(Vec::new());
    }
    let mut bytes = read_at(offset, length).map_err(UkiError::Read)?;
    if bytes.len() < length {
        return Err(UkiError::Refused(Refusal::ShortRead));
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Pieces of a file.
pub(super) struct Texts {
    pieces: Vec<Piece>,
}

struct Piece {
    offset: u64,
    bytes: Vec<u8>,
}

impl Texts {
    /// Reads these texts, as far as they are not in `prefix`, the first bytes of the file.
    pub(super) fn read<E>(
        prefix: Vec<u8>,
        texts: impl Iterator<Item = Text>,
        read_at: &mut ReadAt<'_, E>,
    ) -> Result<Self, UkiError<E>> {
        let mut pieces = alloc::vec![Piece { offset: 0, bytes: prefix }];
        let mut plan = Vec::new();
        for text in texts {
            if text.bytes() > SECTION_MAX {
                return Err(UkiError::Refused(Refusal::TooLarge { section: text.section }));
            }
            if pieces.iter().all(|piece| piece.get(text).is_none()) {
                let extent = text.extent();
                plan.insert(plan.partition_point(|known| *known < extent), extent);
            }
        }
        for (from, to) in merged(plan).map_err(UkiError::Refused)? {
            let length = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
            pieces.push(Piece { offset: from, bytes: exactly(read_at, from, length)? });
        }
        Ok(Self { pieces })
    }

    /// The bytes of a text that was read.
    pub(super) fn get(&self, text: Text) -> &[u8] {
        self.pieces.iter().find_map(|piece| piece.get(text)).unwrap_or_default()
    }
}

/// The same extents, which are in order, those near each other as one.
fn merged(plan: Vec<(u64, u64)>) -> Result<Vec<(u64, u64)>, Refusal> {
    let mut reads: Vec<(u64, u64)> = Vec::new();
    for (from, to) in plan {
        match reads.last_mut() {
            Some((_, end)) if from <= end.saturating_add(GAP_MAX) => *end = to.max(*end),
            _ => reads.push((from, to)),
        }
    }
    let all = reads.iter().fold(0_u64, |sum, (from, to)| sum.saturating_add(to.saturating_sub(*from)));
    match usize::try_from(all) {
        Ok(all) if all <= TEXTS_MAX => Ok(reads),
        _ => Err(Refusal::TooMuchText),
    }
}

impl Text {
    fn bytes(self) -> usize {
        usize::try_from(self.size).unwrap_or(usize::MAX)
    }

    fn extent(self) -> (u64, u64) {
        let from = u64::from(self.offset);
        (from, from.saturating_add(u64::from(self.size)))
    }
}

impl Piece {
    /// The text, if this piece has all of it.
    fn get(&self, text: Text) -> Option<&[u8]> {
        let from = usize::try_from(u64::from(text.offset).checked_sub(self.offset)?).ok()?;
        self.bytes.get(from..from.checked_add(text.bytes())?)
    }
}
