// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time: the processor's counter, and the real-time clock for people.
//!
//! Where neither processor nor hypervisor know the counter's rate, it is compared with the ACPI
//! timer, whose rate is fixed. That costs no waiting: until enough time has passed, the ACPI timer
//! itself tells the time.

use crate::cpu;
use crate::services::runtime_services;
use alloc::rc::Rc;
use core::cell::Cell;
use lamboot_core::facts::ClockSource;
use lamboot_core::ports::{Clock, Micros};
use lamboot_schema::time::WallTime;
use uefi::Status;
use uefi_raw::time::{Daylight, Time};

/// Ticks a second of the ACPI timer (ACPI 6.5, section 4.8.3.3).
const TIMER_HZ: u64 = 3_579_545;
/// The bits that every ACPI timer has.
const TIMER_MASK: u32 = 0x00FF_FFFF;
/// How long the two counters are compared: a quarter of a millisecond, within which one tick of the
/// ACPI timer is a ninth of a percent.
const COMPARISON: u32 = 895;

/// The longest time that a virtual machine's firmware is believed to have taken, in microseconds.
const LONGEST_GUEST_FIRMWARE: u64 = 30 * 60 * 1_000_000;

/// Processor counter and ACPI timer at the same moment.
#[derive(Clone, Copy)]
struct Moment {
    ticks: u64,
    timer: Option<u32>,
}

/// The clock that everything here shares.
pub(crate) struct TimeBase {
    /// The processor's counter when the loader was entered.
    entry: u64,
    /// Where the comparison started.
    start: Moment,
    port: Option<u16>,
    rate: Cell<Option<ClockSource>>,
    last: Cell<u64>,
}

impl TimeBase {
    /// Starts counting. `entry` is the counter's value when the loader was entered.
    pub(crate) fn start(entry: u64) -> Self {
        let exact = cpu::exact_hz().map(|hz| ClockSource { name: cpu::COUNTER, hz, exact: true });
        let port = if exact.is_none() { timer_port() } else { None };
        Self { entry, start: moment(port), port, rate: Cell::new(exact), last: Cell::new(0) }
    }

    /// The counter's rate, waiting for what is missing of the comparison.
    pub(crate) fn source(&self) -> ClockSource {
        // Bounded: a timer that stands still must not hold up the boot.
        for _ in 0..20_000 {
            if let Some(source) = self.compare() {
                return source;
            }
            if self.start.timer.is_none() {
                break;
            }
            core::hint::spin_loop();
        }
        self.settle(measure_by_stall())
    }

    /// Microseconds between the machine's reset and the loader's start: both counters of this file
    /// start at zero there. A hypervisor may show its guest the host's counter; a guest that seems to
    /// have taken longer than any firmware does is such a one, and its time is not known.
    pub(crate) fn since_reset(&self, is_guest: bool) -> Option<u64> {
        let since = micros(self.entry, self.source().hz);
        (!is_guest || since < LONGEST_GUEST_FIRMWARE).then_some(since)
    }

    /// The rate if it is known, or can be known by now.
    fn compare(&self) -> Option<ClockSource> {
        if let Some(source) = self.rate.get() {
            return Some(source);
        }
        let now = moment(self.port);
        let timer = elapsed_timer(self.start.timer?, now.timer?);
        (timer >= COMPARISON).then_some(())?;
        let ticks = now.ticks.saturating_sub(self.start.ticks);
        Some(self.settle(rate(ticks, u64::from(timer), TIMER_HZ)))
    }

    fn settle(&self, hz: u64) -> ClockSource {
        let source = ClockSource { name: cpu::COUNTER, hz: hz.max(1_000), exact: false };
        self.rate.set(Some(source));
        source
    }

    /// Monotonic time since the start.
    pub(crate) fn now(&self) -> Micros {
        let micros = match self.compare() {
            Some(source) => self.since_entry(source),
            None => self.early(),
        };
        let micros = micros.max(self.last.get());
        self.last.set(micros);
        Micros(micros)
    }

    fn since_entry(&self, source: ClockSource) -> u64 {
        micros(cpu::ticks().saturating_sub(self.entry), source.hz)
    }

    /// The time before the comparison is done, or without an ACPI timer.
    fn early(&self) -> u64 {
        match (self.start.timer, moment(self.port).timer) {
            (Some(start), Some(now)) => micros(u64::from(elapsed_timer(start, now)), TIMER_HZ),
            _ => self.since_entry(self.source()),
        }
    }
}

const fn elapsed_timer(start: u32, now: u32) -> u32 {
    now.wrapping_sub(start) & TIMER_MASK
}

/// Ticks a second of a counter that made `ticks` while another made `others` at `hz`.
fn rate(ticks: u64, others: u64, hz: u64) -> u64 {
    let ticks = u128::from(ticks).saturating_mul(u128::from(hz));
    u64::try_from(ticks.checked_div(u128::from(others)).unwrap_or(0)).unwrap_or(u64::MAX)
}

