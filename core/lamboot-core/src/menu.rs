// SPDX-License-Identifier: MIT OR Apache-2.0
//! What does the owner see, and what does a key do?
//!
//! One model, whatever paints it: [`Model::update`] takes an event and the time, and says what was
//! decided; [`Model::view`] says what is to be seen, and each painter shows that in its own way. Time
//! that passes and a pointer that moves never stop the countdown; any key and any click do.

mod detail;
mod edit;
pub mod graphic;
mod groups;
mod keys;
mod lines;
mod password;
mod search;
pub mod text;
pub mod view;

pub use detail::Detail;
pub use edit::EditLine;
pub use keys::HELP;
pub use password::Typed;

use crate::ports::{Key, Micros};
use alloc::string::String;
use alloc::vec::Vec;
use groups::Groups;
use view::{CountdownView, Overlay, Target, ToolLine, View};

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the entry is called.
    pub title: String,
    /// Version, counter, or why it is not a good choice; may be empty.
    pub remark: String,
    /// The command line that would be handed over.
    pub options: String,
    /// Whether the image would not heed another one.
    pub ignores_changes: bool,
    /// Whether this entry failed before, in this boot or the last.
    pub failed: bool,
    /// What sort of thing it is, for a badge.
    pub badge: Badge,
    /// Whether it is what starts by default.
    pub is_default: bool,
    /// Whether it is what starts next, once.
    pub is_next: bool,
    /// Whether it may not become the default.
    pub never_default: bool,
    /// The list within the menu that it stands in; `None` for the menu itself.
    pub group: Option<String>,
    /// What else there is to say, the most important first.
    pub details: Vec<Detail>,
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
    /// A list within the menu.
    List,
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
    /// Lines to read, and the first that is shown.
    Lines(Page, usize),
    Edit(EditLine),
    Password(Typed),
    Search(String),
}

/// Lines that the owner can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Rejected,
    Status,
    Details,
}

/// When the selected entry starts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// The time at which it started to run.
    pub from: Micros,
    /// The time at which the entry starts.
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
    /// Change a setting; the menu goes on.
    Change(Change),
}

/// A setting that the owner changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The entry that starts by default; `None` for no entry in particular.
    Default(Option<usize>),
    /// The entry that starts next, once; `None` for none.
    Next(Option<usize>),
    /// More time (`true`) or less until the default entry starts.
    Timeout(bool),
    /// The next (`true`) or the previous text mode.
    TextMode(bool),
    /// Whether this is the password of the editor: [`Model::unlock`] if it is.
    Unlock(Typed),
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The pointer did something.
    Pointer {
        /// What it points at.
        target: Option<Target>,
        /// Whether its button was pressed.
        clicked: bool,
        /// Steps of its wheel, positive downwards.
        scrolled: i8,
    },
    /// Time went on.
    Tick,
}

impl Event {
    /// Whether a pointer moved, and did nothing else.
    #[must_use]
    pub const fn only_moves(&self) -> bool {
        matches!(self, Self::Pointer { clicked: false, scrolled: 0, .. })
    }
}

/// Whether the editor may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editing {
    /// It may.
    Open,
    /// With the password that policy asks for.
    Locked,
    /// It may not; the reason.
    Forbidden(&'static str),
}

/// The menu's whole state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What the top line says.
    pub header: Header,
    /// The entries, and behind them the rows that lead into lists and out of them.
    pub items: Vec<Item>,
    /// Entries that were found and are not offered, each with its reason.
    pub rejected: Vec<String>,
    /// What is known about machine and loader, line by line.
    pub status: Vec<String>,
    /// What the owner should know, the most important first.
    pub notices: Vec<String>,
    /// The answer to the last key; may be empty.
    pub answer: String,
    /// Whether the command line can be edited.
    pub editing: Editing,
    tools: Vec<ToolLine>,
    groups: Groups,
    /// Places of the items that are listed, in order: all of the menu or of the open list, or those that the search
    /// found.
    rows: Vec<usize>,
    /// The item that Enter and the countdown act on, by its place among all.
    selected: usize,
    /// The tool that has the keys, if the tools have them.
    tool: Option<usize>,
    countdown: Option<Countdown>,
    /// Lines of the page that is open.
    lines: Vec<String>,
    mode: Mode,
}

