// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists within the menu: entries of one group stand behind a row of its name.
//!
//! A row that leads into a list or out of it is an [`Item`] like any other, so that every painter and the pointer
//! have it. Those rows come behind all entries in [`Model::items`], and none of them is ever started.

use super::{Badge, Detail, Item, Model};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The lists, and which of them is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    /// Their names, in the order of their first entries.
    names: Vec<String>,
    /// How many entries there are in all; the rows of lists come behind them.
    entries: usize,
    /// The list that is open, by its place among the names.
    open: Option<usize>,
}

/// What Enter does on a row of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Into(usize),
    OutOf(usize),
}

impl Groups {
    /// The lists that these entries stand in; their rows are added behind them.
    pub(super) fn of(items: &mut Vec<Item>) -> Self {
        let entries = items.len();
        let mut names: Vec<(String, usize)> = Vec::new();
        for name in items.iter().filter_map(|item| item.group.as_ref()) {
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => names.push((name.clone(), 1)),
            }
        }
        for (name, count) in &names {
            let entries = if *count == 1 { "entry" } else { "entries" };
            items.push(row(name, format!("{count} {entries}")));
            items.push(row(name, "back".into()));
        }
        Self { names: names.into_iter().map(|(name, _)| name).collect(), entries, open: None }
    }

    /// What the row at this place of all leads to, if it is one of a list.
    fn door(&self, place: usize) -> Option<Door> {
        let number = place.checked_sub(self.entries)?;
        Some(if number.is_multiple_of(2) { Door::Into(number / 2) } else { Door::OutOf(number / 2) })
    }

    /// The place of the row that leads into a list, and behind it that of the one that leads out.
    const fn row_of(&self, group: usize) -> usize {
        self.entries.saturating_add(group.saturating_mul(2))
    }

    fn group_of(&self, item: &Item) -> Option<usize> {
        let name = item.group.as_ref()?;
        self.names.iter().position(|known| known == name)
    }
}

fn row(name: &str, remark: String) -> Item {
    Item {
        title: name.into(),
        details: alloc::vec![Detail::new("List", remark.clone())],
        remark,
        options: String::new(),
        ignores_changes: false,
        failed: false,
        badge: Badge::List,
        is_default: false,
        is_next: false,
        never_default: true,
        group: None,
    }
}

