// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image that counts what is asked of it.

use std::cell::Cell;
use std::fs::File;
use std::io::Result;
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
    counts: Rc<Cell<Counts>>,
}

impl Counted {
    pub(crate) fn open(image: &str) -> Self {
        Self { file: File::open(image).expect("the image is there"), counts: Rc::default() }
    }

    /// What is counted from now on.
    pub(crate) fn counts(&self) -> Rc<Cell<Counts>> {
        Rc::clone(&self.counts)
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let Counts { requests, bytes } = self.counts.get();
        self.counts.set(Counts { requests: requests + 1, bytes: bytes + buffer.len() as u64 });
        self.file.read_exact_at(buffer, offset)
    }
}

impl xfs_view::ReadAt for Counted {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.read(offset, buffer)
    }
}

impl lamxfs::BlockRead for Counted {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.read(offset, buffer)
    }
}
