// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pointers that firmware has drivers for (`EFI_SIMPLE_POINTER_PROTOCOL` and
//! `EFI_ABSOLUTE_POINTER_PROTOCOL`, UEFI 2.10, sections 12.5 and 12.7).
//!
//! Some firmware has handles of both that never say anything.

use super::Source;
use super::place::COUNTS_A_MILLIMETRE;
use crate::services::{check, handles_with, interface};
use alloc::vec::Vec;
use core::ptr::NonNull;
use hid_pointer::{Motion, Report};
use uefi::Guid;
use uefi::Identify;
use uefi::proto::device_path::DevicePath;
use uefi_raw::Event;
use uefi_raw::protocol::console::{
    AbsolutePointerMode, AbsolutePointerProtocol, AbsolutePointerState, SimplePointerProtocol,
    SimplePointerState,
};

/// The most devices of each kind.
const MAX_DEVICES: usize = 8;

/// The interfaces of a protocol. The splitter's, which passes on what devices say, has no device path,
/// and would say everything again: it is taken where there is nothing else.
fn interfaces<T>(protocol: &Guid) -> Vec<NonNull<T>> {
    let handles = handles_with(protocol);
    let is_device = |handle| interface(handle, &DevicePath::GUID).is_ok();
    let any_device = handles.iter().any(|handle| is_device(*handle));
    let taken = handles.into_iter().filter(|handle| !any_device || is_device(*handle)).take(MAX_DEVICES);
    taken.filter_map(|handle| Some(interface(handle, protocol).ok()?.cast())).collect()
}

/// A device that tells ways.
pub(super) struct Simple {
    raw: NonNull<SimplePointerProtocol>,
    /// Counts a millimetre, across and down.
    resolution: (u64, u64),
    /// What was not yet enough for a count.
    rest: (i64, i64),
}

impl Simple {
    pub(super) fn all() -> Vec<Self> {
        interfaces(&SimplePointerProtocol::GUID).into_iter().map(Self::new).collect()
    }

    fn new(raw: NonNull<SimplePointerProtocol>) -> Self {
        // SAFETY: the interface was found on a handle that firmware keeps.
        let calls = unsafe { raw.as_ref() };
        let reset = calls.reset;
        // SAFETY: UEFI 2.10, section 12.5.2: forgets what was said before, without a long test.
        let _ = unsafe { reset(raw.as_ptr(), false.into()) };
        let mode = NonNull::new(calls.mode.cast_mut()).map_or_else(Default::default, |mode| {
            // SAFETY: UEFI 2.10, section 12.5.1: the protocol's mode is valid as long as the protocol.
            unsafe { mode.read() }
        });
        Self { raw, resolution: (mode.resolution_x, mode.resolution_y), rest: (0, 0) }
    }
}

impl Source for Simple {
    fn event(&self) -> Event {
        // SAFETY: as in `new`.
        unsafe { self.raw.as_ref() }.wait_for_input
    }

    fn read(&mut self) -> Option<Report> {
        // SAFETY: as in `new`.
        let call = unsafe { self.raw.as_ref() }.get_state;
        let mut state = SimplePointerState::default();
        // SAFETY: UEFI 2.10, section 12.5.3: interface and state are valid for the call.
        check(unsafe { call(self.raw.as_ptr(), &mut state) }).ok()?;
        Some(Report {
            x: Motion::By(counts(state.relative_movement_x, self.resolution.0, &mut self.rest.0)),
            y: Motion::By(counts(state.relative_movement_y, self.resolution.1, &mut self.rest.1)),
            // How far a step of the wheel is, firmware does not say alike.
            wheel: state.relative_movement_z.signum(),
            pressed: bool::from(state.left_button),
        })
    }
}

