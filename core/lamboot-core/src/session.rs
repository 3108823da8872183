// SPDX-License-Identifier: MIT OR Apache-2.0
//! The main path of a boot. Start reading at [`run`].

mod change;
mod consult;
mod display;
mod enrol;
mod epoch;
mod hand_over;
mod identify;
mod keeper;
mod measure;
mod report;
mod seed;
mod show;
mod unlock;
mod windows;

use crate::choose::{Choice, ChosenBy, Failures, Grounds, choose};
use crate::discover::{self, Discovery, Scope};
use crate::entry::Entry;
use crate::error::{ErrorKind, PortError};
use crate::facts::Facts;
use crate::health::{self, Health, Previous};
use crate::image::{Bench, Ready, Refusal, prepare};
use crate::interface::Requests;
use crate::policy::{self, Policy};
use crate::ports::{Departure, Esp, Micros, Ports};
use crate::recorder::{Recorder, sha256};
use crate::settings::{self, Settings};
use crate::variables;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bootspec::loader_conf::LoaderConf;
use identify::identify;
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::variables::{self as schema, TrustState};
use lamboot_schema::volume::VolumeIdentity;
use lamboot_schema::{measurements, paths};

/// The loader's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Seconds that reading and placing an image, or checking a password, may take without any sign of life.
const PAUSE_WATCHDOG_SECONDS: u16 = 300;

/// How a session ends, when not in a running system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Restart; the firmware was asked to show its set-up screen.
    FirmwareSetup,
    /// Restart.
    Reboot,
    /// Switch off.
    PowerOff,
    /// The image took the machine. Only the simulator sees this.
    HandedOver,
}

/// Boots this machine.
///
/// Whatever goes wrong with one entry leads back to the menu, never out of the loader.
pub fn run(ports: &mut Ports<'_>) -> Exit {
    let mut session = Session::open(ports);
    session.read_policy();
    session.enrol();
    session.settle();
    session.assess();
    session.discover();
    loop {
        let choice = session.choose();
        let start = match session.consult(choice) {
            Ok(start) => session.identified(start),
            Err(exit) => return exit,
        };
        if session.goes_through_firmware(&start) {
            return session.leave(Exit::Reboot);
        }
        let ready = match session.prepare(&start) {
            Ok(ready) => ready,
            Err(refusal) => {
                session.start_failed(&start, refusal.message);
                continue;
            }
        };
        let attempt = session.record_attempt(&start, &ready);
        match session.hand_over(ready, attempt) {
            Departure::Gone => return Exit::HandedOver,
            Departure::Returned(status) => session.came_back(&start, &status),
        }
    }
}

/// What is to be started, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) entry: Entry,
    /// The command line to hand over.
    pub(crate) options: String,
    pub(crate) by: ChosenBy,
}

/// An entry that failed to start in this boot.
struct Failure {
    id: String,
    by_owner: bool,
    /// For the owner.
    reason: String,
}

/// Where the time went, in microseconds.
#[derive(Default)]
struct Times {
    health: u64,
    discovery: u64,
    menu: u64,
    /// When the menu was first shown, since the loader's start.
    menu_shown: Option<u64>,
}

struct Session<'s, 'p> {
    ports: &'s mut Ports<'p>,
    facts: Facts,
    recorder: Recorder,
    /// Why there is no ESP, where there is none.
    esp: Result<Esp, String>,
    policy: Policy,
    /// What `loader.conf` says.
    conf: LoaderConf,
    /// What the system asked for.
    requests: Requests,
    /// What holds for this boot.
    settings: Settings,
    /// The entry that the owner asked to start next time.
    asked_next: Option<String>,
    /// What the menu is shown on.
    display: display::Display,
    /// Mistakes in policy, `loader.conf` and requests, for the owner.
    policy_notices: Vec<String>,
    /// Why nothing may start by itself.
    stop: Option<String>,
    /// Whether a hibernated system waits.
    resumes: bool,
    /// Who keeps the state of the trust log.
    keeper: keeper::Keeper,
    /// What is kept of this epoch; a secret is in it.
    state: Option<TrustState>,
    /// Whether the key of the trust log is on the screen.
    shows_key: bool,
    /// Configuration files that were measured, and that could not be.
    measured: (u32, u32),
    health: Health,
    found: Discovery,
    failures: Vec<Failure>,
    /// Passwords that were typed and are not the editor's.
    wrong_passwords: u8,
    /// What went wrong in this boot, the latest first.
    notices: Vec<String>,
    times: Times,
}

