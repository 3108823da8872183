// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ways to end: the machine, or this program with a status.

use uefi::{Status, boot, proto::loaded_image::LoadedImage, runtime};

use crate::{port, say};

/// Exit port value: the program did what it is for.
pub const DONE: u32 = 0x10;
/// Exit port value: the loader under test returned to the launcher.
pub const RETURNED: u32 = 0x11;
/// Exit port value: the program could not do what it is for; the console tells why.
pub const FAILED: u32 = 0x12;

/// Ends the machine: by the exit port on x86, by powering off elsewhere.
pub fn machine(value: u32) -> ! {
    port::exit(value);
    runtime::reset(runtime::ResetType::SHUTDOWN, Status::SUCCESS, None)
}

/// Returns the status whose number is in the load options (`0x8000000000000003`), or `ABORTED`.
pub fn return_error() -> Status {
    let status = status_from_options().unwrap_or(Status::ABORTED);
    say!("RETURNS: {status:?}");
    status
}

fn status_from_options() -> Option<Status> {
    let image = boot::open_protocol_exclusive::<LoadedImage>(boot::image_handle()).ok()?;
    let mut digits = [0; 16];
    let mut count = 0;
    for character in image.load_options_as_cstr16().ok()?.iter().skip(2) {
        let digit = char::from(*character).to_digit(16)?;
        *digits.get_mut(count)? = digit;
        count += 1;
    }
    let number = digits[..count].iter().fold(0_usize, |number, &digit| number << 4 | digit as usize);
    (count > 0).then_some(Status(number))
}
