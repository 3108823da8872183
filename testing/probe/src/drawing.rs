// SPDX-License-Identifier: MIT OR Apache-2.0
//! When a program has drawn its first picture: every block that it transfers to the screen is noted
//! (`EFI_GRAPHICS_OUTPUT_PROTOCOL.Blt`, UEFI 2.10, section 12.9.2.3).

use core::{
    mem,
    ptr::NonNull,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use uefi::{Handle, Status, boot, proto::console::gop::GraphicsOutput, table};
use uefi_raw::protocol::console::{
    GraphicsOutputBltOperation, GraphicsOutputBltPixel, GraphicsOutputProtocol,
};

use crate::{clock, protocols};

/// A picture is complete when nothing was drawn for so long: a tenth of a second where a nanosecond is an
/// instruction.
const PAUSE: u64 = 100_000_000;

/// The firmware's own function, as an address.
static FIRMWARE: AtomicUsize = AtomicUsize::new(0);
/// When the last block of the first picture was on the screen; 0 before.
static COMPLETE: AtomicU64 = AtomicU64::new(0);
/// Blocks of the first picture.
static BLOCKS: AtomicU64 = AtomicU64::new(0);
/// Their pixels.
static PIXELS: AtomicU64 = AtomicU64::new(0);

/// The first picture that was drawn.
pub struct Picture {
    /// The counter when its last block was on the screen.
    pub complete: u64,
    /// How many blocks were transferred for it.
    pub blocks: u64,
    /// How many pixels they had.
    pub pixels: u64,
}

/// Notes from now on what is drawn on the console's screen, where there is one.
pub fn watch() {
    let Some(screen) = screen() else { return };
    let place = screen.as_ptr();
    // SAFETY: the interface was just found, and nobody else runs.
    let own = unsafe { (*place).blt };
    FIRMWARE.store(own as usize, Relaxed);
    // SAFETY: as above; a firmware's interfaces are in memory that it writes itself.
    unsafe { (*place).blt = noted };
}

/// What was noted, if anything was drawn.
pub fn first_picture() -> Option<Picture> {
    let complete = COMPLETE.load(Relaxed);
    let picture = Picture { complete, blocks: BLOCKS.load(Relaxed), pixels: PIXELS.load(Relaxed) };
    (complete != 0).then_some(picture)
}

fn screen() -> Option<NonNull<GraphicsOutputProtocol>> {
    let console = table::system_table_raw().and_then(|table| {
        // SAFETY: UEFI 2.10, section 4.3: the table is there until `ExitBootServices`.
        let handle = unsafe { table.as_ref() }.stdout_handle;
        // SAFETY: as above; ConsoleOutHandle is a handle, or null without a console.
        unsafe { Handle::from_ptr(handle) }
    });
    let of_console = console.filter(|handle| protocols::open::<GraphicsOutput>(*handle).is_ok());
    let handle = of_console.or_else(|| boot::get_handle_for_protocol::<GraphicsOutput>().ok())?;
    let mut output = protocols::open::<GraphicsOutput>(handle).ok()?;
    let interface: *mut GraphicsOutput = &raw mut *output;
    NonNull::new(interface.cast())
}

unsafe extern "efiapi" fn noted(
    this: *mut GraphicsOutputProtocol,
    pixels: *mut GraphicsOutputBltPixel,
    operation: GraphicsOutputBltOperation,
    from_x: usize,
    from_y: usize,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    delta: usize,
) -> Status {
    // SAFETY: `watch` stored a function of this type before it had this one called.
    let firmware: Blt = unsafe { mem::transmute(FIRMWARE.load(Relaxed)) };
    let before = clock::now();
    // SAFETY: the caller's own arguments.
    let status = unsafe { firmware(this, pixels, operation, from_x, from_y, x, y, width, height, delta) };
    note(before, (width * height) as u64);
    status
}

type Blt = unsafe extern "efiapi" fn(
    *mut GraphicsOutputProtocol,
    *mut GraphicsOutputBltPixel,
    GraphicsOutputBltOperation,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
) -> Status;

/// A block that was begun then belongs to the first picture, unless nothing was drawn for long.
fn note(begun: u64, pixels: u64) {
    let last = COMPLETE.load(Relaxed);
    if last == 0 || begun.saturating_sub(last) < PAUSE {
        COMPLETE.store(clock::now(), Relaxed);
        BLOCKS.fetch_add(1, Relaxed);
        PIXELS.fetch_add(pixels, Relaxed);
    }
}
