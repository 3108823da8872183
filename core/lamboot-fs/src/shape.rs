// SPDX-License-Identifier: MIT OR Apache-2.0
//! The readers are crates of their own, of one shape: what is said here for one holds for all.

/// The methods of [`crate::FileSystem`] that every reader has under the same name. Where it is used,
/// `reader` is the reader's crate, and `entry_type` says what an entry of a directory is.
macro_rules! common_methods {
    () => {
        fn read_dir(
            &self,
            path: &[u8],
            visit: &mut dyn FnMut(&[u8], $crate::FileType) -> core::ops::ControlFlow<()>,
        ) -> $crate::Result<()> {
            for entry in self.lookup(path).and_then(|file| file.read_dir()).map_err(error)? {
                let entry = entry.map_err(error)?;
                let what = entry_type(&entry)?;
                if visit(entry.name(), what).is_break() {
                    break;
                }
            }
            Ok(())
        }

        fn read_at(&self, path: &[u8], offset: u64, buffer: &mut [u8]) -> $crate::Result<usize> {
            self.lookup(path).and_then(|file| file.read_at(offset, buffer)).map_err(error)
        }

        fn extents(&self, path: &[u8], limit: usize) -> $crate::Result<alloc::vec::Vec<$crate::Extent>> {
            let file = self.lookup(path).map_err(error)?;
            let extents = file.extents().map_err(error)?.take(limit);
            let plain = |run: reader::Extent| $crate::Extent {
                offset: run.offset,
                length: run.length,
                place: run.place,
            };
            extents.map(|extent| extent.map(plain).map_err(error)).collect()
        }
    };
}

/// Those of readers whose file systems have symbolic links.
macro_rules! link_methods {
    () => {
        fn metadata(&self, path: &[u8], follow: $crate::Follow) -> $crate::Result<$crate::Metadata> {
            let file = match follow {
                $crate::Follow::All => self.lookup(path),
                $crate::Follow::AllButLast => self.lookup_no_follow(path),
            };
            Ok(metadata(file.map_err(error)?.metadata()))
        }

        fn read_link(&self, path: &[u8]) -> $crate::Result<alloc::vec::Vec<u8>> {
            self.lookup_no_follow(path).and_then(|file| file.read_link()).map_err(error)
        }
    };
}

/// The words of a reader in those of this crate.
macro_rules! common_words {
    () => {
        fn error<E: core::fmt::Display>(error: reader::Error<E>) -> $crate::Error {
            let family = match error.family() {
                reader::Family::Device => $crate::error::Family::Device,
                reader::Family::Unsupported => $crate::error::Family::Unsupported,
                reader::Family::Damaged => $crate::error::Family::Damaged,
                reader::Family::Misuse => $crate::error::Family::Misuse,
            };
            $crate::Error::of_reader(family, error.token(), &error)
        }
    };
}

/// Types of files where there are all of them.
macro_rules! file_types {
    () => {
        fn file_type(what: reader::FileType) -> $crate::FileType {
            match what {
                reader::FileType::File => $crate::FileType::File,
                reader::FileType::Directory => $crate::FileType::Directory,
                reader::FileType::Symlink => $crate::FileType::Symlink,
                _ => $crate::FileType::Other,
            }
        }
    };
}

pub(crate) use {common_methods, common_words, file_types, link_methods};
