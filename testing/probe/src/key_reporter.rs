// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports keys as the firmware's Simple Text Input delivers them (UEFI 2.10, section 12.3).

use uefi::{
    Status,
    proto::console::text::{Key, ScanCode},
};

use crate::{console, exit, say};

/// Reports keys until Escape, then ends the machine.
pub fn run() -> Status {
    say!("KEYS: ready");
    loop {
        match console::wait_for_key() {
            Some(Key::Special(ScanCode::ESCAPE)) => break,
            Some(Key::Special(code)) => say!("KEYS: scan {:#04x}", code.0),
            Some(Key::Printable(character)) => say!("KEYS: character {:#06x}", u16::from(character)),
            None => {}
        }
    }
    say!("KEYS: done");
    exit::machine(exit::DONE)
}
