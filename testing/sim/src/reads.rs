// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counting what is read in a boot, and failing where told.

use crate::fault::Fault;
use std::cell::Cell;

/// The reads of a boot: of the firmware's services, and of the disks under real file systems.
pub(crate) struct Reads {
    count: Cell<usize>,
    fault: Option<Fault>,
}

impl Reads {
    pub(crate) const fn new(fault: Option<Fault>) -> Self {
        Self { count: Cell::new(0), fault }
    }

    /// Counts one more; whether it works.
    pub(crate) fn next(&self) -> bool {
        let number = self.count.replace(self.count.get() + 1);
        match self.fault {
            Some(Fault::Read(n)) => n != number,
            Some(Fault::ReadsFrom(n)) => number < n,
            _ => true,
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }
}