/// A movement in counts of a usual mouse. A resolution of 0 means that there is none to know.
fn counts(movement: i32, resolution: u64, rest: &mut i64) -> i32 {
    let resolution = i64::try_from(resolution).ok().filter(|resolution| *resolution != 0).unwrap_or(8);
    let usual = i64::try_from(COUNTS_A_MILLIMETRE).unwrap_or(1);
    let all = i64::from(movement).saturating_mul(usual).saturating_add(*rest);
    *rest = all.checked_rem(resolution).unwrap_or(0);
    let counts = all.checked_div(resolution).unwrap_or(0);
    i32::try_from(counts).unwrap_or(if counts < 0 { i32::MIN } else { i32::MAX })
}

/// A device that tells places.
pub(super) struct Absolute {
    raw: NonNull<AbsolutePointerProtocol>,
    mode: AbsolutePointerMode,
}

impl Absolute {
    pub(super) fn all() -> Vec<Self> {
        interfaces(&AbsolutePointerProtocol::GUID).into_iter().filter_map(Self::new).collect()
    }

    fn new(raw: NonNull<AbsolutePointerProtocol>) -> Option<Self> {
        // SAFETY: the interface was found on a handle that firmware keeps.
        let calls = unsafe { raw.as_ref() };
        let reset = calls.reset;
        // SAFETY: UEFI 2.10, section 12.7.2: forgets what was said before, without a long test.
        let _ = unsafe { reset(raw.as_ptr(), false.into()) };
        let mode = NonNull::new(calls.mode.cast_mut())?;
        // SAFETY: UEFI 2.10, section 12.7.1: the protocol's mode is valid as long as the protocol.
        let mode = unsafe { mode.read() };
        Some(Self { raw, mode })
    }
}

impl Source for Absolute {
    fn event(&self) -> Event {
        // SAFETY: as in `new`.
        unsafe { self.raw.as_ref() }.wait_for_input
    }

    fn read(&mut self) -> Option<Report> {
        // SAFETY: as in `new`.
        let call = unsafe { self.raw.as_ref() }.get_state;
        let mut state = AbsolutePointerState::default();
        // SAFETY: UEFI 2.10, section 12.7.3: interface and state are valid for the call.
        check(unsafe { call(self.raw.as_ptr(), &mut state) }).ok()?;
        let AbsolutePointerMode { absolute_min_x, absolute_max_x, absolute_min_y, absolute_max_y, .. } =
            self.mode;
        Some(Report {
            x: place(state.current_x, absolute_min_x, absolute_max_x),
            y: place(state.current_y, absolute_min_y, absolute_max_y),
            wheel: 0,
            // The button of a mouse, or a finger (UEFI 2.10, section 12.7.3).
            pressed: state.active_buttons & 1 != 0,
        })
    }
}

/// A value between `low` and `high` as a place. An axis that the device does not have is from 0 to 0.
fn place(value: u64, low: u64, high: u64) -> Motion {
    if high <= low {
        return Motion::By(0);
    }
    let part = u128::from(value.clamp(low, high) - low) * 65_535 / u128::from(high - low);
    Motion::To(u16::try_from(part).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_are_counted_by_the_millimetre() {
        let mut rest = 0;
        assert_eq!(counts(5, 8, &mut rest), 5);
        assert_eq!(counts(-5, 0, &mut rest), -5);
        assert_eq!(counts(65_536, 65_536, &mut rest), 8);
        assert_eq!(counts(i32::MIN, u64::MAX, &mut rest), i32::MIN);
    }

    #[test]
    fn small_movements_of_a_fine_device_add_up() {
        let mut rest = 0;
        let all: i32 = (0..100).map(|_| counts(-3, 40, &mut rest)).sum();
        assert_eq!(all, -60);
    }

    #[test]
    fn places_are_scaled_and_stay_within_their_range() {
        assert_eq!((place(5, 5, 10), place(10, 5, 10)), (Motion::To(0), Motion::To(65535)));
        assert_eq!((place(0, 5, 10), place(u64::MAX, 0, u64::MAX)), (Motion::To(0), Motion::To(65535)));
        assert_eq!(place(7, 0, 0), Motion::By(0));
    }
}
