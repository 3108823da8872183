// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the pointer is, by what devices say.

use hid_pointer::Motion;
use lamboot_core::ports::Resolution;

/// Steps of a place between two of those that the menu knows.
const FINE: i64 = 65_536;
/// The right and the lower edge.
const EDGE: i64 = 65_536 * FINE - 1;
/// Counts of a mouse from the upper to the lower edge: a count is a pixel on a screen of 800 rows. A
/// mouse that counts a millimetre as eight (200 an inch) needs ten centimetres.
const COUNTS: i64 = 800;
/// Counts that a device makes over a millimetre, where nothing else is known.
pub(crate) const COUNTS_A_MILLIMETRE: u64 = 8;

/// A place on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    x: i64,
    y: i64,
}

impl Place {
    /// The middle of the screen: what knows only ways has to start somewhere.
    pub(crate) const MIDDLE: Self = Self { x: EDGE / 2, y: EDGE / 2 };

    /// The place after a movement on a screen of this size.
    pub(crate) fn moved(self, x: Motion, y: Motion, screen: Resolution) -> Self {
        let (width, height) = (i64::from(screen.width.max(1)), i64::from(screen.height));
        let down = |counts: i32| i64::from(counts).saturating_mul(EDGE / COUNTS);
        Self {
            // As many pixels across as down.
            x: along(self.x, x, |counts| down(counts).saturating_mul(height) / width),
            y: along(self.y, y, down),
        }
    }

    /// The place, as the menu knows it.
    pub(crate) fn get(self) -> (u16, u16) {
        let rounded = |place: i64| u16::try_from(place / FINE).unwrap_or(u16::MAX);
        (rounded(self.x), rounded(self.y))
    }
}

fn along(place: i64, motion: Motion, way: impl Fn(i32) -> i64) -> i64 {
    match motion {
        Motion::By(counts) => place.saturating_add(way(counts)).clamp(0, EDGE),
        Motion::To(place) => i64::from(place) * FINE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hid_pointer::Motion::{By, To};

    const SCREEN: Resolution = Resolution { width: 1600, height: 800 };

    #[test]
    fn the_same_way_is_as_many_pixels_across_as_down() {
        let start = Place::MIDDLE.moved(To(0), To(0), SCREEN);
        let (x, y) = start.moved(By(100), By(100), SCREEN).get();
        let pixel = |place: u16, all: u32| (u32::from(place) * all + 32768) >> 16;
        assert_eq!((pixel(x, 1600), pixel(y, 800)), (100, 100));
    }

    #[test]
    fn small_steps_add_up() {
        let start = Place::MIDDLE.moved(To(0), To(0), SCREEN);
        let there = (0..400).fold(start, |place, _| place.moved(By(1), By(1), SCREEN));
        assert_eq!(there.get(), start.moved(By(400), By(400), SCREEN).get());
    }

    #[test]
    fn nothing_leaves_the_screen() {
        for screen in [SCREEN, Resolution { width: 0, height: 0 }, Resolution { width: 1, height: u32::MAX }]
        {
            let corner = Place::MIDDLE.moved(By(i32::MIN), By(i32::MIN), screen);
            let other = corner.moved(By(i32::MAX), By(i32::MAX), screen);
            assert!(other.x <= EDGE && corner.x >= 0, "{screen:?}");
        }
        assert_eq!(Place::MIDDLE.moved(By(i32::MAX), By(i32::MIN), SCREEN).get(), (65535, 0));
        assert_eq!(Place::MIDDLE.moved(To(65535), To(7), SCREEN).get(), (65535, 7));
    }
}
