// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the bytes of an image or an initrd are: a file, or runs of bytes inside of another one.

use crate::error::{ErrorKind, PortResult};
use crate::ports::VolumeId;
use alloc::vec::Vec;

/// A run of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins, in bytes from the file's beginning.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// Where the bytes of an image or an initrd are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'s> {
    /// The volume that the file is on.
    pub volume: VolumeId,
    /// What it is called: the file's path. Inside of another file: that file's path, and its own
    /// path there behind it.
    pub path: &'s str,
    /// Where it lies inside of another file; `None` for a file of its own.
    pub inside: Option<Inside<'s>>,
}

/// Where something lies inside of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside<'s> {
    /// The path of that file.
    pub file: &'s str,
    /// The runs of bytes that it consists of, in their order.
    pub extents: &'s [Extent],
}

impl<'s> Source<'s> {
    /// A whole file.
    #[must_use]
    pub const fn file(volume: VolumeId, path: &'s str) -> Self {
        Self { volume, path, inside: None }
    }

    /// The file that is opened.
    #[must_use]
    pub fn file_path(&self) -> &'s str {
        self.inside.map_or(self.path, |inside| inside.file)
    }

    /// What is read of that file, which has `file_size` bytes, and how many bytes it is.
    ///
    /// # Errors
    ///
    /// **Damaged**: the file ends before one of its runs does.
    pub fn extents(&self, file_size: u64) -> PortResult<(Vec<Extent>, u64)> {
        let Some(inside) = self.inside else {
            return Ok((alloc::vec![Extent { offset: 0, length: file_size }], file_size));
        };
        let mut total = 0_u64;
        for extent in inside.extents {
            let end = extent.offset.checked_add(extent.length);
            if end.is_none_or(|end| end > file_size) {
                return Err(ErrorKind::Damaged.into());
            }
            total = total.checked_add(extent.length).ok_or(ErrorKind::Damaged)?;
        }
        Ok((inside.extents.to_vec(), total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(extents: &[(u64, u64)], file_size: u64) -> PortResult<(Vec<Extent>, u64)> {
        let extents: Vec<Extent> =
            extents.iter().map(|(offset, length)| Extent { offset: *offset, length: *length }).collect();
        let inside = Some(Inside { file: r"\a.iso", extents: &extents });
        let source = Source { volume: VolumeId(0), path: r"\a.iso\linux", inside };
        assert_eq!(source.file_path(), r"\a.iso");
        source.extents(file_size)
    }

    #[test]
    fn a_file_of_its_own_is_one_run() {
        let source = Source::file(VolumeId(0), r"\linux");
        assert_eq!(source.file_path(), r"\linux");
        assert_eq!(source.extents(9), Ok((vec![Extent { offset: 0, length: 9 }], 9)));
    }

    #[test]
    fn runs_end_inside_of_the_file() {
        const BEYOND_4_GIB: u64 = 5 << 30;
        assert_eq!(inside(&[(BEYOND_4_GIB, 10), (0, 5)], BEYOND_4_GIB + 10).unwrap().1, 15);
        assert_eq!(inside(&[], 9).unwrap().1, 0);
        for (extents, file_size) in [
            (&[(0, 10)][..], 9),
            (&[(10, 1)], 10),
            (&[(u64::MAX, 1)], u64::MAX),
            (&[(0, u64::MAX), (0, 1)], u64::MAX),
        ] {
            assert_eq!(inside(extents, file_size), Err(ErrorKind::Damaged.into()), "{extents:?}");
        }
    }
}
