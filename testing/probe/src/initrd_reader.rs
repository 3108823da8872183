// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks for the initrd as Linux's EFI stub does, and reports what it got.
//!
//! Linux finds it by a device path of one vendor media node (Linux, `Documentation/admin-guide/efi-stub.rst`
//! and `include/linux/efi.h`, `LINUX_EFI_INITRD_MEDIA_GUID`), and reads it by the Load File 2 protocol
//! (UEFI 2.10, section 13.2).

use alloc::{string::String, vec, vec::Vec};
use core::{ffi::c_void, ptr};

use uefi::{
    Guid, Handle, Status, StatusExt, boot, guid,
    proto::{
        device_path::{DevicePath, LoadedImageDevicePath, build},
        loaded_image::LoadedImage,
        unsafe_protocol,
    },
};
use uefi_raw::{Boolean, protocol::media::LoadFile2Protocol};

use crate::{exit, protocols, say};

const INITRD_MEDIA: Guid = guid!("5568e427-68fc-4f3d-ac74-ca555231cc68");

/// Load File 2 as the firmware has it, so that every argument can be chosen.
#[repr(transparent)]
#[unsafe_protocol(LoadFile2Protocol::GUID)]
struct RawLoadFile2(LoadFile2Protocol);

/// Reports options, device path and initrd, then ends the machine.
pub fn run() -> Status {
    report_image();
    let mut node = Vec::new();
    let initrd = initrd_path(&mut node).and_then(|path| find(path).map(|handle| (path, handle)));
    match initrd {
        None => say!("INITRD: none"),
        Some((path, handle)) => match report_initrd(path, handle) {
            Ok(()) => {}
            Err(error) => say!("INITRD: cannot read: {:?}", error.status()),
        },
    }
    say!("INITRD: done");
    exit::machine(exit::DONE)
}

fn report_image() {
    match protocols::open::<LoadedImage>(boot::image_handle()).map(|image| options(&image)) {
        Ok(Some(options)) => say!("INITRD: options \"{options}\""),
        _ => say!("INITRD: options none"),
    }
    match protocols::open::<LoadedImageDevicePath>(boot::image_handle()) {
        Ok(path) if path.node_iter().next().is_some() => say!("INITRD: device path present"),
        _ => say!("INITRD: device path absent"),
    }
}

fn options(image: &LoadedImage) -> Option<String> {
    image.load_options_as_cstr16().ok().map(String::from)
}

fn initrd_path(storage: &mut Vec<u8>) -> Option<&DevicePath> {
    let node = build::media::Vendor { vendor_guid: INITRD_MEDIA, vendor_defined_data: &[] };
    build::DevicePathBuilder::with_vec(storage).push(&node).ok()?.finalize().ok()
}

fn find(mut path: &DevicePath) -> Option<Handle> {
    boot::locate_device_path::<RawLoadFile2>(&mut path).ok()
}

fn report_initrd(path: &DevicePath, handle: Handle) -> uefi::Result {
    let mut protocol = protocols::open::<RawLoadFile2>(handle)?;
    let mut size = 0;
    let as_boot_option = load(&mut protocol, path, Boolean::TRUE, &mut size, None);
    say!("INITRD: boot policy TRUE gives {as_boot_option:?}");
    size = 0;
    let query = load(&mut protocol, path, Boolean::FALSE, &mut size, None);
    say!("INITRD: size query gives {query:?} {size}");
    let mut bytes = vec![0_u8; size];
    load(&mut protocol, path, Boolean::FALSE, &mut size, Some(&mut bytes)).to_result()?;
    say!("INITRD: size {size} checksum {:016x}", checksum(&bytes));
    Ok(())
}

fn load(
    protocol: &mut RawLoadFile2,
    path: &DevicePath,
    boot_policy: Boolean,
    size: &mut usize,
    buffer: Option<&mut [u8]>,
) -> Status {
    let target: *mut c_void = buffer.map_or(ptr::null_mut(), |buffer| buffer.as_mut_ptr().cast());
    // SAFETY: the interface is open; `path` is a whole device path; `size` tells the length of the
    // buffer, or zero beside a null buffer, which asks for the size (UEFI 2.10, section 13.2.2).
    unsafe {
        (protocol.0.load_file)(&raw mut protocol.0, path.as_ffi_ptr().cast(), boot_policy, size, target)
    }
}

/// FNV-1a over little-endian 64-bit words, the last one padded with zeros.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash: u64, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
