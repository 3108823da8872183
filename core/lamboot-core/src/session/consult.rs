// SPDX-License-Identifier: MIT OR Apache-2.0
//! The owner's turn: the menu, unless policy hides it and no key was pressed.

use super::{Exit, MAX_NOTICES, Session, Start};
use crate::choose::{Choice, ChosenBy, Way};
use crate::entry::{Entry, EntryKind, MachineAction};
use crate::health::Verdict;
use crate::menu::{Badge, Countdown, Decision, Event, Header, Item, Model, text};
use crate::ports::{Input, Micros, Variables};
use crate::variables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bootspec::loader_conf::ConsoleMode;
use lamboot_schema::trust_log::{Event as Log, Status};
use lamboot_schema::variables as schema;

/// The most policy mistakes that the menu shows at once; all of them are in the log.
const SHOWN_MISTAKES: usize = 3;

impl Session<'_, '_> {
    /// Turns a choice into a start, or ends the session.
    pub(super) fn consult(&mut self, choice: Choice) -> Result<Start, Exit> {
        let countdown_ms = match choice.way {
            Way::AtOnce if self.ports.keys.next(Some(Micros(0)), false).is_none() => {
                if let Some(entry) = self.found.entries.get(choice.index) {
                    return Ok(start_as_is(entry, choice.by));
                }
                None
            }
            Way::Silent => match self.found.entries.get(choice.index) {
                Some(entry) => return Ok(start_as_is(entry, choice.by)),
                None => None,
            },
            Way::AtOnce | Way::Wait => None,
            Way::Countdown(milliseconds) => Some(milliseconds),
        };
        self.flush();
        self.set_text_mode();
        let began = self.now();
        self.times.menu_shown.get_or_insert(began.0);
        let countdown = countdown_ms.map(|ms| Countdown { until: began.plus_millis(u64::from(ms)) });
        let mut model = self.model(choice.index, countdown);
        let outcome = loop {
            let decision = self.decide(&mut model);
            match decision {
                Decision::Start { index, edited, by_owner } => {
                    if let Some(entry) = self.found.entries.get(index) {
                        if let EntryKind::Machine(action) = entry.kind {
                            match self.perform_action(action) {
                                Ok(exit) => break Err(exit),
                                Err(reason) => model.notices.insert(0, reason),
                            }
                            continue;
                        }
                        let by = if by_owner { ChosenBy::Owner } else { choice.by };
                        break Ok(
                            Start { options: entry.options.clone(), entry: entry.clone(), by }.edited(edited)
                        );
                    }
                }
                Decision::FirmwareSetup => match self.perform_action(MachineAction::FirmwareSetup) {
                    Ok(exit) => break Err(exit),
                    Err(reason) => model.notices.insert(0, reason),
                },
                Decision::Reboot => break Err(self.leave(Exit::Reboot)),
                Decision::PowerOff => break Err(self.leave(Exit::PowerOff)),
            }
        };
        self.times.menu = self.times.menu.saturating_add(self.now().since(began));
        if let Ok(start) = &outcome {
            self.note_edit(start);
        }
        outcome
    }

    /// Sets the text mode that the owner wishes for, before the menu is first shown.
    fn set_text_mode(&mut self) {
        let wanted = match self.settings.console_mode.take() {
            Some(ConsoleMode::Mode(mode)) => Some(mode),
            Some(ConsoleMode::Max) => self.ports.screen.modes().0.checked_sub(1),
            Some(ConsoleMode::Auto | ConsoleMode::Keep) | None => None,
        };
        if let Some(Err(error)) = wanted.map(|mode| self.ports.screen.set_mode(mode)) {
            self.notices.push(format!("The text mode cannot be set: {error}."));
        }
    }

    /// Shows the menu until something is decided.
    fn decide(&mut self, model: &mut Model) -> Decision {
        let size = self.ports.screen.size();
        loop {
            let now = self.now();
            self.ports.screen.draw(&text::paint(model, size, now));
            let wake = model.wake(now);
            // A menu that waits for its owner is no hang: the watchdog waits too.
            self.ports.machine.watchdog(wake.and(self.policy.watchdog_seconds));
            let event = match self.ports.keys.next(wake, false) {
                Some(Input::Key(key)) => Event::Key(key),
                Some(Input::Pointer(_)) | None => Event::Tick,
            };
            let now = self.now();
            if let Some(decision) = model.update(event, now) {
                self.ports.machine.watchdog(self.policy.watchdog_seconds);
                return decision;
            }
        }
    }

    fn model(&self, selected: usize, countdown: Option<Countdown>) -> Model {
        let facts = &self.facts;
        let machine = format!("{}, {}", facts.secure_boot.sentence(), facts.architecture.name());
        let header = Header { version: super::VERSION.into(), machine };
        let items = self.found.entries.iter().map(|entry| self.item(entry)).collect();
        let mut model = Model::new(header, items, selected, countdown);
        model.rejected = self
            .found
            .rejected
            .iter()
            .map(|rejected| format!("{}: {}", rejected.path, rejected.reason))
            .collect();
        model.notices = self.all_notices();
        if !self.settings.editor {
            model.no_edit =
                Some("The command line cannot be edited: policy, loader.conf or Secure Boot forbids it.");
        }
        model
    }

