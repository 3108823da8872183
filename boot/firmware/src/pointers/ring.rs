// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports on their way from a firmware callback to the menu.
//!
//! The callback interrupts whoever reads, but never the other way round: one writer, one reader, and
//! nothing that waits.

use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};

/// Bytes of a report that are kept; pointers say all of theirs at its beginning.
pub(crate) const REPORT_MAX: usize = 64;
/// How many reports wait at most; those that come then are lost.
const SLOTS: usize = 32;

struct Slot {
    length: AtomicUsize,
    bytes: [AtomicU8; REPORT_MAX],
}

/// Reports that wait to be read.
pub(crate) struct Ring {
    slots: [Slot; SLOTS],
    written: AtomicUsize,
    read: AtomicUsize,
    /// The bits of a transfer that failed; 0 for none.
    failure: AtomicU32,
    open: AtomicBool,
}

impl Ring {
    pub(crate) fn new() -> Self {
        let slot = || Slot { length: AtomicUsize::new(0), bytes: core::array::from_fn(|_| AtomicU8::new(0)) };
        Self {
            slots: core::array::from_fn(|_| slot()),
            written: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            failure: AtomicU32::new(0),
            open: AtomicBool::new(true),
        }
    }

    /// Adds a report; whether somebody still wants to know.
    pub(crate) fn push(&self, report: &[u8]) -> bool {
        if !self.open.load(Ordering::Acquire) {
            return false;
        }
        let written = self.written.load(Ordering::Relaxed);
        let waiting = written.wrapping_sub(self.read.load(Ordering::Acquire));
        if let Some(slot) = self.slots.get(written % SLOTS).filter(|_| waiting < SLOTS) {
            slot.length.store(report.len().min(REPORT_MAX), Ordering::Relaxed);
            slot.bytes.iter().zip(report).for_each(|(to, from)| to.store(*from, Ordering::Relaxed));
            self.written.store(written.wrapping_add(1), Ordering::Release);
        }
        true
    }

    /// Notes a transfer that failed; whether somebody still wants to know.
    pub(crate) fn fail(&self, bits: u32) -> bool {
        self.failure.store(bits, Ordering::Release);
        self.open.load(Ordering::Acquire)
    }

    /// The next report's length; its bytes are in `into`.
    pub(crate) fn pop(&self, into: &mut [u8; REPORT_MAX]) -> Option<usize> {
        let read = self.read.load(Ordering::Relaxed);
        if read == self.written.load(Ordering::Acquire) {
            return None;
        }
        let slot = self.slots.get(read % SLOTS)?;
        into.iter_mut().zip(&slot.bytes).for_each(|(to, from)| *to = from.load(Ordering::Relaxed));
        let length = slot.length.load(Ordering::Relaxed);
        self.read.store(read.wrapping_add(1), Ordering::Release);
        Some(length)
    }

    /// The bits of a transfer that failed since this was last asked.
    pub(crate) fn failure(&self) -> Option<u32> {
        Some(self.failure.swap(0, Ordering::AcqRel)).filter(|bits| *bits != 0)
    }

    /// From now on nobody wants to know.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop(ring: &Ring) -> Option<Vec<u8>> {
        let mut bytes = [0; REPORT_MAX];
        ring.pop(&mut bytes).map(|length| bytes[..length].to_vec())
    }

    #[test]
    fn reports_come_in_order_and_the_latest_are_lost() {
        let ring = Ring::new();
        for round in 0..3_u8 {
            for number in 0..40 {
                assert!(ring.push(&[round, number]));
            }
            for number in 0..32 {
                assert_eq!(pop(&ring), Some(vec![round, number]));
            }
            assert_eq!(pop(&ring), None);
        }
    }

    #[test]
    fn a_long_report_is_cut_off() {
        let ring = Ring::new();
        ring.push(&[7; 200]);
        assert_eq!(pop(&ring), Some(vec![7; REPORT_MAX]));
    }

    #[test]
    fn a_failure_is_told_once() {
        let ring = Ring::new();
        assert_eq!(ring.failure(), None);
        assert!(ring.fail(2));
        assert_eq!((ring.failure(), ring.failure()), (Some(2), None));
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let ring = Ring::new();
        ring.close();
        assert!(!ring.push(&[1]) && !ring.fail(1));
        assert_eq!(pop(&ring), None);
    }

    #[test]
    fn a_writer_beside_the_reader_changes_no_order() {
        let (ring, done) = (Ring::new(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let numbers = (0_u32..).take_while(|_| !done.load(Ordering::Relaxed));
                numbers.for_each(|number| assert!(ring.push(&number.to_le_bytes())));
            });
            let read = core::iter::repeat_with(|| pop(&ring)).flatten().take(1000);
            let numbers: Vec<u32> = read.map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap())).collect();
            done.store(true, Ordering::Relaxed);
            assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        });
    }
}
