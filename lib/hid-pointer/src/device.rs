// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pointers among a device's reports.

use crate::field::Field;
use crate::item::Items;
use crate::parser::Parser;
use crate::refusal::Refusal;
use crate::report::{Axis, Layout, Report};
use alloc::vec::Vec;

/// The longest report descriptor that is read, in bytes.
pub const DESCRIPTOR_MAX: usize = 4096;

/// A device that points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whether reports begin with their number.
    numbered: bool,
    layouts: Vec<Layout>,
}

impl Device {
    /// Reads a report descriptor.
    ///
    /// # Errors
    ///
    /// It is damaged, or nothing in it points.
    pub fn parse(descriptor: &[u8]) -> Result<Self, Refusal> {
        if descriptor.len() > DESCRIPTOR_MAX {
            return Err(Refusal::TooLong);
        }
        let mut parser = Parser::default();
        for item in Items(descriptor) {
            parser.take(item?)?;
        }
        let (numbered, layouts) = parser.finish();
        if layouts.is_empty() { Err(Refusal::NoPointer) } else { Ok(Self { numbered, layouts }) }
    }

    /// A mouse that speaks the boot protocol (HID 1.11, appendix B.2).
    #[must_use]
    pub fn boot_mouse() -> Self {
        let axis = |start| Field::new(start, 8, true).map(|field| Axis { field, range: None });
        let button = Field::new(0, 1, false);
        let layout = axis(8).zip(axis(16)).map(|(x, y)| Layout { number: None, x, y, wheel: None, button });
        Self { numbered: false, layouts: layout.into_iter().collect() }
    }

