// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu as text, for any console from 40 columns and 10 rows.

use super::Item;
use super::lines;
use super::view::{CountdownView, Overlay, View};
use crate::frame::{Frame, Row, Size, Style};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Consoles from this width on show details beside the list.
const WIDE: usize = 110;
/// Where the details begin on a wide console, in hundredths of its width.
const DETAILS_AT: usize = 58;
/// The column at which the help says what a key does.
const HELP_COLUMN: usize = 14;

/// Makes a frame of what is to be seen.
#[must_use]
pub fn paint(view: &View<'_>, size: Size) -> Frame {
    let columns = size.columns.max(40);
    let rows = size.rows.max(10);
    let mut page = Page { columns, rows: Vec::new() };
    page.split(Style::Strong, &format!(" LamBoot {}", view.header.version), &view.header.machine);
    page.push(Style::Dim, &"-".repeat(columns));
    let foot = foot(view, columns);
    let filled = rows.saturating_sub(foot.len()).saturating_sub(1);
    let body = filled.saturating_sub(page.rows.len());
    let cursor = page.body(view, body);
    page.fill_to(filled);
    for (style, text) in foot {
        page.push(style, &text);
    }
    Frame { rows: page.rows, cursor }
}

/// Search, answer, countdown and keys.
fn foot(view: &View<'_>, columns: usize) -> Vec<(Style, String)> {
    let mut lines = Vec::new();
    if let Overlay::Search { text } = view.overlay {
        lines.push((Style::Normal, format!(" Search: {text}_")));
    }
    if !view.answer.is_empty() {
        lines.push((Style::Alert, format!(" {}", view.answer)));
    }
    if let (Some(countdown), Some(item)) = (view.countdown, selected(view)) {
        lines.push((Style::Normal, countdown_line(countdown, item)));
    }
    lines.push((Style::Strong, hints(view, columns)));
    lines
}

fn selected<'m>(view: &View<'m>) -> Option<&'m Item> {
    view.selected.and_then(|row| view.rows.get(row).copied())
}

fn countdown_line(countdown: CountdownView, item: &Item) -> String {
    format!(" Starting \"{}\" in {} s. Any key stops the countdown.", item.title, countdown.seconds)
}

