// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys (`EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL` and its predecessor, UEFI 2.10, sections 12.2 and 12.3), and
//! pointers beside them.
//!
//! The console input is not reset: a key that was pressed while the firmware started is one that
//! the owner meant for us.

use crate::canvas::Shared;
use crate::clock::TimeBase;
use crate::event::Timer;
use crate::pointers::Pointers;
use crate::services::{check, interface, system_table};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ptr::NonNull;
use core::time::Duration;
use lamboot_core::ports::{Input, Key, Keys, Micros};
use uefi::{Handle, Status};
use uefi_raw::Event;
use uefi_raw::protocol::console::{
    InputKey, KeyData, KeyShiftState, KeyState, KeyToggleState, SimpleTextInputExProtocol,
    SimpleTextInputProtocol,
};

/// The longest single wait; then the clock is asked again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How many keys without a meaning are read in a row before the clock is asked again.
const MAX_MEANINGLESS: usize = 32;

/// Where keys come from.
#[derive(Clone, Copy)]
enum Source {
    Extended(NonNull<SimpleTextInputExProtocol>),
    Simple(NonNull<SimpleTextInputProtocol>),
}

/// [`Keys`] on firmware. Nothing is touched before the first call.
pub(crate) struct FirmwareKeys {
    clock: Rc<TimeBase>,
    source: Option<Source>,
    timer: Option<Timer>,
    pointers: Pointers,
}

impl FirmwareKeys {
    pub(crate) const fn new(clock: Rc<TimeBase>, screen: Shared) -> Self {
        Self { clock, source: None, timer: None, pointers: Pointers::new(screen) }
    }

    fn source(&mut self) -> Option<Source> {
        self.source = self.source.or_else(Source::find);
        self.source
    }

    /// Sleeps until a key is pressed, a pointer has something to say, or `duration` is over.
    fn wait(&mut self, source: Option<Source>, pointers: bool, duration: Duration) {
        if self.timer.is_none() {
            self.timer = Timer::new();
        }
        let key = source.map(Source::event).filter(|event| !event.is_null());
        let mut events: Vec<Event> = key.into_iter().collect();
        let first_pointer = events.len();
        if pointers {
            events.extend(self.pointers.events());
        }
        match self.timer.as_ref().and_then(|timer| timer.wait(&events, duration)) {
            Some(Some(woken)) => self.pointers.woken(woken.checked_sub(first_pointer)),
            Some(None) => {}
            // Firmware without timers or key events: look again in a moment.
            None => uefi::boot::stall(duration.min(Duration::from_millis(10))),
        }
    }
}

impl Keys for FirmwareKeys {
    fn next(&mut self, until: Option<Micros>, pointers: bool) -> Option<Input> {
        let source = self.source();
        if pointers {
            self.pointers.open(&self.clock);
        }
        loop {
            if let Some(key) = source.and_then(Source::pressed) {
                return Some(Input::Key(key));
            }
            if let Some(pointer) = pointers.then(|| self.pointers.next()).flatten() {
                return Some(Input::Pointer(pointer));
            }
            let duration = match until {
                None => LONGEST_WAIT,
                Some(until) => Duration::from_micros(until.since(self.clock.now())).min(LONGEST_WAIT),
            };
            if duration.is_zero() {
                return None;
            }
            self.wait(source, pointers, duration);
        }
    }

    fn held(&mut self) -> bool {
        match self.source() {
            Some(Source::Extended(input)) => is_held(input),
            Some(Source::Simple(_)) | None => false,
        }
    }

    fn release(&mut self) {
        self.pointers.close();
    }
}

impl Source {
    fn find() -> Option<Self> {
        let table = system_table()?;
        // SAFETY: UEFI 2.10, section 4.3: ConsoleInHandle is a handle, or null without a console.
        let handle = unsafe { Handle::from_ptr(table.stdin_handle) };
        let extended = handle.and_then(|handle| interface(handle, &SimpleTextInputExProtocol::GUID).ok());
        match extended {
            Some(extended) => Some(Self::Extended(extended.cast())),
            None => NonNull::new(table.stdin).map(Self::Simple),
        }
    }

    /// The event that is signalled while a key waits.
    fn event(self) -> Event {
        match self {
            // SAFETY: the interface was found on the console's handle, which firmware keeps.
            Self::Extended(input) => unsafe { input.as_ref() }.wait_for_key_ex,
            // SAFETY: UEFI 2.10, section 4.3: ConIn is valid until ExitBootServices.
            Self::Simple(input) => unsafe { input.as_ref() }.wait_for_key,
        }
    }

    /// The first key with a meaning among those that were pressed already.
    fn pressed(self) -> Option<Key> {
        let keys = core::iter::from_fn(|| self.read().ok()).take(MAX_MEANINGLESS);
        keys.flatten().next()
    }

    /// The next key that was pressed: `Ok(None)` for one that means nothing to a menu.
    fn read(self) -> Result<Option<Key>, Status> {
        let data = match self {
            Self::Extended(input) => read_extended(input)?,
            Self::Simple(input) => KeyData { key: read_simple(input)?, key_state: NO_STATE },
        };
        let KeyData { key: InputKey { scan_code, unicode_char }, key_state } = data;
        let control = KeyShiftState::LEFT_CONTROL | KeyShiftState::RIGHT_CONTROL;
        let shift = key_state.key_shift_state;
        if shift.contains(KeyShiftState::VALID) && shift.intersects(control) {
            return Ok(None);
        }
        Ok(translate(scan_code, unicode_char))
    }
}

