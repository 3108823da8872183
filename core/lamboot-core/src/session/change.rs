// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings that the owner changes in the menu. They are stored where `bootctl` stores them.

use super::Session;
use crate::error::PortResult;
use crate::menu::{Change, Model};
use crate::settings::MenuWait;
use crate::variables;
use alloc::format;
use alloc::string::{String, ToString};
use lamboot_schema::trust_log::{Event, Status};
use lamboot_schema::variables::{self as schema, Variable};

/// The longest time until the default starts that the menu sets, in seconds.
const MAX_SECONDS: u32 = 3600;

impl Session<'_, '_> {
    /// Changes a setting, and tells the owner what came of it.
    pub(super) fn change(&mut self, change: Change, model: &mut Model) {
        let answer = match change {
            Change::Default(place) => self.set_default(place, model),
            Change::Next(place) => self.set_next(place, model),
            Change::Timeout(more) => self.set_timeout(more),
            Change::TextMode(next) => self.set_mode(next),
            Change::Unlock(typed) => return self.unlock(&typed, model),
        };
        model.answer = answer;
    }

    fn set_default(&mut self, place: Option<usize>, model: &mut Model) -> String {
        let id = self.id_at(place);
        if let Err(reason) = self.store(&schema::LOADER_ENTRY_DEFAULT, id.as_ref()) {
            return reason;
        }
        for (index, item) in model.items.iter_mut().enumerate() {
            item.is_default = Some(index) == place;
        }
        let answer = id.as_ref().map(|id| format!("Default from now on: {id}."));
        self.requests.default = id;
        answer.unwrap_or_else(|| "No default is set: the first entry starts.".into())
    }

    fn set_next(&mut self, place: Option<usize>, model: &mut Model) -> String {
        let id = self.id_at(place);
        if let Err(reason) = self.store(&schema::LOADER_ENTRY_ONE_SHOT, id.as_ref()) {
            return reason;
        }
        for (index, item) in model.items.iter_mut().enumerate() {
            item.is_next = Some(index) == place;
        }
        let answer = id.as_ref().map(|id| format!("Next time, once: {id}."));
        self.asked_next = id;
        answer.unwrap_or_else(|| "Next time starts as usual.".into())
    }

    fn id_at(&self, place: Option<usize>) -> Option<String> {
        place.and_then(|place| self.found.entries.get(place)).map(|entry| entry.id.clone())
    }

    fn set_timeout(&mut self, more: bool) -> String {
        let wait = stepped(self.settings.wait, more);
        let (word, answer) = match wait {
            MenuWait::Hidden | MenuWait::Disabled => {
                ("menu-hidden".to_string(), "The menu is hidden from now on; a key shows it.".into())
            }
            MenuWait::Forever => ("menu-force".to_string(), "The menu waits for a key from now on.".into()),
            MenuWait::Millis(milliseconds) => {
                let seconds = milliseconds / 1000;
                (seconds.to_string(), format!("The default starts after {seconds} s from now on."))
            }
        };
        if let Err(reason) = self.store(&schema::LOADER_CONFIG_TIMEOUT, Some(&word)) {
            return reason;
        }
        self.settings.wait = wait;
        answer
    }

    fn set_mode(&mut self, next: bool) -> String {
        let (modes, mode) = self.ports.screen.modes();
        let step = if next { 1 } else { modes.saturating_sub(1) };
        let wanted = mode.saturating_add(step).checked_rem(modes).unwrap_or(0);
        // Another mode may have another resolution.
        self.release_display();
        if let Err(error) = self.ports.screen.set_mode(wanted) {
            return format!("Text mode {wanted} cannot be set: {error}.");
        }
        match self.store(&schema::LOADER_CONFIG_CONSOLE_MODE, Some(&u64::from(wanted))) {
            Ok(()) => format!("Text mode {wanted} of {modes}."),
            Err(reason) => reason,
        }
    }

    /// Stores or deletes a variable, and says why that failed.
    fn store<T>(&mut self, variable: &Variable<T>, value: Option<&T>) -> Result<(), String> {
        let name = variable.id.name;
        let stored: PortResult<()> = match value {
            Some(value) => variables::set(self.ports.variables, variable, value),
            None => self.ports.variables.remove(variable.id),
        };
        let status = if stored.is_ok() { Status::Success } else { Status::Failed };
        self.note(Event::SettingChanged, status, name);
        stored.map_err(|error| format!("{name} cannot be stored: {error}."))
    }
}

/// One step towards more or less time: for ever, hidden, 1 s, 2 s and so on.
fn stepped(wait: MenuWait, more: bool) -> MenuWait {
    match (wait, more) {
        (MenuWait::Forever, true) => MenuWait::Hidden,
        (MenuWait::Forever | MenuWait::Hidden | MenuWait::Disabled, false) => MenuWait::Forever,
        (MenuWait::Hidden | MenuWait::Disabled, true) => MenuWait::Millis(1000),
        (MenuWait::Millis(milliseconds), true) => {
            MenuWait::Millis((milliseconds / 1000).saturating_add(1).min(MAX_SECONDS).saturating_mul(1000))
        }
        (MenuWait::Millis(milliseconds), false) => match (milliseconds / 1000).saturating_sub(1) {
            0 => MenuWait::Hidden,
            seconds => MenuWait::Millis(seconds.saturating_mul(1000)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_from_for_ever_over_hidden_to_seconds_and_back() {
        let mut wait = MenuWait::Forever;
        for expected in [MenuWait::Hidden, MenuWait::Millis(1000), MenuWait::Millis(2000)] {
            wait = stepped(wait, true);
            assert_eq!(wait, expected);
        }
        for expected in [MenuWait::Millis(1000), MenuWait::Hidden, MenuWait::Forever, MenuWait::Forever] {
            wait = stepped(wait, false);
            assert_eq!(wait, expected);
        }
        assert_eq!(stepped(MenuWait::Millis(3_600_000), true), MenuWait::Millis(3_600_000));
        assert_eq!(stepped(MenuWait::Millis(1500), true), MenuWait::Millis(2000));
    }
}
