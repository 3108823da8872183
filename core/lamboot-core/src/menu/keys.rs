// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each key and each click does.
//!
//! The letters are those of systemd-boot, the function keys those of earlier releases of LamBoot.

use super::view::{Target, ToolLine};
use super::{Badge, Change, Decision, Detail, EditLine, Editing, Mode, Model, Page, Typed};
use crate::ports::Key;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What each key does: the key, and what it does.
pub const HELP: &[(&str, &str)] = &[
    ("Up, Down", "choose an entry (k, j, PgUp, PgDn, Home, End, 1-9 too)"),
    ("Enter", "start it, or open its list (Right too)"),
    ("Esc", "stop the countdown, as any key; leave a list (Left too)"),
    ("/", "search"),
    ("i", "details of the entry"),
    ("e", "edit the command line for this start only"),
    ("d", "make the entry the default; once more: no longer"),
    ("o", "start the entry next time, once"),
    ("+, -", "more or less time until the default starts (t, T too)"),
    ("n", "entries that are not offered, and why"),
    ("p", "status of machine and loader"),
    ("l, w, s", "choose Linux, Windows, the EFI shell"),
    ("r, R", "next or previous text mode"),
    ("Tab", "go to the tools and back"),
    ("F1, h, ?", "this help"),
    ("F2, f", "restart into firmware set-up"),
    ("F10, O", "power off"),
    ("F12, B", "restart"),
];

/// Rows that a page key moves.
const PAGE_ROWS: usize = 10;
/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 64;

/// The tools beside the entries; [`Model::use_tool`] knows them by their places.
pub(super) fn tools() -> Vec<ToolLine> {
    let line = |label: &str, key| ToolLine { label: label.into(), key };
    alloc::vec![
        line("Firmware set-up", "F2"),
        line("Restart", "F12"),
        line("Power off", "F10"),
        line("Not offered", "n"),
        line("Status", "p"),
        line("Help", "F1"),
    ]
}

impl Model {
    pub(super) fn key(&mut self, key: Key) -> Option<Decision> {
        match key {
            Key::Function(2) => return Some(Decision::FirmwareSetup),
            Key::Function(12) => return Some(Decision::Reboot),
            Key::Function(10) => return Some(Decision::PowerOff),
            Key::Function(1) => self.mode = if self.mode == Mode::Help { Mode::List } else { Mode::Help },
            Key::Function(_) => {}
            key => return self.mode_key(key),
        }
        None
    }

    fn mode_key(&mut self, key: Key) -> Option<Decision> {
        match &mut self.mode {
            Mode::List if self.tool.is_some() => self.tool_key(key),
            Mode::List => self.list_key(key),
            Mode::Help => {
                self.mode = Mode::List;
                None
            }
            Mode::Lines(_, first) => {
                match key {
                    Key::Down | Key::Char('j') => *first = moved(*first, 1, self.lines.len()),
                    Key::Up | Key::Char('k') => *first = moved(*first, -1, self.lines.len()),
                    _ => self.mode = Mode::List,
                }
                None
            }
            Mode::Edit(_) => self.line_key(key),
            Mode::Password(_) => self.password_key(key),
            Mode::Search(_) => self.search_key(key),
        }
    }

