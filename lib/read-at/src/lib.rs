// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file system is read from: anything that gives bytes at a place, or whole sectors.
//!
//! A reader of a file system takes a [`ReadAt`]. Firmware that reads whole sectors implements
//! [`ReadSectors`], and is wrapped in [`Sectors`].

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

use alloc::vec::Vec;
use core::fmt;

/// Something that bytes can be read from at any place: a partition, or a file that holds an image.
///
/// A device that reads whole sectors only becomes one by [`Sectors`].
pub trait ReadAt {
    /// Why it could not be read. It is passed through unchanged.
    type Error;

    /// Fills the whole of `buffer` with the bytes from `offset` (counted from the beginning of the
    /// file system).
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

/// A file that holds an image, or a block device.
#[cfg(all(feature = "std", unix))]
impl ReadAt for std::fs::File {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }
}

/// A device that reads whole sectors, as firmware does.
pub trait ReadSectors {
    /// Why it could not be read.
    type Error;

    /// The size of a sector in bytes. It does not change.
    fn sector_size(&self) -> usize;

    /// Fills `buffer`, whose length is a multiple of the sector's size, from the sector `first` on.
    ///
    /// # Errors
    ///
    /// The device failed, or has no such sector.
    fn read_sectors(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), Self::Error>;
}

/// Gives bytes from a device that reads whole sectors.
///
/// What is whole goes straight into the caller's buffer, in one request; a sector that is wanted in
/// part goes through a buffer of one sector.
///
/// ```
/// use read_at::{ReadAt, ReadSectors, Sectors};
///
/// struct Disk;
/// impl ReadSectors for Disk {
///     type Error = core::convert::Infallible;
///     fn sector_size(&self) -> usize {
///         512
///     }
///     fn read_sectors(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), Self::Error> {
///         buffer.fill(first as u8); // every byte of this disk says in which sector it is
///         Ok(())
///     }
/// }
///
/// let mut bytes = [0; 3];
/// Sectors::new(Disk).read_at(3 * 512 - 2, &mut bytes)?;
/// assert_eq!(bytes, [2, 2, 3]);
/// # Ok::<(), core::convert::Infallible>(())
/// ```
#[derive(Debug)]
pub struct Sectors<D> {
    device: D,
    /// One sector.
    bounce: Vec<u8>,
}

impl<D: ReadSectors> Sectors<D> {
    /// Wraps `device`. A sector's size of 0 is taken as 1.
    pub fn new(device: D) -> Self {
        let size = device.sector_size().max(1);
        Self { device, bounce: alloc::vec![0; size] }
    }

    /// The device.
    #[must_use]
    pub fn into_inner(self) -> D {
        self.device
    }

    fn read_part(&mut self, sector: u64, skip: usize, part: &mut [u8]) -> Result<(), D::Error> {
        self.device.read_sectors(sector, &mut self.bounce)?;
        if let Some(bytes) = self.bounce.get(skip..).and_then(|bytes| bytes.get(..part.len())) {
            part.copy_from_slice(bytes);
        }
        Ok(())
    }
}

impl<D: ReadSectors> ReadAt for Sectors<D> {
    type Error = D::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), D::Error> {
        let size = self.bounce.len();
        let (Some(first), Some(skip)) = (offset.checked_div(wide(size)), offset.checked_rem(wide(size)))
        else {
            return Ok(());
        };
        let (mut sector, skip) = (first, narrow(skip));
        let head = if skip == 0 { 0 } else { size.saturating_sub(skip).min(buffer.len()) };
        let (head, rest) = buffer.split_at_mut(head);
        if !head.is_empty() {
            self.read_part(sector, skip, head)?;
            sector = sector.saturating_add(1);
        }
        let whole = rest.len().saturating_sub(rest.len().checked_rem(size).unwrap_or(0));
        let (middle, tail) = rest.split_at_mut(whole);
        if !middle.is_empty() {
            self.device.read_sectors(sector, middle)?;
        }
        if !tail.is_empty() {
            let sectors = middle.len().checked_div(size).unwrap_or(0);
            self.read_part(sector.saturating_add(wide(sectors)), 0, tail)?;
        }
        Ok(())
    }
}

