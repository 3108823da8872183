// SPDX-License-Identifier: MIT OR Apache-2.0
//! What does the owner see, and what does a key do?
//!
//! One model, whatever paints it: [`Model::update`] takes an event and the time, and says what was
//! decided; [`text::paint`] makes a frame of it. Time that passes never stops the countdown, any
//! key does.

mod edit;
pub mod text;
pub mod view;

pub use edit::EditLine;

use crate::ports::{Key, Micros};
use alloc::string::String;
use alloc::vec::Vec;

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the entry is called.
    pub title: String,
    /// Version, counter, or why it is not a good choice; may be empty.
    pub remark: String,
    /// The command line that would be handed over.
    pub options: String,
    /// Whether this entry failed before, in this boot or the last.
    pub failed: bool,
    /// What sort of thing it is, for a badge.
    pub badge: Badge,
    /// What else there is to say: label and value, in order.
    pub details: Vec<(&'static str, String)>,
}

/// What sort of thing an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// A Linux kernel.
    Linux,
    /// A unified kernel image.
    Uki,
    /// Windows.
    Windows,
    /// Another boot loader or EFI program.
    Program,
    /// Something that the machine does: restart, power off, firmware set-up.
    Machine,
    /// A system on an ISO image.
    Iso,
}

/// What the top line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The loader's version.
    pub version: String,
    /// Secure Boot and architecture, in words.
    pub machine: String,
}

/// What the keys act on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    List,
    Help,
    Rejected { first: usize },
    Edit(EditLine),
}

/// When the selected entry starts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// The time at which it starts.
    pub until: Micros,
}

/// What the owner decided, or time did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Start an entry.
    Start {
        /// Its place in the list.
        index: usize,
        /// The command line, where the owner changed it.
        edited: Option<String>,
        /// Whether the owner chose, rather than the countdown.
        by_owner: bool,
    },
    /// Restart into the firmware's set-up screen.
    FirmwareSetup,
    /// Restart.
    Reboot,
    /// Switch off.
    PowerOff,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Time went on.
    Tick,
}

/// The menu's whole state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What the top line says.
    pub header: Header,
    /// The entries.
    pub items: Vec<Item>,
    /// Entries that were found and are not offered, each with its reason.
    pub rejected: Vec<String>,
    /// What the owner should know, the most important first.
    pub notices: Vec<String>,
    /// Why the command line cannot be edited; `None` when it can.
    pub no_edit: Option<&'static str>,
    selected: usize,
    countdown: Option<Countdown>,
    mode: Mode,
}

impl Model {
    /// A menu with `selected` as the entry that Enter and the countdown act on.
    #[must_use]
    pub const fn new(
        header: Header,
        items: Vec<Item>,
        selected: usize,
        countdown: Option<Countdown>,
    ) -> Self {
        Self {
            header,
            items,
            rejected: Vec::new(),
            notices: Vec::new(),
            no_edit: None,
            selected,
            countdown,
            mode: Mode::List,
        }
    }

    /// When [`Self::update`] wants to be called even if no key is pressed: at the next full second
    /// of the countdown.
    #[must_use]
    pub fn wake(&self, now: Micros) -> Option<Micros> {
        let left = self.countdown?.until.since(now);
        let until_second = match left.checked_rem(1_000_000) {
            Some(0) | None => left.min(1_000_000),
            Some(part) => part,
        };
        Some(Micros(now.0.saturating_add(until_second)))
    }

    /// Takes an event, and tells what was decided, if anything was.
    pub fn update(&mut self, event: Event, now: Micros) -> Option<Decision> {
        match event {
            Event::Tick => self.tick(now),
            Event::Key(key) => {
                self.countdown = None;
                self.key(key)
            }
        }
    }

    fn tick(&mut self, now: Micros) -> Option<Decision> {
        let due = self.countdown.is_some_and(|countdown| countdown.until <= now);
        if due && !self.items.is_empty() {
            self.countdown = None;
            return Some(Decision::Start { index: self.selected, edited: None, by_owner: false });
        }
        None
    }

    fn key(&mut self, key: Key) -> Option<Decision> {
        match key {
            Key::Function(2) => return Some(Decision::FirmwareSetup),
            Key::Function(12) => return Some(Decision::Reboot),
            Key::Function(10) => return Some(Decision::PowerOff),
            Key::Function(1) => self.toggle_help(),
            _ => {}
        }
        match &mut self.mode {
            Mode::List => self.list_key(key),
            Mode::Help => {
                self.close_on(key);
                None
            }
            Mode::Rejected { first } => {
                match key {
                    Key::Down => *first = first.saturating_add(1).min(self.rejected.len().saturating_sub(1)),
                    Key::Up => *first = first.saturating_sub(1),
                    _ => self.close_on(key),
                }
                None
            }
            Mode::Edit(line) => match key {
                Key::Enter => {
                    let edited = Some(line.text());
                    self.mode = Mode::List;
                    Some(Decision::Start { index: self.selected, edited, by_owner: true })
                }
                Key::Escape => {
                    self.mode = Mode::List;
                    None
                }
                other => {
                    line.key(other);
                    None
                }
            },
        }
    }

