// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the bytes of a file lie.

use crate::error::{Error, LogContent, Unsupported};
use crate::file::File;
use read_at::ReadAt;

/// A run of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Where it lies, in bytes from the beginning of the file system; none where the bytes are zeros
    /// that lie nowhere.
    pub place: Option<u64>,
}

impl Extent {
    /// Zeros from the file's byte `from` until `until`.
    pub(crate) fn zeros(from: u64, until: u64) -> Self {
        Self { offset: from, length: until.saturating_sub(from), place: None }
    }

    /// Both in one, where `next` goes on with this one in the file and on the device.
    pub(crate) fn joined(self, next: Self) -> Option<Self> {
        let touch = match (self.place, next.place) {
            (None, None) => true,
            (Some(place), Some(later)) => place.checked_add(self.length) == Some(later),
            _ => false,
        };
        touch.then(|| Self { length: self.length.saturating_add(next.length), ..self })
    }
}

/// The runs of a file's bytes, in order: together they have every byte of the file once.
///
/// Runs that touch in the file and on the device are one (of a file in very many runs, 65,536 at a time).
/// After an error there is no more.
///
/// Small files may be in their inodes: then places and lengths are no multiples of anything.
#[derive(Debug)]
pub struct Extents<'f, 'x, R> {
    file: &'f File<'x, R>,
    /// The file's byte where the next run begins.
    at: u64,
}

impl<'f, 'x, R: ReadAt> Extents<'f, 'x, R> {
    pub(crate) fn new(file: &'f File<'x, R>) -> Self {
        Self { file, at: 0 }
    }

    /// The next run, as it lies: in the journal, where that has a newer form of its first block.
    fn step(&mut self) -> Result<Extent, Error<R::Error>> {
        let extent = self.file.joined(self.at, self.file.metadata().size)?;
        let extent = self.file.volume().with_disk(|disk| Ok(disk.overlay.redirect(extent)))?;
        let extent = extent.ok_or(Unsupported::Log(LogContent::EscapedData))?;
        self.at = extent.offset.saturating_add(extent.length.max(1));
        Ok(extent)
    }
}

impl<R: ReadAt> Iterator for Extents<'_, '_, R> {
    type Item = Result<Extent, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.file.metadata().size {
            return None;
        }
        let extent = self.step();
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
        let extent = Extent { offset: 0, length: 10, place: Some(100) };
        let next = Extent { offset: 10, length: 5, place: Some(110) };
        assert_eq!(extent.joined(next), Some(Extent { length: 15, ..extent }));
        assert_eq!(extent.joined(Extent { place: Some(111), ..next }), None);
        assert_eq!(extent.joined(Extent::zeros(10, 15)), None);
        assert_eq!(Extent::zeros(0, 10).joined(Extent::zeros(10, 15)), Some(Extent::zeros(0, 15)));
    }
}
