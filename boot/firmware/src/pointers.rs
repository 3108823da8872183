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

enum Source {
    Simple(Simple),
    Absolute(Absolute),
    Usb(Box<UsbPointer>),
}

impl Source {
    /// The event that is signalled when there is something to read.
    fn event(&self) -> Event {
        match self {
            Self::Simple(pointer) => pointer.event(),
            Self::Absolute(pointer) => pointer.event(),
            Self::Usb(pointer) => pointer.event(),
        }
    }

    fn read(&mut self) -> Option<Report> {
        match self {
            Self::Simple(pointer) => pointer.read(),
            Self::Absolute(pointer) => pointer.read(),
            Self::Usb(pointer) => pointer.read(),
        }
    }
}

struct Device {
    source: Source,
    /// Whether its button is down.
    pressed: bool,
    /// How often it woke us for nothing since it last said something.
    false_alarms: u8,
}

impl Device {
    const fn new(source: Source) -> Self {
        Self { source, pressed: false, false_alarms: 0 }
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
    let simple = Simple::all().into_iter().map(Source::Simple);
    let absolute = Absolute::all().into_iter().map(Source::Absolute);
    let in_time = usb::handles().into_iter().take_while(|_| clock.now() < until);
    let usb =
        in_time.filter_map(UsbPointer::take).take(MAX_USB).map(|pointer| Source::Usb(Box::new(pointer)));
    simple.chain(absolute).chain(usb).map(Device::new).collect()
}
