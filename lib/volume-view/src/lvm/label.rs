// SPDX-License-Identifier: MIT OR Apache-2.0
//! A physical volume: its label, and the text of the metadata that it has.

use super::TEXT_MAX;
use crate::bytes::{array, le32, le64, narrow, wide};
use crate::error::{Damage, Error, Fault, Flaw, Structure, Unsupported};
use alloc::vec::Vec;
use core::fmt;
use read_at::ReadAt;

/// The label is on one of the first four sectors, whatever the size of the device's own.
const SECTOR: usize = 512;
const SECTORS: usize = 4;
/// What checksums begin with.
const SEED: u32 = 0xF597_A6CF;
/// The first bytes of a metadata area behind its checksum.
const MAGIC: [u8; 16] = *b" LVM2 x[5A%r0N*>";
/// The most areas of each kind that are looked at.
const AREAS_MAX: usize = 8;

/// The UUID of a physical volume, a group or a logical volume: 32 letters and digits, which LVM shows in
/// groups.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 32]);

/// A physical volume.
#[derive(Debug)]
pub struct PhysicalVolume<R> {
    pub(super) reader: R,
    uuid: Uuid,
    size: u64,
    /// The text of its group's metadata; none where it has no area for it.
    pub(super) text: Option<Vec<u8>>,
}

impl<R: ReadAt> PhysicalVolume<R> {
    /// Opens the physical volume that `reader` has: reads the label, and the metadata from the first area
    /// that is well.
    ///
    /// # Errors
    ///
    /// The device failed, there is no label, or what it says is damaged.
    pub fn open(mut reader: R) -> Result<Self, Error<R::Error>> {
        let mut start = [0; SECTOR * SECTORS];
        reader.read_at(0, &mut start).map_err(Error::Device)?;
        let header = Header::find(&start)?;
        let text = header.text(&mut reader)?;
        Ok(Self { reader, uuid: header.uuid, size: header.size, text })
    }

    /// Which it is.
    #[must_use]
    pub fn uuid(&self) -> &Uuid {
        &self.uuid
    }

    /// The bytes of the device, as it was when it became a physical volume.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// What stands behind the label.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    uuid: Uuid,
    size: u64,
    /// Places and lengths of the metadata areas, in bytes.
    areas: Vec<(u64, u64)>,
}

impl Header {
    fn find(start: &[u8]) -> Result<Self, Flaw> {
        for (number, sector) in (0_u64..).zip(start.chunks_exact(SECTOR)) {
            if sector.starts_with(b"LABELONE") && sector.get(24..32) == Some(b"LVM2 001") {
                return Ok(Self::parse(sector, number)?);
            }
        }
        Err(Unsupported::NotLvm.into())
    }

    fn parse(sector: &[u8], number: u64) -> Result<Self, Damage> {
        let damaged = |fault| Structure::Label.damage(fault, number.saturating_mul(wide(SECTOR)));
        if checksum(sector.get(20..).unwrap_or_default()) != le32(sector, 16) {
            return Err(damaged(Fault::Checksum));
        }
        if le64(sector, 8) != number {
            return Err(damaged(Fault::Value));
        }
        let header = sector.get(narrow(le32(sector, 20).into())..).ok_or(damaged(Fault::Bounds))?;
        let body = header.get(40..).ok_or(damaged(Fault::Bounds))?;
        // Two lists of places and lengths, each ended by zeros: of data, and of metadata.
        let mut pairs = body.chunks_exact(16).map(|pair| (le64(pair, 0), le64(pair, 8)));
        pairs.by_ref().take_while(|pair| pair.0 != 0).for_each(drop);
        let areas = pairs.take_while(|pair| pair.0 != 0).take(AREAS_MAX).collect();
        Ok(Self { uuid: Uuid(array(header, 0)), size: le64(header, 32), areas })
    }

