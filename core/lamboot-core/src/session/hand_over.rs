// SPDX-License-Identifier: MIT OR Apache-2.0
//! The last step: record the attempt, start, and deal with an image that comes back.

use super::{Session, Start, VERSION};
use crate::choose::ChosenBy;
use crate::entry::EntryKind;
use crate::image::Ready;
use crate::interface::{FEATURES, SAVED};
use crate::ports::Departure;
use crate::session::report::Outcome;
use crate::variables;
use alloc::format;
use alloc::string::{String, ToString};
use lamboot_schema::trust_log::{Event, Status};
use lamboot_schema::variables::{self as schema, Release, Variable};

/// Proof that the attempt was recorded as far as the machine allows. Only
/// [`Session::record_attempt`] makes one, and [`Session::hand_over`] takes it.
pub(super) struct AttemptRecorded(());

impl Session<'_, '_> {
    /// Spends the boot counter, tells the system that will run who started it, writes the logs
    /// and the report, and says last of all that a boot is under way.
    pub(super) fn record_attempt(&mut self, start: &Start, ready: &Ready) -> AttemptRecorded {
        self.spend_counter(start);
        if matches!(start.entry.kind, EntryKind::Linux | EntryKind::Uki | EntryKind::Iso) {
            self.hand_over_seed();
        }
        self.tell_system(start);
        let mut record = start.entry.record(Event::BootAttempt, Status::Success, &start.entry.image);
        record.size = ready.figures.image_bytes;
        record.sha256.clone_from(&ready.figures.image_sha256);
        record.verified_via = Some(ready.via);
        record.note = Some(format!("{}: {}", start.entry.id, ready.options));
        self.record(record);
        self.seal_epoch();
        self.write_report(start, Some(ready), Outcome::HandedOver);
        let wall = self.ports.clock.wall();
        let writes = self.health.attempt(&start.entry.id, release(), wall);
        self.perform(&writes);
        let now = self.now();
        self.tell_time(&schema::LOADER_TIME_EXEC, Some(now.0));
        AttemptRecorded(())
    }

    /// Gives the machine to the image.
    pub(super) fn hand_over(&mut self, ready: Ready, _attempt: AttemptRecorded) -> Departure {
        self.ports.machine.watchdog(None);
        self.release_display();
        self.ports.launcher.start(ready.image, &ready.options, &ready.initrds)
    }

    /// The image gave control back: a failed attempt, whatever its status says.
    pub(super) fn came_back(&mut self, start: &Start, status: &str) {
        self.ports.launcher.release();
        self.ports.tables.restore();
        self.ports.machine.watchdog(self.policy.watchdog_seconds);
        let writes = self.health.returned();
        self.perform(&writes);
        // What ran could read the memory of this loader: nothing that it knew is used again.
        self.open_epoch();
        let mut record = start.entry.record(Event::ImageReturned, Status::Failed, &start.entry.image);
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
        let mut record = start.entry.record(Event::BootCounterSpent, Status::Success, &start.entry.file);
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

    /// The Boot Loader Interface: who started the system, from where, and what it could have started.
    fn tell_system(&mut self, start: &Start) {
        self.tell(&schema::LOADER_INFO, format!("LamBoot {VERSION}"));
        self.tell(&schema::LOADER_FEATURES, FEATURES);
        self.tell(&schema::LOADER_FIRMWARE_INFO, self.facts.firmware.clone());
        self.tell(&schema::LOADER_FIRMWARE_TYPE, self.facts.firmware_type.clone());
        let (guid, path) = match &self.esp {
            Ok(esp) => (esp.partition_guid.clone(), esp.loader_path.clone()),
            Err(_) => (None, None),
        };
        self.tell_known(&schema::LOADER_DEVICE_PART_UUID, guid);
        self.tell_known(&schema::LOADER_IMAGE_IDENTIFIER, path);
        let ids = self.found.entries.iter().map(|entry| entry.id.clone()).collect();
        self.tell(&schema::LOADER_ENTRIES, ids);
        self.tell(&schema::LOADER_ENTRY_SELECTED, start.entry.id.clone());
        let banks = self.ports.tpm.active_banks().unwrap_or(0);
        self.tell(&schema::LOADER_TPM2_ACTIVE_PCR_BANKS, banks);
        self.tell_time(&schema::LOADER_TIME_INIT, Some(0));
        self.tell_time(&schema::LOADER_TIME_MENU, self.times.menu_shown);
        if start.by == ChosenBy::SysFail {
            self.tell_known(&schema::LOADER_SYS_FAIL_REASON, self.facts.firmware_update_failed.clone());
        }
        self.remember_last_booted(start);
    }

    /// `@saved` means the entry that was started last, unless it was asked for once. An installer in an
    /// ISO file is not meant to start again after what it installed, nor a snapshot after it was looked at.
    fn remember_last_booted(&mut self, start: &Start) {
        let is_saved = |wanted: Option<&str>| wanted == Some(SAVED);
        let kept = is_saved(self.requests.default.as_deref()) || is_saved(self.conf.default.as_deref());
        let is_once = matches!(start.by, ChosenBy::OneShot | ChosenBy::SysFail);
        let may_be_saved = start.entry.kind != EntryKind::Iso && !start.entry.never_default;
        if kept && !is_once && may_be_saved {
            self.tell(&schema::LOADER_ENTRY_LAST_BOOTED, start.entry.id.clone());
        }
    }

    /// A time since the loader's start, told as time since reset, where that is known.
    fn tell_time(&mut self, variable: &Variable<u64>, since_start: Option<u64>) {
        if let (Some(start), Some(time)) = (self.facts.start_us, since_start) {
            self.tell(variable, start.saturating_add(time));
        }
    }

    fn tell_known(&mut self, variable: &Variable<String>, value: Option<String>) {
        if let Some(value) = value {
            self.tell(variable, value);
        }
    }

    fn tell<T>(&mut self, variable: &Variable<T>, value: T) {
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
