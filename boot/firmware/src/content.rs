// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bytes of an image or an initrd: a whole file, or runs of bytes inside of one.

use crate::file::File;
use crate::status;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::ptr::NonNull;
use core::slice;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::own_reader::OwnReader;
use lamboot_core::source::Extent;

/// Where a file's bytes come from.
pub(crate) enum Store {
    /// An open file of a firmware driver.
    Driver(File),
    /// A path on a volume that LamBoot reads by itself.
    Own(Rc<OwnReader>, String),
}

impl Store {
    /// Fills `buffer` from `offset` on.
    pub(crate) fn fill(&self, offset: u64, buffer: &mut [u8]) -> PortResult<()> {
        match self {
            Self::Driver(file) => file.read_exact(offset, buffer).map_err(status::error),
            Self::Own(own, path) => own.fill(path, offset, buffer),
        }
    }
}

/// An open file, and which of its bytes are meant.
pub(crate) struct Content {
    store: Store,
    extents: Vec<Extent>,
    size: u64,
}

impl Content {
    /// These runs of a file; `size` is what they come to.
    pub(crate) const fn new(store: Store, extents: Vec<Extent>, size: u64) -> Self {
        Self { store, extents, size }
    }

    /// A whole file.
    #[cfg(test)]
    pub(crate) fn whole(file: File, size: u64) -> Self {
        Self::new(Store::Driver(file), alloc::vec![Extent { offset: 0, length: size }], size)
    }

    /// Its size in bytes.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Reads all of it, each run in one request if firmware is able to.
    ///
    /// # Safety
    ///
    /// [`Self::size`] bytes at `to` may be written, and nothing else uses them until this returns.
    pub(crate) unsafe fn read_to(&self, to: NonNull<u8>) -> PortResult<()> {
        let length = usize::try_from(self.size).map_err(|_| ErrorKind::OutOfMemory)?;
        // SAFETY: the caller promises the memory, which firmware gave out: to this program it holds bytes,
        // whatever they are.
        let buffer = unsafe { slice::from_raw_parts_mut(to.as_ptr(), length) };
        let mut rest = buffer;
        for extent in &self.extents {
            let length = usize::try_from(extent.length).map_err(|_| ErrorKind::Damaged)?;
            let (part, later) = rest.split_at_mut_checked(length).ok_or(ErrorKind::Damaged)?;
            self.store.fill(extent.offset, part)?;
            rest = later;
        }
        if rest.is_empty() { Ok(()) } else { Err(ErrorKind::Damaged.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_file::{Behaviour, open, with};

    fn read(file: File, extents: &[(u64, u64)], size: u64) -> PortResult<Vec<u8>> {
        let extents = extents.iter().map(|(offset, length)| Extent { offset: *offset, length: *length });
        let content = Content::new(Store::Driver(file), extents.collect(), size);
        let mut bytes = alloc::vec![0; content.size() as usize];
        let to = NonNull::new(bytes.as_mut_ptr()).expect("a buffer");
        // SAFETY: the buffer has the content's size.
        unsafe { content.read_to(to) }.map(|()| bytes)
    }

    #[test]
    fn runs_are_read_one_after_another() {
        assert_eq!(read(with(b"0123456789"), &[(7, 2), (0, 3), (9, 0)], 5), Ok(b"78012".to_vec()));
        assert_eq!(read(with(b"0123456789"), &[], 0), Ok(Vec::new()));
    }

    #[test]
    fn a_run_beyond_four_gigabytes_is_read() {
        let from = 5 << 30;
        let file = open(Behaviour { bytes: b"hello".to_vec(), from, ..Behaviour::default() });
        assert_eq!(read(file, &[(from + 1, 4)], 4), Ok(b"ello".to_vec()));
    }

    #[test]
    fn what_ends_early_or_does_not_fit_is_an_error() {
        let why = |extents, size| read(with(b"0123"), extents, size).unwrap_err().kind;
        assert_eq!(why(&[(2, 3)], 3), ErrorKind::Device);
        assert_eq!(why(&[(0, 2)], 3), ErrorKind::Damaged);
        assert_eq!(why(&[(0, 2), (2, 2)], 3), ErrorKind::Damaged);
        assert_eq!(why(&[(0, u64::MAX), (0, 1)], 3), ErrorKind::Damaged);
    }
}
