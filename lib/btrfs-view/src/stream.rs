// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file as the standard library's `Read` and `Seek`.

use crate::bytes::wide;
use crate::error::{Error, Family, Misuse};
use crate::file::File;
use read_at::ReadAt;
use std::io;

/// A file that is read from its beginning on, or from wherever was sought.
///
/// ```
/// use std::io::Read as _;
/// fn text<R: btrfs_view::ReadAt>(file: btrfs_view::File<'_, R>) -> std::io::Result<String>
/// where
///     R::Error: std::error::Error + Send + Sync + 'static,
/// {
///     let mut text = String::new();
///     btrfs_view::Stream::new(file).take(1 << 20).read_to_string(&mut text)?;
///     Ok(text)
/// }
/// ```
#[derive(Debug)]
pub struct Stream<'x, R> {
    file: File<'x, R>,
    at: u64,
}

impl<'x, R: ReadAt> Stream<'x, R> {
    /// At the beginning of `file`.
    #[must_use]
    pub fn new(file: File<'x, R>) -> Self {
        Self { file, at: 0 }
    }
}

impl<R: ReadAt> io::Read for Stream<'_, R>
where
    R::Error: core::error::Error + Send + Sync + 'static,
{
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(self.at, buffer).map_err(error)?;
        self.at = self.at.saturating_add(wide(length));
        Ok(length)
    }
}

impl<R: ReadAt> io::Seek for Stream<'_, R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
            io::SeekFrom::End(by) => self.file.metadata().size.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

fn error<E: core::error::Error + Send + Sync + 'static>(error: Error<E>) -> io::Error {
    let kind = match (error.family(), &error) {
        (_, Error::Misuse(Misuse::NoSuchFile)) => io::ErrorKind::NotFound,
        (Family::Device, _) => io::ErrorKind::Other,
        (Family::Unsupported, _) => io::ErrorKind::Unsupported,
        (Family::Damaged, _) => io::ErrorKind::InvalidData,
        (Family::Misuse, _) => io::ErrorKind::InvalidInput,
    };
    io::Error::new(kind, error)
}
