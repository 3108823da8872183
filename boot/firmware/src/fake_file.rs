// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file of a firmware that exists only in tests: bytes in memory behind the real protocol.

use crate::file::File;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::NonNull;
use uefi::{Guid, Status};
use uefi_raw::protocol::file_system::{
    FileAttribute, FileInfo as RawFileInfo, FileMode, FileProtocolRevision, FileProtocolV1,
};

/// How the fake behaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behaviour {
    /// Content.
    pub(crate) bytes: Vec<u8>,
    /// Where in the file the content begins.
    pub(crate) from: u64,
    /// Requests over this size fail; 0 for none.
    pub(crate) largest_request: usize,
    /// Reads at or after this position fail.
    pub(crate) broken_from: Option<usize>,
}

/// What the protocol's functions find behind their first argument.
#[repr(C)]
struct FakeFile {
    protocol: FileProtocolV1,
    behaviour: Behaviour,
    position: usize,
}

/// An open file; closing it frees the fake.
pub(crate) fn open(behaviour: Behaviour) -> File {
    let protocol = FileProtocolV1 {
        revision: FileProtocolRevision::REVISION_1,
        open: no_open,
        close,
        delete: close,
        read,
        write: no_write,
        get_position: no_position,
        set_position,
        get_info: no_info,
        set_info: no_set_info,
        flush: no_flush,
    };
    let fake = Box::new(FakeFile { protocol, behaviour, position: 0 });
    File::from_raw(NonNull::from(Box::leak(fake)).cast())
}

/// An open file with this content that never fails.
pub(crate) fn with(bytes: &[u8]) -> File {
    open(Behaviour { bytes: bytes.to_vec(), ..Behaviour::default() })
}

fn fake<'f>(this: *mut FileProtocolV1) -> &'f mut FakeFile {
    // SAFETY: these functions are only in tables that `open` made, where the protocol is the first
    // field; `File` calls them one after the other.
    unsafe { &mut *this.cast() }
}

unsafe extern "efiapi" fn close(this: *mut FileProtocolV1) -> Status {
    // SAFETY: `open` leaked this box, and a file is closed once.
    drop(unsafe { Box::from_raw(this.cast::<FakeFile>()) });
    Status::SUCCESS
}

unsafe extern "efiapi" fn read(this: *mut FileProtocolV1, size: *mut usize, to: *mut c_void) -> Status {
    let FakeFile { behaviour, position, .. } = fake(this);
    // SAFETY: `File` passes a pointer to its own variable.
    let size = unsafe { &mut *size };
    let rest = &behaviour.bytes[(*position).min(behaviour.bytes.len())..];
    let length = rest.len().min(*size);
    if behaviour.largest_request > 0 && *size > behaviour.largest_request {
        return Status::DEVICE_ERROR;
    }
    if behaviour.broken_from.is_some_and(|broken| *position + length > broken) {
        return Status::DEVICE_ERROR;
    }
    // SAFETY: `File` passes a buffer of `size` bytes.
    unsafe { to.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), length) };
    *size = length;
    *position += length;
    Status::SUCCESS
}

unsafe extern "efiapi" fn set_position(this: *mut FileProtocolV1, position: u64) -> Status {
    let from = fake(this).behaviour.from;
    fake(this).position = usize::try_from(position.saturating_sub(from)).unwrap_or(usize::MAX);
    Status::SUCCESS
}

unsafe extern "efiapi" fn no_open(
    _: *mut FileProtocolV1,
    _: *mut *mut FileProtocolV1,
    _: *const u16,
    _: FileMode,
    _: FileAttribute,
) -> Status {
    Status::NOT_FOUND
}

unsafe extern "efiapi" fn no_write(_: *mut FileProtocolV1, _: *mut usize, _: *const c_void) -> Status {
    Status::WRITE_PROTECTED
}

unsafe extern "efiapi" fn no_position(_: *const FileProtocolV1, _: *mut u64) -> Status {
    Status::UNSUPPORTED
}

unsafe extern "efiapi" fn no_info(
    _: *mut FileProtocolV1,
    guid: *const Guid,
    _: *mut usize,
    _: *mut c_void,
) -> Status {
    // SAFETY: `File` passes a constant.
    assert_eq!(unsafe { guid.read() }, RawFileInfo::ID);
    Status::DEVICE_ERROR
}

unsafe extern "efiapi" fn no_set_info(
    _: *mut FileProtocolV1,
    _: *const Guid,
    _: usize,
    _: *const c_void,
) -> Status {
    Status::WRITE_PROTECTED
}

unsafe extern "efiapi" fn no_flush(_: *mut FileProtocolV1) -> Status {
    Status::SUCCESS
}
