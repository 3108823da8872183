// SPDX-License-Identifier: MIT OR Apache-2.0
//! An open file or directory (`EFI_FILE_PROTOCOL`, UEFI 2.10, section 13.5).
//!
//! Unlike a general-purpose wrapper this one asks the firmware for as much as possible in one
//! request: a disk costs time for every request, hardly for every byte.

use crate::file_info::{FileInfo, text};
use crate::services::check;
use alloc::string::String;
use core::ptr::{self, NonNull};
use lamboot_core::ports::Metadata;
use uefi::{CStr16, Guid, Status};
use uefi_raw::protocol::file_system::{
    FileAttribute, FileInfo as RawFileInfo, FileMode, FileProtocolV1, FileSystemVolumeLabel,
    SimpleFileSystemProtocol,
};

/// Size of the requests after a firmware has failed a larger one.
const CAREFUL_REQUEST: usize = 1 << 20;

/// An open file or directory; closed when dropped.
pub(crate) struct File {
    raw: NonNull<FileProtocolV1>,
}

impl File {
    /// The root directory of a file system.
    ///
    /// # Safety
    ///
    /// `system` is the interface of a Simple File System that stays installed as long as the file
    /// and everything opened from it.
    pub(crate) unsafe fn root(system: NonNull<SimpleFileSystemProtocol>) -> Result<Self, Status> {
        // SAFETY: the caller promises a valid interface.
        let open_volume = unsafe { system.as_ref() }.open_volume;
        let mut root = ptr::null_mut();
        // SAFETY: UEFI 2.10, section 13.4.2: interface and result pointer are valid for the call.
        let status = unsafe { open_volume(system.as_ptr(), &mut root) };
        Self::opened(status, root)
    }

    /// A file of a test's own making.
    #[cfg(test)]
    pub(crate) const fn from_raw(raw: NonNull<FileProtocolV1>) -> Self {
        Self { raw }
    }

    fn opened(status: Status, raw: *mut FileProtocolV1) -> Result<Self, Status> {
        check(status)?;
        NonNull::new(raw).map(|raw| Self { raw }).ok_or(Status::DEVICE_ERROR)
    }

    /// The function table, for calls.
    fn calls(&self) -> &FileProtocolV1 {
        // SAFETY: UEFI 2.10, section 13.5: an open file's interface is valid until it is closed,
        // which only `drop` does.
        unsafe { self.raw.as_ref() }
    }

    fn open_with(&self, path: &CStr16, mode: FileMode, attributes: FileAttribute) -> Result<Self, Status> {
        let mut raw = ptr::null_mut();
        let call = self.calls().open;
        // SAFETY: UEFI 2.10, section 13.5.2: the file is open, the path is NUL-terminated, the
        // result pointer is valid for the call.
        let status = unsafe { call(self.raw.as_ptr(), &mut raw, path.as_ptr().cast(), mode, attributes) };
        Self::opened(status, raw)
    }

    /// Opens an existing file or directory for reading.
    pub(crate) fn open(&self, path: &CStr16) -> Result<Self, Status> {
        self.open_with(path, FileMode::READ, FileAttribute::empty())
    }

    /// Opens an existing file for reading and writing.
    pub(crate) fn open_writable(&self, path: &CStr16) -> Result<Self, Status> {
        self.open_with(path, FileMode::READ | FileMode::WRITE, FileAttribute::empty())
    }

    /// Opens a file for reading and writing, and makes it if there is none.
    pub(crate) fn create(&self, path: &CStr16) -> Result<Self, Status> {
        self.open_with(path, FileMode::READ | FileMode::WRITE | FileMode::CREATE, FileAttribute::empty())
    }

    /// Opens a directory, and makes it if there is none.
    pub(crate) fn create_directory(&self, path: &CStr16) -> Result<Self, Status> {
        let mode = FileMode::READ | FileMode::WRITE | FileMode::CREATE;
        self.open_with(path, mode, FileAttribute::DIRECTORY)
    }

    /// What the file system says about it.
    pub(crate) fn info(&self) -> Result<FileInfo, Status> {
        let mut info = FileInfo::empty();
        self.read_info(&mut info)?;
        Ok(info)
    }

