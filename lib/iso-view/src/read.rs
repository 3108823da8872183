// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an image is read from.

use core::fmt;

/// Something that bytes can be read from at any place, such as a file that holds an image.
pub trait ReadAt {
    /// Why it could not be read.
    type Error;

    /// Fills the whole of `buffer` with the bytes from `offset`.
    ///
    /// # Errors
    ///
    /// The device failed, or there are fewer bytes than asked for.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Self::Error>;
}

impl<R: ReadAt + ?Sized> ReadAt for &mut R {
    type Error = R::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Self::Error> {
        (**self).read_at(offset, buffer)
    }
}

/// The bytes that were asked for are not all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the image ends before this place")
    }
}

impl core::error::Error for OutOfRange {}

/// An image in memory.
impl ReadAt for &[u8] {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        let start = usize::try_from(offset).map_err(|_| OutOfRange)?;
        let end = start.checked_add(buffer.len()).ok_or(OutOfRange)?;
        buffer.copy_from_slice(self.get(start..end).ok_or(OutOfRange)?);
        Ok(())
    }
}
