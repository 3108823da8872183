// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ways out that end the program: resets, and a panic's last words.

use crate::console::Console;
use crate::services::runtime_services;
use core::fmt::Write;
use core::panic::PanicInfo;
use core::time::Duration;
use uefi::Status;
use uefi_raw::table::runtime::ResetType;

/// How long a panic can be read before the machine starts again.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Starts the machine again.
pub fn reboot() -> ! {
    reset(ResetType::COLD)
}

/// Switches the machine off.
pub fn power_off() -> ! {
    reset(ResetType::SHUTDOWN)
}

fn reset(kind: ResetType) -> ! {
    loop {
        if let Some(services) = runtime_services() {
            // SAFETY: UEFI 2.10, section 8.5.1: without data the size is zero. The call does not
            // come back, except from firmware that is broken; then it is asked again.
            unsafe { (services.reset_system)(kind, Status::SUCCESS, 0, core::ptr::null()) };
        }
        uefi::boot::stall(Duration::from_secs(1));
    }
}

/// Tells a panic on every console, waits until it could be read, and starts the machine again.
///
/// Allocates nothing: memory that has run out is one of the reasons to get here.
pub fn last_words(info: &PanicInfo<'_>) -> ! {
    if let Some(mut console) = Console::system() {
        console.set_attribute(0x0C);
        let _ = write!(console, "\nLamBoot stopped: {info}\nThe machine starts again in a few seconds.\n");
        console.set_attribute(0x07);
    }
    uefi::boot::stall(LAST_WORDS);
    reboot()
}