/// A part of what another reader has, for instance a partition of a disk.
///
/// ```
/// use read_at::{Part, ReadAt};
///
/// let disk: &[u8] = b"table|files|rest";
/// let mut partition = Part::new(disk, 6, 5);
/// let mut bytes = [0; 5];
/// partition.read_at(0, &mut bytes)?;
/// assert_eq!(&bytes, b"files");
/// assert!(partition.read_at(1, &mut bytes).is_err(), "that would be a byte of the rest");
/// # Ok::<(), read_at::PartError<read_at::OutOfRange>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Part<R> {
    reader: R,
    start: u64,
    length: u64,
}

/// Why a part could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartError<E> {
    /// The device failed.
    Device(E),
    /// The bytes are not all in the part.
    OutOfRange,
}

impl<E: fmt::Display> fmt::Display for PartError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(why) => why.fmt(f),
            Self::OutOfRange => OutOfRange.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for PartError<E> {}

impl<R: ReadAt> Part<R> {
    /// The `length` bytes from `start` on.
    pub const fn new(reader: R, start: u64, length: u64) -> Self {
        Self { reader, start, length }
    }
}

impl<R: ReadAt> ReadAt for Part<R> {
    type Error = PartError<R::Error>;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Self::Error> {
        let end = offset.checked_add(wide(buffer.len())).filter(|end| *end <= self.length);
        let place = end.and_then(|_| self.start.checked_add(offset)).ok_or(PartError::OutOfRange)?;
        self.reader.read_at(place, buffer).map_err(PartError::Device)
    }
}

/// A length as a 64-bit number.
fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The bytes to leave out of a sector, which are fewer than a sector has.
fn narrow(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Memory(Vec<u8>, usize);

    impl ReadSectors for Memory {
        type Error = OutOfRange;

        fn sector_size(&self) -> usize {
            self.1
        }

        fn read_sectors(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
            assert_eq!(buffer.len() % self.1, 0);
            self.0.as_slice().read_at(first * self.1 as u64, buffer)
        }
    }

    proptest! {
        #[test]
        fn any_bytes_from_whole_sectors(size in prop::sample::select(vec![1_usize, 512, 4096]), offset in 0_usize..9000, length in 0_usize..9000) {
            let bytes: Vec<u8> = (0..20480_u32).map(|n| (n / 7) as u8).collect();
            let mut buffer = vec![0; length];
            Sectors::new(Memory(bytes.clone(), size)).read_at(offset as u64, &mut buffer).unwrap();
            prop_assert_eq!(&buffer, &bytes[offset..offset + length]);
        }
    }

    #[test]
    fn a_part_ends_where_it_ends() {
        let mut part = Part::new(&[1_u8, 2, 3, 4, 5][..], 1, 3);
        let mut bytes = [0; 2];
        assert_eq!((part.read_at(1, &mut bytes), bytes), (Ok(()), [3, 4]));
        assert_eq!(part.read_at(2, &mut bytes), Err(PartError::OutOfRange));
        assert_eq!(part.read_at(u64::MAX, &mut bytes), Err(PartError::OutOfRange));
        let mut beyond = Part::new(&[1_u8][..], u64::MAX, 3);
        assert_eq!(beyond.read_at(1, &mut bytes), Err(PartError::OutOfRange));
        assert_eq!(beyond.read_at(0, &mut bytes), Err(PartError::Device(OutOfRange)));
    }

    #[test]
    fn a_device_without_sectors_does_no_harm() {
        let mut bytes = [1; 4];
        let read = Sectors::new(Memory(Vec::new(), 1)).read_at(0, &mut bytes);
        assert_eq!(read, Err(OutOfRange));
    }
}
