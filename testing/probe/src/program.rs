// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loading a program from the volume under test.

use alloc::vec::Vec;

use uefi::{
    CString16, Handle, Status, boot,
    boot::LoadImageSource,
    proto::{
        BootPolicy,
        device_path::{DevicePath, build},
        loaded_image::LoadedImage,
    },
};

use crate::protocols;

/// Loads the program at this path of the volume, by its whole device path.
///
/// # Errors
/// There is no such program, or the firmware does not take it.
pub fn load(volume: Handle, program: &str) -> uefi::Result<Handle> {
    let name = CString16::try_from(program).map_err(|_| Status::INVALID_PARAMETER)?;
    let mut node = Vec::new();
    let file = build::DevicePathBuilder::with_vec(&mut node)
        .push(&build::media::FilePath { path_name: &name })
        .and_then(build::DevicePathBuilder::finalize)
        .map_err(|_| Status::OUT_OF_RESOURCES)?;
    let whole =
        protocols::open::<DevicePath>(volume)?.append_path(file).map_err(|_| Status::OUT_OF_RESOURCES)?;
    let source = LoadImageSource::FromDevicePath { device_path: &whole, boot_policy: BootPolicy::ExactMatch };
    boot::load_image(boot::image_handle(), source)
}

/// Gives a loaded program its load options.
///
/// # Errors
/// The handle is no loaded image.
pub fn set_options(image: Handle, options: &CString16) -> uefi::Result {
    let mut loaded = protocols::open::<LoadedImage>(image)?;
    let size = u32::try_from(options.num_bytes()).map_err(|_| Status::INVALID_PARAMETER)?;
    // SAFETY: `options` lives until the program has returned, and `size` is its length in bytes.
    unsafe { loaded.set_load_options(options.as_ptr().cast(), size) };
    Ok(())
}
