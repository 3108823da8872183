// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is written down, and what if it cannot be?
//!
//! Records are collected in memory and written in groups. Nothing here can fail a boot: what
//! cannot be written is counted, named once in words, and left. Memory and files are bounded.

mod journal;

pub use journal::{BOOT_LOG_LIMIT, TRUST_LOG_LIMIT};
pub use lamboot_trust::hash as digest;

use crate::facts::Facts;
use crate::ports::{Esp, EspStore, Micros, Volumes};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use journal::Journal;
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::time::WallTime;
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::variables::{TrustHead, cut_at_char};
use lamboot_trust::{Chain, Opening, hex};

/// The longest text in a record, in bytes.
const MAX_TEXT: usize = 1024;
/// The most complaints that are kept.
const MAX_DEGRADED: usize = 16;
/// Bytes of the trust log that are kept free for the epoch's seal.
const SEAL_ROOM: usize = 1024;

/// Writes down what happens in one boot.
pub struct Recorder {
    boot_id: String,
    wall: Option<String>,
    next_seq: u32,
    trust: Journal,
    /// The epoch of the trust log; none before it begins and after its seal.
    chain: Option<Chain>,
    /// Where the trust log ends.
    tip: TrustHead,
    /// The same, as far as it was written.
    written: TrustHead,
    /// Whether the epoch's seal is where it ends.
    sealed: bool,
    log: Journal,
    /// What could not be done, in words.
    pub degraded: Vec<String>,
}

impl Recorder {
    /// A recorder for this boot.
    #[must_use]
    pub fn new(facts: &Facts, version: &str, wall: Option<WallTime>) -> Self {
        let boot_id = hex(&facts.boot_id);
        let wall = wall.map(|time| time.to_iso());
        let mut log = Journal::new(paths::BOOT_LOG, paths::BOOT_LOG_OLD, BOOT_LOG_LIMIT);
        let when = wall.as_deref().unwrap_or("no clock");
        log.add(format!("== LamBoot {version}, boot {boot_id}, {when}\n").as_bytes(), 0);
        let trust = Journal::new(paths::TRUST_LOG, paths::TRUST_LOG_OLD, TRUST_LOG_LIMIT);
        let tip = TrustHead { chain: [0; 16], epoch: 0, count: 0, head: [0; 32] };
        let (sealed, degraded) = (false, Vec::new());
        Self { boot_id, wall, next_seq: 0, trust, chain: None, tip, written: tip, sealed, log, degraded }
    }

    /// The boot's id, 32 hexadecimal digits.
    #[must_use]
    pub fn boot_id(&self) -> &str {
        &self.boot_id
    }

    /// Wall time at the loader's start.
    #[must_use]
    pub fn wall(&self) -> Option<&str> {
        self.wall.as_deref()
    }

    /// Adds a record to the trust log, and a line about it to the boot log.
    pub fn record(&mut self, now: Micros, mut record: Record) {
        record.seq = self.next_seq;
        record.boot_id.clone_from(&self.boot_id);
        record.t_us = now.0;
        record.path = cut_at_char(&record.path, MAX_TEXT).into();
        record.volume = record.volume.map(|volume| cut_at_char(&volume, MAX_TEXT).into());
        record.note = record.note.map(|note| cut_at_char(&note, MAX_TEXT).into());
        if record.seq == 0 {
            record.wall.clone_from(&self.wall);
        }
        self.log(now, &summary(&record));
        let room = if record.event == Event::EpochSeal { 0 } else { SEAL_ROOM };
        let Some(chain) = &mut self.chain else { return self.trust.lose() };
        let sealed = chain.seal(record);
        if self.trust.add(sealed.line.as_bytes(), room) {
            chain.advance(&sealed);
            (self.tip.count, self.tip.head) = (chain.count(), chain.head());
            self.next_seq = self.next_seq.saturating_add(1);
        }
    }

    /// An epoch of the trust log begins, with its first record.
    pub fn begin(&mut self, now: Micros, opening: Opening) {
        self.chain = Some(opening.chain);
        (self.tip, self.written, self.sealed) = (opening.head, opening.head, false);
        let mut record = Record::new(Event::EpochOpen, Status::Success);
        record.epoch = Some(opening.epoch);
        self.record(now, record);
    }

    /// The epoch ends: its seal is the last record, and its keys are gone.
    pub fn seal(&mut self, now: Micros) {
        let count = self.chain.as_ref().map_or(0, Chain::count);
        self.note(now, Event::EpochSeal, Status::Success, format!("{count} records before this one"));
        self.sealed = self.tip.count > count;
        self.chain = None;
    }

    /// Where the trust log ends, as far as it was written, and whether with a seal.
    #[must_use]
    pub fn written(&self) -> (TrustHead, bool) {
        (self.written, self.sealed && self.written == self.tip)
    }

    /// A record with a note and nothing else.
    pub fn note(&mut self, now: Micros, event: Event, status: Status, note: impl Into<String>) {
        let mut record = Record::new(event, status);
        record.note = Some(note.into());
        self.record(now, record);
    }

    /// Adds a line to the boot log.
    pub fn log(&mut self, now: Micros, text: &str) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let (milliseconds, rest) = (now.0 / 1000, now.0 % 1000);
        let line = format!("[{milliseconds:6}.{rest:03}] {}\n", cut_at_char(&text, MAX_TEXT));
        self.log.add(line.as_bytes(), 0);
    }

    /// Something could not be done, and the boot goes on.
    pub fn degrade(&mut self, now: Micros, what: String) {
        if self.degraded.contains(&what) || self.degraded.len() >= MAX_DEGRADED {
            return;
        }
        self.note(now, Event::RecordingDegraded, Status::Failed, what.as_str());
        self.degraded.push(what);
    }

    /// Writes what was collected.
    pub fn flush(&mut self, now: Micros, esp: &Esp, volumes: &mut dyn Volumes, store: &mut dyn EspStore) {
        let trust = self.trust.write(esp, volumes, store);
        if !self.trust.is_closed() {
            self.written = self.tip;
        }
        for result in [trust, self.log.write(esp, volumes, store)] {
            if let Err(complaint) = result {
                self.degrade(now, complaint);
            }
        }
    }

    /// Records of this boot: made, and lost because something was full.
    #[must_use]
    pub const fn counts(&self) -> (u32, u32) {
        (self.next_seq, self.trust.lost)
    }

    /// Writes `boot.json`: the second copy first, so that one of the two is always whole.
    pub fn report(&mut self, now: Micros, esp: &Esp, store: &mut dyn EspStore, report: BootReport) {
        if esp.read_only {
            return;
        }
        let slot = report.into_slot();
        for path in [paths::BOOT_REPORT_BACKUP, paths::BOOT_REPORT] {
            if let Err(error) = store.replace(path, &slot) {
                self.degrade(now, format!("{path} cannot be written: {error}"));
                return;
            }
        }
    }
}

fn summary(record: &Record) -> String {
    let note = record.note.as_deref().unwrap_or("");
    let parts = [record.event.token(), record.status.token(), record.path.as_str(), note];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// SHA-256 of `bytes`, lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&digest(bytes))
}