impl<'s, 'p> Session<'s, 'p> {
    /// What machine is this, and which volume did we come from?
    fn open(ports: &'s mut Ports<'p>) -> Self {
        let policy = Policy::default();
        // First of all: gathering facts asks devices, and any of them may never answer.
        ports.machine.watchdog(policy.watchdog_seconds);
        let facts = ports.machine.facts();
        let wall = ports.clock.wall();
        let recorder = Recorder::new(&facts, VERSION, wall);
        // The hibernated system may have the ESP mounted, and does not look at it again.
        let resumes = variables::get(ports.variables, &schema::HIBERNATE_LOCATION).is_some();
        let esp = ports.volumes.esp().map(|esp| Esp { read_only: esp.read_only || resumes, ..esp });
        let esp = esp.map_err(|error| {
            format!(
                "The volume that LamBoot was started from cannot be read: {error}. F2 opens firmware set-up."
            )
        });
        let (health, _) = health::assess(Previous::default(), None, policy.crash_threshold);
        let (conf, requests) = (LoaderConf::default(), Requests::default());
        let settings = Settings::merge(&policy, &conf, requests.timeouts, None, facts.secure_boot);
        let mut session = Self {
            ports,
            facts,
            recorder,
            esp,
            policy,
            conf,
            requests,
            settings,
            asked_next: None,
            display: display::Display::default(),
            policy_notices: Vec::new(),
            stop: None,
            resumes,
            keeper: keeper::Keeper::Nvram,
            state: None,
            shows_key: false,
            measured: (0, 0),
            health,
            found: Discovery::default(),
            failures: Vec::new(),
            wrong_passwords: 0,
            notices: Vec::new(),
            times: Times::default(),
        };
        session.open_epoch();
        session.note(Event::BootStart, Status::Success, describe(&session.facts, &session.esp));
        session
    }

    /// What does the owner allow?
    fn read_policy(&mut self) {
        let Ok(esp) = &self.esp else { return };
        let mut record = esp_record(Some(esp), Event::PolicyLoaded, Status::Success, paths::POLICY);
        match self.ports.volumes.read(esp.volume, paths::POLICY, policy::MAX_BYTES.saturating_add(1)) {
            Ok(bytes) => {
                record.size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                record.sha256 = sha256(&bytes);
                self.measure_file(measurements::POLICY, &bytes);
                self.take_policy(policy::read(&bytes));
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                record.status = Status::Skipped;
                record.note = Some("there is none: defaults hold".into());
            }
            Err(error) => {
                record.status = Status::Failed;
                record.note = Some(error.to_string());
                self.take_unreadable_policy(&error);
            }
        }
        self.record(record);
        self.progressed();
    }

    /// What nobody can read may have asked for protection: nothing starts by itself.
    fn take_unreadable_policy(&mut self, error: &PortError) {
        self.policy = Policy::unreadable(error.kind);
        self.stop = Some(format!("policy.toml: {error}; it may forbid what would start"));
    }

    fn take_policy(&mut self, reading: policy::Reading) {
        for finding in &reading.findings {
            let esp = self.esp.as_ref().ok();
            let mut record = esp_record(esp, Event::PolicyInvalid, Status::Rejected, paths::POLICY);
            record.note = Some(finding.to_string());
            self.record(record);
            self.policy_notices.push(finding.to_string());
        }
        self.stop = reading.stop;
        self.policy = reading.policy;
    }

    /// What holds for this boot?
    fn settle(&mut self) {
        self.read_requests();
        self.read_loader_conf();
        let Requests { timeouts, console_mode, .. } = self.requests;
        self.settings =
            Settings::merge(&self.policy, &self.conf, timeouts, console_mode, self.facts.secure_boot);
    }

