// SPDX-License-Identifier: MIT OR Apache-2.0
//! Drawing frames of text: only what changed, and nothing before the first frame.
//!
//! Firmware consoles are slow, serial lines most of all, so the rows of the frame before are
//! remembered and only other ones are written.

use crate::canvas::Shared;
use crate::console::Console;
use crate::status;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::frame::{Frame, Row, Size, Style};
use lamboot_core::ports::Screen;

/// What is assumed of a console that does not tell its size: UEFI 2.10, section 12.4, makes every
/// console able to do this.
const STANDARD: Size = Size { columns: 80, rows: 25 };
/// Light grey on black: how an operating system expects to find the console.
const PLAIN: u8 = 0x07;

/// Colours of a style. No dark grey: many serial terminals show it as black on black.
const fn attribute(style: Style) -> u8 {
    match style {
        Style::Normal => PLAIN,
        Style::Strong => 0x0F,
        Style::Selected => 0x70,
        Style::Dim => 0x03,
        Style::Alert => 0x0C,
    }
}

/// What was drawn last.
struct Drawn {
    rows: Vec<Row>,
    cursor: Option<(usize, usize)>,
    attribute: u8,
    /// Whether firmware had the cursor visible before the first frame.
    cursor_before: bool,
}

/// [`Screen`] on firmware.
pub(crate) struct FirmwareScreen {
    /// Whether a canvas has the graphical screen.
    canvas_open: Shared,
    /// Consoles, and what was drawn on each; found at the first frame.
    consoles: Option<Vec<(Console, Option<Drawn>)>>,
}

impl FirmwareScreen {
    pub(crate) const fn new(canvas_open: Shared) -> Self {
        Self { canvas_open, consoles: None }
    }

    /// The console of all consoles; while a canvas has the graphical screen, each one beside it.
    fn consoles(&mut self) -> &mut Vec<(Console, Option<Drawn>)> {
        let canvas_open = self.canvas_open.get().is_some();
        self.consoles.get_or_insert_with(|| {
            let consoles = if canvas_open {
                Console::beside_graphics()
            } else {
                Console::system().into_iter().collect()
            };
            consoles.into_iter().map(|console| (console, None)).collect()
        })
    }
}

impl Screen for FirmwareScreen {
    fn size(&mut self) -> Size {
        let sizes = self.consoles().iter().filter_map(|(console, _)| console.size());
        let usable =
            sizes.filter(|(columns, rows)| (20..=1000).contains(columns) && (5..=1000).contains(rows));
        // What fits the smallest console fits all.
        let smallest = usable.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
        smallest.map_or(STANDARD, |(columns, rows)| Size { columns, rows })
    }

    fn draw(&mut self, frame: &Frame) {
        let size = self.size();
        for (console, drawn) in self.consoles() {
            draw(*console, drawn.get_or_insert_with(|| first(*console)), frame, size);
        }
    }

    fn modes(&mut self) -> (u32, u32) {
        Console::system().map_or((0, 0), |console| console.modes())
    }

    fn set_mode(&mut self, mode: u32) -> PortResult<()> {
        let console = Console::system().ok_or(ErrorKind::Unsupported)?;
        // The next frame starts on an empty screen of another size.
        self.consoles = None;
        console.set_mode(mode).map_err(status::error)
    }

    fn release(&mut self) {
        for (console, drawn) in self.consoles.take().into_iter().flatten() {
            if let Some(drawn) = drawn {
                console.set_attribute(PLAIN);
                console.clear();
                console.show_cursor(drawn.cursor_before);
            }
        }
    }
}

fn draw(console: Console, drawn: &mut Drawn, frame: &Frame, size: Size) {
    for (index, row, width) in changes(&drawn.rows, &frame.rows, size) {
        let attribute = attribute(row.style);
        if drawn.attribute != attribute {
            console.set_attribute(attribute);
            drawn.attribute = attribute;
        }
        console.set_cursor(0, index);
        console.write(&cells(&row.text, width));
    }
    drawn.rows.clone_from(&frame.rows);
    place_cursor(console, drawn, frame.cursor);
}

