// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the bytes of a file lie.

use crate::error::Error;
use crate::file::File;
use crate::table::Cursor;
use read_at::ReadAt;

/// A run of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Where it lies, in bytes from the beginning of the volume. FAT has no holes, so there always is
    /// a place.
    pub place: Option<u64>,
}

/// The runs of a file's bytes, in order: together they have every byte of the file once.
///
/// Runs that touch in the file and on the device are one. After an error there is no more.
#[derive(Debug)]
pub struct Extents<'f, 'x, R> {
    file: &'f File<'x, R>,
    /// The file's byte where the next run begins.
    at: u64,
    cursor: Cursor,
}

impl<'f, 'x, R: ReadAt> Extents<'f, 'x, R> {
    pub(crate) fn new(file: &'f File<'x, R>) -> Self {
        Self { file, at: 0, cursor: Cursor::new(file.metadata().first_cluster) }
    }
}

impl<R: ReadAt> Iterator for Extents<'_, '_, R> {
    type Item = Result<Extent, Error<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.file.metadata().size;
        if self.at >= size {
            return None;
        }
        let extent = self.file.extent_at(&mut self.cursor, self.at, size);
        self.at = extent.as_ref().map_or(u64::MAX, |extent| self.at.saturating_add(extent.length));
        Some(extent)
    }
}
