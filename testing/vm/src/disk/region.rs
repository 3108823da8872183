// SPDX-License-Identifier: MIT OR Apache-2.0
//! A partition as a stream, with the file allocation tables held in memory.
//!
//! Laying out a file of 600 MiB touches its table entries more than half a million times, a few
//! bytes at a time. Held in memory, that costs no system calls; data still goes straight to the file.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
};

/// Bytes in one comparison when zeros are left out of the file.
const BLOCK: usize = 4096;

/// A part of a file, whose head is cached and written back by [`Region::save`].
#[derive(Debug)]
pub(crate) struct Region {
    file: File,
    start: u64,
    len: u64,
    position: u64,
    head: Vec<u8>,
}

impl Region {
    /// The `len` bytes at `start` of `file`, of which the first `head_len` are cached.
    ///
    /// # Errors
    /// When the file is shorter than the head or cannot be read.
    pub(crate) fn open(file: File, start: u64, len: u64, head_len: usize) -> io::Result<Self> {
        let mut head = vec![0; head_len];
        file.read_exact_at(&mut head, start)?;
        Ok(Self { file, start, len, position: 0, head })
    }

    /// The same for a file that is known to hold only zeros.
    pub(crate) fn blank(file: File, start: u64, len: u64, head_len: usize) -> Self {
        Self { file, start, len, position: 0, head: vec![0; head_len] }
    }

    /// Writes the head back, leaving out blocks of zeros when the file is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self) -> io::Result<()> {
        for (number, block) in self.head.chunks(BLOCK).enumerate() {
            if block.iter().any(|&byte| byte != 0) {
                self.file.write_all_at(block, self.start + (number * BLOCK) as u64)?;
            }
        }
        Ok(())
    }

    fn left(&self) -> u64 {
        self.len.saturating_sub(self.position)
    }

    /// The cached bytes at the position, if it lies in the head.
    fn cached(&mut self) -> Option<&mut [u8]> {
        let position = usize::try_from(self.position).ok()?;
        self.head.get_mut(position..).filter(|bytes| !bytes.is_empty())
    }
}

impl Read for Region {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left()).unwrap_or(usize::MAX));
        let count = if let Some(cached) = self.cached() {
            let count = wanted.min(cached.len());
            buffer[..count].copy_from_slice(&cached[..count]);
            count
        } else {
            self.file.read_at(&mut buffer[..wanted], self.start + self.position)?
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Write for Region {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left()).unwrap_or(usize::MAX));
        let count = if let Some(cached) = self.cached() {
            let count = wanted.min(cached.len());
            cached[..count].copy_from_slice(&buffer[..count]);
            count
        } else {
            self.file.write_at(&buffer[..wanted], self.start + self.position)?
        };
        self.position += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Region {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