    /// File or directory, size, protection.
    pub(crate) fn metadata(&self) -> Result<Metadata, Status> {
        let mut info = FileInfo::empty();
        self.read_info(&mut info)?;
        Ok(info.metadata())
    }

    fn read_info(&self, info: &mut FileInfo) -> Result<(), Status> {
        let size = self.get_info(&RawFileInfo::ID, info.buffer())?;
        info.accept(size).ok_or(Status::VOLUME_CORRUPTED)
    }

    /// The label of the volume that it is on (`EFI_FILE_SYSTEM_VOLUME_LABEL`, UEFI 2.10, section 13.5).
    pub(crate) fn volume_label(&self) -> Result<String, Status> {
        let mut info = FileInfo::empty();
        let size = self.get_info(&FileSystemVolumeLabel::ID, info.buffer())?;
        let text = text(info.buffer().get(..size).ok_or(Status::VOLUME_CORRUPTED)?);
        Ok(String::from(text.trim_end_matches(' ')))
    }

    /// Has firmware fill a buffer with information of this type; its size.
    fn get_info(&self, kind: &Guid, buffer: &mut [u8]) -> Result<usize, Status> {
        let mut size = buffer.len();
        let call = self.calls().get_info;
        // SAFETY: UEFI 2.10, section 13.5.11: the buffer has `size` bytes and the alignment of both types.
        check(unsafe { call(self.raw.as_ptr(), kind, &mut size, buffer.as_mut_ptr().cast()) })?;
        Ok(size)
    }

    /// Changes size or name.
    pub(crate) fn set_info(&self, info: &FileInfo) -> Result<(), Status> {
        let bytes = info.as_bytes();
        let call = self.calls().set_info;
        // SAFETY: UEFI 2.10, section 13.5.12: the buffer holds a whole, aligned EFI_FILE_INFO.
        let status = unsafe { call(self.raw.as_ptr(), &RawFileInfo::ID, bytes.len(), bytes.as_ptr().cast()) };
        check(status)
    }

    /// Moves to `position`; [`u64::MAX`] is the end of the file, 0 rewinds a directory.
    pub(crate) fn seek(&self, position: u64) -> Result<(), Status> {
        let call = self.calls().set_position;
        // SAFETY: UEFI 2.10, section 13.5.9: the file is open.
        check(unsafe { call(self.raw.as_ptr(), position) })
    }

    /// One read request; how many bytes came.
    ///
    /// # Safety
    ///
    /// `length` bytes at `to` may be written.
    unsafe fn request(&self, to: NonNull<u8>, length: usize) -> Result<usize, Status> {
        let mut size = length;
        let call = self.calls().read;
        // SAFETY: UEFI 2.10, section 13.5.5: the file is open, and the caller promises the buffer.
        check(unsafe { call(self.raw.as_ptr(), &mut size, to.as_ptr().cast()) })?;
        Ok(size.min(length))
    }

    /// Reads `length` bytes from `position` on, in one request if firmware is able to.
    ///
    /// Some firmware's drivers fail requests over a megabyte or so; the rest is then read in
    /// requests of that size. An end of file before `length` is an error.
    ///
    /// # Safety
    ///
    /// `length` bytes at `to` may be written.
    pub(crate) unsafe fn read_to(&self, position: u64, to: NonNull<u8>, length: usize) -> Result<(), Status> {
        let mut done = 0;
        let mut largest = length;
        self.seek(position)?;
        while done < length {
            let request = (length - done).min(largest);
            // SAFETY: `done` is below `length`, so the result stays inside the caller's buffer.
            let target = unsafe { to.add(done) };
            // SAFETY: `request` more bytes still end inside the caller's buffer.
            match unsafe { self.request(target, request) } {
                Ok(0) => return Err(Status::END_OF_FILE),
                Ok(bytes) => done += bytes,
                Err(_) if largest > CAREFUL_REQUEST => {
                    largest = CAREFUL_REQUEST;
                    self.seek(position.saturating_add(done as u64))?;
                }
                Err(status) => return Err(status),
            }
        }
        Ok(())
    }