/// As many keys as there is room for; that some entries are not offered goes before the last ones.
fn hints(view: &View<'_>, columns: usize) -> String {
    let list = matches!(view.overlay, Overlay::None) && view.selected_tool.is_none();
    let end = match view.not_offered {
        count if count > 0 && list => format!("   n {count} not offered"),
        _ => String::new(),
    };
    let mut line = String::new();
    for (key, what) in &view.keys {
        let hint = if line.is_empty() { format!(" {key} {what}") } else { format!("   {key} {what}") };
        let length = [&line, &hint, &end].into_iter().map(|part| part.chars().count()).sum::<usize>();
        if length > columns {
            break;
        }
        line.push_str(&hint);
    }
    line.push_str(&end);
    line
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
        let left = shortened(left, room);
        self.push(style, &format!("{left:room$} {right} "));
    }

    fn fill_to(&mut self, rows: usize) {
        while self.rows.len() < rows {
            self.push(Style::Normal, "");
        }
        self.rows.truncate(rows);
    }

    /// What stands between the lines at the top and at the foot; where a cursor is seen.
    fn body(&mut self, view: &View<'_>, room: usize) -> Option<(usize, usize)> {
        match &view.overlay {
            Overlay::None if view.selected_tool.is_some() => self.tools(view),
            Overlay::None | Overlay::Search { .. } => self.list(view, room),
            Overlay::Help(keys) => self.help(keys, room),
            Overlay::Lines { heading, lines, first } => self.read(heading, lines, *first, room),
            Overlay::Edit { heading, text, cursor } => {
                return Some(self.editor(heading, text, *cursor, room));
            }
            Overlay::Password { heading, typed } => {
                return Some(self.editor(heading, &"*".repeat(*typed), *typed, room));
            }
        }
        None
    }

    fn list(&mut self, view: &View<'_>, room: usize) {
        let top = self.rows.len();
        self.notices(view.notices, room / 2);
        self.push(Style::Normal, "");
        if view.rows.is_empty() {
            let searching = matches!(view.overlay, Overlay::Search { .. });
            let words =
                if searching { "   Nothing is called that." } else { "   There is nothing to start." };
            self.push(Style::Alert, words);
        }
        let room = room.saturating_sub(self.rows.len().saturating_sub(top)).max(1);
        let selected = view.selected.unwrap_or(0);
        let first = selected.saturating_sub(room.saturating_sub(1));
        let details = self.details(view, room);
        for (line, (row, item)) in view.rows.iter().enumerate().skip(first).take(room).enumerate() {
            self.item(item, view.selected == Some(row), details.get(line).map(String::as_str));
        }
        let shown = view.rows.len().saturating_sub(first).min(room);
        for detail in details.iter().skip(shown) {
            self.beside(Style::Normal, "", "", detail);
        }
    }

    /// The selected entry's details, wrapped, for consoles that have room beside the list.
    fn details(&self, view: &View<'_>, room: usize) -> Vec<String> {
        if self.columns < WIDE {
            return Vec::new();
        }
        let width = self.columns.saturating_sub(self.details_column()).saturating_sub(1);
        let lines = view
            .details
            .iter()
            .flat_map(|detail| wrap(&format!("{}: {}", detail.label, detail.value), width));
        lines.take(room).collect()
    }

    const fn details_column(&self) -> usize {
        self.columns.saturating_mul(DETAILS_AT) / 100
    }

    fn item(&mut self, item: &Item, selected: bool, detail: Option<&str>) {
        let style = match (selected, item.failed) {
            (true, _) => Style::Selected,
            (false, true) => Style::Dim,
            (false, false) => Style::Normal,
        };
        let mark = if selected { '>' } else { ' ' };
        let left = format!(" {mark} {}", item.title);
        let right = remark(item);
        if self.columns < WIDE {
            self.split(style, &left, &right);
        } else {
            self.beside(style, &left, &right, detail.unwrap_or(""));
        }
    }

    /// A row of the list with a detail beside it.
    fn beside(&mut self, style: Style, left: &str, right: &str, detail: &str) {
        let column = self.details_column();
        let mut list = Self { columns: column.saturating_sub(2), rows: Vec::new() };
        list.split(style, left, right);
        let left = list.rows.pop().map(|row| row.text).unwrap_or_default();
        self.push(style, &format!("{left:column$}{detail}"));
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

    fn tools(&mut self, view: &View<'_>) {
        self.push(Style::Strong, " Tools");
        for (place, tool) in view.tools.iter().enumerate() {
            let selected = view.selected_tool == Some(place);
            let style = if selected { Style::Selected } else { Style::Normal };
            let mark = if selected { '>' } else { ' ' };
            self.split(style, &format!(" {mark} {}", tool.label), tool.key);
        }
    }

    /// Keys in one column, or in two where one is too short.
    fn help(&mut self, keys: &[(&str, &str)], room: usize) {
        self.push(Style::Strong, " Keys");
        let room = room.saturating_sub(1).max(1);
        let line = |(key, what): &(&str, &str)| format!("{key:HELP_COLUMN$} {what}");
        let half = self.columns / 2;
        let two = keys.len() > room && half > HELP_COLUMN.saturating_mul(2);
        let rows = if two { keys.len().div_ceil(2) } else { keys.len() };
        for row in 0..rows.min(room) {
            let left = keys.get(row).map(line).unwrap_or_default();
            let right = keys.get(row.saturating_add(rows)).map(line).unwrap_or_default();
            let width = if two { half.saturating_sub(2) } else { self.columns };
            let left = shortened(&left, width.saturating_sub(1));
            self.push(Style::Normal, &format!(" {left:width$} {right}"));
        }
    }

    fn read(&mut self, heading: &str, lines: &[String], first: usize, room: usize) {
        self.push(Style::Strong, &format!(" {heading}"));
        let width = self.columns.saturating_sub(5);
        let wrapped = lines.iter().skip(first).take(room).flat_map(|line| wrap(line, width));
        for line in wrapped.take(room.saturating_sub(1)) {
            self.push(Style::Normal, &format!("   {line}"));
        }
    }

    fn editor(&mut self, heading: &str, text: &str, cursor: usize, room: usize) -> (usize, usize) {
        self.push(Style::Strong, &format!(" {heading}:"));
        self.push(Style::Normal, "");
        let width = self.columns.saturating_sub(4).max(1);
        let text: Vec<char> = text.chars().collect();
        let lines = lines::breaks(&text, u32::try_from(width).unwrap_or(u32::MAX), &|_| 1);
        let line_of_cursor = lines.iter().rposition(|line| line.start <= cursor).unwrap_or(0);
        let start = lines.get(line_of_cursor).map_or(0, |line| line.start);
        let column = cursor.saturating_sub(start).saturating_add(2);
        let room = room.saturating_sub(2).max(1);
        let first = line_of_cursor.saturating_sub(room.saturating_sub(1));
        let top = self.rows.len();
        for line in lines.into_iter().skip(first).take(room) {
            let part: String = text.get(line).unwrap_or_default().iter().collect();
            self.push(Style::Normal, &format!("  {part}"));
        }
        (column, top.saturating_add(line_of_cursor).saturating_sub(first))
    }
}

/// What stands right of the title: what it is marked with, then its remark.
pub(super) fn remark(item: &Item) -> String {
    let marks = [(item.is_next, "next start"), (item.is_default, "default")];
    let words = marks.into_iter().filter(|(set, _)| *set).map(|(_, word)| word);
    let all = words.chain([item.remark.as_str()]).filter(|word| !word.is_empty());
    all.collect::<Vec<_>>().join(", ")
}

/// The text, or its start and an ellipsis.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain((width > 0).then_some('\u{2026}')).collect()
}

