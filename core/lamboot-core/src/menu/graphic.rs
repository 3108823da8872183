// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu as a picture, for screens from 320 pixels to 4K.
//!
//! What is to be seen becomes shapes; only what differs from the picture before is drawn.

mod arrow;
mod layout;
mod overlay;
mod parts;
#[cfg(test)]
mod pictures;
mod side;
mod theme;

use super::view::{Overlay, Target, View};
use crate::policy::{FontSize, Theme};
use crate::ports::{Canvas, Pointer, Resolution};
use alloc::vec::Vec;
use lamboot_canvas::{Font, Rect, Scene};
use layout::Layout;
use theme::Colours;

/// How the menu looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its colours.
    pub theme: Theme,
    /// How large its letters are, beside what the screen asks for.
    pub font: FontSize,
}

/// Paints the menu on a canvas.
pub struct Painter {
    painter: lamboot_canvas::Painter,
    layout: Layout,
    colours: &'static Colours,
    /// What can be pointed at in the picture that was painted last, the lowest first.
    targets: Vec<(Rect, Target)>,
}

impl Painter {
    /// A painter for a screen of this size, which shows nothing of it yet.
    #[must_use]
    pub fn new(resolution: Resolution, look: Look) -> Self {
        Self {
            painter: lamboot_canvas::Painter::default(),
            layout: Layout::new(resolution, look.font),
            colours: theme::colours(look.theme),
            targets: Vec::new(),
        }
    }

    /// Draws what is to be seen; of a picture before, only what changed.
    pub fn paint(&mut self, view: &View<'_>, canvas: &mut dyn Canvas) {
        let (scene, targets) = self.scene(view);
        self.targets = targets;
        let screen = self.layout.screen;
        self.painter.paint(scene, screen, &mut |rect, pixels| draw(canvas, rect, pixels));
    }

    /// Shows the pointer where it is; what it points at in the picture that was painted last.
    pub fn point(&mut self, pointer: Pointer, canvas: &mut dyn Canvas) -> Option<Target> {
        let screen = self.layout.screen;
        let (x, y) = (part_of(screen.width, pointer.x), part_of(screen.height, pointer.y));
        let arrow = arrow::arrow((x, y), self.layout.em, self.colours);
        self.painter.float(arrow, screen, &mut |rect, pixels| draw(canvas, rect, pixels));
        let hit = self.targets.iter().rev().find(|(rect, _)| rect.contains(x, y));
        hit.map(|(_, target)| *target)
    }

    fn scene(&self, view: &View<'_>) -> (Scene, Vec<(Rect, Target)>) {
        let mut page = Page {
            scene: Scene::new(self.colours.background),
            targets: Vec::new(),
            font: &self.painter.font,
            layout: &self.layout,
            colours: self.colours,
        };
        page.header(view.header);
        page.foot(view);
        // What a card covers in part would be half legible: it has the place of the list to itself.
        if matches!(view.overlay, Overlay::None | Overlay::Search { .. }) {
            let list = page.notices(view.notices);
            page.list(view, list);
            page.side(view);
        } else {
            page.card(view);
        }
        (page.scene, page.targets)
    }
}

/// The pixel at a place between the edges, 0 to 65535; the last one is on the screen too.
fn part_of(pixels: u32, place: u16) -> u32 {
    let part = u64::from(pixels).saturating_mul(u64::from(place)) >> 16;
    u32::try_from(part).unwrap_or(0)
}

/// Large areas of one colour are cheaper to fill than to copy.
fn draw(canvas: &mut dyn Canvas, rect: Rect, pixels: &[u32]) {
    match pixels.split_first() {
        Some((first, rest)) if rest.iter().all(|pixel| pixel == first) => canvas.fill(rect, *first),
        _ => canvas.blit(rect, pixels),
    }
}

/// A picture that is being put together.
struct Page<'p> {
    scene: Scene,
    /// What can be pointed at, noted where it is drawn.
    targets: Vec<(Rect, Target)>,
    font: &'p Font,
    layout: &'p Layout,
    colours: &'static Colours,
}