    fn item(&self, entry: &Entry) -> Item {
        let failed_now = self.failures.iter().any(|failure| failure.id == entry.id);
        let failed_before = self.health.failed_entry().is_some_and(|id| entry.is_remembered_as(id));
        let tries = match &entry.counter {
            Some(counter) if counter.left == 0 => String::from("no tries left"),
            Some(counter) => format!("{} tries left", counter.left),
            None => String::new(),
        };
        let failed = if failed_now || failed_before { "failed" } else { "" };
        let words = [entry.version.as_str(), tries.as_str(), failed];
        let remark = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        let options = entry.options.clone();
        Item {
            title: entry.title.clone(),
            remark,
            options,
            failed: failed_now || failed_before || entry.is_bad(),
            badge: badge(entry.kind),
            details: details(entry),
        }
    }

    /// What the owner should know, the most important first.
    fn all_notices(&self) -> Vec<String> {
        let mut notices: Vec<String> = self.notices.iter().take(MAX_NOTICES).cloned().collect();
        notices.extend(self.esp.as_ref().err().cloned());
        notices.extend(self.stop.as_ref().map(|reason| format!("Nothing starts by itself: {reason}.")));
        notices.extend(self.policy_notices.iter().take(SHOWN_MISTAKES).cloned());
        if self.esp.is_ok() && self.found.entries.is_empty() {
            notices.push(format!("No entry in {} can be started.", lamboot_schema::paths::ENTRIES));
        }
        notices.extend(self.health_notice());
        notices.extend(self.recorder.degraded.iter().cloned());
        notices
    }

    fn health_notice(&self) -> Option<String> {
        let last = self.health.failed_entry().unwrap_or("the last entry");
        let (count, threshold) = (self.health.crash_count, self.health.threshold);
        match self.health.verdict {
            Verdict::First | Verdict::Good | Verdict::Restored => None,
            Verdict::Failed => Some(format!("{last} did not come up ({count} of {threshold}).")),
            Verdict::CrashLoop => Some(format!("Crash loop: {last} did not come up {count} times in a row.")),
        }
    }

    fn note_edit(&mut self, start: &Start) {
        if start.options != start.entry.options {
            let note = format!("{}: {}", start.entry.id, start.options);
            self.note(Log::CommandLineEdited, Status::Success, note);
        }
    }

    /// Leaves the loader, or says why the firmware does not let it.
    fn perform_action(&mut self, action: MachineAction) -> Result<Exit, String> {
        let exit = match action {
            MachineAction::FirmwareSetup => {
                self.ask_for_firmware_setup()?;
                Exit::FirmwareSetup
            }
            MachineAction::Reboot => Exit::Reboot,
            MachineAction::PowerOff => Exit::PowerOff,
        };
        Ok(self.leave(exit))
    }

    fn ask_for_firmware_setup(&mut self) -> Result<(), String> {
        if !can_open_firmware_setup(self.ports.variables) {
            return Err(
                "This firmware cannot be asked to open its set-up screen: press its own key at power-on."
                    .into(),
            );
        }
        let wanted = variables::get(self.ports.variables, &schema::OS_INDICATIONS).unwrap_or(0)
            | schema::BOOT_TO_FW_UI;
        variables::set(self.ports.variables, &schema::OS_INDICATIONS, &wanted).map_err(|error| {
            format!("The firmware does not take the request for its set-up screen: {error}.")
        })
    }

    /// Leaving through the menu is no failed boot: no variable of ours is touched.
    pub(super) fn leave(&mut self, exit: Exit) -> Exit {
        let how = match exit {
            Exit::FirmwareSetup => "firmware set-up",
            Exit::Reboot => "restart",
            Exit::PowerOff => "power off",
            Exit::HandedOver => "hand-over",
        };
        self.note(Log::MenuLeft, Status::Success, how);
        self.flush();
        self.ports.machine.watchdog(None);
        self.ports.screen.release();
        exit
    }
}

/// Whether the firmware can be asked to show its set-up screen (UEFI 2.10, section 8.5.4).
pub(super) fn can_open_firmware_setup(port: &mut dyn Variables) -> bool {
    let supported = variables::get(port, &schema::OS_INDICATIONS_SUPPORTED).unwrap_or(0);
    supported & schema::BOOT_TO_FW_UI != 0
}

const fn badge(kind: EntryKind) -> Badge {
    match kind {
        EntryKind::Linux => Badge::Linux,
        EntryKind::Uki => Badge::Uki,
        EntryKind::Chainload => Badge::Program,
        EntryKind::Windows => Badge::Windows,
        EntryKind::Machine(_) => Badge::Machine,
    }
}

fn details(entry: &Entry) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    let mut add = |label, value: &str| {
        if !value.is_empty() {
            details.push((label, String::from(value)));
        }
    };
    add("Id", &entry.id);
    add("Version", &entry.version);
    add("File", &entry.file);
    add("Image", &entry.image);
    for initrd in &entry.initrds {
        add("Initrd", initrd);
    }
    add("Options", &entry.options);
    details
}

fn start_as_is(entry: &Entry, by: ChosenBy) -> Start {
    Start { entry: entry.clone(), options: entry.options.clone(), by }
}

impl Start {
    fn edited(self, options: Option<String>) -> Self {
        Self { options: options.unwrap_or(self.options), ..self }
    }
}
