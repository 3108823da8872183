// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image that counts what is asked of it.

use std::cell::Cell;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt as _;
use std::rc::Rc;

/// Requests, and bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
}

/// An image that counts what is asked of it.
#[derive(Debug)]
pub(crate) struct Counted {
    file: File,
    /// Where readers that have a place read next.
    place: u64,
    counts: Rc<Cell<Counts>>,
}

impl Counted {
    pub(crate) fn open(image: &str) -> Self {
        Self { file: File::open(image).expect("the image is there"), place: 0, counts: Rc::default() }
    }

    /// What is counted from now on.
    pub(crate) fn counts(&self) -> Rc<Cell<Counts>> {
        Rc::clone(&self.counts)
    }

    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        self.file.metadata().expect("the image is there").len()
    }

    fn fill(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let Counts { requests, bytes } = self.counts.get();
        self.counts.set(Counts { requests: requests + 1, bytes: bytes + buffer.len() as u64 });
        self.file.read_exact_at(buffer, offset)
    }
}

impl xfs_view::ReadAt for Counted {
    type Error = Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.fill(offset, buffer)
    }
}

impl lamxfs::BlockRead for Counted {
    type Error = Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.fill(offset, buffer)
    }
}

impl lambutter::BlockRead for Counted {
    type Error = Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.fill(offset, buffer)
    }
}

impl ext4_view::Ext4Read for Counted {
    fn read(
        &mut self,
        offset: u64,
        buffer: &mut [u8],
    ) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
        Ok(self.fill(offset, buffer)?)
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let rest = usize::try_from(self.size() - self.place).unwrap_or(usize::MAX);
        let length = buffer.len().min(rest);
        self.fill(self.place, &mut buffer[..length])?;
        self.place += length as u64;
        Ok(length)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.size().checked_add_signed(by),
        };
        self.place = place.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}

impl Write for Counted {
    fn write(&mut self, _: &[u8]) -> Result<usize> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
