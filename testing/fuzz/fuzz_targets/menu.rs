// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu: any keys, titles and screen sizes give a frame that fits and no control characters.
#![no_main]

use lamboot_core::frame::Size;
use lamboot_core::menu::{Badge, Event, Header, Item, Model, text};
use lamboot_core::ports::{Key, Micros};
use libfuzzer_sys::fuzz_target;

const KEYS: [Key; 16] = [
    Key::Enter,
    Key::Escape,
    Key::Backspace,
    Key::Delete,
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Function(1),
    Key::Char('e'),
    Key::Char('n'),
    Key::Char('\u{301}'),
];

fuzz_target!(|input: (String, String, Vec<u8>, u8, u8)| {
    let (title, notice, keys, columns, rows) = input;
    let item = Item {
        options: title.clone(),
        remark: title.clone(),
        title,
        ignores_changes: false,
        failed: false,
        badge: Badge::Linux,
        is_default: false,
        is_next: false,
        never_default: false,
        group: None,
        details: Vec::new(),
    };
    let header = Header { version: String::new(), machine: String::new() };
    let listed = Item { group: Some(notice.clone()), ..item.clone() };
    let mut model = Model::new(header, vec![item.clone(), listed, item], 0, None);
    model.notices.push(notice.clone());
    model.rejected.push(notice);
    let size = Size { columns: usize::from(columns), rows: usize::from(rows) };
    for key in keys {
        model.update(Event::Key(KEYS[usize::from(key % 16)]), Micros(0));
        let frame = text::paint(&model.view(Micros(0)), size);
        assert!(frame.rows.len() <= size.rows.max(10));
        assert!(frame.rows.iter().all(|row| !row.text.contains(char::is_control)));
    }
});
