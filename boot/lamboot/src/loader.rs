// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry, memory and last words of the loader.

use core::panic::PanicInfo;
use lamboot_core::session::{self, Exit};
use lamboot_firmware::{Firmware, power};
use spinning_top::RawSpinlock;
use talc::TalcLock;
use talc::source::GlobalAllocSource;
use uefi::Status;
use uefi::allocator::Allocator;

/// Memory that is taken from the firmware at once, in bytes: its own pool searches a list for every
/// piece, and a session takes many small ones.
const BLOCK: usize = 256 * 1024;

#[global_allocator]
static ALLOCATOR: TalcLock<RawSpinlock, GlobalAllocSource<Allocator>> =
    TalcLock::new(GlobalAllocSource::with_block_size(Allocator, BLOCK));

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
