// SPDX-License-Identifier: MIT OR Apache-2.0
//! Initrds for the kernel, through `EFI_LOAD_FILE2_PROTOCOL` (UEFI 2.10, section 13.2).
//!
//! Linux looks for the protocol on a device path of its own, asks for the size, and then has the
//! archives read straight into the memory that it keeps them in: nothing is copied here.

use crate::content::Content;
use crate::services::{boot_services, check, interface};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::{self, NonNull};
use uefi::proto::device_path::DevicePath;
use uefi::{Guid, Handle, Identify, Status};
use uefi_raw::Boolean;
use uefi_raw::protocol::device_path::DevicePathProtocol;
use uefi_raw::protocol::media::LoadFile2Protocol;
use uefi_raw::table::boot::InterfaceType;

/// Linux' device path: a vendor-defined media node with 5568e427-68fc-4f3d-ac74-ca555231cc68, and
/// an end node (Linux, `include/linux/efi.h`: `LINUX_EFI_INITRD_MEDIA_GUID`).
#[repr(C, align(8))]
struct MediaPath([u8; 24]);

static MEDIA_PATH: MediaPath = MediaPath([
    0x04, 0x03, 20, 0, // media device, vendor-defined, length
    0x27, 0xE4, 0x68, 0x55, 0xFC, 0x68, 0x3D, 0x4F, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68, 0x7F,
    0xFF, 4, 0, // end of the entire path
]);

/// Archives are joined at multiples of this (Linux, `init/initramfs.c`).
const ALIGNMENT: u64 = 4;

/// One archive.
pub(crate) struct Archive {
    place: Place,
    size: u64,
}

/// Where its bytes are.
enum Place {
    Stored(Content),
    Memory(Vec<u8>),
}

impl Archive {
    /// An archive that is stored on a volume.
    pub(crate) const fn stored(content: Content) -> Self {
        let size = content.size();
        Self { place: Place::Stored(content), size }
    }

    /// An archive that was made here.
    pub(crate) fn made(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        Self { place: Place::Memory(bytes), size }
    }

    /// Copies all bytes to `to`.
    ///
    /// # Safety
    ///
    /// As many bytes as the archive has may be written there.
    unsafe fn copy_to(&self, to: NonNull<u8>) -> Result<(), Status> {
        match &self.place {
            // SAFETY: the caller promises that many bytes.
            Place::Stored(content) => unsafe { content.read_to(to) }.map_err(|_| Status::DEVICE_ERROR),
            Place::Memory(bytes) => {
                // SAFETY: the caller promises that many bytes, in memory that is not ours.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to.as_ptr(), bytes.len()) };
                Ok(())
            }
        }
    }
}

/// Zeros after an archive, so that the next one starts aligned.
const fn padding(size: u64) -> u64 {
    size.wrapping_neg() % ALIGNMENT
}

/// Where each archive starts, and the size of all: the last one is not padded, empty ones vanish.
fn layout(sizes: &[u64]) -> Option<(Vec<u64>, u64)> {
    let mut end = 0_u64;
    let mut starts = Vec::new();
    for &size in sizes {
        if size > 0 {
            end = end.checked_add(padding(end))?;
        }
        starts.push(end);
        end = end.checked_add(size)?;
    }
    Some((starts, end))
}

/// What the callback finds behind the protocol: the protocol comes first, so its address is that
/// of the whole.
#[repr(C)]
struct Service {
    protocol: LoadFile2Protocol,
    archives: Vec<(u64, Archive)>,
    total: usize,
}

impl Service {
    /// The archives in their places; `None` when no memory could hold them.
    fn new(archives: Vec<Archive>) -> Option<Self> {
        let sizes: Vec<u64> = archives.iter().map(|archive| archive.size).collect();
        let (starts, total) = layout(&sizes)?;
        let archives = starts.into_iter().zip(archives).collect();
        let protocol = LoadFile2Protocol { load_file };
        Some(Self { protocol, archives, total: usize::try_from(total).ok()? })
    }
}

/// The archives on offer; withdrawn when dropped.
pub(crate) struct Offer {
    service: NonNull<Service>,
    handle: Handle,
    /// Somebody else's offer that had to step aside.
    displaced: Option<Displaced>,
}

impl Offer {
    /// Offers the archives as one.
    pub(crate) fn publish(archives: Vec<Archive>) -> Result<Self, Status> {
        let service = Service::new(archives).ok_or(Status::OUT_OF_RESOURCES)?;
        let service = NonNull::from(Box::leak(Box::new(service)));
        let displaced = Displaced::make_room();
        match install(service) {
            Ok(handle) => Ok(Self { service, handle, displaced }),
            Err(why) => {
                // SAFETY: the service was leaked just above and is known to nobody.
                drop(unsafe { Box::from_raw(service.as_ptr()) });
                Err(why)
            }
        }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        let path = (&raw const MEDIA_PATH).cast();
        let withdrawn = uninstall(self.handle, &LoadFile2Protocol::GUID, self.service.as_ptr().cast());
        let _ = uninstall(self.handle, &DevicePath::GUID, path);
        if withdrawn.is_ok() {
            // SAFETY: the service was leaked by `publish`, and firmware has just let go of it.
            drop(unsafe { Box::from_raw(self.service.as_ptr()) });
        }
        if let Some(displaced) = self.displaced.take() {
            displaced.put_back();
        }
    }
}

