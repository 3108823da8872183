// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things stand: everything is a multiple of the letters' size, which follows the screen.

use crate::policy::FontSize;
use crate::ports::Resolution;
use lamboot_canvas::Rect;

/// Letters are at least so many pixels large, or nobody could read them.
const SMALLEST: u32 = 12;
/// The screen's height in letters of medium size.
const LINES: u32 = 45;
/// Screens that are so many letters wide have a column beside the list.
const WIDE: u32 = 52;

/// Where things stand on one screen.
pub(super) struct Layout {
    pub(super) screen: Rect,
    /// Size of letters, in pixels an em.
    pub(super) em: u32,
    /// The name at the top.
    pub(super) header: Rect,
    /// Notices and entries.
    pub(super) list: Rect,
    /// Details and tools; empty on narrow screens.
    pub(super) side: Rect,
    /// Countdown, search and answers.
    pub(super) state: Rect,
    /// Keys.
    pub(super) keys: Rect,
}

impl Layout {
    pub(super) fn new(resolution: Resolution, font: FontSize) -> Self {
        let Resolution { width, height } = resolution;
        let em = letters(resolution, font);
        let margin = em.saturating_mul(3) / 2;
        let inner = width.saturating_sub(margin.saturating_mul(2));
        let header = Rect::new(margin, em, inner, em.saturating_mul(5) / 2);
        let keys_height = em.saturating_mul(2);
        let keys_y = height.saturating_sub(keys_height).saturating_sub(em / 2);
        let keys = Rect::new(margin, keys_y, inner, keys_height);
        let state_height = em.saturating_mul(5) / 2;
        let state = Rect::new(margin, keys_y.saturating_sub(state_height), inner, state_height);
        let top = header.bottom().saturating_add(em);
        let body = Rect::new(margin, top, inner, state.y.saturating_sub(top).saturating_sub(em / 2));
        let (list, side) = split(body, em);
        Self { screen: Rect::new(0, 0, width, height), em, header, list, side, state, keys }
    }

    /// Where cards may lie: between the header and the keys.
    pub(super) fn card(&self) -> Rect {
        let y = self.header.bottom().saturating_add(self.em / 2);
        Rect { y, height: self.keys.y.saturating_sub(y), ..self.header }
    }

    /// Height of a row of the list.
    pub(super) const fn row(&self) -> u32 {
        self.em.saturating_mul(9) / 4
    }

    /// Height of a line of running text.
    pub(super) const fn line(&self) -> u32 {
        self.em.saturating_mul(3) / 2
    }

    /// The baseline of letters of `size` in the middle of a line.
    pub(super) const fn baseline(y: u32, height: u32, size: u32) -> u32 {
        // Capital letters are 0.7 em high.
        y.saturating_add(height / 2).saturating_add(size.saturating_mul(7) / 20)
    }
}

/// How many rows of this height there is room for; at least one.
pub(super) fn rows_in(height: u32, row: u32) -> usize {
    let rows = height.checked_div(row).unwrap_or(1).max(1);
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// Size of letters for a screen, in pixels an em.
fn letters(resolution: Resolution, font: FontSize) -> u32 {
    // A very wide or a very high screen is as large as its smaller side says.
    let lines = resolution.height.min(resolution.width.saturating_mul(3) / 4);
    let medium = lines.saturating_add(LINES / 2).checked_div(LINES).unwrap_or(SMALLEST);
    let size = match font {
        FontSize::Small => medium.saturating_mul(4) / 5,
        FontSize::Medium => medium,
        FontSize::Large => medium.saturating_mul(4) / 3,
    };
    size.max(SMALLEST)
}

fn split(body: Rect, em: u32) -> (Rect, Rect) {
    if body.width < em.saturating_mul(WIDE) {
        return (body, Rect::default());
    }
    let gap = em.saturating_mul(2);
    let list = Rect { width: body.width.saturating_mul(62) / 100, ..body };
    let x = list.right().saturating_add(gap);
    (list, Rect { x, width: body.right().saturating_sub(x), ..body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_follow_the_screen() {
        let size = |width, height| letters(Resolution { width, height }, FontSize::Medium);
        assert_eq!((size(640, 480), size(1024, 768), size(1920, 1080)), (12, 17, 24));
        assert_eq!((size(3840, 2160), size(320, 240)), (48, 12));
        let large = letters(Resolution { width: 1920, height: 1080 }, FontSize::Large);
        assert_eq!(large, 32);
    }

    #[test]
    fn parts_never_overlap_and_stay_on_the_screen() {
        for (width, height) in
            [(320, 240), (640, 480), (800, 600), (1280, 800), (1920, 1080), (3840, 2160), (480, 1920)]
        {
            for font in [FontSize::Small, FontSize::Medium, FontSize::Large] {
                let layout = Layout::new(Resolution { width, height }, font);
                let parts = [layout.header, layout.list, layout.side, layout.state, layout.keys];
                for (place, part) in parts.iter().enumerate() {
                    assert_eq!(part.intersection(layout.screen), *part, "{width}x{height} {place}");
                    assert!(parts.iter().skip(place + 1).all(|other| part.intersection(*other).is_empty()));
                }
                assert!(layout.list.height >= layout.row(), "{width}x{height}");
            }
        }
    }
}
