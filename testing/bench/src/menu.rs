// SPDX-License-Identifier: MIT OR Apache-2.0
//! What it costs until LamBoot's menu is on the screen.

use lamboot_vm::{Acceleration, Arch, Ending, Lab};

use crate::{
    BenchError, Case, Initrd,
    case::menu_disk,
    measurement::numbers,
    run::{DONE, MEMORY_MIB, TIME_LIMIT},
};

/// The first complete picture of the menu, on the screen that the firmware opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstPicture {
    /// Guest instructions from the loader's first one until the last block of the picture was on the
    /// screen.
    pub instructions: u64,
    /// Blocks that were transferred to the screen.
    pub blocks: u64,
    /// Pixels in all of them.
    pub pixels: u64,
}

impl FirstPicture {
    /// Reads the marks of `bench-launcher`; none where one is missing.
    fn parse(debug_port: &[u8]) -> Option<Self> {
        let [image] = numbers(debug_port, "BENCH: image ")?[..] else { return None };
        let [complete, blocks, pixels] = numbers(debug_port, "BENCH: picture ")?[..] else { return None };
        Some(Self { instructions: complete.checked_sub(image)?, blocks, pixels })
    }
}

/// Shows the menu with this many entries on a machine that counts its instructions, as on the second boot
/// from that disk.
///
/// # Errors
/// As [`crate::measure`], and when no picture was drawn.
pub fn measure_menu(entries: u32) -> Result<FirstPicture, BenchError> {
    let (case, initrd) = (Case::LamBoot, Initrd::Small);
    let mut lab = Lab::new(&format!("bench-menu-{entries}"))?;
    lab.set_time_limit(TIME_LIMIT);
    let disk = lab.disk(menu_disk(&lab.artifacts()?, initrd, entries)?)?;
    let machine = lab.machine(Arch::X86_64).memory_mib(MEMORY_MIB).vga().disk(&disk);
    machine.clone().resume()?.wait_end()?;
    let mut vm = machine.acceleration(Acceleration::CountedInstructions).resume()?;
    let ending = vm.wait_end()?;
    match FirstPicture::parse(&vm.debug_port()?) {
        Some(picture) if ending == Ending::ExitPort(DONE) => {
            lab.passed();
            Ok(picture)
        }
        _ => Err(BenchError::NotBooted { case, initrd, ending, console: vm.serial().tail() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: &[u8] = b"BENCH: start 900\nBENCH: image 1000\nBENCH: picture 1700 blocks 16 pixels 1024000\nBENCH: exit 9000\n";

    #[test]
    fn a_picture_is_counted_from_the_loaders_first_instruction() {
        let picture = FirstPicture { instructions: 700, blocks: 16, pixels: 1_024_000 };
        assert_eq!(FirstPicture::parse(MARKS), Some(picture));
    }

    #[test]
    fn without_a_picture_there_is_no_figure() {
        assert_eq!(FirstPicture::parse(b"BENCH: image 1000\nBENCH: exit 9000\n"), None);
        assert_eq!(FirstPicture::parse(b"BENCH: picture 1700 blocks 16 pixels 1024000\n"), None);
    }
}
