// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device, and the parts of tables and directories that were read last.

use crate::bytes::{narrow, wide};
use crate::error::{Error, Misuse};
use crate::volume::Fat;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The bytes of a part that is kept.
const PART: u64 = 16 * 1024;
/// How many are kept.
const PARTS_MAX: usize = 16;
/// The most bytes that are kept together.
pub const CACHE_MAX: usize = 256 * 1024;

/// What a volume is read from.
#[derive(Debug)]
pub(crate) struct Disk<R> {
    pub(crate) reader: R,
    /// The volume's bytes: no part goes beyond.
    pub(crate) size: u64,
    parts: Vec<Part>,
    /// The one that was used last.
    last: usize,
    /// Counts uses.
    now: u64,
    /// The copy of the table that could be read last.
    pub(crate) table: u8,
}

#[derive(Debug)]
struct Part {
    start: u64,
    used: u64,
    bytes: Vec<u8>,
}

impl<R: ReadAt> Disk<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, size: 0, parts: Vec::new(), last: 0, now: 0, table: 0 }
    }

    /// Fills `buffer` in one request.
    pub(crate) fn read(&mut self, place: u64, buffer: &mut [u8]) -> Result<(), R::Error> {
        self.reader.read_at(place, buffer)
    }

    /// Fills `buffer`, which is small, from parts that are kept.
    pub(crate) fn read_kept(&mut self, place: u64, buffer: &mut [u8]) -> Result<(), R::Error> {
        let (mut at, mut rest) = (place, buffer);
        while !rest.is_empty() {
            let start = at & !PART.saturating_sub(1);
            let skip = narrow(at.saturating_sub(start));
            // Where all of the part cannot be read, what is wanted of it may be.
            let Some(index) = self.part(start) else { return self.reader.read_at(at, rest) };
            let part = self.parts.get(index).and_then(|part| part.bytes.get(skip..)).unwrap_or_default();
            let length = part.len().min(rest.len());
            let (now, later) = rest.split_at_mut(length);
            let Some(bytes) = part.get(..length).filter(|bytes| !bytes.is_empty()) else {
                return self.reader.read_at(at, later);
            };
            now.copy_from_slice(bytes);
            at = at.saturating_add(wide(length));
            rest = later;
        }
        Ok(())
    }

    /// The part that begins at `start`; none if it cannot be read.
    fn part(&mut self, start: u64) -> Option<usize> {
        self.now = self.now.saturating_add(1);
        if self.parts.get(self.last).is_none_or(|part| part.start != start) {
            self.last = match self.parts.iter().position(|part| part.start == start) {
                Some(index) => index,
                None => self.load(start)?,
            };
        }
        self.parts.get_mut(self.last)?.used = self.now;
        Some(self.last)
    }

    /// Reads a part in place of the one that was not used for longest.
    fn load(&mut self, start: u64) -> Option<usize> {
        let length = narrow(PART.min(self.size.saturating_sub(start)));
        let mut bytes = alloc::vec![0; length];
        self.reader.read_at(start, &mut bytes).ok()?;
        let part = Part { start, used: self.now, bytes };
        if self.parts.len() < PARTS_MAX {
            self.parts.push(part);
            return self.parts.len().checked_sub(1);
        }
        let (index, oldest) = self.parts.iter_mut().enumerate().min_by_key(|(_, part)| part.used)?;
        *oldest = part;
        Some(index)
    }
}

impl<R: ReadAt> Fat<R> {
    /// Does `act` with the device.
    pub(crate) fn with_disk<T>(
        &self,
        act: impl FnOnce(&mut Disk<R>) -> Result<T, R::Error>,
    ) -> Result<T, Error<R::Error>> {
        let mut disk = self.disk.try_borrow_mut().map_err(|_| Error::Misuse(Misuse::Reentered))?;
        act(&mut disk).map_err(Error::Device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn kept_parts_give_the_bytes_of_the_device(reads in prop::collection::vec((0_u64..600_000, 1_usize..40), 1..200)) {
            let image: Vec<u8> = (0..600_040_u32).map(|n| (n / 3) as u8).collect();
            let mut disk = Disk::new(image.as_slice());
            disk.size = 600_000;
            for (at, length) in reads {
                let mut buffer = vec![0; length];
                disk.read_kept(at, &mut buffer).unwrap();
                prop_assert_eq!(&buffer, &image[at as usize..][..length]);
                prop_assert!(disk.parts.iter().map(|part| part.bytes.len()).sum::<usize>() <= CACHE_MAX);
            }
        }
    }

    #[test]
    fn what_is_there_is_read_where_the_device_ends_early() {
        let image = [7; 20_000];
        let mut disk = Disk::new(&image[..]);
        disk.size = 40_000;
        let mut buffer = [0; 4];
        assert_eq!((disk.read_kept(19_996, &mut buffer), buffer), (Ok(()), [7; 4]));
        assert!(disk.read_kept(19_997, &mut buffer).is_err());
    }
}
