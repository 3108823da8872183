// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cards that lie over the menu: help, lines to read, the editor, the password.

use super::Page;
use super::layout::{Layout, rows_in};
use crate::menu::view::{Overlay, Target};
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_canvas::Rect;

/// The widest card, in letters.
const WIDEST: u32 = 56;
/// Room for the keys in the help, in letters.
const KEY_ROOM: u32 = 8;

impl Page<'_> {
    pub(super) fn card(&mut self, overlay: &Overlay<'_>) {
        match overlay {
            Overlay::None | Overlay::Search { .. } => {}
            Overlay::Help(keys) => self.help(keys),
            Overlay::Lines { heading, lines, first } => self.read(heading, lines, *first),
            Overlay::Edit { heading, text, cursor } => self.edit(heading, text, *cursor),
            Overlay::Password { heading, typed } => {
                let dots: String = core::iter::repeat_n('\u{25CF}', *typed).collect();
                self.edit(heading, &dots, *typed);
            }
        }
    }

    /// A card for so many lines below a heading, at most as high as the screen; where the lines go.
    fn sheet(&mut self, heading: &str, lines: u32) -> Rect {
        let Layout { screen, em, .. } = *self.layout;
        let line = self.layout.line();
        let width = em.saturating_mul(WIDEST).min(screen.width.saturating_sub(em.saturating_mul(2)));
        let wanted = line.saturating_mul(lines).saturating_add(em.saturating_mul(6));
        let height = wanted.min(screen.height.saturating_sub(em.saturating_mul(2)));
        let rect = Rect::new(
            screen.width.saturating_sub(width) / 2,
            screen.height.saturating_sub(height) / 2,
            width,
            height,
        );
        let edge = (em / 8).max(1);
        self.targets.push((rect, Target::Overlay));
        self.scene.round(rect, em, self.colours.line);
        self.scene.round(rect.inset(edge), em.saturating_sub(edge), self.colours.panel);
        let inner = rect.inset(em.saturating_mul(3) / 2);
        let size = em.saturating_mul(5) / 4;
        let place = (inner.x, Layout::baseline(inner.y, line, size));
        self.scene.text(self.font, place, inner.right(), size, self.colours.accent, heading);
        let top = line.saturating_add(em / 2);
        Rect { y: inner.y.saturating_add(top), height: inner.height.saturating_sub(top), ..inner }
    }

    fn help(&mut self, keys: &[(&str, &str)]) {
        let Layout { em, .. } = *self.layout;
        let area = self.sheet("Keys", u32::try_from(keys.len()).unwrap_or(0));
        let line = self.layout.line();
        let mut y = area.y;
        for (key, what) in keys {
            if y.saturating_add(line) > area.bottom() {
                return;
            }
            let baseline = Layout::baseline(y, line, em);
            let middle = area.x.saturating_add(em.saturating_mul(KEY_ROOM));
            self.scene.text(self.font, (area.x, baseline), middle, em, self.colours.text, key);
            self.scene.text(self.font, (middle, baseline), area.right(), em, self.colours.dim, what);
            y = y.saturating_add(line);
        }
    }

    fn read(&mut self, heading: &str, lines: &[String], first: usize) {
        let Layout { em, .. } = *self.layout;
        let width = em.saturating_mul(WIDEST.saturating_sub(4));
        let room = rows_in(self.layout.screen.height, self.layout.line());
        let shown: Vec<String> = lines
            .iter()
            .skip(first)
            .take(room)
            .flat_map(|line| self.wrap(line, em, width))
            .take(room)
            .collect();
        let area = self.sheet(heading, u32::try_from(shown.len()).unwrap_or(0));
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

    /// A text in lines of equal room, with its cursor; the line of the cursor is always seen.
    fn edit(&mut self, heading: &str, text: &str, cursor: usize) {
        let Layout { em, screen, .. } = *self.layout;
        let width = em.saturating_mul(WIDEST).min(screen.width.saturating_sub(em.saturating_mul(2)));
        let (lines, at) = self.broken(text, cursor, width.saturating_sub(em.saturating_mul(3)));
        let area = self.sheet(heading, u32::try_from(lines.len()).unwrap_or(1).max(3));
        let line = self.layout.line().max(1);
        let room = rows_in(area.height, line);
        let first = at.0.saturating_sub(room.saturating_sub(1));
        let shown: Vec<String> = lines.iter().skip(first).take(room).cloned().collect();
        self.lines(&shown, area);
        let before: String =
            lines.get(at.0).map(|line| line.chars().take(at.1).collect()).unwrap_or_default();
        let row = u32::try_from(at.0.saturating_sub(first)).unwrap_or(0);
        let caret = Rect::new(
            area.x.saturating_add(self.font.width(&before, em)),
            area.y.saturating_add(line.saturating_mul(row)),
            (em / 8).max(2),
            line,
        );
        self.scene.fill(caret.intersection(area), self.colours.accent);
    }

    /// The text in lines, and the cursor's line and place in it.
    fn broken(&self, text: &str, cursor: usize, width: u32) -> (Vec<String>, (usize, usize)) {
        let em = self.layout.em;
        let mut lines = alloc::vec![String::new()];
        let (mut used, mut at, mut column) = (0_u32, (0, 0), 0_usize);
        for (place, character) in text.chars().chain([' ']).enumerate() {
            let advance = self.font.advance(character, em);
            if used.saturating_add(advance).div_ceil(64) > width && column > 0 {
                lines.push(String::new());
                (used, column) = (0, 0);
            }
            if place == cursor {
                at = (lines.len().saturating_sub(1), column);
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            used = used.saturating_add(advance);
            column = column.saturating_add(1);
        }
        (lines, at)
    }
}