impl Model {
    /// A menu with `selected` as the entry that Enter and the countdown act on.
    #[must_use]
    pub fn new(header: Header, mut items: Vec<Item>, selected: usize, countdown: Option<Countdown>) -> Self {
        let groups = Groups::of(&mut items);
        let mut model = Self {
            header,
            items,
            rejected: Vec::new(),
            status: Vec::new(),
            notices: Vec::new(),
            answer: String::new(),
            editing: Editing::Open,
            tools: keys::tools(),
            groups,
            rows: Vec::new(),
            selected,
            tool: None,
            countdown,
            lines: Vec::new(),
            mode: Mode::List,
        };
        model.show_all();
        model
    }

    /// When [`Self::update`] wants to be called even if nothing happens: at the next full second of
    /// the countdown.
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
                self.answer.clear();
                self.key(key)
            }
            Event::Pointer { target, clicked, scrolled } => {
                // Time goes on while a pointer moves, however often it does.
                self.pointer(target, clicked, scrolled).or_else(|| self.tick(now))
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

    /// What is to be seen at `now`.
    #[must_use]
    pub fn view(&self, now: Micros) -> View<'_> {
        let overlay = self.overlay();
        View {
            header: &self.header,
            notices: &self.notices,
            rows: self.rows.iter().filter_map(|place| self.items.get(*place)).collect(),
            selected: self.row_of_selected(),
            tools: &self.tools,
            selected_tool: self.tool,
            details: self.items.get(self.selected).map(|item| item.details.as_slice()).unwrap_or_default(),
            countdown: self
                .countdown
                .filter(|_| !self.items.is_empty())
                .map(|countdown| remaining(countdown, now)),
            overlay,
            answer: &self.answer,
            keys: self.hints(),
            not_offered: self.rejected.len(),
        }
    }

    fn overlay(&self) -> Overlay<'_> {
        match &self.mode {
            Mode::List => Overlay::None,
            Mode::Help => Overlay::Help(HELP),
            Mode::Lines(page, first) => {
                Overlay::Lines { heading: page.heading(), lines: &self.lines, first: *first }
            }
            Mode::Edit(line) => Overlay::Edit {
                heading: "Command line for this start",
                text: line.text(),
                cursor: line.cursor(),
            },
            Mode::Password(typed) => {
                Overlay::Password { heading: "Password of the editor", typed: typed.length() }
            }
            Mode::Search(text) => Overlay::Search { text },
        }
    }

    fn row_of_selected(&self) -> Option<usize> {
        self.rows.iter().position(|place| *place == self.selected)
    }

    /// Answers [`Change::Unlock`] with the right password: the editor is open, for as long as this menu.
    pub fn unlock(&mut self) {
        self.answer.clear();
        self.editing = Editing::Open;
        self.open_editor();
    }
}

impl Page {
    const fn heading(self) -> &'static str {
        match self {
            Self::Rejected => "Entries that are not offered",
            Self::Status => "Status",
            Self::Details => "Details",
        }
    }
}

