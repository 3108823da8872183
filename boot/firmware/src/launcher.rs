// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starting images (UEFI 2.10, section 7.4).

use crate::initrd::{Archive, Offer};
use crate::memory::Pages;
use crate::path::full_path;
use crate::services::{boot_services, check, interface};
use crate::status;
use crate::volumes::SharedVolumes;
use alloc::string::String;
use alloc::vec::Vec;
use core::ptr::{self, NonNull};
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::{Departure, ImageFile, ImageId, InitrdId, Launcher, VolumeId};
use lamboot_core::source::Source;
use uefi::proto::loaded_image::LoadedImage;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::loaded_image::LoadedImageProtocol;

/// How much of an image is handed out for looking at its headers.
const HEAD: usize = 4096;

/// Where an image stands.
enum Stage {
    /// It is in memory.
    Read { bytes: Pages, volume: VolumeId, path: String },
    /// Firmware has placed it; the memory that it was read into has been given back.
    Placed(Handle),
    /// It was started, or given back.
    Gone,
}

/// [`Launcher`] on firmware.
pub(crate) struct FirmwareLauncher {
    volumes: SharedVolumes,
    images: Vec<Stage>,
    initrds: Vec<Option<Archive>>,
}

impl FirmwareLauncher {
    pub(crate) const fn new(volumes: SharedVolumes) -> Self {
        Self { volumes, images: Vec::new(), initrds: Vec::new() }
    }

    fn take_image(&mut self, id: ImageId) -> Stage {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.images.get_mut(index).map_or(Stage::Gone, |stage| core::mem::replace(stage, Stage::Gone))
    }

    fn put_image(&mut self, id: ImageId, stage: Stage) {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        if let Some(slot) = self.images.get_mut(index) {
            *slot = stage;
        }
    }

    /// The archives, in order, or `None` when a number is unknown or was used before.
    fn take_initrds(&mut self, ids: &[InitrdId]) -> Option<Vec<Archive>> {
        let index = |id: &InitrdId| usize::try_from(id.0).unwrap_or(usize::MAX);
        ids.iter().map(|id| self.initrds.get_mut(index(id))?.take()).collect()
    }

    /// The path that firmware gets leads to the device and names what is started. Of what lies inside of
    /// another file no such file exists: should firmware look for it once more, it finds nothing, and
    /// not something else.
    fn place(&self, bytes: &Pages, id: VolumeId, path: &str) -> PortResult<Handle> {
        let volume = self.volumes.volume(id)?;
        let device = volume.device_path().map_err(status::error)?;
        let mut storage = Vec::new();
        let path = full_path(device, path, &mut storage).map_err(status::error)?;
        load_image(bytes.filled(), path.as_ffi_ptr().cast()).map_err(load_error)
    }

    fn run(&mut self, image: Handle, options: &str, initrds: &[InitrdId]) -> Status {
        let Some(archives) = self.take_initrds(initrds) else { return Status::INVALID_PARAMETER };
        let offer = if archives.is_empty() { None } else { Some(Offer::publish(archives)) };
        if let Some(Err(why)) = offer {
            unload(image);
            return why;
        }
        // These units must stay where they are until the image has come back.
        let options: Vec<u16> = options.encode_utf16().chain([0]).collect();
        if let Err(why) = set_options(image, &options) {
            unload(image);
            return why;
        }
        start_image(image)
    }
}

impl Launcher for FirmwareLauncher {
    fn read(&mut self, source: Source<'_>) -> PortResult<ImageFile> {
        let content = self.volumes.volume(source.volume)?.open_source(source)?;
        let size = content.size();
        let length = usize::try_from(size).map_err(|_| ErrorKind::OutOfMemory)?;
        let mut bytes = Pages::allocate(length).map_err(status::error)?;
        // SAFETY: the pages have room for at least `length` bytes, the content's size.
        unsafe { content.read_to(bytes.start()) }?;
        // SAFETY: `read_to` has just written all of them.
        unsafe { bytes.set_filled(length) };
        let head = bytes.filled().get(..HEAD).unwrap_or(bytes.filled()).to_vec();
        let number = u32::try_from(self.images.len()).map_err(|_| ErrorKind::OutOfMemory)?;
        self.images.push(Stage::Read { bytes, volume: source.volume, path: String::from(source.path) });
        Ok(ImageFile { id: ImageId(number), size, head })
    }

    fn sha256(&mut self, image: ImageId) -> Option<[u8; 32]> {
        match self.images.get(usize::try_from(image.0).ok()?) {
            Some(Stage::Read { bytes, .. }) => Some(lamboot_core::recorder::digest(bytes.filled())),
            _ => None,
        }
    }

    fn open_initrd(&mut self, source: Source<'_>) -> PortResult<(InitrdId, u64)> {
        let content = self.volumes.volume(source.volume)?.open_source(source)?;
        let size = content.size();
        let number = u32::try_from(self.initrds.len()).map_err(|_| ErrorKind::OutOfMemory)?;
        self.initrds.push(Some(Archive::stored(content)));
        Ok((InitrdId(number), size))
    }

