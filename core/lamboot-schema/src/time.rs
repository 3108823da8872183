// SPDX-License-Identifier: MIT OR Apache-2.0
//! Wall time as the firmware's real-time clock gives it.

use alloc::string::String;
use core::fmt;

/// A date and time of day as firmware reports it (UEFI 2.10, section 8.3, `EFI_TIME`).
///
/// Firmware clocks have a resolution of one second at best and often no time zone, so this is a
/// label for people, never a measure of duration.
///
/// ```
/// use lamboot_schema::time::WallTime;
/// let time = WallTime { year: 2026, month: 11, day: 23, hour: 5, minute: 4, second: 3, utc_offset_minutes: Some(60) };
/// assert_eq!(time.to_string(), "2026-11-23T05:04:03+01:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime {
    /// Year, 1900 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Minutes east of UTC; `None` when the firmware does not know.
    pub utc_offset_minutes: Option<i16>,
}

impl WallTime {
    /// The text form of ISO 8601; without a known offset it ends after the seconds.
    #[must_use]
    pub fn to_iso(&self) -> String {
        alloc::format!("{self}")
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, utc_offset_minutes } = *self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match utc_offset_minutes {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: WallTime =
        WallTime { year: 2026, month: 1, day: 2, hour: 12, minute: 0, second: 9, utc_offset_minutes: None };

    #[test]
    fn offset_is_written_only_when_known() {
        assert_eq!(NOON.to_iso(), "2026-01-02T12:00:09");
        assert_eq!(WallTime { utc_offset_minutes: Some(0), ..NOON }.to_iso(), "2026-01-02T12:00:09Z");
        assert_eq!(WallTime { utc_offset_minutes: Some(-210), ..NOON }.to_iso(), "2026-01-02T12:00:09-03:30");
    }
}