fn remaining(countdown: Countdown, now: Micros) -> CountdownView {
    let left = countdown.until.since(now);
    let whole = countdown.until.since(countdown.from).max(1);
    let permille = left.saturating_mul(1000).checked_div(whole).unwrap_or(0).min(1000);
    CountdownView { seconds: left.div_ceil(1_000_000), permille: u16::try_from(permille).unwrap_or(1000) }
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
                ignores_changes: false,
                failed: number == 2,
                badge: Badge::Linux,
                is_default: false,
                is_next: false,
                never_default: false,
                group: None,
                details: alloc::vec![Detail::new("File", format!(r"\loader\entries\{number}.conf"))],
            })
            .collect();
        let header = Header { version: "1.2.3".into(), machine: "Secure Boot off, x86_64".into() };
        Model::new(
            header,
            items,
            0,
            countdown.map(|until| Countdown { from: Micros(0), until: Micros(until) }),
        )
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
        model.editing = Editing::Forbidden("the owner said no");
        assert_eq!(press(&mut model, &[Key::Char('e')]), None);
        assert_eq!(model.answer, "the owner said no");
    }

    #[test]
    fn an_empty_menu_still_answers() {
        let mut model = model(0, None);
        assert_eq!(press(&mut model, &[Key::Enter, Key::Down, Key::Char('e'), Key::Char('1')]), None);
        assert_eq!(press(&mut model, &[Key::Function(12)]), Some(Decision::Reboot));
        assert_eq!(press(&mut model, &[Key::Function(2)]), Some(Decision::FirmwareSetup));
        assert_eq!(press(&mut model, &[Key::Function(10)]), Some(Decision::PowerOff));
    }

    #[test]
    fn an_unchanged_command_line_is_not_an_edited_one() {
        let mut model = model(1, None);
        let decision = press(&mut model, &[Key::Char('e'), Key::Enter]);
        assert_eq!(decision, Some(Decision::Start { index: 0, edited: None, by_owner: true }));
    }

    #[test]
    fn letters_change_settings_and_the_menu_goes_on() {
        let mut model = model(2, None);
        let change = |model: &mut Model, key| press(model, &[Key::Char(key)]);
        assert_eq!(change(&mut model, 'd'), Some(Decision::Change(Change::Default(Some(0)))));
        model.items[0].is_default = true;
        assert_eq!(change(&mut model, 'd'), Some(Decision::Change(Change::Default(None))));
        assert_eq!(change(&mut model, 'o'), Some(Decision::Change(Change::Next(Some(0)))));
        for (key, more) in [('t', true), ('+', true), ('T', false), ('-', false)] {
            assert_eq!(change(&mut model, key), Some(Decision::Change(Change::Timeout(more))));
        }
        assert_eq!(change(&mut model, 'r'), Some(Decision::Change(Change::TextMode(true))));
        assert_eq!(change(&mut model, 'v'), None);
        assert_eq!(model.answer, "LamBoot 1.2.3");
    }

    #[test]
    fn a_locked_editor_asks_for_the_password_first() {
        let mut model = model(1, None);
        model.editing = Editing::Locked;
        let typed = press(&mut model, &[Key::Char('e'), Key::Char('x'), Key::Char('y'), Key::Enter]);
        let Some(Decision::Change(Change::Unlock(typed))) = typed else { panic!("{typed:?}") };
        assert_eq!((typed.text(), &model.mode), ("xy", &Mode::List));
        model.unlock();
        assert!(matches!(model.mode, Mode::Edit(_)));
        press(&mut model, &[Key::Escape, Key::Char('e')]);
        assert!(matches!(model.mode, Mode::Edit(_)), "it is asked for once");
    }

    #[test]
    fn no_password_is_no_try() {
        let mut model = model(1, None);
        model.editing = Editing::Locked;
        for keys in
            [&[Key::Enter][..], &[Key::Char('x'), Key::Escape], &[Key::Char('x'), Key::Backspace, Key::Enter]]
        {
            press(&mut model, &[Key::Char('e')]);
            assert_eq!(press(&mut model, keys), None);
            assert_eq!(model.mode, Mode::List);
        }
    }

    #[test]
    fn nobody_edits_in_vain() {
        for editing in [Editing::Open, Editing::Locked] {
            let mut model = model(1, None);
            (model.editing, model.items[0].ignores_changes) = (editing, true);
            assert_eq!(press(&mut model, &[Key::Char('e')]), None);
            assert!(model.answer.contains("its own command line"), "{}", model.answer);
            assert_eq!(model.mode, Mode::List);
        }
    }

    #[test]
    fn searching_lists_what_is_found_and_starts_it() {
        let mut model = model(12, None);
        model.items[6].title = "Ελληνικά ПРИВЕТ".into();
        let search: Vec<Key> = "/привет".chars().map(Key::Char).collect();
        press(&mut model, &search);
        let decision = press(&mut model, &[Key::Enter]);
        assert_eq!(decision, Some(Decision::Start { index: 6, edited: None, by_owner: true }));
        press(&mut model, &[Key::Char('/'), Key::Char('q'), Key::Char('q')]);
        assert_eq!(press(&mut model, &[Key::Enter]), None, "nothing is found, nothing starts");
        press(&mut model, &[Key::Escape]);
        assert_eq!(model.view(Micros(0)).rows.len(), 12);
    }

    fn point(model: &mut Model, target: Option<Target>, clicked: bool, scrolled: i8) -> Option<Decision> {
        model.update(Event::Pointer { target, clicked, scrolled }, Micros(0))
    }

    #[test]
    fn a_moving_pointer_changes_nothing() {
        let mut model = model(3, Some(2_000_000));
        assert_eq!(point(&mut model, Some(Target::Row(2)), false, 0), None);
        assert_eq!((model.selected, model.countdown.is_some()), (0, true));
    }

    #[test]
    fn a_pointer_that_never_rests_does_not_hold_the_countdown() {
        let mut model = model(3, Some(2_000_000));
        let moved = Event::Pointer { target: None, clicked: false, scrolled: 0 };
        assert_eq!(model.update(moved, Micros(1_999_999)), None);
        let decision = model.update(moved, Micros(2_000_000));
        assert_eq!(decision, Some(Decision::Start { index: 0, edited: None, by_owner: false }));
    }

    #[test]
    fn the_first_click_chooses_and_the_second_starts() {
        let mut model = model(3, Some(2_000_000));
        assert_eq!(point(&mut model, Some(Target::Row(2)), true, 0), None);
        assert_eq!((model.selected, model.countdown), (2, None));
        let decision = point(&mut model, Some(Target::Row(2)), true, 0);
        assert_eq!(decision, Some(Decision::Start { index: 2, edited: None, by_owner: true }));
        assert_eq!(point(&mut model, Some(Target::Tool(1)), true, 0), Some(Decision::Reboot));
    }

    #[test]
    fn the_wheel_moves_the_selection() {
        let mut model = model(9, None);
        point(&mut model, None, false, 3);
        point(&mut model, None, false, -1);
        assert_eq!(model.selected, 2);
    }

    #[test]
    fn the_wheel_turns_the_page_that_is_open() {
        let mut model = model(9, None);
        model.status = (0..5).map(|line| format!("line {line}")).collect();
        press(&mut model, &[Key::Char('p')]);
        let first = |model: &Model| match model.mode {
            Mode::Lines(_, first) => first,
            _ => panic!("the page is open"),
        };
        point(&mut model, Some(Target::Row(4)), false, 3);
        assert_eq!((first(&model), model.selected), (3, 0));
        point(&mut model, None, false, 9);
        assert_eq!(first(&model), 4);
        point(&mut model, None, false, -9);
        assert_eq!(first(&model), 0);
    }

    #[test]
    fn tools_do_what_their_keys_do() {
        let mut model = model(1, None);
        assert_eq!(press(&mut model, &[Key::Tab, Key::Enter]), Some(Decision::FirmwareSetup));
        assert_eq!(
            press(&mut model, &[Key::Tab, Key::Down, Key::Down, Key::Enter]),
            Some(Decision::PowerOff)
        );
        assert_eq!(
            press(&mut model, &[Key::Tab, Key::Tab, Key::Enter]),
            Some(Decision::Start { index: 0, edited: None, by_owner: true })
        );
    }
}