impl Model {
    /// The entries, without the rows of lists.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().take(self.groups.entries)
    }

    /// Whether the selected row is one of a list, and not an entry.
    pub(super) fn is_on_door(&self) -> bool {
        self.groups.door(self.selected).is_some()
    }

    /// Whether a list is open.
    pub(super) const fn is_in_list(&self) -> bool {
        self.groups.open.is_some()
    }

    /// Whether fewer rows are shown than there are: by a search.
    pub(super) fn is_narrowed(&self) -> bool {
        self.rows != self.all_rows()
    }

    /// Shows every row of the menu, or of the list that the selected entry stands in.
    pub(super) fn show_all(&mut self) {
        if !self.is_on_door() {
            let group = self.items.get(self.selected).and_then(|item| self.groups.group_of(item));
            self.groups.open = group;
        }
        self.rows = self.all_rows();
    }

    /// Goes into a list or out of it, if the selected row leads there.
    pub(super) fn go_through(&mut self) -> bool {
        match self.groups.door(self.selected) {
            None => return false,
            Some(Door::Into(group)) => {
                self.groups.open = Some(group);
                self.rows = self.all_rows();
                // The first row leads back.
                self.select_row(1);
            }
            Some(Door::OutOf(group)) => self.leave(group),
        }
        true
    }

    /// Goes back to the menu, if a list is open.
    pub(super) fn leave_list(&mut self) {
        if let Some(group) = self.groups.open {
            self.leave(group);
        }
    }

    fn leave(&mut self, group: usize) {
        self.groups.open = None;
        self.rows = self.all_rows();
        self.selected = self.groups.row_of(group);
    }

    /// The rows of the menu, with one for each list where its first entry would be; or those of the open list.
    fn all_rows(&self) -> Vec<usize> {
        let groups = self.entries().map(|item| self.groups.group_of(item)).enumerate();
        if let Some(open) = self.groups.open {
            let back = self.groups.row_of(open).saturating_add(1);
            let inside = groups.filter(|(_, group)| *group == Some(open)).map(|(place, _)| place);
            return core::iter::once(back).chain(inside).collect();
        }
        let mut rows = Vec::new();
        let mut shown = 0;
        for (place, group) in groups {
            match group {
                None => rows.push(place),
                // Lists are in the order of their first entries.
                Some(group) if group == shown => {
                    rows.push(self.groups.row_of(group));
                    shown = shown.saturating_add(1);
                }
                Some(_) => {}
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::model as plain;
    use super::super::{Decision, Event};
    use super::*;
    use crate::ports::{Key, Micros};
    use proptest::prelude::*;

    /// Entries 1 to 6, of which 3, 4 and 6 stand in lists.
    fn model(selected: usize) -> Model {
        let mut items: Vec<Item> = plain(6, None).entries().cloned().collect();
        for (place, group) in [(2, "Old"), (3, "Old"), (5, "Older")] {
            items[place].group = Some(group.into());
            items[place].never_default = true;
        }
        Model::new(plain(0, None).header, items, selected, None)
    }

    fn press(model: &mut Model, keys: &[Key]) -> Option<Decision> {
        keys.iter().filter_map(|key| model.update(Event::Key(*key), Micros(0))).last()
    }

    fn titles(model: &Model) -> Vec<&str> {
        model.view(Micros(0)).rows.iter().map(|item| item.title.as_str()).collect()
    }

    fn started(index: usize) -> Option<Decision> {
        Some(Decision::Start { index, edited: None, by_owner: true })
    }

    #[test]
    fn a_list_stands_where_its_first_entry_would() {
        let model = model(0);
        assert_eq!(titles(&model), ["Entry 1", "Entry 2", "Old", "Entry 5", "Older"]);
        let view = model.view(Micros(0));
        assert_eq!((view.rows[2].remark.as_str(), view.rows[4].remark.as_str()), ("2 entries", "1 entry"));
    }

    #[test]
    fn enter_opens_it_and_several_keys_go_back() {
        for back in [Key::Escape, Key::Left, Key::Backspace, Key::Delete] {
            let mut model = model(0);
            assert_eq!(press(&mut model, &[Key::Down, Key::Down, Key::Enter]), None);
            assert_eq!(titles(&model), ["Old", "Entry 3", "Entry 4"]);
            assert_eq!(model.view(Micros(0)).selected, Some(1), "the newest is chosen");
            assert_eq!(press(&mut model, &[back]), None);
            assert_eq!((titles(&model).len(), model.view(Micros(0)).selected), (5, Some(2)), "{back:?}");
        }
        let mut model = model(0);
        assert_eq!(press(&mut model, &[Key::Char('3'), Key::Right, Key::Down, Key::Enter]), started(3));
        assert_eq!(press(&mut model, &[Key::Home, Key::Enter]), None, "the first row leads back");
        assert_eq!(titles(&model).len(), 5);
        assert_eq!(press(&mut model, &[Key::Left, Key::Escape, Key::Home, Key::Enter]), started(0));
    }

    #[test]
    fn an_entry_of_a_list_that_is_chosen_is_shown_in_it() {
        let mut model = model(5);
        assert_eq!(titles(&model), ["Older", "Entry 6"]);
        assert_eq!(press(&mut model, &[Key::Enter]), started(5));
    }

    #[test]
    fn the_search_finds_what_is_in_lists() {
        let mut model = model(0);
        press(&mut model, &[Key::Char('/'), Key::Char('4')]);
        assert_eq!(titles(&model), ["Entry 4"]);
        assert_eq!(press(&mut model, &[Key::Escape]), None);
        assert_eq!(titles(&model), ["Old", "Entry 3", "Entry 4"]);
        press(&mut model, &[Key::Escape]);
        assert_eq!(titles(&model).len(), 5);
        press(&mut model, &[Key::Char('/'), Key::Char('o'), Key::Char('l')]);
        assert_eq!(titles(&model), Vec::<&str>::new(), "a list is no entry");
    }

    #[test]
    fn rows_of_lists_have_no_settings_and_no_command_line() {
        let mut model = model(0);
        press(&mut model, &[Key::Down, Key::Down]);
        for key in ['d', 'o', 'e'] {
            assert_eq!(press(&mut model, &[Key::Char(key)]), None);
            assert!(!model.answer.is_empty(), "{key}");
        }
        press(&mut model, &[Key::Enter]);
        assert_eq!(press(&mut model, &[Key::Char('d')]), None);
        assert!(model.answer.contains("never the default"), "{}", model.answer);
        assert!(matches!(press(&mut model, &[Key::Char('o')]), Some(Decision::Change(_))));
    }

    #[test]
    fn two_clicks_open_a_list() {
        use crate::menu::view::Target;
        let mut model = model(0);
        let mut click = |row| {
            let event = Event::Pointer { target: Some(Target::Row(row)), clicked: true, scrolled: 0 };
            (model.update(event, Micros(0)), model.view(Micros(0)).rows.len())
        };
        assert_eq!((click(2), click(2)), ((None, 5), (None, 3)));
        assert_eq!((click(0), click(0)), ((None, 3), (None, 5)));
    }

    proptest! {
        #[test]
        fn whatever_is_pressed_starts_an_entry_and_keeps_one_selected(
            groups in prop::collection::vec(prop::option::of(0_u8..3), 1..9),
            keys in prop::collection::vec(prop::sample::select(vec![
                Key::Enter, Key::Escape, Key::Left, Key::Up, Key::Down, Key::End, Key::Char('/'), Key::Char('y'),
                Key::Char('2'), Key::Char('l'), Key::Char('o'), Key::Char('d'), Key::Backspace, Key::Tab,
            ]), 0..30),
        ) {
            let mut items: Vec<Item> = plain(groups.len(), None).entries().cloned().collect();
            for (item, group) in items.iter_mut().zip(&groups) {
                item.group = group.map(|group| format!("Group {group}"));
            }
            let mut model = Model::new(plain(0, None).header, items, 0, None);
            for key in keys {
                match model.update(Event::Key(key), Micros(0)) {
                    Some(Decision::Start { index, .. }) => prop_assert!(index < groups.len()),
                    Some(Decision::Change(super::super::Change::Default(Some(index)) | super::super::Change::Next(Some(index)))) => {
                        prop_assert!(index < groups.len());
                    }
                    _ => {}
                }
                let view = model.view(Micros(0));
                prop_assert!(view.rows.is_empty() || view.selected.is_some());
            }
        }
    }
}