const NO_KEY: InputKey = InputKey { scan_code: 0, unicode_char: 0 };
const NO_STATE: KeyState =
    KeyState { key_shift_state: KeyShiftState::empty(), key_toggle_state: KeyToggleState::empty() };

fn read_extended(input: NonNull<SimpleTextInputExProtocol>) -> Result<KeyData, Status> {
    let (status, data) = key_stroke(input);
    check(status)?;
    Ok(data)
}

/// Whether a key is pressed, or one that changes others is held down: the state of those is told without
/// a key, too (UEFI 2.10, section 12.2.3, `EFI_NOT_READY`).
fn is_held(input: NonNull<SimpleTextInputExProtocol>) -> bool {
    let (status, KeyData { key_state, .. }) = key_stroke(input);
    match status {
        Status::SUCCESS => true,
        Status::NOT_READY => has_modifier(key_state.key_shift_state),
        _ => false,
    }
}

/// Whether Shift, Ctrl or Alt is down.
const fn has_modifier(state: KeyShiftState) -> bool {
    let modifiers = KeyShiftState::RIGHT_SHIFT
        .union(KeyShiftState::LEFT_SHIFT)
        .union(KeyShiftState::RIGHT_CONTROL)
        .union(KeyShiftState::LEFT_CONTROL)
        .union(KeyShiftState::RIGHT_ALT)
        .union(KeyShiftState::LEFT_ALT);
    state.contains(KeyShiftState::VALID) && state.intersects(modifiers)
}

fn key_stroke(input: NonNull<SimpleTextInputExProtocol>) -> (Status, KeyData) {
    // SAFETY: the interface was found on the console's handle, which firmware keeps.
    let call = unsafe { input.as_ref() }.read_key_stroke_ex;
    let mut data = KeyData { key: NO_KEY, key_state: NO_STATE };
    // SAFETY: UEFI 2.10, section 12.2.3: interface and key are valid for the call.
    let status = unsafe { call(input.as_ptr(), &mut data) };
    (status, data)
}

fn read_simple(input: NonNull<SimpleTextInputProtocol>) -> Result<InputKey, Status> {
    // SAFETY: UEFI 2.10, section 4.3: ConIn is valid until ExitBootServices.
    let call = unsafe { input.as_ref() }.read_key_stroke;
    let mut key = NO_KEY;
    // SAFETY: UEFI 2.10, section 12.3.3: interface and key are valid for the call.
    check(unsafe { call(input.as_ptr(), &mut key) })?;
    Ok(key)
}

/// A key by scan code and character (UEFI 2.10, tables 12.2 and 12.3). A key has one or the other;
/// serial terminals send DEL where a keyboard sends backspace, and some firmware sends ESC as a
/// character.
fn translate(scan_code: u16, unicode: u16) -> Option<Key> {
    Some(match (scan_code, unicode) {
        (0x01, _) => Key::Up,
        (0x02, _) => Key::Down,
        (0x03, _) => Key::Right,
        (0x04, _) => Key::Left,
        (0x05, _) => Key::Home,
        (0x06, _) => Key::End,
        (0x08, _) => Key::Delete,
        (0x09, _) => Key::PageUp,
        (0x0A, _) => Key::PageDown,
        (0x0B..=0x16, _) => Key::Function(u8::try_from(scan_code - 0x0A).ok()?),
        (0x17, _) | (0, 0x1B) => Key::Escape,
        (0, 0x08 | 0x7F) => Key::Backspace,
        (0, 0x09) => Key::Tab,
        (0, 0x0A | 0x0D) => Key::Enter,
        (0, unit) => return printable(unit),
        _ => return None,
    })
}

fn printable(unit: u16) -> Option<Key> {
    char::from_u32(u32::from(unit)).filter(|character| !character.is_control()).map(Key::Char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scan_codes_and_characters_become_keys() {
        for (scan_code, unicode, key) in [
            (0x01, 0, Key::Up),
            (0x02, 0, Key::Down),
            (0x03, 0, Key::Right),
            (0x04, 0, Key::Left),
            (0x08, 0, Key::Delete),
            (0x0B, 0, Key::Function(1)),
            (0x0C, 0, Key::Function(2)),
            (0x16, 0, Key::Function(12)),
            (0x17, 0, Key::Escape),
            (0, 0x1B, Key::Escape),
            (0, 0x08, Key::Backspace),
            (0, 0x7F, Key::Backspace),
            (0, 0x0D, Key::Enter),
            (0, 0x09, Key::Tab),
            (0, u16::from(b'e'), Key::Char('e')),
            (0, 0xE4, Key::Char('ä')),
        ] {
            assert_eq!(translate(scan_code, unicode), Some(key), "{scan_code:#x} {unicode:#x}");
        }
    }

    #[test]
    fn a_modifier_is_held_only_where_the_state_is_valid() {
        let (valid, shift) = (KeyShiftState::VALID, KeyShiftState::LEFT_SHIFT);
        assert!(has_modifier(valid | shift) && has_modifier(valid | KeyShiftState::RIGHT_ALT));
        for state in [KeyShiftState::empty(), valid, shift, valid | KeyShiftState::MENU_KEY] {
            assert!(!has_modifier(state), "{state:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_no_key() {
        for (scan_code, unicode) in [(0, 0), (0x07, 0), (0x80, 0), (0x104, 0), (0, 1), (0, 0xD800)] {
            assert_eq!(translate(scan_code, unicode), None, "{scan_code:#x} {unicode:#x}");
        }
    }
}
