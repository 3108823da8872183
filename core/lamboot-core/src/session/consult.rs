// SPDX-License-Identifier: MIT OR Apache-2.0
//! The owner's turn: the menu, unless policy hides it and no key was pressed.

use super::identify::identify;
use super::{Exit, Session, Start};
use crate::choose::{Choice, ChosenBy, Way};
use crate::entry::{Entry, EntryKind, MachineAction};
use crate::menu::{Countdown, Decision, Event, Model};
use crate::ports::{Input, Micros, Variables};
use crate::variables;
use alloc::format;
use alloc::string::String;
use bootspec::loader_conf::ConsoleMode;
use lamboot_schema::trust_log::{Event as Log, Status};
use lamboot_schema::variables as schema;

impl Session<'_, '_> {
    /// Turns a choice into a start, or ends the session.
    pub(super) fn consult(&mut self, choice: Choice) -> Result<Start, Exit> {
        let countdown_ms = match choice.way {
            Way::AtOnce if !self.is_menu_asked_for() => {
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
        let countdown =
            countdown_ms.map(|ms| Countdown { from: began, until: began.plus_millis(u64::from(ms)) });
        identify(&mut self.found.entries, self.ports.volumes);
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
                        break Ok(start_as_is(entry, by).edited(edited.as_deref()));
                    }
                }
                Decision::FirmwareSetup => match self.perform_action(MachineAction::FirmwareSetup) {
                    Ok(exit) => break Err(exit),
                    Err(reason) => model.notices.insert(0, reason),
                },
                Decision::Reboot => break Err(self.leave(Exit::Reboot)),
                Decision::PowerOff => break Err(self.leave(Exit::PowerOff)),
                Decision::Change(change) => self.change(change, &mut model),
            }
        };
        self.ports.keys.release();
        self.times.menu = self.times.menu.saturating_add(self.now().since(began));
        if let Ok(start) = &outcome {
            self.note_edit(start);
        }
        outcome
    }

    /// Whether a key was pressed that nobody has taken yet, or is held down. Not one moment is spent on
    /// waiting for one: a held letter repeats, and Shift, Ctrl and Alt need not.
    fn is_menu_asked_for(&mut self) -> bool {
        self.ports.keys.next(Some(Micros(0)), false).is_some() || self.ports.keys.held()
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
        let mut wake = self.present(model);
        loop {
            let event = match self.ports.keys.next(wake, self.has_pointer()) {
                Some(Input::Key(key)) => Event::Key(key),
                Some(Input::Pointer(pointer)) => self.point(pointer),
                None => Event::Tick,
            };
            let now = self.now();
            if let Some(decision) = model.update(event, now) {
                self.ports.machine.watchdog(self.policy.watchdog_seconds);
                return decision;
            }
            // A pointer moves often, and changes nothing but its own place.
            if !event.only_moves() || wake.is_some_and(|wake| wake <= now) {
                wake = self.present(model);
            }
        }
    }

    /// Shows the menu as it stands; when it changes by itself.
    fn present(&mut self, model: &Model) -> Option<Micros> {
        let now = self.now();
        self.show(model, now);
        let wake = model.wake(now);
        // A menu that waits for its owner is no hang: the watchdog waits too.
        self.ports.machine.watchdog(wake.and(self.policy.watchdog_seconds));
        wake
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
        self.seal_epoch();
        self.ports.machine.watchdog(None);
        self.release_display();
        exit
    }
}

/// Whether the firmware can be asked to show its set-up screen (UEFI 2.10, section 8.5.4).
pub(super) fn can_open_firmware_setup(port: &mut dyn Variables) -> bool {
    let supported = variables::get(port, &schema::OS_INDICATIONS_SUPPORTED).unwrap_or(0);
    supported & schema::BOOT_TO_FW_UI != 0
}

fn start_as_is(entry: &Entry, by: ChosenBy) -> Start {
    Start { entry: entry.clone(), options: entry.options.clone(), by }
}

impl Start {
    fn edited(self, line: Option<&str>) -> Self {
        let options = line.map(|line| self.entry.options_for(line));
        Self { options: options.unwrap_or(self.options), ..self }
    }
}
