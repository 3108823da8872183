// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mice, tablets and touch screens: those that firmware has drivers for, and USB ones that it has none for.
//!
//! All of them move one pointer and press one button.

mod place;
mod protocol;
mod ring;
mod usb;

use crate::canvas::Shared;
use crate::clock::TimeBase;
use alloc::boxed::Box;
use alloc::vec::Vec;
use hid_pointer::Report;
use lamboot_core::ports::{Pointer, Resolution};
use place::Place;
use protocol::{Absolute, Simple};
use uefi_raw::Event;
use usb::UsbPointer;

/// After so many milliseconds no further USB device is asked whether it points.
const LONGEST_SEARCH_MS: u64 = 1000;
/// The most USB devices that are read.
const MAX_USB: usize = 8;
/// The most reports that become one movement.
const MAX_REPORTS: usize = 256;
/// How often a device may wake us for nothing.
const MAX_FALSE_ALARMS: u8 = 64;

/// Something that points.
trait Source {
    /// The event that is signalled when there is something to read.
    fn event(&self) -> Event;

    /// What it said next.
    fn read(&mut self) -> Option<Report>;
}

struct Device {
    source: Box<dyn Source>,
    /// Whether its button is down.
    pressed: bool,
    /// How often it woke us for nothing since it last said something.
    false_alarms: u8,
}

impl Device {
    fn new(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), pressed: false, false_alarms: 0 }
    }

    /// A device whose event means nothing would keep the processor busy: it is read when something
    /// else happens.
    fn can_wake(&self) -> bool {
        self.false_alarms < MAX_FALSE_ALARMS && !self.source.event().is_null()
    }
}

/// Every pointer of the machine.
pub(crate) struct Pointers {
    screen: Shared,
    place: Place,
    /// `None` while they are let go.
    devices: Option<Vec<Device>>,
}

impl Pointers {
    pub(crate) const fn new(screen: Shared) -> Self {
        Self { screen, place: Place::MIDDLE, devices: None }
    }

    /// Looks for pointers, unless that was done.
    pub(crate) fn open(&mut self, clock: &TimeBase) {
        self.devices.get_or_insert_with(|| find(clock));
    }

    /// Lets go of all of them.
    pub(crate) fn close(&mut self) {
        self.devices = None;
    }

    fn devices(&mut self) -> impl Iterator<Item = &mut Device> {
        self.devices.iter_mut().flatten()
    }

    /// The events to wait for.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.devices().filter(|device| device.can_wake()).map(|device| device.source.event()).collect()
    }

    /// Notes which of [`Self::events`] ended a wait, if one of them did.
    pub(crate) fn woken(&mut self, event: Option<usize>) {
        let Some(event) = event else { return };
        if let Some(device) = self.devices().filter(|device| device.can_wake()).nth(event) {
            device.false_alarms += 1;
        }
    }

    /// What happened since this was last asked: movements up to a click or a turn of the wheel as one.
    pub(crate) fn next(&mut self) -> Option<Pointer> {
        let before = self.place;
        for _ in 0..MAX_REPORTS {
            let Some((clicked, wheel)) = self.step() else { break };
            if clicked || wheel != 0 {
                return Some(self.pointer(clicked, wheel));
            }
        }
        (self.place != before).then(|| self.pointer(false, 0))
    }

    fn pointer(&self, clicked: bool, wheel: i32) -> Pointer {
        let (x, y) = self.place.get();
        // Wheels count away from their owner.
        let scrolled = i8::try_from(wheel.clamp(-127, 127)).unwrap_or(0).saturating_neg();
        Pointer { x, y, clicked, scrolled }
    }

    /// The next report of any device: whether it is a click, and what the wheel did.
    fn step(&mut self) -> Option<(bool, i32)> {
        let screen = self.screen.get().unwrap_or(Resolution { width: 1, height: 1 });
        let (place, report) = self.devices().enumerate().find_map(|(place, device)| {
            let report = device.source.read()?;
            device.false_alarms = 0;
            Some((place, report))
        })?;
        // The same device may be read in two ways, so that a click is what no other one holds already.
        let was_pressed = self.devices().any(|device| device.pressed);
        if let Some(device) = self.devices().nth(place) {
            device.pressed = report.pressed;
        }
        self.place = self.place.moved(report.x, report.y, screen);
        Some((report.pressed && !was_pressed, report.wheel))
    }
}

