// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graphical screen (`EFI_GRAPHICS_OUTPUT_PROTOCOL`, UEFI 2.10, section 12.9).

use lamboot_core::ports::{Canvas, Rect, Resolution};

/// [`Canvas`] on firmware.
pub(crate) struct FirmwareCanvas;

impl Canvas for FirmwareCanvas {
    fn open(&mut self) -> Option<Resolution> {
        None
    }

    fn fill(&mut self, _: Rect, _: u32) {}

    fn blit(&mut self, _: Rect, _: &[u32]) {}

    fn close(&mut self) {}
}