    /// Fills `buffer` from `position` on.
    pub(crate) fn read_exact(&self, position: u64, buffer: &mut [u8]) -> Result<(), Status> {
        let Some(to) = NonNull::new(buffer.as_mut_ptr()) else { return Ok(()) };
        // SAFETY: a mutable slice is writable over its whole length.
        unsafe { self.read_to(position, to, buffer.len()) }
    }

    /// Reads the next entry of a directory into `info`; whether there was one.
    pub(crate) fn next_entry(&self, info: &mut FileInfo) -> Result<bool, Status> {
        let length = info.buffer().len();
        let Some(to) = NonNull::new(info.buffer().as_mut_ptr()) else { return Ok(false) };
        // SAFETY: `to` is the start of a buffer of `length` bytes.
        match unsafe { self.request(to, length) }? {
            0 => Ok(false),
            size => info.accept(size).map(|()| true).ok_or(Status::VOLUME_CORRUPTED),
        }
    }

    /// Writes all of `bytes` at the current position.
    pub(crate) fn write_all(&self, bytes: &[u8]) -> Result<(), Status> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut size = rest.len();
            let call = self.calls().write;
            // SAFETY: UEFI 2.10, section 13.5.6: the file is open and `size` bytes can be read.
            check(unsafe { call(self.raw.as_ptr(), &mut size, rest.as_ptr().cast()) })?;
            if size == 0 {
                return Err(Status::DEVICE_ERROR);
            }
            rest = rest.get(size..).unwrap_or_default();
        }
        Ok(())
    }

    /// Has everything written reach the device.
    pub(crate) fn flush(&self) -> Result<(), Status> {
        let call = self.calls().flush;
        // SAFETY: UEFI 2.10, section 13.5.13: the file is open.
        check(unsafe { call(self.raw.as_ptr()) })
    }

    /// Deletes the file; it is closed in any case.
    pub(crate) fn delete(self) -> Result<(), Status> {
        let call = self.calls().delete;
        let raw = self.raw;
        core::mem::forget(self);
        // SAFETY: UEFI 2.10, section 13.5.4: the file is open; the call closes it, and `forget`
        // keeps `drop` from closing it again.
        let status = unsafe { call(raw.as_ptr()) };
        // A file that was closed but not deleted is a warning to UEFI, and a failure to us.
        if status == Status::SUCCESS { Ok(()) } else { Err(status) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let call = self.calls().close;
        // SAFETY: UEFI 2.10, section 13.5.3: the file is open, and nobody uses it afterwards.
        // Closing always succeeds.
        let _ = unsafe { call(self.raw.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_file::{Behaviour, open, with};
    use alloc::vec::Vec;

    fn pattern(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_file_is_read_whole() {
        let mut buffer = [0; 5];
        assert_eq!(with(b"hello").read_exact(0, &mut buffer), Ok(()));
        assert_eq!(&buffer, b"hello");
        assert_eq!(with(b"").read_exact(0, &mut []), Ok(()));
    }

    #[test]
    fn firmware_that_fails_large_requests_gets_small_ones() {
        let bytes = pattern(3 * CAREFUL_REQUEST + 17);
        let file = open(Behaviour {
            bytes: bytes.clone(),
            largest_request: CAREFUL_REQUEST,
            ..Behaviour::default()
        });
        let mut buffer = alloc::vec![0; bytes.len()];
        assert_eq!(file.read_exact(0, &mut buffer), Ok(()));
        assert!(buffer == bytes);
    }

    #[test]
    fn a_broken_disk_and_a_short_file_are_errors() {
        let bytes = pattern(2 * CAREFUL_REQUEST);
        let broken_from = Some(CAREFUL_REQUEST + 1);
        let file = open(Behaviour { bytes: bytes.clone(), broken_from, ..Behaviour::default() });
        let mut buffer = alloc::vec![0; bytes.len()];
        assert_eq!(file.read_exact(0, &mut buffer), Err(Status::DEVICE_ERROR));
        assert_eq!(with(b"hell").read_exact(0, &mut [0; 5]), Err(Status::END_OF_FILE));
    }
}