/// Microseconds that `ticks` at `hz` take.
fn micros(ticks: u64, hz: u64) -> u64 {
    rate(ticks, hz, 1_000_000)
}

#[cfg(target_arch = "x86_64")]
use crate::acpi::timer_port;

/// Other architectures have no I/O ports.
#[cfg(not(target_arch = "x86_64"))]
fn timer_port() -> Option<u16> {
    None
}

/// Both counters. Of three tries the one that was disturbed least.
#[cfg(target_arch = "x86_64")]
fn moment(port: Option<u16>) -> Moment {
    let Some(port) = port else { return Moment { ticks: cpu::ticks(), timer: None } };
    let tries = core::array::from_fn::<_, 3, _>(|_| {
        let before = cpu::ticks();
        // SAFETY: the FADT names this port as the power management timer's, and reading the timer
        // has no effect (ACPI 6.5, section 4.8.3.3).
        let timer = unsafe { cpu::port_in(port) };
        let width = cpu::ticks().saturating_sub(before);
        (width, Moment { ticks: before.saturating_add(width / 2), timer: Some(timer & TIMER_MASK) })
    });
    let [first, ..] = tries;
    let (_, best) = tries.into_iter().fold(first, |best, next| if next.0 < best.0 { next } else { best });
    best
}

#[cfg(not(target_arch = "x86_64"))]
fn moment(_port: Option<u16>) -> Moment {
    Moment { ticks: cpu::ticks(), timer: None }
}

/// The counter's rate against the firmware's own idea of a millisecond.
fn measure_by_stall() -> u64 {
    let start = cpu::ticks();
    uefi::boot::stall(core::time::Duration::from_millis(1));
    cpu::ticks().saturating_sub(start).saturating_mul(1000)
}

/// [`Clock`] on firmware.
pub(crate) struct FirmwareClock {
    pub(crate) base: Rc<TimeBase>,
}

impl Clock for FirmwareClock {
    fn now(&mut self) -> Micros {
        self.base.now()
    }

    fn wall(&mut self) -> Option<WallTime> {
        let services = runtime_services()?;
        let mut time = Time::invalid();
        // SAFETY: UEFI 2.10, section 8.3.1: the time is valid for the call; capabilities need not
        // be asked for.
        let status = unsafe { (services.get_time)(&mut time, core::ptr::null_mut()) };
        (status == Status::SUCCESS).then(|| wall_time(&time))?
    }
}

/// A firmware time that is one: in the ranges of UEFI 2.10, section 8.3.1.
fn wall_time(time: &Time) -> Option<WallTime> {
    let &Time { year, month, day, hour, minute, second, .. } = time;
    let valid = (1900..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let utc_offset_minutes = offset(time);
    valid.then_some(WallTime { year, month, day, hour, minute, second, utc_offset_minutes })
}

/// Minutes east of UTC. The specification counts the other way: local time = UTC - zone.
fn offset(time: &Time) -> Option<i16> {
    (-1440..=1440).contains(&time.time_zone).then_some(())?;
    let summer = if time.daylight.contains(Daylight::IN_DAYLIGHT) { 60 } else { 0 };
    Some(summer - time.time_zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(zone: i16, daylight: Daylight) -> Time {
        let mut time = Time::invalid();
        (time.year, time.month, time.day, time.hour) = (2026, 11, 23, 5);
        (time.time_zone, time.daylight) = (zone, daylight);
        time
    }

    #[test]
    fn zones_count_eastwards_and_may_be_unknown() {
        let offset = |zone, daylight| wall_time(&time(zone, daylight)).expect("valid").utc_offset_minutes;
        assert_eq!(offset(2047, Daylight::empty()), None);
        assert_eq!(offset(0, Daylight::empty()), Some(0));
        assert_eq!(offset(-60, Daylight::empty()), Some(60));
        assert_eq!(offset(-60, Daylight::IN_DAYLIGHT), Some(120));
        assert_eq!(offset(300, Daylight::ADJUST_DAYLIGHT), Some(-300));
        assert_eq!(offset(i16::MIN, Daylight::empty()), None);
    }

    #[test]
    fn a_clock_without_battery_has_no_time() {
        assert_eq!(wall_time(&Time::invalid()), None);
        let mut late = time(0, Daylight::empty());
        late.hour = 24;
        assert_eq!(wall_time(&late), None);
    }

    #[test]
    fn counters_become_microseconds() {
        assert_eq!(micros(3_000_000, 3_000_000_000), 1_000);
        assert_eq!(micros(u64::MAX, 1_000_000_000), u64::MAX / 1000);
        assert_eq!(micros(5, 0), 0);
        assert_eq!(rate(1_500_000, 1790, TIMER_HZ), 2_999_618_715);
        assert_eq!(elapsed_timer(0x00FF_FFF0, 0x10), 0x20, "the timer has 24 bits and wraps");
    }
}