/// An offer of an earlier loader that is still installed. The kernel would take the first that it
/// finds, so it is taken away for the time of ours.
struct Displaced {
    handle: Handle,
    protocol: *const c_void,
}

impl Displaced {
    fn make_room() -> Option<Self> {
        let handle = locate_offer()?;
        let protocol = interface(handle, &LoadFile2Protocol::GUID).ok()?.as_ptr().cast_const();
        uninstall(handle, &LoadFile2Protocol::GUID, protocol).ok()?;
        Some(Self { handle, protocol })
    }

    fn put_back(self) {
        let _ = install_on(Some(self.handle), &LoadFile2Protocol::GUID, self.protocol);
    }
}

/// The handle that already offers an initrd.
fn locate_offer() -> Option<Handle> {
    let services = boot_services()?;
    let mut path: *const DevicePathProtocol = (&raw const MEDIA_PATH).cast();
    let mut handle = ptr::null_mut();
    // SAFETY: UEFI 2.10, section 7.3.14: the path ends with an end node, and both results are
    // valid for the call.
    let status = unsafe { (services.locate_device_path)(&LoadFile2Protocol::GUID, &mut path, &mut handle) };
    check(status).ok()?;
    // SAFETY: firmware gave a handle, or null.
    unsafe { Handle::from_ptr(handle) }
}

fn install(service: NonNull<Service>) -> Result<Handle, Status> {
    let path: *const c_void = (&raw const MEDIA_PATH).cast();
    let handle = install_on(None, &DevicePath::GUID, path)?;
    let protocol = service.as_ptr().cast_const().cast();
    install_on(Some(handle), &LoadFile2Protocol::GUID, protocol).inspect_err(|_| {
        let _ = uninstall(handle, &DevicePath::GUID, path);
    })
}

/// Puts an interface on a handle, or on a new one.
fn install_on(handle: Option<Handle>, guid: &Guid, protocol: *const c_void) -> Result<Handle, Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    let mut raw = handle.map_or(ptr::null_mut(), |handle| handle.as_ptr());
    // SAFETY: UEFI 2.10, section 7.3.2: the handle is one or null, and callers pass an interface
    // of the GUID's type that stays valid until it is uninstalled.
    let status = unsafe {
        (services.install_protocol_interface)(&mut raw, guid, InterfaceType::NATIVE_INTERFACE, protocol)
    };
    check(status)?;
    // SAFETY: firmware gave a handle, or null.
    unsafe { Handle::from_ptr(raw) }.ok_or(Status::DEVICE_ERROR)
}

fn uninstall(handle: Handle, guid: &Guid, protocol: *const c_void) -> Result<(), Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    // SAFETY: UEFI 2.10, section 7.3.3: firmware compares the interface and removes only its own
    // record of it.
    check(unsafe { (services.uninstall_protocol_interface)(handle.as_ptr(), guid, protocol) })
}

/// `EFI_LOAD_FILE2_PROTOCOL.LoadFile()` (UEFI 2.10, section 13.2.2).
unsafe extern "efiapi" fn load_file(
    this: *mut LoadFile2Protocol,
    _path: *const DevicePathProtocol,
    boot_policy: Boolean,
    size: *mut usize,
    buffer: *mut c_void,
) -> Status {
    let (Some(this), Some(size)) = (NonNull::new(this), NonNull::new(size)) else {
        return Status::INVALID_PARAMETER;
    };
    if bool::from(boot_policy) {
        return Status::UNSUPPORTED;
    }
    // SAFETY: the protocol is the first field of a `Service`, and only `publish` installs this
    // function, on a service that lives until it is uninstalled.
    let service = unsafe { this.cast::<Service>().as_ref() };
    // SAFETY: section 13.2.2: BufferSize points to the buffer's size.
    let room = unsafe { size.read() };
    // SAFETY: as above, and it takes the size that is needed.
    unsafe { size.write(service.total) };
    let Some(buffer) = NonNull::new(buffer.cast::<u8>()).filter(|_| room >= service.total) else {
        return Status::BUFFER_TOO_SMALL;
    };
    // SAFETY: section 13.2.2: the buffer has `room` bytes, which are enough.
    match unsafe { fill(service, buffer) } {
        Ok(()) => Status::SUCCESS,
        Err(_) => Status::DEVICE_ERROR,
    }
}