fn find(clock: &TimeBase) -> Vec<Device> {
    let until = clock.now().plus_millis(LONGEST_SEARCH_MS);
    let simple = Simple::all().into_iter().map(Device::new);
    let absolute = Absolute::all().into_iter().map(Device::new);
    let in_time = usb::handles().into_iter().take_while(|_| clock.now() < until);
    let usb = in_time.filter_map(UsbPointer::take).take(MAX_USB).map(Device::new);
    simple.chain(absolute).chain(usb).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::rc::Rc;
    use core::cell::Cell;
    use core::ptr;
    use hid_pointer::Motion::{self, By, To};

    /// Says this, one after the other.
    struct Script(Vec<Report>, Event);

    impl Source for Script {
        fn event(&self) -> Event {
            self.1
        }

        fn read(&mut self) -> Option<Report> {
            (!self.0.is_empty()).then(|| self.0.remove(0))
        }
    }

    fn report(x: Motion, pressed: bool, wheel: i32) -> Report {
        Report { x, y: To(0), wheel, pressed }
    }

    fn pointers(scripts: Vec<Vec<Report>>) -> Pointers {
        let screen = Rc::new(Cell::new(Some(Resolution { width: 800, height: 800 })));
        let event = ptr::dangling_mut();
        let devices = scripts.into_iter().map(|script| Device::new(Script(script, event))).collect();
        Pointers { devices: Some(devices), ..Pointers::new(screen) }
    }

    fn said(pointers: &mut Pointers) -> Vec<(u16, bool, i8)> {
        let all = core::iter::from_fn(|| pointers.next());
        all.take(100).map(|pointer| (pointer.x, pointer.clicked, pointer.scrolled)).collect()
    }

    #[test]
    fn movements_are_one_up_to_a_click() {
        let moves = [1, 2, 3].map(|x| report(To(x), false, 0));
        let click = [report(To(4), true, 0), report(To(5), true, 0), report(To(6), false, 0)];
        let mut pointers = pointers(vec![[moves, click].concat()]);
        assert_eq!(said(&mut pointers), [(4, true, 0), (6, false, 0)]);
    }

    #[test]
    fn a_button_that_is_held_clicks_once() {
        let press = || vec![report(To(1), true, 0), report(To(1), true, 0)];
        assert_eq!(
            said(&mut pointers(vec![press(), press()])),
            [(1, true, 0)],
            "one device, read in two ways"
        );
        let again = [press(), vec![report(To(1), false, 0)], press()].concat();
        assert_eq!(said(&mut pointers(vec![again])), [(1, true, 0), (1, true, 0)]);
    }

    #[test]
    fn a_wheel_that_turns_away_scrolls_up() {
        let turns = vec![report(To(9), false, 1), report(By(0), false, -1000)];
        assert_eq!(said(&mut pointers(vec![turns])), [(9, false, -1), (9, false, 127)]);
    }

    #[test]
    fn what_does_not_move_says_nothing() {
        let rest = report(By(0), false, 0);
        let mut pointers = pointers(vec![vec![report(To(7), false, 0)]]);
        assert_eq!(said(&mut pointers).len(), 1);
        pointers.devices = Some(vec![Device::new(Script(vec![rest; 3], ptr::null_mut()))]);
        assert_eq!(said(&mut pointers), []);
    }

    #[test]
    fn a_flood_is_answered_in_pieces() {
        let flood = (0..1000).map(|step| report(To(step), false, 0)).collect();
        assert_eq!(said(&mut pointers(vec![flood])).len(), 1000_usize.div_ceil(MAX_REPORTS));
    }

    #[test]
    fn a_device_that_wakes_for_nothing_is_not_waited_for() {
        let mut pointers = pointers(vec![vec![], vec![]]);
        for _ in 0..MAX_FALSE_ALARMS {
            assert_eq!(pointers.events().len(), 2);
            pointers.woken(Some(0));
        }
        assert_eq!(pointers.events().len(), 1);
        for _ in 0..3 {
            pointers.woken(None);
            pointers.woken(Some(7));
        }
        assert_eq!(pointers.events().len(), 1);
    }
}
