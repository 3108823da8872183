// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bytes of an image or an initrd: a whole file, or runs of bytes inside of one.

use crate::file::File;
use alloc::vec::Vec;
use core::ptr::NonNull;
use lamboot_core::source::Extent;
use uefi::Status;

/// An open file, and which of its bytes are meant.
pub(crate) struct Content {
    file: File,
    extents: Vec<Extent>,
    size: u64,
}

impl Content {
    /// These runs of a file; `size` is what they come to.
    pub(crate) const fn new(file: File, extents: Vec<Extent>, size: u64) -> Self {
        Self { file, extents, size }
    }

    /// A whole file.
    #[cfg(test)]
    pub(crate) fn whole(file: File, size: u64) -> Self {
        Self::new(file, alloc::vec![Extent { offset: 0, length: size }], size)
    }

    /// Its size in bytes.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Reads all of it, each run in one request if firmware is able to.
    ///
    /// # Safety
    ///
    /// [`Self::size`] bytes at `to` may be written.
    pub(crate) unsafe fn read_to(&self, to: NonNull<u8>) -> Result<(), Status> {
        let mut done = 0_u64;
        for extent in &self.extents {
            let end = done.checked_add(extent.length).filter(|end| *end <= self.size);
            let end = end.ok_or(Status::BAD_BUFFER_SIZE)?;
            let place = usize::try_from(done).map_err(|_| Status::BAD_BUFFER_SIZE)?;
            let length = usize::try_from(extent.length).map_err(|_| Status::BAD_BUFFER_SIZE)?;
            // SAFETY: `place` is at most the size, so the result is inside the caller's buffer or at its end.
            let target = unsafe { to.add(place) };
            // SAFETY: `end` is not beyond the size, so this run ends inside the caller's buffer.
            unsafe { self.file.read_to(extent.offset, target, length) }?;
            done = end;
        }
        if done == self.size { Ok(()) } else { Err(Status::END_OF_FILE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_file::{Behaviour, open, with};

    fn read(file: File, extents: &[(u64, u64)], size: u64) -> Result<Vec<u8>, Status> {
        let extents = extents.iter().map(|(offset, length)| Extent { offset: *offset, length: *length });
        let content = Content::new(file, extents.collect(), size);
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
        assert_eq!(read(with(b"0123"), &[(2, 3)], 3), Err(Status::END_OF_FILE));
        assert_eq!(read(with(b"0123"), &[(0, 2)], 3), Err(Status::END_OF_FILE));
        assert_eq!(read(with(b"0123"), &[(0, 2), (2, 2)], 3), Err(Status::BAD_BUFFER_SIZE));
        assert_eq!(read(with(b"0123"), &[(0, u64::MAX), (0, 1)], 3), Err(Status::BAD_BUFFER_SIZE));
    }
}