    fn read_requests(&mut self) {
        self.requests = Requests::read(self.ports.variables);
        let words = [("once", self.requests.one_shot.clone()), ("default", self.requests.default.clone())];
        for (what, id) in words {
            if let Some(id) = id {
                self.note(Event::LoaderRequest, Status::Success, format!("{what}: {id}"));
            }
        }
        for trouble in self.requests.trouble.clone() {
            self.note(Event::LoaderRequest, Status::Rejected, trouble.clone());
            self.policy_notices.push(trouble);
        }
    }

    fn read_loader_conf(&mut self) {
        let Ok(esp) = &self.esp else { return };
        let mut record = esp_record(Some(esp), Event::LoaderConfLoaded, Status::Success, paths::LOADER_CONF);
        match self.ports.volumes.read(esp.volume, paths::LOADER_CONF, settings::MAX_BYTES.saturating_add(1)) {
            Ok(bytes) => {
                record.size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                record.sha256 = sha256(&bytes);
                self.measure_file(measurements::LOADER_CONF, &bytes);
                self.conf = LoaderConf::parse(&bytes);
                let notes = self.conf.notes.iter().map(|note| format!("loader.conf: {note}"));
                self.policy_notices.extend(notes);
            }
            Err(error) if error.kind == ErrorKind::NotFound => return,
            Err(error) => {
                record.status = Status::Failed;
                record.note = Some(error.to_string());
                self.policy_notices.push(format!("loader.conf: {error}"));
            }
        }
        self.record(record);
    }

    /// What did the boots before this one tell?
    fn assess(&mut self) {
        let began = self.ports.clock.now();
        let previous = Previous::read(self.ports.variables);
        let (health, writes) =
            health::assess(previous, self.facts.vm_generation_id, self.policy.crash_threshold);
        self.health = health;
        self.perform(&writes);
        let note = format!(
            "{}, {} of {}",
            self.health.verdict.word(),
            self.health.crash_count,
            self.health.threshold
        );
        self.note(Event::HealthAssessed, Status::Success, note);
        self.times.health = self.ports.clock.now().since(began);
        self.progressed();
    }

    /// Which entries exist, in which order, and why was each other one rejected?
    fn discover(&mut self) {
        let Ok(esp) = &self.esp else { return };
        let began = self.ports.clock.now();
        let scope = Scope {
            architecture: self.facts.architecture,
            cohorts: self.policy.cohorts(),
            loaders: self.settings.auto_entries,
            isos: self.policy.boot_from_iso,
            snapshots: self.policy.snapshots,
            firmware_setup: self.settings.auto_firmware
                && consult::can_open_firmware_setup(self.ports.variables),
            reboot: self.settings.auto_reboot || self.shows_key,
            power_off: self.settings.auto_poweroff || self.shows_key,
        };
        self.found = discover::discover(self.ports.volumes, esp, &scope);
        self.hold_back_entries();
        for recovered in &self.found.recovered {
            let mut record = Record::new(Event::VolumeRecovered, Status::Success);
            record.volume = Some(recovered.volume.to_string());
            record.note = Some(format!("{}: {}", recovered.volume.name, recovered.remark));
            self.recorder.record(self.ports.clock.now(), record);
        }
        for rejected in self.found.rejected.iter().take(discover::MAX_RECORDED) {
            let mut record = Record::new(rejected.event, Status::Rejected);
            record.path.clone_from(&rejected.path);
            record.volume = Some(rejected.volume.to_string());
            record.note = Some(rejected.reason.clone());
            self.recorder.record(self.ports.clock.now(), record);
        }
        let counts = format!("{} offered, {} not", self.found.entries.len(), self.found.rejected.len());
        self.note(Event::EntriesDiscovered, Status::Success, counts);
        self.times.discovery = self.ports.clock.now().since(began);
        self.progressed();
    }

