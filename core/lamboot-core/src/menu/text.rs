// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu as text, for any console from 40 columns and 10 rows.

use super::{EditLine, Item, Mode, Model};
use crate::frame::{Frame, Row, Size, Style};
use crate::ports::Micros;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What each key does: the key, blanks up to column 16, and what it does.
pub const HELP: &[&str] = &[
    "Up, Down       choose an entry (PgUp, PgDn, Home, End, 1-9 too)",
    "Enter          start it",
    "Esc            stop the countdown; any other key does too",
    "e              edit the command line for this start only",
    "r              entries that are not offered, and why",
    "F1             this help",
    "F2             restart into firmware set-up",
    "F10            power off",
    "F12            restart",
];

/// Makes a frame of the menu as it stands at `now`.
#[must_use]
pub fn paint(model: &Model, size: Size, now: Micros) -> Frame {
    let columns = size.columns.max(40);
    let rows = size.rows.max(10);
    let mut page = Page { columns, rows: Vec::new() };
    page.split(Style::Strong, &format!(" LamBoot {}", model.header.version), &model.header.machine);
    page.push(Style::Dim, &"-".repeat(columns));
    let foot = foot(model, now);
    let body = rows.saturating_sub(page.rows.len()).saturating_sub(foot.len()).saturating_sub(1);
    let cursor = match &model.mode {
        Mode::List => page.list(model, body),
        Mode::Help => page.lines("Keys", HELP.iter().copied()),
        Mode::Rejected { first } => page.rejected(model, *first, body),
        Mode::Edit(line) => page.editor(line, body),
    };
    let filled = rows.saturating_sub(foot.len()).saturating_sub(1);
    page.fill_to(filled);
    for (style, text) in foot {
        page.push(style, &text);
    }
    Frame { rows: page.rows, cursor }
}

/// Countdown and keys.
fn foot(model: &Model, now: Micros) -> Vec<(Style, String)> {
    let mut lines = Vec::new();
    if let (Some(countdown), Some(item)) = (model.countdown, model.items.get(model.selected)) {
        let seconds = countdown.until.since(now).div_ceil(1_000_000);
        lines.push((
            Style::Normal,
            format!(" Starting \"{}\" in {seconds} s. Any key stops the countdown.", item.title),
        ));
    }
    let keys = match model.mode {
        Mode::List => {
            let rejected = match model.rejected.len() {
                0 => String::new(),
                count => format!("   r {count} not offered"),
            };
            format!(" Enter start   e edit   F1 help   F2 firmware   F12 restart{rejected}")
        }
        Mode::Help => String::from(" Any key goes back"),
        Mode::Rejected { .. } => String::from(" Up, Down scroll   any other key goes back"),
        Mode::Edit(_) => String::from(" Enter start with this command line   Esc go back"),
    };
    lines.push((Style::Strong, keys));
    lines
}

struct Page {
    columns: usize,
    rows: Vec<Row>,
}

impl Page {
    fn push(&mut self, style: Style, text: &str) {
        let text = text.chars().map(printable).take(self.columns).collect();
        self.rows.push(Row { text, style });
    }

    /// Left text and right text in one row; the left one gives way.
    fn split(&mut self, style: Style, left: &str, right: &str) {
        let right: String = right.chars().take(self.columns / 2).collect();
        let room = self.columns.saturating_sub(right.chars().count()).saturating_sub(2);
        let left: String = left.chars().take(room).collect();
        self.push(style, &format!("{left:room$} {right} "));
    }

    fn fill_to(&mut self, rows: usize) {
        while self.rows.len() < rows {
            self.push(Style::Normal, "");
        }
        self.rows.truncate(rows);
    }

    fn list(&mut self, model: &Model, room: usize) -> Option<(usize, usize)> {
        self.notices(&model.notices, room / 2);
        self.push(Style::Normal, "");
        if model.items.is_empty() {
            self.push(Style::Alert, "   There is nothing to start.");
        }
        let room = room.saturating_sub(self.rows.len()).max(1);
        let first = model.selected.saturating_sub(room.saturating_sub(1));
        for (place, item) in model.items.iter().enumerate().skip(first).take(room) {
            self.item(item, place == model.selected);
        }
        None
    }

    fn item(&mut self, item: &Item, selected: bool) {
        let style = match (selected, item.failed) {
            (true, _) => Style::Selected,
            (false, true) => Style::Dim,
            (false, false) => Style::Normal,
        };
        let mark = if selected { '>' } else { ' ' };
        self.split(style, &format!(" {mark} {}", item.title), &item.remark);
    }

    fn notices(&mut self, notices: &[String], room: usize) {
        let width = self.columns.saturating_sub(3);
        let mut lines = Vec::new();
        for notice in notices {
            for (place, line) in wrap(notice, width).into_iter().enumerate() {
                let mark = if place == 0 { '!' } else { ' ' };
                lines.push(format!(" {mark} {line}"));
            }
        }
        for line in lines.iter().take(room) {
            self.push(Style::Alert, line);
        }
    }