/// Breaks a text so that no line is longer than `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    lines::wrap(text, u32::try_from(width).unwrap_or(u32::MAX), &|_| 1)
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
    use crate::ports::{Key, Micros};
    use proptest::prelude::*;

    const SIZE: Size = Size { columns: 60, rows: 12 };

    fn text(model: &Model) -> String {
        paint(&model.view(Micros(0)), SIZE).to_text()
    }

    fn press(model: &mut Model, keys: &[Key]) {
        for key in keys {
            model.update(Event::Key(*key), Micros(0));
        }
    }

    #[test]
    fn the_list_with_a_countdown() {
        let mut model = model(3, Some(4_500_000));
        model.rejected.push("x.conf: empty".into());
        model.notices.push("The last start of Entry 2 did not come up.".into());
        model.items[0].is_default = true;
        let expected = [
            " LamBoot 1.2.3                      Secure Boot off, x86_64",
            "------------------------------------------------------------",
            " ! The last start of Entry 2 did not come up.",
            "",
            " > Entry 1                                     default, 6.1",
            "   Entry 2                                              6.2",
            "   Entry 3                                              6.3",
            "",
            "",
            " Starting \"Entry 1\" in 5 s. Any key stops the countdown.",
            " Enter start   e edit   d default   n 1 not offered",
        ];
        assert_eq!(text(&model).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_wide_console_shows_details_beside_the_list() {
        let model = model(2, None);
        let frame = paint(&model.view(Micros(0)), Size { columns: 120, rows: 10 });
        let line = &frame.rows[3].text;
        assert!(line.contains("> Entry 1") && line.contains(r"File: \loader\entries\1.conf"), "{line}");
    }

    #[test]
    fn the_search_line_stands_at_the_foot() {
        let mut model = model(12, None);
        press(&mut model, &[Key::Char('/'), Key::Char('1'), Key::Char('2')]);
        let expected = [
            " LamBoot 1.2.3                      Secure Boot off, x86_64",
            "------------------------------------------------------------",
            "",
            " > Entry 12                                            6.12",
            "",
            "",
            "",
            "",
            "",
            " Search: 12_",
            " Enter start   Up, Down choose   Esc show all",
        ];
        assert_eq!(text(&model).lines().collect::<Vec<_>>(), expected);
        press(&mut model, &[Key::Char('x')]);
        assert!(text(&model).contains("Nothing is called that."));
    }

    #[test]
    fn tools_stand_behind_the_tabulator() {
        let mut model = model(1, None);
        press(&mut model, &[Key::Tab, Key::Down]);
        let text = text(&model);
        assert!(text.contains("> Restart") && text.contains("F12"), "{text}");
    }

    #[test]
    fn the_editor_shows_its_cursor() {
        let mut model = model(1, None);
        press(&mut model, &[Key::Char('e'), Key::Left]);
        let frame = paint(&model.view(Micros(0)), SIZE);
        assert_eq!(frame.cursor, Some((21, 4)));
        assert!(frame.rows[4].text.contains("root=/dev/sda2 quiet"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let mut model = model(1, None);
        model.editing = super::super::Editing::Locked;
        press(&mut model, &[Key::Char('e'), Key::Char('s'), Key::Char('3')]);
        let text = text(&model);
        assert!(text.contains("**") && !text.contains("s3"), "{text}");
    }

    #[test]
    fn help_fits_a_small_console_in_two_columns() {
        let mut model = model(1, None);
        press(&mut model, &[Key::Function(1)]);
        let frame = paint(&model.view(Micros(0)), Size { columns: 100, rows: 14 });
        assert!(frame.to_text().contains("search") && frame.to_text().contains("power off"));
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
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let keys = vec![
            Key::Function(1),
            Key::Char('e'),
            Key::Char('n'),
            Key::Up,
            Key::Down,
            Key::Tab,
            Key::Enter,
            Key::Escape,
            Key::Char('/'),
            Key::Char('1'),
            Key::Char('i'),
            Key::Char('p'),
            Key::End,
            Key::Backspace,
        ];
        prop::sample::select(keys)
    }

    proptest! {
        #[test]
        fn a_frame_always_fits_and_shows_the_selected_entry(
            items in 0_usize..60, down in 0_usize..60, columns in 1_usize..200, rows in 1_usize..60,
            notices in proptest::collection::vec("[a-z ]{0,300}", 0..5),
            keys in proptest::collection::vec(any_key(), 0..8),
        ) {
            let mut model = model(items, Some(1_000_000));
            model.notices = notices;
            press(&mut model, &vec![Key::Down; down]);
            let size = Size { columns, rows };
            let frame = paint(&model.view(Micros(0)), size);
            prop_assert!(frame.rows.len() <= rows.max(10));
            prop_assert!(frame.rows.iter().all(|row| row.text.chars().count() <= columns.max(40)));
            prop_assert_eq!(frame.rows.iter().filter(|row| row.style == Style::Selected).count(), items.min(1));
            press(&mut model, &keys);
            let frame = paint(&model.view(Micros(0)), size);
            prop_assert!(frame.rows.len() <= rows.max(10));
        }
    }
}
