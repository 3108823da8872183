// SPDX-License-Identifier: MIT OR Apache-2.0
//! What one report says.

use crate::field::Field;

/// The largest place on an axis.
const PLACES: i64 = 65_535;

/// How a pointer moved along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// By so many counts; 0 where it did not move. Right and down are positive.
    By(i32),
    /// To a place: 0 is the left or upper edge, 65535 the right or lower one.
    To(u16),
}

/// What a report says of a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Across.
    pub x: Motion,
    /// Down.
    pub y: Motion,
    /// Steps of the wheel, positive away from its owner (HID Usage Tables 1.5, 4.2).
    pub wheel: i32,
    /// Whether the first button, the tip or the finger is down.
    pub pressed: bool,
}

/// An axis: a field, and what its values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) field: Field,
    /// Smallest and largest place of an absolute axis, the first smaller than the second.
    pub(crate) range: Option<(i64, i64)>,
}

impl Axis {
    fn read(self, report: &[u8]) -> Option<Motion> {
        let value = self.field.read(report)?;
        Some(match self.range {
            None => Motion::By(count(value)),
            Some((low, high)) if (low..=high).contains(&value) => Motion::To(place(value, low, high)),
            // HID 1.11, 5.10: what is out of range changes nothing.
            Some(_) => Motion::By(0),
        })
    }
}

/// Where a pointer's fields are in one of its device's reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The report's number, if the device numbers its reports.
    pub(crate) number: Option<u8>,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) wheel: Option<Field>,
    pub(crate) button: Option<Field>,
}

impl Layout {
    /// What a report says, without its number; `None` when it is too short.
    pub(crate) fn read(&self, report: &[u8]) -> Option<Report> {
        let value = |field: Option<Field>| match field {
            Some(field) => field.read(report),
            None => Some(0),
        };
        Some(Report {
            x: self.x.read(report)?,
            y: self.y.read(report)?,
            wheel: count(value(self.wheel)?),
            pressed: value(self.button)? != 0,
        })
    }
}

fn count(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

/// A value between `low` and `high` as a place.
fn place(value: i64, low: i64, high: i64) -> u16 {
    let part = value.saturating_sub(low).saturating_mul(PLACES);
    let place = part.checked_div(high.saturating_sub(low)).unwrap_or(0);
    u16::try_from(place).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_scaled_from_edge_to_edge() {
        assert_eq!((place(0, 0, 32767), place(32767, 0, 32767)), (0, 65535));
        assert_eq!((place(-500, -500, 500), place(0, -500, 500)), (0, 32767));
        assert_eq!(place(i64::from(u32::MAX), 0, i64::from(u32::MAX)), 65535);
    }

    #[test]
    fn what_is_out_of_range_moves_nothing() {
        let axis = Axis { field: Field::new(0, 8, false).unwrap(), range: Some((10, 20)) };
        assert_eq!(axis.read(&[20]), Some(Motion::To(65535)));
        assert_eq!((axis.read(&[9]), axis.read(&[21])), (Some(Motion::By(0)), Some(Motion::By(0))));
    }
}
