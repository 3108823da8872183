// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events (UEFI 2.10, section 7.1).

use crate::services::{boot_services, check};
use alloc::vec::Vec;
use core::ptr;
use core::time::Duration;
use uefi_raw::Event;
use uefi_raw::table::boot::{EventType, TimerDelay, Tpl};

/// An event of our own, without a notification function; closed when dropped.
pub(crate) struct OwnEvent(Event);

impl OwnEvent {
    /// An event that [`signal`] signals.
    pub(crate) fn plain() -> Option<Self> {
        Self::new(EventType::empty())
    }

    fn new(kind: EventType) -> Option<Self> {
        let services = boot_services()?;
        let mut event = ptr::null_mut();
        // SAFETY: UEFI 2.10, section 7.1.1: an event without notification needs no function.
        let status =
            unsafe { (services.create_event)(kind, Tpl::CALLBACK, None, ptr::null_mut(), &mut event) };
        check(status).ok()?;
        (!event.is_null()).then_some(Self(event))
    }

    pub(crate) const fn raw(&self) -> Event {
        self.0
    }
}

impl Drop for OwnEvent {
    fn drop(&mut self) {
        let Some(services) = boot_services() else { return };
        // SAFETY: UEFI 2.10, section 7.1.3: the event was created by `new` and is closed once.
        let _ = unsafe { (services.close_event)(self.0) };
    }
}

/// Signals an event that is not closed; at any task priority level.
pub(crate) fn signal(event: Event) {
    if let Some(services) = boot_services() {
        // SAFETY: UEFI 2.10, section 7.1.4: the caller has an event that was not closed.
        let _ = unsafe { (services.signal_event)(event) };
    }
}

/// A timer.
pub(crate) struct Timer(OwnEvent);

impl Timer {
    pub(crate) fn new() -> Option<Self> {
        OwnEvent::new(EventType::TIMER).map(Self)
    }

    /// Sleeps until one of these events, or until `duration` is over: the event's place, or `None` for
    /// the time. `None` for both when firmware cannot wait.
    pub(crate) fn wait(&self, others: &[Event], duration: Duration) -> Option<Option<usize>> {
        let services = boot_services()?;
        // One unit more than asked for, so that the clock has surely passed the time.
        let units = u64::try_from(duration.as_micros()).ok()?.saturating_mul(10).saturating_add(1);
        // SAFETY: UEFI 2.10, section 7.1.7: the event is a timer event.
        let status = unsafe { (services.set_timer)(self.0.raw(), TimerDelay::RELATIVE, units) };
        check(status).ok()?;
        let events: Vec<Event> = core::iter::once(self.0.raw()).chain(others.iter().copied()).collect();
        let mut index = 0;
        // SAFETY: UEFI 2.10, section 7.1.5: that many events of the array are valid, none of them
        // has a notification function of its own kind, and this runs at TPL_APPLICATION.
        let status =
            unsafe { (services.wait_for_event)(events.len(), events.as_ptr().cast_mut(), &mut index) };
        check(status).ok()?;
        Some(index.checked_sub(1))
    }
}
