// SPDX-License-Identifier: MIT OR Apache-2.0
//! Beside the list: details of the selected entry, and the tools below them.

use super::layout::{Layout, rows_in};
use super::{Page, View};
use crate::menu::Detail;
use crate::menu::view::Target;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_canvas::Rect;

/// Room for the label of a detail, in half letters.
const LABEL_ROOM: u32 = 11;
/// The most lines of one value; the page of details has all of it.
const MAX_VALUE_LINES: usize = 3;
/// Stands below the details where there are more.
const MORE: &str = "\u{2026} i shows everything";

impl Page<'_> {
    pub(super) fn side(&mut self, view: &View<'_>) {
        let Layout { side, em, .. } = *self.layout;
        if side.is_empty() {
            return;
        }
        let row = self.layout.row();
        let count = u32::try_from(view.tools.len()).unwrap_or(0);
        let tools_height = row.saturating_mul(count).min(side.height / 2);
        let tools = Rect { y: side.bottom().saturating_sub(tools_height), height: tools_height, ..side };
        let details = Rect { height: side.height.saturating_sub(tools_height).saturating_sub(em), ..side };
        self.panel(details, em / 2);
        self.details(view, details.inset(em.saturating_mul(4) / 5));
        self.tools(view, tools);
    }

    /// Label and value stay together: what has no room is left out as a whole, and that is said.
    fn details(&mut self, view: &View<'_>, area: Rect) {
        let size = self.layout.em.saturating_mul(17) / 20;
        let line = size.saturating_mul(3) / 2;
        let label_room = self.layout.em.saturating_mul(LABEL_ROOM) / 2;
        let width = area.width.saturating_sub(label_room);
        let values: Vec<Vec<String>> =
            view.details.iter().map(|detail| self.value(&detail.value, size, width)).collect();
        let room = rows_in(area.height, line);
        let shown = details_in(&values, room);
        let mut y = area.y;
        for (detail, lines) in view.details.iter().zip(&values).take(shown) {
            self.detail(detail, lines, Rect { y, height: line, ..area }, size);
            let height = line.saturating_mul(u32::try_from(lines.len()).unwrap_or(1));
            y = y.saturating_add(height);
        }
        if shown < values.len() && y.saturating_add(line) <= area.bottom() {
            let place = (area.x, Layout::baseline(y, line, size));
            self.scene.text(self.font, place, area.right(), size, self.colours.accent, MORE);
        }
    }

    /// A detail, from its first line on.
    fn detail(&mut self, detail: &Detail, lines: &[String], first: Rect, size: u32) {
        let left = first.x.saturating_add(self.layout.em.saturating_mul(LABEL_ROOM) / 2);
        let (label, value) = match detail.is_alert {
            true => (self.colours.alert, self.colours.alert),
            false => (self.colours.dim, self.colours.text),
        };
        let mut baseline = Layout::baseline(first.y, first.height, size);
        self.scene.text(self.font, (first.x, baseline), left, size, label, detail.label);
        for text in lines {
            self.scene.text(self.font, (left, baseline), first.right(), size, value, text);
            baseline = baseline.saturating_add(first.height);
        }
    }

    /// A value in lines: words are broken at blanks, and what has none is shortened in its middle.
    fn value(&self, value: &str, size: u32, width: u32) -> Vec<String> {
        if !value.contains(' ') {
            return alloc::vec![self.shortened(value, size, width)];
        }
        let mut lines = self.wrap(value, size, width);
        if lines.len() > MAX_VALUE_LINES {
            let rest = lines.drain(MAX_VALUE_LINES.saturating_sub(1)..).collect::<Vec<_>>().join(" ");
            lines.push(self.font.fitted(&rest, size, width));
        }
        lines
    }

    fn tools(&mut self, view: &View<'_>, area: Rect) {
        let Layout { em, .. } = *self.layout;
        let row = self.layout.row().max(1);
        let mut y = area.y;
        for (place, tool) in view.tools.iter().enumerate() {
            let rect = Rect::new(area.x, y, area.width, row.saturating_sub(em / 5));
            if rect.bottom() > area.bottom() {
                return;
            }
            self.targets.push((rect, Target::Tool(place)));
            let selected = view.selected_tool == Some(place);
            let (label, key) = if selected {
                self.scene.round(rect, em / 2, self.colours.selected);
                (self.colours.on_selected, self.colours.on_selected)
            } else {
                (self.colours.text, self.colours.accent)
            };
            let baseline = Layout::baseline(rect.y, rect.height, em);
            let inner = rect.inset(em / 2);
            let end =
                self.right_text(inner, baseline, em, key, tool.key, inner.x.saturating_add(inner.width / 2));
            self.scene.text(self.font, (inner.x, baseline), end, em, label, &tool.label);
            y = y.saturating_add(row);
        }
    }
}

/// How many details there is room for: all, or fewer and a line that says so.
fn details_in(values: &[Vec<String>], room: usize) -> usize {
    let fitting = |room: usize| {
        let mut used = 0_usize;
        let fits = |lines: &&Vec<String>| {
            used = used.saturating_add(lines.len());
            used <= room
        };
        values.iter().take_while(fits).count()
    };
    match fitting(room) {
        all if all == values.len() => all,
        _ => fitting(room.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_shown_whole_or_not_at_all() {
        let values = [1, 3, 2].map(|lines| alloc::vec![String::new(); lines]);
        let shown = [0, 1, 2, 4, 5, 6, 9].map(|room| details_in(&values, room));
        assert_eq!(shown, [0, 0, 1, 1, 2, 3, 3]);
    }
}
