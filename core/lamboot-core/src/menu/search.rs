// SPDX-License-Identifier: MIT OR Apache-2.0
//! Searching the menu and its lists: an entry is found by any part of its title, remark or details, without regard
//! to case.

use super::{Item, Mode, Model};
use crate::glob::folded;

impl Model {
    /// Lists what the search finds, and selects the first of it unless the selected entry is among it.
    pub(super) fn find(&mut self) {
        let Mode::Search(text) = &self.mode else { return };
        let wanted = folded(text);
        let found = self.entries().enumerate().filter(|(_, item)| is_found(item, &wanted));
        self.rows = found.map(|(place, _)| place).collect();
        if self.row_of_selected().is_none() {
            self.select_row(0);
        }
    }

    /// Lists everything again.
    pub(super) fn end_search(&mut self) {
        self.mode = Mode::List;
        self.show_all();
    }
}

fn is_found(item: &Item, wanted: &str) -> bool {
    let texts =
        [&item.title, &item.remark].into_iter().chain(item.details.iter().map(|detail| &detail.value));
    texts.map(|text| folded(text)).any(|text| text.contains(wanted))
}