/// Writes all archives and the zeros between them.
///
/// # Safety
///
/// `service.total` bytes at `buffer` may be written.
unsafe fn fill(service: &Service, buffer: NonNull<u8>) -> Result<(), Status> {
    let mut end = 0;
    for (start, archive) in &service.archives {
        let start = usize::try_from(*start).map_err(|_| Status::DEVICE_ERROR)?;
        let size = usize::try_from(archive.size).map_err(|_| Status::DEVICE_ERROR)?;
        // SAFETY: `layout` keeps starts in order and inside the total; `end` is the last one's end.
        let gap = unsafe { buffer.add(end) };
        // SAFETY: the bytes from `end` up to `start` are inside the buffer.
        unsafe { gap.write_bytes(0, start.saturating_sub(end)) };
        // SAFETY: as for the gap.
        let to = unsafe { buffer.add(start) };
        // SAFETY: `layout` ends this archive inside the total.
        unsafe { archive.copy_to(to) }?;
        end = start.saturating_add(size);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_file;
    use uefi::proto::device_path::media::Vendor;

    #[test]
    fn archives_start_aligned_and_the_last_is_not_padded() {
        assert_eq!(layout(&[5, 7, 3]), Some((alloc::vec![0, 8, 16], 19)));
        assert_eq!(layout(&[8, 4]), Some((alloc::vec![0, 8], 12)));
        assert_eq!(layout(&[9]), Some((alloc::vec![0], 9)));
        assert_eq!(layout(&[]), Some((alloc::vec![], 0)));
    }

    #[test]
    fn empty_archives_leave_no_gap() {
        assert_eq!(layout(&[5, 0, 3]), Some((alloc::vec![0, 5, 8], 11)));
        assert_eq!(layout(&[5, 0]), Some((alloc::vec![0, 5], 5)));
    }

    #[test]
    fn sizes_beyond_all_memory_are_refused() {
        assert_eq!(layout(&[u64::MAX, 1]), None);
        assert_eq!(layout(&[u64::MAX - 1, 9]), None);
    }

    fn service(parts: &[&[u8]]) -> Service {
        let archive =
            |part: &&[u8]| Archive::stored(Content::whole(fake_file::with(part), part.len() as u64));
        Service::new(parts.iter().map(archive).collect()).expect("small")
    }

    /// Asks as the kernel does; status, size and what was written.
    fn ask(service: &mut Service, policy: bool, room: Option<usize>) -> (Status, usize, Vec<u8>) {
        let mut buffer = alloc::vec![0xEE; room.unwrap_or(0)];
        let mut size = buffer.len();
        let to = if room.is_some() { buffer.as_mut_ptr().cast() } else { ptr::null_mut() };
        let this = ptr::from_mut(service).cast();
        // SAFETY: the protocol is the service's first field, and the buffer has `size` bytes.
        let status = unsafe { load_file(this, ptr::null(), policy.into(), &mut size, to) };
        (status, size, buffer)
    }

    #[test]
    fn the_kernel_asks_for_the_size_first() {
        let mut service = service(&[b"hello", b"", b"abc"]);
        assert_eq!(ask(&mut service, false, None), (Status::BUFFER_TOO_SMALL, 11, Vec::new()));
        let (status, size, buffer) = ask(&mut service, false, Some(10));
        assert_eq!((status, size), (Status::BUFFER_TOO_SMALL, 11));
        assert!(buffer.iter().all(|byte| *byte == 0xEE), "nothing is written into too small a buffer");
    }

    #[test]
    fn archives_are_joined_with_zeros_between_them() {
        let mut service = service(&[b"hello", b"", b"abc"]);
        let (status, size, buffer) = ask(&mut service, false, Some(13));
        assert_eq!((status, size), (Status::SUCCESS, 11));
        assert_eq!(buffer, b"hello\0\0\0abc\xEE\xEE");
    }

    #[test]
    fn an_archive_made_in_memory_is_joined_alike() {
        let archives = alloc::vec![
            Archive::stored(Content::whole(fake_file::with(b"hello"), 5)),
            Archive::made(b"abc".to_vec())
        ];
        let mut service = Service::new(archives).expect("small");
        assert_eq!(ask(&mut service, false, Some(11)), (Status::SUCCESS, 11, b"hello\0\0\0abc".to_vec()));
    }

    #[test]
    fn an_initrd_is_no_boot_selection() {
        let (status, _, _) = ask(&mut service(&[b"hello"]), true, Some(5));
        assert_eq!(status, Status::UNSUPPORTED);
    }

    #[test]
    fn a_broken_disk_is_told_to_the_kernel() {
        let behaviour = fake_file::Behaviour {
            bytes: b"hello".to_vec(),
            broken_from: Some(0),
            ..fake_file::Behaviour::default()
        };
        let archive = Archive::stored(Content::whole(fake_file::open(behaviour), 5));
        let mut service = Service::new(alloc::vec![archive]).expect("small");
        assert_eq!(ask(&mut service, false, Some(5)).0, Status::DEVICE_ERROR);
    }

    #[test]
    fn the_device_path_is_the_one_that_linux_looks_for() {
        let path: &DevicePath = MEDIA_PATH.0.as_slice().try_into().expect("a device path");
        let node = path.node_iter().next().expect("one node");
        let node: &Vendor = node.try_into().expect("a vendor node");
        assert_eq!(node.vendor_guid(), uefi::guid!("5568e427-68fc-4f3d-ac74-ca555231cc68"));
        assert_eq!(path.node_iter().count(), 1);
    }
}
