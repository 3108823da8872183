// SPDX-License-Identifier: MIT OR Apache-2.0
//! Header, notices, list and foot.

use super::layout::{Layout, rows_in};
use super::{Page, View};
use crate::menu::view::{Overlay, Target};
use crate::menu::{Badge, Header, Item, lines};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_canvas::Rect;

impl Page<'_> {
    /// The name at the left, the machine at the right.
    pub(super) fn header(&mut self, header: &Header) {
        let Layout { header: area, em, .. } = *self.layout;
        let large = em.saturating_mul(7) / 4;
        let baseline = Layout::baseline(area.y, area.height, large);
        self.mark(Rect { width: area.height, ..area });
        let x = area.x.saturating_add(area.height).saturating_add(em / 2);
        let name =
            self.scene.text(self.font, (x, baseline), area.right(), large, self.colours.text, "LamBoot");
        let version_x = x.saturating_add(name).saturating_add(em / 2);
        let end = self.right_text(area, baseline, em, self.colours.dim, &header.machine, version_x);
        self.scene.text(self.font, (version_x, baseline), end, em, self.colours.dim, &header.version);
    }

    /// LamBoot's sign: a lamp whose light stands in a door.
    fn mark(&mut self, area: Rect) {
        let unit = area.height / 8;
        let at = |x: u32, y: u32, width: u32, height: u32| {
            let times = |count: u32| unit.saturating_mul(count);
            Rect::new(
                area.x.saturating_add(times(x)),
                area.y.saturating_add(times(y)),
                times(width),
                times(height),
            )
        };
        self.scene.round(at(0, 0, 8, 8), unit.saturating_mul(2), self.colours.selected);
        self.scene.round(at(2, 2, 1, 4), 0, self.colours.on_selected);
        self.scene.round(at(2, 5, 4, 1), 0, self.colours.on_selected);
        self.scene.round(at(4, 2, 2, 2), unit, self.colours.on_selected);
    }

    /// Text that ends at the right edge of an area but does not begin before `left`; where it begins.
    pub(super) fn right_text(
        &mut self,
        area: Rect,
        baseline: u32,
        size: u32,
        colour: u32,
        text: &str,
        left: u32,
    ) -> u32 {
        let room = area.right().saturating_sub(left);
        let text = self.font.fitted(text, size, room);
        let x = area.right().saturating_sub(self.font.width(&text, size)).max(left);
        self.scene.text(self.font, (x, baseline), area.right(), size, colour, &text);
        x.saturating_sub(size / 2)
    }

    /// What the owner should know; the area that is left for the list.
    pub(super) fn notices(&mut self, notices: &[String]) -> Rect {
        let Layout { list, em, .. } = *self.layout;
        let line = self.layout.line();
        let most = rows_in(list.height / 2, line);
        let width = list.width.saturating_sub(em.saturating_mul(2));
        let lines: Vec<(bool, String)> = notices
            .iter()
            .flat_map(|notice| {
                let lines = self.wrap(notice, em, width);
                lines.into_iter().enumerate().map(|(place, line)| (place == 0, line)).collect::<Vec<_>>()
            })
            .take(most)
            .collect();
        if lines.is_empty() {
            return list;
        }
        let mut y = list.y;
        for (first, text) in &lines {
            if *first {
                let dot = em / 2;
                let rect = Rect::new(list.x, y.saturating_add(line.saturating_sub(dot) / 2), dot, dot);
                self.scene.round(rect, dot / 2, self.colours.alert);
            }
            let place = (list.x.saturating_add(em), Layout::baseline(y, line, em));
            self.scene.text(self.font, place, list.right(), em, self.colours.alert, text);
            y = y.saturating_add(line);
        }
        let y = y.saturating_add(em / 2);
        Rect { y, height: list.bottom().saturating_sub(y), ..list }
    }

    /// The entries, with the selected one in sight.
    pub(super) fn list(&mut self, view: &View<'_>, area: Rect) {
        let Layout { em, .. } = *self.layout;
        if view.rows.is_empty() {
            let searching = matches!(view.overlay, Overlay::Search { .. });
            let words = if searching { "Nothing is called that." } else { "There is nothing to start." };
            let place = (area.x.saturating_add(em), Layout::baseline(area.y, self.layout.row(), em));
            self.scene.text(self.font, place, area.right(), em, self.colours.alert, words);
            return;
        }
        let row = self.layout.row().max(1);
        let room = rows_in(area.height, row);
        let selected = view.selected.unwrap_or(0);
        let first = selected.saturating_sub(room.saturating_sub(1));
        let scrolls = view.rows.len() > room;
        let width = if scrolls { area.width.saturating_sub(em) } else { area.width };
        let mut y = area.y;
        for (place, item) in view.rows.iter().enumerate().skip(first).take(room) {
            let rect =
                Rect::new(area.x, y, width, row.saturating_sub(em / 5)).intersection(self.layout.screen);
            let is_selected = view.selected == Some(place);
            if is_selected && view.selected_tool.is_some() {
                self.panel(rect, em / 2);
            }
            self.item(item, rect, is_selected && view.selected_tool.is_none());
            self.targets.push((rect, Target::Row(place)));
            y = y.saturating_add(row);
        }
        if scrolls {
            self.scroll_bar(area, first, room, view.rows.len());
        }
    }

    fn item(&mut self, item: &Item, rect: Rect, selected: bool) {
        let Layout { em, .. } = *self.layout;
        let (title, remark) = match (selected, item.failed) {
            (true, _) => (self.colours.on_selected, self.colours.on_selected),
            (false, true) => (self.colours.dim, self.colours.alert),
            (false, false) => (self.colours.text, self.colours.dim),
        };
        if selected {
            self.scene.round(rect, em / 2, self.colours.selected);
        }
        let baseline = Layout::baseline(rect.y, rect.height, em);
        let badge = Rect::new(rect.x.saturating_add(em / 2), rect.y, em.saturating_mul(7) / 2, rect.height);
        let inner = Rect { width: rect.width.saturating_sub(em / 2), ..rect };
        let small = em.saturating_mul(3) / 4;
        self.scene.text(self.font, (badge.x, baseline), badge.right(), small, remark, badge_word(item.badge));
        let x = badge.right();
        // Where not both have room, the title has three fifths of it.
        let most = x.saturating_add(inner.right().saturating_sub(x).saturating_mul(3) / 5);
        let left = x.saturating_add(self.font.width(&item.title, em)).saturating_add(em).min(most);
        let end = self.right_text(inner, baseline, em, remark, &crate::menu::text::remark(item), left);
        self.scene.text(self.font, (x, baseline), end, em, title, &item.title);
    }

    fn scroll_bar(&mut self, area: Rect, first: usize, room: usize, all: usize) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (first, room, all) = (number(first), number(room), number(all).max(1));
        let width = (self.layout.em / 3).max(3);
        let track = Rect { x: area.right().saturating_sub(width), width, ..area };
        let part = |count: u32| track.height.saturating_mul(count).checked_div(all).unwrap_or(0);
        let bar = Rect { y: track.y.saturating_add(part(first)), height: part(room).max(width), ..track };
        self.scene.round(track, width / 2, self.colours.line);
        self.scene.round(bar.intersection(track), width / 2, self.colours.dim);
    }

    /// Countdown, search line or answer, and the keys.
    pub(super) fn foot(&mut self, view: &View<'_>) {
        let Layout { state, keys, em, .. } = *self.layout;
        let baseline = Layout::baseline(state.y, state.height, em);
        let countdown = view.countdown.zip(view.selected.and_then(|row| view.rows.get(row)));
        if let Overlay::Search { text } = view.overlay {
            self.scene.text(
                self.font,
                (state.x, baseline),
                state.right(),
                em,
                self.colours.accent,
                &format!("Search: {text}_"),
            );
        } else if !view.answer.is_empty() {
            self.scene.text(
                self.font,
                (state.x, baseline),
                state.right(),
                em,
                self.colours.accent,
                view.answer,
            );
        } else if let Some((countdown, item)) = countdown {
            let words =
                format!("Starting {} in {} s. Any key stops the countdown.", item.title, countdown.seconds);
            self.scene.text(self.font, (state.x, baseline), state.right(), em, self.colours.text, &words);
            let thickness = (em / 5).max(2);
            let track = Rect { y: state.bottom().saturating_sub(thickness), height: thickness, ..state };
            let left = track.width.saturating_mul(u32::from(countdown.permille)) / 1000;
            self.scene.fill(track, self.colours.line);
            self.scene.fill(Rect { width: left, ..track }, self.colours.accent);
        }
        self.hints(view, keys);
    }

    fn hints(&mut self, view: &View<'_>, area: Rect) {
        let Layout { em, .. } = *self.layout;
        let size = em.saturating_mul(17) / 20;
        let baseline = Layout::baseline(area.y, area.height, size);
        let not_offered = format!("{} not offered", view.not_offered);
        let mut hints: Vec<(&str, &str)> = view.keys.clone();
        if view.not_offered > 0 && matches!(view.overlay, Overlay::None) {
            hints.push(("n", &not_offered));
        }
        let mut x = area.x;
        for (key, what) in hints {
            let width =
                self.font.width(key, size).saturating_add(self.font.width(what, size)).saturating_add(em / 2);
            if x.saturating_add(width) > area.right() {
                return;
            }
            let key = self.scene.text(self.font, (x, baseline), area.right(), size, self.colours.accent, key);
            let at = x.saturating_add(key).saturating_add(em / 2);
            self.scene.text(self.font, (at, baseline), area.right(), size, self.colours.dim, what);
            x = x.saturating_add(width).saturating_add(em.saturating_mul(3) / 2);
        }
    }

    /// Breaks a text so that no line is wider.
    pub(super) fn wrap(&self, text: &str, size: u32, width: u32) -> Vec<String> {
        lines::wrap(text, width.saturating_mul(64), &|c| self.font.advance(c, size))
    }

    /// Leaves out the middle of a text that is wider.
    pub(super) fn shortened(&self, text: &str, size: u32, width: u32) -> String {
        lines::shortened(text, width.saturating_mul(64), &|c| self.font.advance(c, size))
    }
}

/// What an entry is, in a short word.
const fn badge_word(badge: Badge) -> &'static str {
    match badge {
        Badge::Linux => "Linux",
        Badge::Uki => "UKI",
        Badge::Windows => "Win",
        Badge::Program => "EFI",
        Badge::Machine => "PC",
        Badge::Iso => "ISO",
        Badge::List => "List",
    }
}
