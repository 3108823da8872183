// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cards that lie over the menu: help, lines to read, the editor, the password.

use super::layout::{Layout, rows_in};
use super::{Page, View};
use crate::menu::lines;
use crate::menu::view::{Overlay, Target};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use lamboot_canvas::Rect;

/// The widest card, in letters.
const WIDEST: u32 = 56;
/// Room for the keys in the help, in letters.
const KEY_ROOM: u32 = 8;

impl Page<'_> {
    pub(super) fn card(&mut self, view: &View<'_>) {
        let item = view.selected.and_then(|row| view.rows.get(row));
        let subject = item.map_or("", |item| item.title.as_str());
        match &view.overlay {
            Overlay::None | Overlay::Search { .. } => {}
            Overlay::Help(keys) => self.help(keys),
            Overlay::Lines { heading, lines, first } => self.read(heading, lines, *first),
            Overlay::Edit { heading, text, cursor } => self.edit((heading, subject), text, *cursor),
            Overlay::Password { heading, typed } => {
                let dots: String = core::iter::repeat_n('\u{25CF}', *typed).collect();
                self.edit((heading, ""), &dots, *typed);
            }
        }
    }

    /// The width of a card, and of the lines in it.
    fn widths(&self) -> (u32, u32) {
        let em = self.layout.em;
        let width = em.saturating_mul(WIDEST).min(self.layout.card().width);
        (width, width.saturating_sub(em.saturating_mul(3)))
    }

    /// A card for so many lines below its heading and what that is about, at most as high as there is room;
    /// where the lines go.
    fn sheet(&mut self, (heading, subject): (&str, &str), lines: u32) -> Rect {
        let Layout { em, .. } = *self.layout;
        let room = self.layout.card();
        let line = self.layout.line();
        let width = self.widths().0;
        let wanted = line.saturating_mul(lines).saturating_add(em.saturating_mul(6));
        let height = wanted.min(room.height);
        let x = room.x.saturating_add(room.width.saturating_sub(width) / 2);
        let y = room.y.saturating_add(room.height.saturating_sub(height) / 3);
        let rect = Rect::new(x, y, width, height);
        self.targets.push((rect, Target::Overlay));
        self.panel(rect, em);
        let inner = rect.inset(em.saturating_mul(3) / 2);
        let size = em.saturating_mul(5) / 4;
        let baseline = Layout::baseline(inner.y, line, size);
        let place = (inner.x, baseline);
        let used = self.scene.text(self.font, place, inner.right(), size, self.colours.accent, heading);
        let left = inner.x.saturating_add(used).saturating_add(em);
        self.right_text(inner, baseline, em, self.colours.dim, subject, left);
        let top = line.saturating_add(em / 2);
        Rect { y: inner.y.saturating_add(top), height: inner.height.saturating_sub(top), ..inner }
    }

    fn help(&mut self, keys: &[(&str, &str)]) {
        let Layout { em, .. } = *self.layout;
        let area = self.sheet(("Keys", ""), u32::try_from(keys.len()).unwrap_or(0));
        let line = self.layout.line();
        let mut y = area.y;
        for (key, what) in keys {
            if y.saturating_add(line) > area.bottom() {
                return;
            }
            let baseline = Layout::baseline(y, line, em);
            let middle = area.x.saturating_add(em.saturating_mul(KEY_ROOM));
            self.scene.text(self.font, (area.x, baseline), middle, em, self.colours.accent, key);
            self.scene.text(self.font, (middle, baseline), area.right(), em, self.colours.text, what);
            y = y.saturating_add(line);
        }
    }

    fn read(&mut self, heading: &str, lines: &[String], first: usize) {
        let Layout { em, .. } = *self.layout;
        let width = self.widths().1;
        let room = rows_in(self.layout.screen.height, self.layout.line());
        let shown: Vec<String> = lines
            .iter()
            .skip(first)
            .take(room)
            .flat_map(|line| self.wrap(line, em, width))
            .take(room)
            .collect();
        let area = self.sheet((heading, ""), u32::try_from(shown.len()).unwrap_or(0));
        self.lines(&shown, area);
    }

    fn lines(&mut self, lines: &[String], area: Rect) {
        let Layout { em, .. } = *self.layout;
        let line = self.layout.line();
        let mut y = area.y;
        for text in lines {
            if y.saturating_add(line) > area.bottom() {
                return;
            }
            let place = (area.x, Layout::baseline(y, line, em));
            self.scene.text(self.font, place, area.right(), em, self.colours.text, text);
            y = y.saturating_add(line);
        }
    }

    /// A text in lines with its cursor; the line of the cursor is always seen.
    fn edit(&mut self, heading: (&str, &str), text: &str, cursor: usize) {
        let Layout { em, .. } = *self.layout;
        let caret = (em / 8).max(2);
        // The cursor has room behind the last character.
        let width = self.widths().1.saturating_sub(caret);
        let text: Vec<char> = text.chars().collect();
        let lines = lines::breaks(&text, width.saturating_mul(64), &|c| self.font.advance(c, em));
        let area = self.sheet(heading, u32::try_from(lines.len()).unwrap_or(1).max(3));
        let line = self.layout.line().max(1);
        let room = rows_in(area.height, line);
        let at = lines.iter().rposition(|line| line.start <= cursor).unwrap_or(0);
        let first = at.saturating_sub(room.saturating_sub(1));
        let part = |range: Range<usize>| text.get(range).unwrap_or_default().iter().collect::<String>();
        let shown: Vec<String> = lines.iter().skip(first).take(room).cloned().map(part).collect();
        self.lines(&shown, area);
        let start = lines.get(at).map_or(0, |line| line.start);
        let row = u32::try_from(at.saturating_sub(first)).unwrap_or(0);
        let caret = Rect::new(
            area.x.saturating_add(self.font.width(&part(start..cursor), em)),
            area.y.saturating_add(line.saturating_mul(row)),
            caret,
            line,
        );
        self.scene.fill(caret.intersection(area), self.colours.accent);
    }
}
