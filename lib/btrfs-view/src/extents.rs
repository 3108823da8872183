// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the bytes of a file lie.

use crate::error::Error;
use crate::file::File;
use crate::map::Position;
use read_at::ReadAt;

/// A run of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Where it lies.
    pub place: Place,
}

/// Where a run of a file's bytes lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Nowhere: the bytes are zeros.
    Zeros,
    /// As they are, on a device: the one at this place of those that the file system was opened with, and
    /// from this byte of it on. Of several copies it is the first; whoever reads it has no checksums verified.
    Device(usize, u64),
    /// Compressed, or among metadata: only [`File::read_at`] can read them.
    Encoded,
}

impl Extent {
    /// Both in one, where `next` goes on with this one in the file and on the device.
    fn joined(self, next: Self) -> Option<Self> {
        let touch = match (self.place, next.place) {
            (Place::Zeros, Place::Zeros) | (Place::Encoded, Place::Encoded) => true,
            (Place::Device(device, place), Place::Device(other, later)) => {
                device == other && place.checked_add(self.length) == Some(later)
            }
            _ => false,
        };
        touch.then(|| Self { length: self.length.saturating_add(next.length), ..self })
    }
}

/// The runs of a file's bytes, in order: together they have every byte of the file once.
///
/// Runs that touch in the file and on the device are one. After an error there is no more.
#[derive(Debug)]
pub struct Extents<'f, 'x, R> {
    file: &'f File<'x, R>,
    /// The file's byte where the next run begins.
    at: u64,
    position: Position,
}

impl<'f, 'x, R: ReadAt> Extents<'f, 'x, R> {
    pub(crate) fn new(file: &'f File<'x, R>) -> Self {
        Self { file, at: 0, position: Position::default() }
    }

    fn joined(&mut self) -> Result<Extent, Error<R::Error>> {
        let size = self.file.metadata().size;
        let mut extent = self.file.extent_at(&mut self.position, self.at)?;
        loop {
            self.at = extent.offset.saturating_add(extent.length);
            if self.at >= size {
                return Ok(extent);
            }
            match extent.joined(self.file.extent_at(&mut self.position, self.at)?) {
                Some(both) => extent = both,
                None => return Ok(extent),
            }
        }
    }
}

impl<R: ReadAt> Iterator for Extents<'_, '_, R> {
    type Item = Result<Extent, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.file.metadata().size {
            return None;
        }
        let extent = self.joined();
        if extent.is_err() {
            self.at = u64::MAX;
        }
        Some(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_touch_are_one() {
        let extent = Extent { offset: 0, length: 10, place: Place::Device(1, 100) };
        let next = Extent { offset: 10, length: 5, place: Place::Device(1, 110) };
        assert_eq!(extent.joined(next), Some(Extent { length: 15, ..extent }));
        assert_eq!(extent.joined(Extent { place: Place::Device(0, 110), ..next }), None);
        assert_eq!(extent.joined(Extent { place: Place::Device(1, 111), ..next }), None);
        assert_eq!(extent.joined(Extent { place: Place::Zeros, ..next }), None);
        let zeros = Extent { place: Place::Zeros, ..extent };
        assert_eq!(zeros.joined(Extent { place: Place::Zeros, ..next }).map(|both| both.length), Some(15));
    }
}
