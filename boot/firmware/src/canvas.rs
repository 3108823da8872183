// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graphical screen (`EFI_GRAPHICS_OUTPUT_PROTOCOL`, UEFI 2.10, section 12.9).

use crate::services::{interface, locate, system_table};
use alloc::rc::Rc;
use core::cell::Cell;
use core::ptr::NonNull;
use lamboot_core::ports::{Canvas, Rect, Resolution};
use uefi::Handle;
use uefi_raw::protocol::console::{
    GraphicsOutputBltOperation as Operation, GraphicsOutputBltPixel as Pixel, GraphicsOutputProtocol,
};

/// Screens that are drawn on have at least so many pixels across and down.
const SMALLEST: u32 = 320;
/// And at most so many.
const LARGEST: u32 = 16_384;

/// The size of the canvas while it is open; text consoles that share its screen are then left alone.
pub(crate) type Shared = Rc<Cell<Option<Resolution>>>;

/// [`Canvas`] on firmware.
pub(crate) struct FirmwareCanvas {
    open: Shared,
    screen: Option<(NonNull<GraphicsOutputProtocol>, Resolution)>,
}

impl FirmwareCanvas {
    pub(crate) const fn new(open: Shared) -> Self {
        Self { open, screen: None }
    }

    fn blt(&self, pixels: *mut Pixel, operation: Operation, rect: Rect, to: Rect) {
        let Some((output, _)) = self.screen else { return };
        // SAFETY: the interface was found on the console's handle, or by its GUID, and firmware keeps it.
        let blt = unsafe { output.as_ref() }.blt;
        let [x, y, width, height] = [to.x, to.y, to.width, to.height].map(size);
        let [from_x, from_y] = [to.x - rect.x, to.y - rect.y].map(size);
        let delta = size(rect.width).saturating_mul(size_of::<Pixel>());
        // SAFETY: UEFI 2.10, section 12.9.2.3: the buffer has one pixel for a fill, and otherwise the
        // rectangle's rows, of which `to` is a part; `to` was cut to the screen.
        let _ =
            unsafe { blt(output.as_ptr(), pixels, operation, from_x, from_y, x, y, width, height, delta) };
    }
}

impl Canvas for FirmwareCanvas {
    fn open(&mut self) -> Option<Resolution> {
        let output = find()?;
        let resolution = resolution(output)?;
        self.screen = Some((output, resolution));
        self.open.set(Some(resolution));
        Some(resolution)
    }

    fn fill(&mut self, rect: Rect, colour: u32) {
        let Some(to) = self.screen.and_then(|(_, screen)| cut(rect, screen)) else { return };
        let mut pixel = pixel(colour);
        // For a fill, the place in the buffer means nothing.
        self.blt(&mut pixel, Operation::BLT_VIDEO_FILL, to, to);
    }

    fn blit(&mut self, rect: Rect, pixels: &[u32]) {
        let Some(to) = self.screen.and_then(|(_, screen)| cut(rect, screen)) else { return };
        if size(rect.width).checked_mul(size(rect.height)) != Some(pixels.len()) {
            return;
        }
        // Little-endian words are blue, green, red and a zero, as the specification has pixels; the
        // operation only reads them.
        let pixels = pixels.as_ptr().cast::<Pixel>().cast_mut();
        self.blt(pixels, Operation::BLT_BUFFER_TO_VIDEO, rect, to);
    }

    fn close(&mut self) {
        if let Some((_, Resolution { width, height })) = self.screen {
            self.fill(Rect { x: 0, y: 0, width, height }, 0);
        }
        self.screen = None;
        self.open.set(None);
    }
}

/// The screen of the console; without it, the first there is.
fn find() -> Option<NonNull<GraphicsOutputProtocol>> {
    let table = system_table()?;
    // SAFETY: UEFI 2.10, section 4.3: ConsoleOutHandle is a handle, or null without a console.
    let console = unsafe { Handle::from_ptr(table.stdout_handle) };
    let of_console = console.and_then(|handle| interface(handle, &GraphicsOutputProtocol::GUID).ok());
    let found = of_console.or_else(|| locate(&GraphicsOutputProtocol::GUID).ok())?;
    Some(found.cast())
}

/// The size of the mode that is set, if it can be drawn on.
fn resolution(output: NonNull<GraphicsOutputProtocol>) -> Option<Resolution> {
    // SAFETY: the interface was just found.
    let mode = NonNull::new(unsafe { output.as_ref() }.mode.cast_mut())?;
    // SAFETY: UEFI 2.10, section 12.9.2: the mode is valid as long as the protocol.
    let info = NonNull::new(unsafe { mode.as_ref() }.info.cast_mut())?;
    // SAFETY: as above; the mode describes itself.
    let info = unsafe { info.read() };
    let usable = |pixels: u32| (SMALLEST..=LARGEST).contains(&pixels);
    let (width, height) = (info.horizontal_resolution, info.vertical_resolution);
    (usable(width) && usable(height)).then_some(Resolution { width, height })
}

/// The part of a rectangle that is on the screen.
fn cut(rect: Rect, screen: Resolution) -> Option<Rect> {
    let width = rect.width.min(screen.width.checked_sub(rect.x)?);
    let height = rect.height.min(screen.height.checked_sub(rect.y)?);
    (width > 0 && height > 0).then_some(Rect { width, height, ..rect })
}

fn pixel(colour: u32) -> Pixel {
    let [blue, green, red, _] = colour.to_le_bytes();
    Pixel { blue, green, red, reserved: 0 }
}

/// Firmware counts pixels in the machine's own words, which are never smaller.
fn size(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Resolution = Resolution { width: 800, height: 600 };

    #[test]
    fn what_lies_outside_of_the_screen_is_cut_off() {
        let rect = |x, y, width, height| Rect { x, y, width, height };
        assert_eq!(cut(rect(10, 20, 30, 40), SCREEN), Some(rect(10, 20, 30, 40)));
        assert_eq!(cut(rect(790, 590, 30, 40), SCREEN), Some(rect(790, 590, 10, 10)));
        assert_eq!(cut(rect(800, 0, 1, 1), SCREEN), None);
        assert_eq!(cut(rect(u32::MAX, 0, u32::MAX, 1), SCREEN), None);
        assert_eq!(cut(rect(0, 0, 0, 5), SCREEN), None);
    }

    #[test]
    fn pixels_are_blue_green_red() {
        let pixel = pixel(0x0012_3456);
        assert_eq!((pixel.red, pixel.green, pixel.blue), (0x12, 0x34, 0x56));
    }
}
