// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines for the test to read.

use core::fmt::{self, Write};

use uefi::{Char16, boot, proto::console::text::Key, system};

use crate::port;

/// Writes one line to the console and to the debug port.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::console::line(format_args!($($text)*)) };
}

/// Writes one line. A console that fails is left alone: the report on the debug port remains.
pub fn line(text: fmt::Arguments<'_>) {
    let _neither_can_fail = writeln!(Lines, "{text}");
}

struct Lines;

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(port::debug);
        system::with_stdout(|console| {
            for character in text.chars() {
                if character == '\n' {
                    put(console, '\r');
                }
                put(console, character);
            }
        });
        Ok(())
    }
}

fn put(console: &mut uefi::proto::console::text::Output, character: char) {
    let one = [Char16::try_from(character).unwrap_or(REPLACEMENT), NUL];
    if let Ok(text) = uefi::CStr16::from_char16_with_nul(&one) {
        let _a_failing_console_is_left_alone = console.output_string(text);
    }
}

const NUL: Char16 = uefi::char16!('\0');
const REPLACEMENT: Char16 = uefi::char16!('?');

/// Waits for the next key on any console.
pub fn wait_for_key() -> Option<Key> {
    let event = system::with_stdin(|input| input.wait_for_key_event());
    if let Ok(event) = event {
        let _a_spurious_end_is_harmless = boot::wait_for_event(&[event]);
    }
    system::with_stdin(|input| input.read_key()).ok().flatten()
}