    fn made_initrd(&mut self, bytes: Vec<u8>) -> InitrdId {
        let number = u32::try_from(self.initrds.len()).unwrap_or(u32::MAX);
        self.initrds.push(Some(Archive::made(bytes)));
        InitrdId(number)
    }

    fn load(&mut self, image: ImageId) -> PortResult<()> {
        match self.take_image(image) {
            Stage::Read { bytes, volume, path } => {
                let handle = self.place(&bytes, volume, &path)?;
                self.put_image(image, Stage::Placed(handle));
                Ok(())
            }
            Stage::Placed(handle) => {
                self.put_image(image, Stage::Placed(handle));
                Ok(())
            }
            Stage::Gone => Err(ErrorKind::NotFound.into()),
        }
    }

    fn start(&mut self, image: ImageId, options: &str, initrds: &[InitrdId]) -> Departure {
        let status = match self.take_image(image) {
            Stage::Placed(handle) => self.run(handle, options, initrds),
            Stage::Read { .. } | Stage::Gone => Status::NOT_STARTED,
        };
        Departure::Returned(status::name(status))
    }

    fn release(&mut self) {
        for stage in self.images.drain(..) {
            if let Stage::Placed(handle) = stage {
                unload(handle);
            }
        }
        self.initrds.clear();
    }
}

/// Firmware says `INVALID_PARAMETER` or `UNSUPPORTED` to what is not an image for this machine.
fn load_error(why: Status) -> PortError {
    match why {
        Status::INVALID_PARAMETER | Status::NOT_FOUND => status::error_as(ErrorKind::Unsupported, why),
        _ => status::error(why),
    }
}

/// Has firmware check and place an image.
fn load_image(
    bytes: &[u8],
    path: *const uefi_raw::protocol::device_path::DevicePathProtocol,
) -> Result<Handle, Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    let parent = uefi::boot::image_handle();
    let mut raw = ptr::null_mut();
    // SAFETY: UEFI 2.10, section 7.4.1: the path ends with an end node, the source buffer can be
    // read over its length, and the result is valid for the call.
    let status = unsafe {
        (services.load_image)(false.into(), parent.as_ptr(), path, bytes.as_ptr(), bytes.len(), &mut raw)
    };
    // SAFETY: firmware gave a handle, or left null.
    let handle = unsafe { Handle::from_ptr(raw) };
    match (check(status), handle) {
        (Ok(()), Some(handle)) => Ok(handle),
        (Ok(()), None) => Err(Status::LOAD_ERROR),
        // Section 7.4.1: the image was placed, but must not be started.
        (Err(Status::SECURITY_VIOLATION), Some(handle)) => {
            unload(handle);
            Err(Status::SECURITY_VIOLATION)
        }
        (Err(why), _) => Err(why),
    }
}

/// Gives an image its load options: UTF-16 with NUL. None at all leaves it without any.
fn set_options(image: Handle, options: &[u16]) -> Result<(), Status> {
    if options.len() < 2 {
        return Ok(());
    }
    let bytes = u32::try_from(size_of_val(options)).map_err(|_| Status::INVALID_PARAMETER)?;
    let mut loaded: NonNull<LoadedImageProtocol> = interface(image, &LoadedImage::GUID)?.cast();
    // SAFETY: UEFI 2.10, section 9.1.1: a placed image has this protocol, and its parent sets the
    // load options before it is started.
    let loaded = unsafe { loaded.as_mut() };
    loaded.load_options_size = bytes;
    loaded.load_options = options.as_ptr().cast();
    Ok(())
}

/// Gives an image control. What it returns is its own status; its exit data is given back.
fn start_image(image: Handle) -> Status {
    let Some(services) = boot_services() else { return Status::UNSUPPORTED };
    let (mut size, mut data) = (0, ptr::null_mut::<u16>());
    // SAFETY: UEFI 2.10, section 7.4.2: the image was placed and never started; the results are
    // valid for the call.
    let status = unsafe { (services.start_image)(image.as_ptr(), &mut size, &mut data) };
    if !data.is_null() {
        // SAFETY: section 7.4.2: exit data comes from the pool, and the caller frees it.
        let _ = unsafe { (services.free_pool)(data.cast()) };
    }
    if status.is_error() && interface(image, &LoadedImage::GUID).is_ok() {
        // An application that came back is gone already; one that never ran is not.
        unload(image);
    }
    status
}

fn unload(image: Handle) {
    let Some(services) = boot_services() else { return };
    // SAFETY: UEFI 2.10, section 7.4.3: an image that was placed and not started can be unloaded;
    // firmware refuses others.
    let _ = unsafe { (services.unload_image)(image.as_ptr()) };
}