impl Page<'_> {
    /// Something that lies on the background, with an edge around it: in some themes both have one colour.
    fn panel(&mut self, rect: Rect, radius: u32) {
        let edge = (self.layout.em / 10).max(1);
        self.scene.round(rect, radius, self.colours.line);
        self.scene.round(rect.inset(edge), radius.saturating_sub(edge), self.colours.panel);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::model;
    use super::super::{Detail, Event, Model};
    use super::*;
    use crate::ports::{Key, Micros};
    use proptest::prelude::*;

    /// A screen in memory.
    pub(super) struct Screen {
        size: Resolution,
        pub(super) pixels: Vec<u32>,
        drawn: usize,
    }

    impl Screen {
        fn new(width: u32, height: u32) -> Self {
            let pixels = vec![0; (width * height) as usize];
            Self { size: Resolution { width, height }, pixels, drawn: 0 }
        }

        fn put(&mut self, rect: Rect, pixel: impl Fn(usize) -> u32) {
            assert!(rect.right() <= self.size.width && rect.bottom() <= self.size.height, "{rect:?}");
            for place in 0..(rect.width * rect.height) as usize {
                let (x, y) = (rect.x + place as u32 % rect.width, rect.y + place as u32 / rect.width);
                self.pixels[(y * self.size.width + x) as usize] = pixel(place);
            }
            self.drawn += (rect.width * rect.height) as usize;
        }
    }

    impl Canvas for Screen {
        fn open(&mut self) -> Option<Resolution> {
            Some(self.size)
        }

        fn fill(&mut self, rect: Rect, colour: u32) {
            self.put(rect, |_| colour);
        }

        fn blit(&mut self, rect: Rect, pixels: &[u32]) {
            self.put(rect, |place| pixels[place]);
        }

        fn close(&mut self) {}
    }

    pub(super) fn picture(model: &Model, width: u32, height: u32, look: Look) -> Screen {
        let mut screen = Screen::new(width, height);
        Painter::new(screen.size, look).paint(&model.view(Micros(0)), &mut screen);
        screen
    }

    /// Pixels that are drawn when what is shown changes.
    fn repainted(screen: &mut Screen, painter: &mut Painter, view: &View<'_>) -> u32 {
        let before = screen.drawn;
        painter.paint(view, screen);
        u32::try_from(screen.drawn - before).expect("not many")
    }

    #[test]
    fn a_move_repaints_two_rows_and_the_details_that_changed() {
        let mut screen = Screen::new(1280, 800);
        let mut painter = Painter::new(screen.size, Look::default());
        let mut model = model(30, None);
        model.items[9].details.push(Detail::new("Version", "6.1"));
        assert!(repainted(&mut screen, &mut painter, &model.view(Micros(0))) >= 1280 * 800, "all, at first");
        let layout = Layout::new(screen.size, FontSize::Medium);
        let rows = 2 * layout.row() * layout.list.width;
        let details = 2 * layout.line() * layout.side.width;
        for key in [Key::Down, Key::Down, Key::Up, Key::PageDown, Key::Up, Key::Home] {
            model.update(Event::Key(key), Micros(0));
            let drawn = repainted(&mut screen, &mut painter, &model.view(Micros(0)));
            assert!(drawn > layout.row() * layout.list.width / 2, "{key:?}: something is drawn");
            assert!(drawn <= rows + details, "{key:?}: {drawn} pixels, rows {rows}, details {details}");
        }
        assert_eq!(repainted(&mut screen, &mut painter, &model.view(Micros(0))), 0, "nothing changed");
    }

    #[test]
    fn a_second_of_the_countdown_repaints_its_line_alone() {
        let mut screen = Screen::new(1280, 800);
        let mut painter = Painter::new(screen.size, Look::default());
        let model = model(30, Some(9_000_000));
        painter.paint(&model.view(Micros(0)), &mut screen);
        let state = Layout::new(screen.size, FontSize::Medium).state;
        for second in 1..9 {
            let view = model.view(Micros(second * 1_000_000));
            let drawn = repainted(&mut screen, &mut painter, &view);
            assert!(drawn > 0 && drawn <= state.width * state.height, "{drawn} pixels");
        }
    }

    #[test]
    fn every_theme_shows_the_selection_in_its_own_colour() {
        for theme in [Theme::Dark, Theme::Light, Theme::HighContrast] {
            let screen = picture(&model(3, None), 800, 600, Look { theme, ..Look::default() });
            let colours = theme::colours(theme);
            let count = |colour| screen.pixels.iter().filter(|pixel| **pixel == colour).count();
            assert!(count(colours.selected) > 2000, "{theme:?}");
            assert!(count(colours.background) > 100_000, "{theme:?}");
        }
    }

    fn at(screen: &Screen, x: u32, y: u32) -> Pointer {
        let place =
            |pixel: u32, all: u32| u16::try_from((pixel * 65536 + 32768) / all).expect("on the screen");
        let (x, y) = (place(x, screen.size.width), place(y, screen.size.height));
        Pointer { x, y, clicked: false, scrolled: 0 }
    }

    /// The pixels below the header in the colour of what is selected.
    fn selected(screen: &Screen) -> Vec<(u32, u32)> {
        let colour = theme::colours(Theme::Dark).selected;
        let below = ((screen.size.height / 8).max(46) * screen.size.width) as usize;
        let places = screen.pixels.iter().enumerate().skip(below).filter(|(_, pixel)| **pixel == colour);
        places
            .map(|(place, _)| (place as u32 % screen.size.width, place as u32 / screen.size.width))
            .collect()
    }

    #[test]
    fn what_is_pointed_at_is_what_is_drawn_there() {
        for (width, height) in [(320, 240), (1024, 768), (3840, 2160)] {
            let mut screen = Screen::new(width, height);
            let mut painter = Painter::new(screen.size, Look::default());
            let mut model = model(30, None);
            for row in 0..30 {
                painter.paint(&model.view(Micros(0)), &mut screen);
                let shown = selected(&screen);
                assert!(shown.len() > 100, "{width}x{height} {row}");
                for (x, y) in [shown[0], shown[shown.len() / 2], shown[shown.len() - 1]] {
                    let target = painter.point(at(&screen, x, y), &mut screen);
                    assert_eq!(target, Some(Target::Row(row)), "{width}x{height} {x},{y}");
                }
                assert_eq!(painter.point(at(&screen, 0, height - 1), &mut screen), None);
                model.update(Event::Key(Key::Down), Micros(0));
            }
        }
    }

    #[test]
    fn tools_and_cards_are_pointed_at_too() {
        let mut screen = Screen::new(1024, 768);
        let mut painter = Painter::new(screen.size, Look::default());
        let mut model = model(3, None);
        model.update(Event::Key(Key::Tab), Micros(0));
        for tool in 0..6 {
            painter.paint(&model.view(Micros(0)), &mut screen);
            let (x, y) = selected(&screen)[200];
            assert_eq!(painter.point(at(&screen, x, y), &mut screen), Some(Target::Tool(tool)));
            model.update(Event::Key(Key::Down), Micros(0));
        }
        model.update(Event::Key(Key::Function(1)), Micros(0));
        painter.paint(&model.view(Micros(0)), &mut screen);
        assert_eq!(painter.point(at(&screen, 512, 384), &mut screen), Some(Target::Overlay));
    }

    #[test]
    fn the_arrow_costs_little_and_leaves_nothing_behind() {
        let model = model(30, None);
        let mut screen = Screen::new(1280, 800);
        let mut painter = Painter::new(screen.size, Look::default());
        painter.paint(&model.view(Micros(0)), &mut screen);
        let (clean, whole) = (screen.pixels.clone(), screen.drawn);
        for step in 0..100 {
            painter.point(at(&screen, step * 12, step * 8), &mut screen);
        }
        assert!(screen.pixels != clean, "there is an arrow");
        let each = (screen.drawn - whole) / 100;
        assert!(each < 1280 * 800 / 500, "{each} pixels each");
        painter.point(at(&screen, 1279, 799), &mut screen);
        let left = screen.pixels.iter().zip(&clean).filter(|(a, b)| a != b).count();
        assert!(left <= 1, "only the tip is on the screen: {left}");
    }

    fn any_key() -> impl Strategy<Value = Key> {
        prop::sample::select(vec![
            Key::Function(1),
            Key::Char('e'),
            Key::Char('n'),
            Key::Char('i'),
            Key::Char('p'),
            Key::Char('/'),
            Key::Char('a'),
            Key::Up,
            Key::Down,
            Key::End,
            Key::Tab,
            Key::Escape,
            Key::Enter,
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_menu_fits_any_screen_and_changes_end_in_the_same_pixels(
            items in 0_usize..60, width in 320_u32..1000, height in 240_u32..800,
            notices in proptest::collection::vec("[a-zα-ω ]{0,200}", 0..4),
            keys in proptest::collection::vec(any_key(), 0..6), large in any::<bool>(),
            ways in proptest::collection::vec(any::<(u16, u16)>(), 7),
        ) {
            let look = Look { font: if large { FontSize::Large } else { FontSize::Small }, ..Look::default() };
            let mut model = model(items, Some(3_000_000));
            model.notices = notices;
            model.rejected.push("a.conf: empty".into());
            let mut screen = Screen::new(width, height);
            let mut painter = Painter::new(screen.size, look);
            let pointer = |(x, y)| Pointer { x, y, clicked: false, scrolled: 0 };
            painter.paint(&model.view(Micros(0)), &mut screen);
            for (key, way) in keys.into_iter().zip(&ways) {
                painter.point(pointer(*way), &mut screen);
                model.update(Event::Key(key), Micros(0));
                painter.paint(&model.view(Micros(0)), &mut screen);
            }
            let target = painter.point(pointer(ways[6]), &mut screen);
            let mut fresh = Screen::new(width, height);
            let mut painter = Painter::new(fresh.size, look);
            painter.paint(&model.view(Micros(0)), &mut fresh);
            prop_assert_eq!(painter.point(pointer(ways[6]), &mut fresh), target);
            prop_assert!(screen.pixels == fresh.pixels);
        }
    }
}