    /// The text from the first area that has one and is well.
    fn text<R: ReadAt>(&self, reader: &mut R) -> Result<Option<Vec<u8>>, Error<R::Error>> {
        let mut failed = None;
        for (place, length) in &self.areas {
            match read_area(reader, *place, *length) {
                Ok(Some(text)) => return Ok(Some(text)),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(None), Err)
    }
}

/// The text in the area of `length` bytes at `place`; none where it has none, or is to be passed over.
fn read_area<R: ReadAt>(reader: &mut R, place: u64, length: u64) -> Result<Option<Vec<u8>>, Error<R::Error>> {
    let damaged = |fault| Error::from(Structure::MetadataArea.damage(fault, place));
    let mut header = [0; SECTOR];
    reader.read_at(place, &mut header).map_err(Error::Device)?;
    let (sum, rest) = header.split_at(4);
    if checksum(rest) != le32(sum, 0) {
        return Err(damaged(Fault::Checksum));
    }
    if array(rest, 0) != MAGIC || le32(rest, 16) != 1 {
        return Err(damaged(Fault::Magic));
    }
    if le64(&header, 24) != place || le64(&header, 32) != length {
        return Err(damaged(Fault::Value));
    }
    // The first slot is of what was committed.
    let (offset, size) = (le64(&header, 40), le64(&header, 48));
    let (sum, flags) = (le32(&header, 56), le32(&header, 60));
    if offset == 0 || flags & 1 != 0 {
        return Ok(None);
    }
    if size > wide(TEXT_MAX) {
        return Err(Unsupported::TooLarge.into());
    }
    let ring = length.checked_sub(wide(SECTOR)).ok_or(damaged(Fault::Bounds))?;
    if offset < wide(SECTOR) || offset >= length || size > ring {
        return Err(damaged(Fault::Bounds));
    }
    let text = read_ring(reader, place, length, offset, narrow(size))?;
    if checksum(&text) == sum { Ok(Some(text)) } else { Err(damaged(Fault::Checksum)) }
}

/// Reads a text from a ring: after the area's end it goes on behind the area's header.
fn read_ring<R: ReadAt>(
    reader: &mut R,
    place: u64,
    length: u64,
    offset: u64,
    size: usize,
) -> Result<Vec<u8>, Error<R::Error>> {
    let mut text = alloc::vec![0; size];
    let until_end = narrow(length.saturating_sub(offset));
    let (first, second) = text.split_at_mut(until_end.min(size));
    reader.read_at(place.saturating_add(offset), first).map_err(Error::Device)?;
    if !second.is_empty() {
        reader.read_at(place.saturating_add(wide(SECTOR)), second).map_err(Error::Device)?;
    }
    Ok(text)
}

/// The CRC-32 of LVM: that of V.42 with another seed, and not inverted at its end.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(SEED, |state, byte| {
        (0..8).fold(state ^ u32::from(*byte), |state, _| {
            (state >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(state & 1))
        })
    })
}

impl Uuid {
    /// From `xxxxxx-xxxx-xxxx-xxxx-xxxx-xxxx-xxxxxx`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        digits.try_into().ok().map(Self)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 6 | 10 | 14 | 18 | 22 | 26) {
                f.write_str("-")?;
            }
            write!(f, "{}", byte.escape_ascii())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_uuid_is_shown_in_groups() {
        let text = "HVCnM5-TVfF-RjR0-PVwP-2nel-nNmz-Zvc8kL";
        assert_eq!(Uuid::parse(text).unwrap().to_string(), text);
        assert_eq!(Uuid::parse("HVCnM5"), None);
    }

    #[test]
    fn a_ring_goes_on_behind_the_header() {
        let bytes: Vec<u8> = (0..2048_u32).map(|n| (n / 16) as u8).collect();
        let text = read_ring(&mut bytes.as_slice(), 0, 2048, 2000, 100).unwrap();
        assert_eq!((&text[..48], &text[48..]), (&bytes[2000..], &bytes[512..564]));
    }
}