/// An empty screen to draw the first frame on.
fn first(console: Console) -> Drawn {
    let cursor_before = console.cursor_visible();
    console.show_cursor(false);
    console.set_attribute(PLAIN);
    console.clear();
    Drawn { rows: Vec::new(), cursor: None, attribute: PLAIN, cursor_before }
}

/// Writing moves the cursor, so a visible one is put back every time.
fn place_cursor(console: Console, drawn: &mut Drawn, cursor: Option<(usize, usize)>) {
    if let Some((column, row)) = cursor {
        console.set_cursor(column, row);
    }
    if drawn.cursor.is_some() != cursor.is_some() {
        console.show_cursor(cursor.is_some());
    }
    drawn.cursor = cursor;
}

const EMPTY: &Row = &Row { text: String::new(), style: Style::Normal };

/// The rows to write, with their number and the width to fill.
///
/// The last cell of the last row stays empty: writing it scrolls the screen.
fn changes<'r>(
    before: &'r [Row],
    now: &'r [Row],
    size: Size,
) -> impl Iterator<Item = (usize, &'r Row, usize)> {
    (0..size.rows).filter_map(move |index| {
        let old = before.get(index).unwrap_or(EMPTY);
        let new = now.get(index).unwrap_or(EMPTY);
        let limit = if index + 1 == size.rows { size.columns.saturating_sub(1) } else { size.columns };
        (old != new).then(|| (index, new, width(old).max(width(new)).min(limit)))
    })
}

/// How many cells of a row show something. The background of a selected row covers all of it.
fn width(row: &Row) -> usize {
    if row.style == Style::Selected { usize::MAX } else { row.text.chars().count() }
}

/// Exactly `width` cells. What a console cannot show in one cell becomes a question mark.
fn cells(text: &str, width: usize) -> Vec<u16> {
    let shown = text.chars().map(|character| match u16::try_from(u32::from(character)) {
        Ok(unit) if !character.is_control() => unit,
        _ => u16::from(b'?'),
    });
    shown.chain(core::iter::repeat(u16::from(b' '))).take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 10, rows: 3 };

    fn row(text: &str, style: Style) -> Row {
        Row { text: text.into(), style }
    }

    fn written(before: &[Row], now: &[Row]) -> Vec<(usize, usize)> {
        changes(before, now, SIZE).map(|(index, _, width)| (index, width)).collect()
    }

    #[test]
    fn only_rows_that_changed_are_written() {
        let before = [row("one", Style::Normal), row("two", Style::Normal)];
        let now = [row("one", Style::Normal), row("three", Style::Normal), row("x", Style::Normal)];
        assert_eq!(written(&before, &before), []);
        assert_eq!(written(&before, &now), [(1, 5), (2, 1)]);
    }

    #[test]
    fn longer_text_and_backgrounds_are_wiped() {
        let long = [row("long text", Style::Normal)];
        let short = [row("ab", Style::Normal)];
        let selected = [row("ab", Style::Selected)];
        assert_eq!(written(&long, &short), [(0, 9)]);
        assert_eq!(written(&short, &selected), [(0, 10)]);
        assert_eq!(written(&selected, &short), [(0, 10)]);
        assert_eq!(written(&long, &[]), [(0, 9)]);
    }

    #[test]
    fn the_last_cell_of_the_screen_stays_empty() {
        let now = [row("", Style::Normal), row("", Style::Normal), row("0123456789abc", Style::Selected)];
        assert_eq!(written(&[], &now), [(2, 9)]);
        assert_eq!(cells("0123456789abc", 9).len(), 9);
    }

    #[test]
    fn every_character_takes_one_cell() {
        let text: Vec<u16> = "a?ä? ".encode_utf16().collect();
        assert_eq!(cells("a\u{1b}ä\u{1F600}", 5), text);
    }
}
