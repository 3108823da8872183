// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry, memory and last words of the loader.

use core::panic::PanicInfo;
use lamboot_core::session::{self, Exit};
use lamboot_firmware::{Firmware, power};
use uefi::Status;
use uefi::allocator::Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Where firmware starts the loader.
#[allow(unsafe_code, reason = "the attribute notes what firmware passes in, by its own convention")]
#[uefi::entry]
fn main() -> Status {
    let mut firmware = Firmware::new();
    match session::run(&mut firmware.ports()) {
        // The session has asked the firmware for its set-up screen; it appears after a restart.
        Exit::FirmwareSetup | Exit::Reboot => power::reboot(),
        Exit::PowerOff => power::power_off(),
        // Only the simulator's images take the machine and let their caller know.
        Exit::HandedOver => Status::SUCCESS,
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    power::last_words(info)
}