    fn list_key(&mut self, key: Key) -> Option<Decision> {
        let last = self.items.len().saturating_sub(1);
        match key {
            Key::Up => self.selected = self.selected.saturating_sub(1),
            Key::Down => self.selected = self.selected.saturating_add(1).min(last),
            Key::PageUp => self.selected = self.selected.saturating_sub(10),
            Key::PageDown => self.selected = self.selected.saturating_add(10).min(last),
            Key::Home => self.selected = 0,
            Key::End => self.selected = last,
            Key::Char('e') => self.open_editor(),
            Key::Char('r') => self.mode = Mode::Rejected { first: 0 },
            Key::Char(digit) => self.select_number(digit),
            Key::Enter if !self.items.is_empty() => {
                return Some(Decision::Start { index: self.selected, edited: None, by_owner: true });
            }
            _ => {}
        }
        None
    }

    fn select_number(&mut self, digit: char) {
        let place = digit.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        if let Some(place) = place.filter(|place| *place < self.items.len()) {
            self.selected = place;
        }
    }

    fn open_editor(&mut self) {
        match (self.no_edit, self.items.get(self.selected)) {
            (Some(reason), _) => self.notices = alloc::vec![String::from(reason)],
            (None, Some(item)) => self.mode = Mode::Edit(EditLine::new(&item.options)),
            (None, None) => {}
        }
    }

    fn toggle_help(&mut self) {
        self.mode = if self.mode == Mode::Help { Mode::List } else { Mode::Help };
    }

    fn close_on(&mut self, key: Key) {
        if !matches!(key, Key::Function(_)) {
            self.mode = Mode::List;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn model(items: usize, countdown: Option<u64>) -> Model {
        let items = (1..=items)
            .map(|number| Item {
                title: format!("Entry {number}"),
                remark: format!("6.{number}"),
                options: "root=/dev/sda2 quiet".into(),
                failed: number == 2,
                badge: Badge::Linux,
                details: alloc::vec![("File", format!(r"\loader\entries\{number}.conf"))],
            })
            .collect();
        let header = Header { version: "1.2.3".into(), machine: "Secure Boot off, x86_64".into() };
        Model::new(header, items, 0, countdown.map(|until| Countdown { until: Micros(until) }))
    }

    fn press(model: &mut Model, keys: &[Key]) -> Option<Decision> {
        keys.iter().filter_map(|key| model.update(Event::Key(*key), Micros(0))).last()
    }

    #[test]
    fn the_countdown_starts_the_selected_entry() {
        let mut model = model(2, Some(2_000_000));
        assert_eq!(model.wake(Micros(0)), Some(Micros(1_000_000)));
        assert_eq!(model.wake(Micros(300_000)), Some(Micros(1_000_000)));
        assert_eq!(model.update(Event::Tick, Micros(1_999_999)), None);
        let decision = model.update(Event::Tick, Micros(2_000_000));
        assert_eq!(decision, Some(Decision::Start { index: 0, edited: None, by_owner: false }));
    }

    #[test]
    fn any_key_stops_the_countdown_and_time_does_not() {
        for key in [Key::Escape, Key::Down, Key::Char('x'), Key::Function(5)] {
            let mut model = model(2, Some(5));
            press(&mut model, &[key]);
            assert_eq!((model.wake(Micros(0)), model.update(Event::Tick, Micros(9))), (None, None));
        }
    }

    #[test]
    fn arrows_stay_within_the_list() {
        let mut model = model(3, None);
        press(&mut model, &[Key::Up, Key::Down, Key::Down, Key::Down, Key::Down]);
        let decision = press(&mut model, &[Key::Enter]);
        assert_eq!(decision, Some(Decision::Start { index: 2, edited: None, by_owner: true }));
        press(&mut model, &[Key::Char('1'), Key::Char('9'), Key::Char('0')]);
        assert_eq!(model.selected, 0);
    }

    #[test]
    fn editing_changes_only_this_start() {
        let mut model = model(1, None);
        let decision =
            press(&mut model, &[Key::Char('e'), Key::Char('!'), Key::Home, Key::Delete, Key::Enter]);
        let edited = Some("oot=/dev/sda2 quiet!".into());
        assert_eq!(decision, Some(Decision::Start { index: 0, edited, by_owner: true }));
        assert_eq!(press(&mut model, &[Key::Char('e'), Key::Char('!'), Key::Escape]), None);
        let decision = press(&mut model, &[Key::Enter]);
        assert_eq!(decision, Some(Decision::Start { index: 0, edited: None, by_owner: true }));
    }

    #[test]
    fn a_forbidden_editor_says_why() {
        let mut model = model(1, None);
        model.no_edit = Some("the owner said no");
        assert_eq!(press(&mut model, &[Key::Char('e'), Key::Char('x')]), None);
        assert_eq!(model.notices, ["the owner said no"]);
    }

    #[test]
    fn an_empty_menu_still_answers() {
        let mut model = model(0, None);
        assert_eq!(press(&mut model, &[Key::Enter, Key::Down, Key::Char('e'), Key::Char('1')]), None);
        assert_eq!(press(&mut model, &[Key::Function(12)]), Some(Decision::Reboot));
        assert_eq!(press(&mut model, &[Key::Function(2)]), Some(Decision::FirmwareSetup));
        assert_eq!(press(&mut model, &[Key::Function(10)]), Some(Decision::PowerOff));
    }
}