    fn line_key(&mut self, key: Key) -> Option<Decision> {
        let Mode::Edit(line) = &mut self.mode else { return None };
        match key {
            Key::Enter => {
                let text = line.text();
                self.mode = Mode::List;
                let shown = self.items.get(self.selected).map(|item| item.options.as_str());
                let edited = (shown != Some(text.as_str())).then_some(text);
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
        }
    }

    fn password_key(&mut self, key: Key) -> Option<Decision> {
        let Mode::Password(typed) = &mut self.mode else { return None };
        match key {
            Key::Enter => {
                let typed = core::mem::take(typed);
                self.mode = Mode::List;
                return (typed.length() > 0).then_some(Decision::Change(Change::Unlock(typed)));
            }
            Key::Escape => self.mode = Mode::List,
            other => typed.key(other),
        }
        None
    }

    fn list_key(&mut self, key: Key) -> Option<Decision> {
        match key {
            Key::Up | Key::Char('k') => self.move_by(-1),
            Key::Down | Key::Char('j') => self.move_by(1),
            Key::PageUp => self.move_up(PAGE_ROWS),
            Key::PageDown => self.move_down(PAGE_ROWS),
            Key::Home => self.move_up(usize::MAX),
            Key::End => self.move_down(usize::MAX),
            Key::Enter | Key::Right => return self.start(),
            Key::Escape if self.is_narrowed() => self.end_search(),
            // A serial terminal's Backspace arrives as Delete.
            Key::Escape | Key::Left | Key::Backspace | Key::Delete => self.leave_list(),
            Key::Tab => self.tool = Some(0),
            Key::Char(letter) => return self.letter(letter),
            _ => {}
        }
        None
    }

    fn letter(&mut self, letter: char) -> Option<Decision> {
        match letter {
            'e' => self.open_editor(),
            'h' | '?' => self.mode = Mode::Help,
            'i' => self.open_page(Page::Details),
            'n' => self.open_page(Page::Rejected),
            'p' | 'P' => self.open_page(Page::Status),
            '/' => self.mode = Mode::Search(String::new()),
            'v' => self.answer = format!("LamBoot {}", self.header.version),
            'f' => return Some(Decision::FirmwareSetup),
            'B' => return Some(Decision::Reboot),
            'O' => return Some(Decision::PowerOff),
            'd' | 'o' if self.is_on_door() => {
                self.answer = "This is a list: Enter opens or leaves it.".into();
            }
            'd' if self.items.get(self.selected).is_some_and(|item| item.never_default) => {
                self.answer = "This is never the default; o starts it next time, once.".into();
            }
            'd' => return self.change_mark(|item| item.is_default, Change::Default),
            'o' => return self.change_mark(|item| item.is_next, Change::Next),
            't' | '+' => return Some(Decision::Change(Change::Timeout(true))),
            'T' | '-' => return Some(Decision::Change(Change::Timeout(false))),
            'r' => return Some(Decision::Change(Change::TextMode(true))),
            'R' => return Some(Decision::Change(Change::TextMode(false))),
            'l' => self.select_badge(&[Badge::Linux, Badge::Uki]),
            'w' => self.select_badge(&[Badge::Windows]),
            's' => self.select_title("efi shell"),
            digit => self.select_number(digit),
        }
        None
    }

    /// Sets a mark on the selected entry, or takes it away where it is already.
    fn change_mark(
        &self,
        is_set: impl Fn(&super::Item) -> bool,
        change: impl Fn(Option<usize>) -> Change,
    ) -> Option<Decision> {
        let item = self.items.get(self.selected)?;
        Some(Decision::Change(change((!is_set(item)).then_some(self.selected))))
    }

    /// Starts the selected entry, or goes where the selected row of a list leads.
    fn start(&mut self) -> Option<Decision> {
        let is_listed = self.row_of_selected().is_some();
        let is_entry = is_listed && !self.go_through();
        is_entry.then_some(Decision::Start { index: self.selected, edited: None, by_owner: true })
    }

    fn move_by(&mut self, step: isize) {
        if step < 0 { self.move_up(step.unsigned_abs()) } else { self.move_down(step.unsigned_abs()) }
    }

    fn move_up(&mut self, rows: usize) {
        let row = self.row_of_selected().unwrap_or(0);
        self.select_row(row.saturating_sub(rows));
    }

    fn move_down(&mut self, rows: usize) {
        let row = self.row_of_selected().unwrap_or(0);
        self.select_row(row.saturating_add(rows).min(self.rows.len().saturating_sub(1)));
    }

    pub(super) fn select_row(&mut self, row: usize) {
        if let Some(place) = self.rows.get(row) {
            self.selected = *place;
        }
    }

    fn select_number(&mut self, digit: char) {
        let row = digit.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        if let Some(row) = row {
            self.select_row(row);
        }
    }

    fn select_badge(&mut self, badges: &[Badge]) {
        let fits = |place: &&usize| self.items.get(**place).is_some_and(|item| badges.contains(&item.badge));
        if let Some(place) = self.rows.iter().find(fits) {
            self.selected = *place;
        }
    }

    fn select_title(&mut self, start: &str) {
        let fits = |place: &&usize| {
            let title = self.items.get(**place).map(|item| item.title.as_str());
            title
                .and_then(|title| title.get(..start.len()))
                .is_some_and(|title| title.eq_ignore_ascii_case(start))
        };
        if let Some(place) = self.rows.iter().find(fits) {
            self.selected = *place;
        }
    }

    pub(super) fn open_editor(&mut self) {
        match (self.editing, self.items.get(self.selected)) {
            (Editing::Forbidden(reason), _) => self.answer = reason.into(),
            (_, Some(item))
                if !matches!(item.badge, Badge::Linux | Badge::Uki | Badge::Program | Badge::Iso) =>
            {
                self.answer = "This entry has no command line.".into();
            }
            (_, Some(item)) if item.ignores_changes => {
                self.answer = "While Secure Boot is on, this image heeds its own command line only.".into();
            }
            (Editing::Locked, Some(_)) => self.mode = Mode::Password(Typed::default()),
            (Editing::Open, Some(item)) => self.mode = Mode::Edit(EditLine::new(&item.options)),
            (_, None) => {}
        }
    }

    fn open_page(&mut self, page: Page) {
        self.lines = match page {
            Page::Rejected if self.rejected.is_empty() => {
                alloc::vec!["Every entry that was found is offered.".into()]
            }
            Page::Rejected => self.rejected.clone(),
            Page::Status => self.status.clone(),
            Page::Details => {
                let item = self.items.get(self.selected).into_iter();
                let line = |detail: &Detail| format!("{}: {}", detail.label, detail.value);
                item.flat_map(|item| [item.title.clone()].into_iter().chain(item.details.iter().map(line)))
                    .collect()
            }
        };
        self.mode = Mode::Lines(page, 0);
    }

    fn tool_key(&mut self, key: Key) -> Option<Decision> {
        let tool = self.tool.unwrap_or(0);
        match key {
            Key::Up | Key::Char('k') => self.tool = Some(tool.saturating_sub(1)),
            Key::Down | Key::Char('j') => {
                self.tool = Some(tool.saturating_add(1).min(self.tools.len().saturating_sub(1)));
            }
            Key::Enter => return self.use_tool(tool),
            Key::Tab | Key::Escape | Key::Left => self.tool = None,
            other => {
                self.tool = None;
                return self.list_key(other);
            }
        }
        None
    }

    fn use_tool(&mut self, tool: usize) -> Option<Decision> {
        self.tool = None;
        match tool {
            0 => return Some(Decision::FirmwareSetup),
            1 => return Some(Decision::Reboot),
            2 => return Some(Decision::PowerOff),
            3 => self.open_page(Page::Rejected),
            4 => self.open_page(Page::Status),
            _ => self.mode = Mode::Help,
        }
        None
    }

    fn search_key(&mut self, key: Key) -> Option<Decision> {
        let Mode::Search(text) = &mut self.mode else { return None };
        match key {
            Key::Char(letter) if text.chars().count() < MAX_SEARCH => text.push(letter),
            // A serial terminal's Backspace arrives as Delete.
            Key::Backspace | Key::Delete => {
                text.pop();
            }
            Key::Enter => {
                self.mode = Mode::List;
                return self.start();
            }
            Key::Escape => {
                self.end_search();
                return None;
            }
            Key::Up => self.move_up(1),
            Key::Down => self.move_down(1),
            _ => {}
        }
        self.find();
        None
    }

    fn scroll(&mut self, steps: isize) {
        match &mut self.mode {
            Mode::List | Mode::Search(_) => self.move_by(steps),
            Mode::Lines(_, first) => *first = moved(*first, steps, self.lines.len()),
            Mode::Help | Mode::Edit(_) | Mode::Password(_) => {}
        }
    }

    /// A pointer that moves changes nothing: it would change what the countdown starts.
    pub(super) fn pointer(
        &mut self,
        target: Option<Target>,
        clicked: bool,
        scrolled: i8,
    ) -> Option<Decision> {
        if scrolled != 0 {
            self.countdown = None;
            self.scroll(isize::from(scrolled));
        }
        if !clicked {
            return None;
        }
        self.countdown = None;
        self.answer.clear();
        match (target, &self.mode) {
            (Some(Target::Row(row)), Mode::List | Mode::Search(_)) => {
                let again = self.row_of_selected() == Some(row);
                self.select_row(row);
                // The first click chooses, the second one starts.
                if again { self.start() } else { None }
            }
            (Some(Target::Tool(tool)), Mode::List) => self.use_tool(tool),
            (Some(Target::Overlay), _) | (None, Mode::List | Mode::Search(_)) => None,
            _ => {
                self.mode = Mode::List;
                None
            }
        }
    }

    /// The keys that matter now.
    pub(super) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        match self.mode {
            Mode::List if self.tool.is_some() => {
                alloc::vec![("Enter", "use"), ("Tab", "back to the entries")]
            }
            Mode::List if self.is_on_door() && self.is_in_list() => {
                alloc::vec![("Enter", "back"), ("Esc", "back")]
            }
            Mode::List if self.is_on_door() => {
                alloc::vec![("Enter", "open"), ("/", "search"), ("F1", "help")]
            }
            Mode::List if self.is_in_list() => {
                alloc::vec![
                    ("Enter", "start"),
                    ("Esc", "back"),
                    ("e", "edit"),
                    ("i", "details"),
                    ("/", "search")
                ]
            }
            Mode::List => alloc::vec![
                ("Enter", "start"),
                ("e", "edit"),
                ("d", "default"),
                ("/", "search"),
                ("F1", "help"),
                ("F2", "firmware"),
                ("F12", "restart"),
            ],
            Mode::Help => alloc::vec![("any key", "goes back")],
            Mode::Lines(..) => alloc::vec![("Up, Down", "scroll"), ("any other key", "goes back")],
            Mode::Edit(_) => alloc::vec![("Enter", "start with this command line"), ("Esc", "go back")],
            Mode::Password(_) => alloc::vec![("Enter", "open the editor"), ("Esc", "go back")],
            Mode::Search(_) => alloc::vec![("Enter", "start"), ("Up, Down", "choose"), ("Esc", "show all")],
        }
    }
}

/// A place among so many, some steps further.
fn moved(place: usize, steps: isize, count: usize) -> usize {
    place.saturating_add_signed(steps).min(count.saturating_sub(1))
}
