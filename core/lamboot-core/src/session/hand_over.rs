// SPDX-License-Identifier: MIT OR Apache-2.0
//! The last step: record the attempt, start, and deal with an image that comes back.

use super::{Session, Start, VERSION};
use crate::image::Ready;
use crate::ports::Departure;
use crate::session::report::Outcome;
use crate::variables;
use alloc::format;
use alloc::string::{String, ToString};
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::variables::{self as schema, Release, Variable};

/// Proof that the attempt was recorded as far as the machine allows. Only
/// [`Session::record_attempt`] makes one, and [`Session::hand_over`] takes it.
pub(super) struct AttemptRecorded(());

impl Session<'_, '_> {
    /// Spends the boot counter, tells the system that will run who started it, writes the logs
    /// and the report, and says last of all that a boot is under way.
    pub(super) fn record_attempt(&mut self, start: &Start, ready: &Ready) -> AttemptRecorded {
        self.spend_counter(start);
        self.tell_system(start);
        let mut record = Record::new(Event::BootAttempt, Status::Success);
        record.path.clone_from(&start.entry.image);
        record.size = ready.figures.image_bytes;
        record.verified_via = Some(ready.via);
        record.note = Some(format!("{}: {}", start.entry.id, ready.options));
        self.record(record);
        self.flush();
        self.write_report(start, Some(ready), Outcome::HandedOver);
        let wall = self.ports.clock.wall();
        let writes = self.health.attempt(&start.entry.id, release(), wall);
        self.perform(&writes);
        AttemptRecorded(())
    }

    /// Gives the machine to the image.
    pub(super) fn hand_over(&mut self, ready: Ready, _attempt: AttemptRecorded) -> Departure {
        self.ports.machine.watchdog(None);
        self.ports.screen.release();
        self.ports.launcher.start(ready.image, &ready.options, &ready.initrds)
    }

    /// The image gave control back: a failed attempt, whatever its status says.
    pub(super) fn came_back(&mut self, start: &Start, status: &str) {
        self.ports.launcher.release();
        self.ports.machine.watchdog(self.policy.watchdog_seconds);
        let writes = self.health.returned();
        self.perform(&writes);
        let mut record = Record::new(Event::ImageReturned, Status::Failed);
        record.path.clone_from(&start.entry.image);
        record.note = Some(status.to_string());
        self.record(record);
        self.write_report(start, None, Outcome::Returned(status));
        // Its entry file may have another name now.
        self.discover();
        self.start_failed(start, format!("it gave control back with {status}"));
    }

    /// One try less, by giving the entry file another name (UAPI.1, boot counting). Only when that
    /// worked does the system hear of it.
    fn spend_counter(&mut self, start: &Start) {
        let Some(counter) = start.entry.counter.as_ref().filter(|_| start.entry.kind.is_counted()) else {
            return;
        };
        let (folder, _) = start.entry.file.rsplit_once('\\').unwrap_or(("", ""));
        let new_path = format!("{folder}\\{}", counter.spent_name);
        if new_path == start.entry.file {
            return;
        }
        let mut record = Record::new(Event::BootCounterSpent, Status::Success);
        record.path.clone_from(&start.entry.file);
        record.note = Some(format!("now {}", counter.spent_name));
        let renamed = if self.esp.as_ref().is_ok_and(|esp| esp.read_only) {
            Err(crate::error::ErrorKind::ReadOnly.into())
        } else {
            self.ports.store.rename(start.entry.volume, &start.entry.file, &counter.spent_name)
        };
        match renamed {
            Ok(()) => self.tell(&schema::LOADER_BOOT_COUNT_PATH, new_path),
            Err(error) => {
                record.event = Event::BootCounterSkippedRo;
                record.status = Status::Skipped;
                record.note = Some(error.to_string());
            }
        }
        self.record(record);
    }

    fn tell_system(&mut self, start: &Start) {
        self.tell(&schema::LOADER_INFO, format!("LamBoot {VERSION}"));
        self.tell(&schema::LOADER_ENTRY_SELECTED, start.entry.id.clone());
        if let Some(guid) = self.esp.as_ref().ok().and_then(|esp| esp.partition_guid.clone()) {
            self.tell(&schema::LOADER_DEVICE_PART_UUID, guid);
        }
    }

    fn tell(&mut self, variable: &Variable<String>, value: String) {
        if let Err(error) = variables::set(self.ports.variables, variable, &value) {
            let now = self.now();
            self.recorder.degrade(now, format!("{} cannot be set: {error}", variable.id.name));
        }
    }
}

/// The release that `LamBootVersion` tells; parts that are no numbers count as zero.
fn release() -> Release {
    let mut parts = VERSION.split(['.', '-']);
    let mut next = || parts.next().unwrap_or("");
    Release {
        major: next().parse().unwrap_or(0),
        minor: next().parse().unwrap_or(0),
        patch: next().parse().unwrap_or(0),
    }
}