    fn lines<'t>(&mut self, heading: &str, lines: impl Iterator<Item = &'t str>) -> Option<(usize, usize)> {
        self.push(Style::Strong, &format!(" {heading}"));
        for line in lines {
            self.push(Style::Normal, &format!("   {line}"));
        }
        None
    }

    fn rejected(&mut self, model: &Model, first: usize, room: usize) -> Option<(usize, usize)> {
        if model.rejected.is_empty() {
            return self.lines("Every entry that was found is offered", core::iter::empty());
        }
        let width = self.columns.saturating_sub(5);
        let lines: Vec<String> =
            model.rejected.iter().skip(first).take(room).flat_map(|reason| wrap(reason, width)).collect();
        self.lines("Entries that are not offered", lines.iter().map(String::as_str).take(room))
    }

    fn editor(&mut self, line: &EditLine, room: usize) -> Option<(usize, usize)> {
        self.push(Style::Strong, " Command line for this start:");
        self.push(Style::Normal, "");
        let width = self.columns.saturating_sub(4);
        let text: Vec<char> = line.text().chars().collect();
        let column = line.cursor().checked_rem(width).unwrap_or(0).saturating_add(2);
        let line_of_cursor = line.cursor().checked_div(width).unwrap_or(0);
        let room = room.saturating_sub(2).max(1);
        let first = line_of_cursor.saturating_sub(room.saturating_sub(1));
        let top = self.rows.len();
        for part in text.chunks(width).skip(first).take(room) {
            let part: String = part.iter().collect();
            self.push(Style::Normal, &format!("  {part}"));
        }
        Some((column, top.saturating_add(line_of_cursor).saturating_sub(first)))
    }
}

/// Breaks a text at blanks so that no line is longer than `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().take(width).collect();
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(word.chars().count()) < width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A character of width one that no console takes for a command.
fn printable(c: char) -> char {
    match c {
        ' '..='~' => c,
        // Latin, Greek, Cyrillic and their neighbours, less the control characters of Latin-1.
        '\u{a1}'..='\u{2ff}' | '\u{370}'..='\u{52f}' | '\u{2010}'..='\u{2027}' => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::model;
    use super::super::{Event, Model};
    use super::*;
    use crate::ports::Key;
    use proptest::prelude::*;

    const SIZE: Size = Size { columns: 60, rows: 12 };

    fn text(model: &Model) -> String {
        paint(model, SIZE, Micros(0)).to_text()
    }

    #[test]
    fn the_list_with_a_countdown() {
        let mut model = model(3, Some(4_500_000));
        model.rejected.push("x.conf: empty".into());
        model.notices.push("The last start of Entry 2 did not come up.".into());
        let expected = [
            " LamBoot 1.2.3                      Secure Boot off, x86_64",
            "------------------------------------------------------------",
            " ! The last start of Entry 2 did not come up.",
            "",
            " > Entry 1                                              6.1",
            "   Entry 2                                              6.2",
            "   Entry 3                                              6.3",
            "",
            "",
            " Starting \"Entry 1\" in 5 s. Any key stops the countdown.",
            " Enter start   e edit   F1 help   F2 firmware   F12 restart",
        ];
        assert_eq!(text(&model).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_editor_shows_its_cursor() {
        let mut model = model(1, None);
        model.update(Event::Key(Key::Char('e')), Micros(0));
        model.update(Event::Key(Key::Left), Micros(0));
        let frame = paint(&model, SIZE, Micros(0));
        assert_eq!(frame.cursor, Some((21, 4)));
        assert!(frame.rows[4].text.contains("root=/dev/sda2 quiet"));
    }

    #[test]
    fn no_control_character_reaches_a_console() {
        let mut model = model(1, None);
        model.items[0].title = "evil\u{1b}[2J\u{7}\u{9b}Füße 中".into();
        assert!(text(&model).contains("evil?[2J??Füße ?"));
    }

    #[test]
    fn wrapping_keeps_every_word() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde"]);
    }

    proptest! {
        #[test]
        fn a_frame_always_fits_and_shows_the_selected_entry(
            items in 0_usize..60, down in 0_usize..60, columns in 1_usize..200, rows in 1_usize..60,
            notices in proptest::collection::vec("[a-z ]{0,300}", 0..5),
            opener in prop::sample::select(vec![Key::Function(1), Key::Char('e'), Key::Char('r'), Key::Up]),
        ) {
            let mut model = model(items, Some(1_000_000));
            model.notices = notices;
            for _ in 0..down { model.update(Event::Key(Key::Down), Micros(0)); }
            let size = Size { columns, rows };
            let frame = paint(&model, size, Micros(0));
            prop_assert!(frame.rows.len() <= rows.max(10));
            prop_assert!(frame.rows.iter().all(|row| row.text.chars().count() <= columns.max(40)));
            prop_assert_eq!(frame.rows.iter().filter(|row| row.style == Style::Selected).count(), items.min(1));
            model.update(Event::Key(opener), Micros(0));
            let frame = paint(&model, size, Micros(0));
            prop_assert!(frame.rows.len() <= rows.max(10));
        }
    }
}