    /// Which entry, if nobody presses a key?
    fn choose(&mut self) -> Choice {
        let place = |failure: &Failure| self.found.entries.iter().position(|entry| entry.id == failure.id);
        let places: Vec<usize> = self.failures.iter().filter_map(place).collect();
        let by_owner = self.failures.last().is_some_and(|failure| failure.by_owner);
        let failures = Failures { places: &places, by_owner, stopped: self.stop.is_some() };
        let grounds = Grounds {
            policy: &self.policy,
            conf: &self.conf,
            requests: &self.requests,
            settings: &self.settings,
            health: &self.health,
            firmware_update_failed: self.facts.firmware_update_failed.is_some(),
        };
        let choice = choose(&self.found.entries, grounds, failures);
        if choice.by == ChosenBy::CrashLoopFallback {
            let id = self.found.entries.get(choice.index).map_or("", |entry| &entry.id);
            let note =
                format!("{id} in place of {}", self.health.failed_entry().unwrap_or("an unknown entry"));
            self.note(Event::CrashLoopFallback, Status::Success, note);
        }
        choice
    }

    /// The start, with the identity of its volume.
    fn identified(&mut self, mut start: Start) -> Start {
        identify(core::slice::from_mut(&mut start.entry), self.ports.volumes);
        start
    }

    /// Loaded, verified, measured, ready.
    fn prepare(&mut self, start: &Start) -> Result<Ready, Refusal> {
        self.expect_a_pause();
        let mut record = start.entry.record(Event::EntrySelected, Status::Success, &start.entry.file);
        record.note = Some(format!("{} by {}", start.entry.id, start.by.word()));
        self.record(record);
        let mut bench = Bench {
            ports: self.ports,
            facts: &self.facts,
            policy: &self.policy,
            recorder: &mut self.recorder,
        };
        prepare(&start.entry, start.options.clone(), &mut bench)
    }

    /// A step is done: the watchdog's time begins anew, however slow the machine is.
    fn progressed(&mut self) {
        self.ports.machine.watchdog(self.policy.watchdog_seconds);
    }

    /// Gives the watchdog time for a step without any sign of life.
    fn expect_a_pause(&mut self) {
        if self.policy.watchdog_seconds.is_some() {
            self.ports.machine.watchdog(Some(PAUSE_WATCHDOG_SECONDS));
        }
    }

    /// The entry could not be started; nothing of it ran.
    fn start_failed(&mut self, start: &Start, message: String) {
        self.notices.insert(0, format!("{} was not started: {message}", start.entry.title));
        self.notices.truncate(MAX_NOTICES);
        self.failures.push(Failure {
            id: start.entry.id.clone(),
            by_owner: start.by == ChosenBy::Owner,
            reason: message,
        });
        self.flush();
    }

    fn perform(&mut self, writes: &[health::Write]) {
        for write in writes {
            if let Err(error) = write.perform(self.ports.variables) {
                let now = self.now();
                self.recorder.degrade(now, format!("a LamBoot variable cannot be written: {error}"));
            }
        }
    }

    fn now(&mut self) -> Micros {
        self.ports.clock.now()
    }

    fn record(&mut self, record: Record) {
        let now = self.now();
        self.recorder.record(now, record);
    }

    fn note(&mut self, event: Event, status: Status, note: impl Into<String>) {
        let now = self.now();
        self.recorder.note(now, event, status, note);
    }

    fn flush(&mut self) {
        let now = self.now();
        if let Ok(esp) = &self.esp {
            self.recorder.flush(now, esp, self.ports.volumes, self.ports.store);
        }
    }
}

/// The most messages about failures that the menu keeps.
const MAX_NOTICES: usize = 8;

/// What happened to a file of LamBoot's own volume.
fn esp_record(esp: Option<&Esp>, event: Event, status: Status, path: &str) -> Record {
    let partition_guid = esp.and_then(|esp| esp.partition_guid.clone());
    let volume =
        partition_guid.is_some().then(|| VolumeIdentity { partition_guid, ..VolumeIdentity::default() });
    let mut record = Record::new(event, status);
    record.path = path.into();
    record.volume = volume.map(|volume| volume.to_string());
    record
}

fn describe(facts: &Facts, esp: &Result<Esp, String>) -> String {
    let mut text =
        format!("LamBoot {VERSION}, secure_boot={}, firmware {}", facts.secure_boot.word(), facts.firmware);
    match esp {
        Ok(esp) => {
            for (what, value) in [("partition", &esp.partition_guid), ("loader", &esp.loader_path)] {
                text.extend(value.iter().map(|value| format!(", {what} {value}")));
            }
        }
        Err(error) => text.push_str(error),
    }
    text
}