    /// What a report says; `None` when it is too short, or not about pointing.
    #[must_use]
    pub fn read(&self, report: &[u8]) -> Option<Report> {
        let (number, fields) = if self.numbered {
            let (number, fields) = report.split_first()?;
            (Some(*number), fields)
        } else {
            (None, report)
        };
        self.layouts.iter().find(|layout| layout.number == number)?.read(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Motion::{self, By, To};
    use proptest::prelude::*;

    /// QEMU's `usb-tablet`.
    const TABLET: &[u8] = &[
        0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15,
        0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01, 0x05, 0x01,
        0x09, 0x30, 0x09, 0x31, 0x15, 0x00, 0x26, 0xFF, 0x7F, 0x35, 0x00, 0x46, 0xFF, 0x7F, 0x75, 0x10, 0x95,
        0x02, 0x81, 0x02, 0x05, 0x01, 0x09, 0x38, 0x15, 0x81, 0x25, 0x7F, 0x35, 0x00, 0x45, 0x00, 0x75, 0x08,
        0x95, 0x01, 0x81, 0x06, 0xC0, 0xC0,
    ];

    /// QEMU's `usb-mouse`.
    const MOUSE: &[u8] = &[
        0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15,
        0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01, 0x05, 0x01,
        0x09, 0x30, 0x09, 0x31, 0x09, 0x38, 0x15, 0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x03, 0x81, 0x06, 0xC0,
        0xC0,
    ];

    /// A wireless receiver as many mice have them: a mouse with axes of 12 bits in report 2, a
    /// horizontal wheel, and media keys in report 3.
    const RECEIVER: &[u8] = &[
        0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0x09, 0x01, 0xA1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29,
        0x10, 0x15, 0x00, 0x25, 0x01, 0x95, 0x10, 0x75, 0x01, 0x81, 0x02, 0x05, 0x01, 0x16, 0x01, 0xF8, 0x26,
        0xFF, 0x07, 0x75, 0x0C, 0x95, 0x02, 0x09, 0x30, 0x09, 0x31, 0x81, 0x06, 0x15, 0x81, 0x25, 0x7F, 0x75,
        0x08, 0x95, 0x01, 0x09, 0x38, 0x81, 0x06, 0x05, 0x0C, 0x0A, 0x38, 0x02, 0x95, 0x01, 0x81, 0x06, 0xC0,
        0xC0, 0x05, 0x0C, 0x09, 0x01, 0xA1, 0x01, 0x85, 0x03, 0x75, 0x10, 0x95, 0x02, 0x15, 0x01, 0x26, 0xFF,
        0x02, 0x19, 0x01, 0x2A, 0xFF, 0x02, 0x81, 0x00, 0xC0,
    ];

    /// A keyboard that speaks the boot protocol (HID 1.11, appendix B.1).
    const KEYBOARD: &[u8] = &[
        0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75,
        0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00,
        0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xC0,
    ];

    fn device(descriptor: &[u8]) -> Device {
        Device::parse(descriptor).expect("it points")
    }

    fn report(x: Motion, y: Motion, wheel: i32, pressed: bool) -> Option<Report> {
        Some(Report { x, y, wheel, pressed })
    }

    #[test]
    fn a_tablet_tells_places() {
        let tablet = device(TABLET);
        assert_eq!(tablet.read(&[0, 0, 0, 0xFF, 0x7F, 0]), report(To(0), To(65535), 0, false));
        assert_eq!(tablet.read(&[1, 0xFF, 0x3F, 0, 0, 0xFF]), report(To(32766), To(0), -1, true));
        assert_eq!(tablet.read(&[2, 0, 0, 0, 0, 1]), report(To(0), To(0), 1, false), "another button");
        assert_eq!(tablet.read(&[0, 0, 0, 0, 0]), None, "the wheel is missing");
    }

    #[test]
    fn a_mouse_tells_ways() {
        let mouse = device(MOUSE);
        assert_eq!(mouse.read(&[1, 5, 0x81, 0xFF]), report(By(5), By(-127), -1, true));
        assert_eq!(Device::boot_mouse().read(&[1, 5, 0x81]), report(By(5), By(-127), 0, true));
        assert_eq!(Device::boot_mouse().read(&[1, 5]), None);
    }

    #[test]
    fn a_receiver_numbers_its_reports() {
        let receiver = device(RECEIVER);
        let moved = [2, 0x01, 0x80, 0x00, 0xF8, 0x7F, 0xFE, 0x00];
        assert_eq!(receiver.read(&moved), report(By(-2048), By(2047), -2, true));
        assert_eq!(receiver.read(&[3, 1, 0, 0, 0]), None, "a media key");
        assert_eq!(receiver.read(&[]), None);
    }

    #[test]
    fn a_touch_screen_is_pressed_by_its_first_finger() {
        // Two fingers, each with tip, padding, X and Y; pages in front of usages, and a pushed state.
        let finger = [
            0x05, 0x0D, 0x09, 0x22, 0xA1, 0x02, 0x09, 0x42, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01,
            0x81, 0x02, 0x95, 0x07, 0x81, 0x03, 0xA4, 0x05, 0x01, 0x26, 0xE8, 0x03, 0x75, 0x10, 0x95, 0x02,
            0x0B, 0x30, 0x00, 0x01, 0x00, 0x09, 0x31, 0x81, 0x02, 0xB4, 0xC0,
        ];
        let descriptor =
            [&[0x05, 0x0D, 0x09, 0x04, 0xA1, 0x01, 0x85, 7][..], &finger, &finger, &[0xC0]].concat();
        let screen = device(&descriptor);
        let touched = [7, 1, 0xE8, 0x03, 0x00, 0x00, 1, 0, 0, 0, 0];
        assert_eq!(screen.read(&touched), report(To(65535), To(0), 0, true));
        let beyond = [7, 0, 0xE9, 0x03, 0x00, 0x00, 0, 0, 0, 0, 0];
        assert_eq!(screen.read(&beyond), report(By(0), To(0), 0, false));
    }

    #[test]
    fn a_large_maximum_may_look_negative() {
        let tablet = device(&[
            0x05, 0x01, 0x09, 0x01, 0xA1, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x00, 0x25, 0xFF, 0x75, 0x08,
            0x95, 0x02, 0x81, 0x02, 0xC0,
        ]);
        assert_eq!(tablet.read(&[0xFF, 0x00]), report(To(65535), To(0), 0, false));
    }

    #[test]
    fn of_alternative_usages_the_first_counts() {
        let device = device(&[
            0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0xA9, 0x01, 0x09, 0x30, 0x09, 0x33, 0xA9, 0x00, 0x09, 0x31,
            0x15, 0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xC0,
        ]);
        assert_eq!(device.read(&[3, 4]), report(By(3), By(4), 0, false));
    }

    #[test]
    fn what_does_not_point_is_refused() {
        let joystick = [
            0x05, 0x01, 0x09, 0x04, 0xA1, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x81, 0x25, 0x7F, 0x75, 0x08,
            0x95, 0x02, 0x81, 0x02, 0xC0,
        ];
        for descriptor in [KEYBOARD, &joystick, &[]] {
            assert_eq!(Device::parse(descriptor), Err(Refusal::NoPointer));
        }
    }

    #[test]
    fn damage_is_refused() {
        for (descriptor, refusal) in [
            (vec![0; DESCRIPTOR_MAX + 1], Refusal::TooLong),
            (vec![0x26, 0xFF], Refusal::Truncated),
            (vec![0xB4], Refusal::Stack),
            (vec![0xA4; 17], Refusal::Stack),
            ([0x09, 0x30].repeat(257), Refusal::TooManyUsages),
            (vec![0x85, 0x00], Refusal::ReservedNumber),
            (vec![0x86, 0x00, 0x01], Refusal::ReservedNumber),
        ] {
            assert_eq!(Device::parse(&descriptor), Err(refusal));
        }
    }

    #[test]
    fn sizes_beyond_all_reason_are_only_out_of_reach() {
        let huge = [
            0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x77, 0xFF, 0xFF, 0xFF, 0xFF, 0x97, 0xFF, 0xFF, 0xFF, 0xFF,
            0x81, 0x01, 0x75, 0x08, 0x95, 0x02, 0x09, 0x30, 0x09, 0x31, 0x81, 0x06, 0xC0,
        ];
        // The first field fills every report, so that what follows it has no place.
        assert_eq!(Device::parse(&huge).map(|device| device.read(&[0; 64])), Err(Refusal::NoPointer));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_device_or_a_refusal(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), report in any::<[u8; 16]>(),
        ) {
            if let Ok(device) = Device::parse(&bytes) {
                let _ = device.read(&report);
            }
        }

        #[test]
        fn a_device_that_was_damaged_stays_within_its_report(
            which in 0_usize..3, changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..5),
            report in proptest::collection::vec(any::<u8>(), 0..16),
        ) {
            let mut bytes = [TABLET, MOUSE, RECEIVER][which].to_vec();
            for (place, value) in changes {
                let place = place % bytes.len();
                bytes[place] = value;
            }
            if let Ok(device) = Device::parse(&bytes) {
                let _ = device.read(&report);
            }
        }
    }
}
