// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text console (`EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL`, UEFI 2.10, section 12.4).
//!
//! `ConOut` is the firmware's console splitter: what is written there appears on every console
//! that the firmware uses, serial lines included. Errors are ignored: a serial line that nobody
//! drains, or a glyph that a font lacks, must never stop a boot.

use crate::services::{check, handles_with, interface, system_table};
use alloc::vec::Vec;
use core::fmt;
use core::ptr::NonNull;
use uefi::proto::device_path::DevicePath;
use uefi::{Handle, Identify, Status};
use uefi_raw::protocol::console::{GraphicsOutputProtocol, SimpleTextOutputMode, SimpleTextOutputProtocol};

/// UTF-16 units that are written in one call.
const CHUNK: usize = 128;

/// The firmware's text console.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    raw: NonNull<SimpleTextOutputProtocol>,
}

impl Console {
    /// The console that the system table names; `None` on a machine without any.
    pub(crate) fn system() -> Option<Self> {
        NonNull::new(system_table()?.stdout).map(|raw| Self { raw })
    }

    /// The consoles that have no graphical screen: serial lines. The splitters, which pass on what they
    /// are told to other consoles, are no devices: they have no device path.
    pub(crate) fn beside_graphics() -> Vec<Self> {
        let has = |handle: Handle, protocol| interface(handle, protocol).is_ok();
        handles_with(&SimpleTextOutputProtocol::GUID)
            .into_iter()
            .filter(|handle| has(*handle, &DevicePath::GUID) && !has(*handle, &GraphicsOutputProtocol::GUID))
            .filter_map(|handle| interface(handle, &SimpleTextOutputProtocol::GUID).ok())
            .map(|raw| Self { raw: raw.cast() })
            .collect()
    }

    fn calls(&self) -> &SimpleTextOutputProtocol {
        // SAFETY: UEFI 2.10, section 4.3: ConOut is valid until ExitBootServices; other consoles were
        // found on handles that firmware keeps.
        unsafe { self.raw.as_ref() }
    }

    fn mode(&self) -> Option<SimpleTextOutputMode> {
        let mode = NonNull::new(self.calls().mode.cast_mut())?;
        // SAFETY: UEFI 2.10, section 12.4.1: the protocol's mode is valid as long as the protocol.
        Some(unsafe { mode.read() })
    }

    /// Columns and rows of the mode that is set, if one is.
    pub(crate) fn size(&self) -> Option<(usize, usize)> {
        let number = usize::try_from(self.mode()?.mode).ok()?;
        let (mut columns, mut rows) = (0, 0);
        let call = self.calls().query_mode;
        // SAFETY: UEFI 2.10, section 12.4.5: both numbers are valid for the call.
        let status = unsafe { call(self.raw.as_ptr(), number, &mut columns, &mut rows) };
        (status == Status::SUCCESS).then_some((columns, rows))
    }

    /// How many modes there are, and the number of the one that is set.
    pub(crate) fn modes(&self) -> (u32, u32) {
        let number = |value: i32| u32::try_from(value).unwrap_or(0);
        self.mode().map_or((0, 0), |mode| (number(mode.max_mode), number(mode.mode)))
    }

    /// Sets a mode, which clears the screen.
    pub(crate) fn set_mode(&self, mode: u32) -> Result<(), Status> {
        let call = self.calls().set_mode;
        // SAFETY: UEFI 2.10, section 12.4.6: an unknown mode is only refused.
        check(unsafe { call(self.raw.as_ptr(), usize::try_from(mode).unwrap_or(usize::MAX)) })
    }

    /// Whether the cursor can be seen.
    pub(crate) fn cursor_visible(&self) -> bool {
        self.mode().is_some_and(|mode| bool::from(mode.cursor_visible))
    }

    /// Foreground in the low four bits, background in the next three.
    pub(crate) fn set_attribute(&self, attribute: u8) {
        let call = self.calls().set_attribute;
        // SAFETY: UEFI 2.10, section 12.4.7: every attribute up to 0x7F is defined.
        let _ = unsafe { call(self.raw.as_ptr(), usize::from(attribute & 0x7F)) };
    }

    /// Clears the screen with the attribute that is set.
    pub(crate) fn clear(&self) {
        let call = self.calls().clear_screen;
        // SAFETY: UEFI 2.10, section 12.4.8: nothing but the protocol itself is needed.
        let _ = unsafe { call(self.raw.as_ptr()) };
    }

    /// Moves the cursor.
    pub(crate) fn set_cursor(&self, column: usize, row: usize) {
        let call = self.calls().set_cursor_position;
        // SAFETY: UEFI 2.10, section 12.4.9: a position outside the screen is only refused.
        let _ = unsafe { call(self.raw.as_ptr(), column, row) };
    }

    /// Shows or hides the cursor.
    pub(crate) fn show_cursor(&self, visible: bool) {
        let call = self.calls().enable_cursor;
        // SAFETY: UEFI 2.10, section 12.4.10: consoles without a cursor only refuse.
        let _ = unsafe { call(self.raw.as_ptr(), visible.into()) };
    }

    /// Writes UTF-16 units.
    pub(crate) fn write(&self, units: &[u16]) {
        for part in units.chunks(CHUNK) {
            let mut text = [0; CHUNK + 1];
            for (to, from) in text.iter_mut().zip(part) {
                *to = *from;
            }
            let call = self.calls().output_string;
            // SAFETY: UEFI 2.10, section 12.4.3: the text is longer than any part, so a NUL ends it.
            let _ = unsafe { call(self.raw.as_ptr(), text.as_ptr()) };
        }
    }
}

impl fmt::Write for Console {
    /// Writes text without allocating, so that a panic can be told when memory has run out.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let mut units = [0; 2];
            if character == '\n' {
                self.write(&[u16::from(b'\r')]);
            }
            self.write(character.encode_utf16(&mut units));
        }
        Ok(())
    }
}
