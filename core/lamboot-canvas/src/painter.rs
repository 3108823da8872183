// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pixels of what changed from one scene to the next.

use crate::font::{Font, Glyph, polygon};
use crate::rect::Rect;
use crate::scene::{Colour, Scene, Shape};
use alloc::vec::Vec;

/// The most pixels that are given out at once: memory stays bounded, however large the screen is.
const MAX_PIXELS: u32 = 64 * 1024;

/// Paints scenes one after the other.
#[derive(Default)]
pub struct Painter {
    /// The font that texts are painted with.
    pub font: Font,
    before: Option<Scene>,
    /// What lies over every scene.
    floating: Vec<Shape>,
    pixels: Vec<u32>,
}

impl Painter {
    /// Gives the pixels out of every rectangle in which `scene` differs from the one before; of a first
    /// one, those of all of `screen`.
    pub fn paint(&mut self, scene: Scene, screen: Rect, out: &mut dyn FnMut(Rect, &[u32])) {
        for rect in changed(self.before.as_ref(), &scene, screen) {
            self.rect(&scene, rect, out);
        }
        self.before = Some(scene);
    }

    /// Lays shapes over every scene from now on, in place of those before. Gives out the pixels of where
    /// they were and of where they are.
    pub fn float(&mut self, shapes: Vec<Shape>, screen: Rect, out: &mut dyn FnMut(Rect, &[u32])) {
        if shapes == self.floating {
            return;
        }
        let mut rects = Vec::new();
        for shape in self.floating.iter().chain(&shapes) {
            add(&mut rects, shape.bounds().intersection(screen));
        }
        self.floating = shapes;
        let Some(scene) = self.before.take() else { return };
        rects.into_iter().for_each(|rect| self.rect(&scene, rect, out));
        self.before = Some(scene);
    }

    /// In strips of bounded size.
    fn rect(&mut self, scene: &Scene, rect: Rect, out: &mut dyn FnMut(Rect, &[u32])) {
        if rect.is_empty() {
            return;
        }
        let rows = MAX_PIXELS.checked_div(rect.width).unwrap_or(1).max(1);
        let floating = core::mem::take(&mut self.floating);
        let mut y = rect.y;
        while y < rect.bottom() {
            let strip = Rect { y, height: rows.min(rect.bottom().saturating_sub(y)), ..rect };
            let count = usize::try_from(strip.width.saturating_mul(strip.height)).unwrap_or(0);
            self.pixels.clear();
            self.pixels.resize(count, scene.background);
            self.strip(&scene.shapes, strip);
            self.strip(&floating, strip);
            out(strip, &self.pixels);
            y = strip.bottom();
        }
        self.floating = floating;
    }

    fn strip(&mut self, shapes: &[Shape], strip: Rect) {
        for shape in shapes.iter().filter(|shape| !shape.bounds().intersection(strip).is_empty()) {
            match shape {
                Shape::Box { rect, radius, colour } => self.paint_box(strip, *rect, *radius, *colour),
                Shape::Text { x, baseline, size, colour, text, bounds } => {
                    self.paint_text(
                        strip.intersection(*bounds),
                        strip,
                        (*x, *baseline),
                        *size,
                        *colour,
                        text,
                    );
                }
                Shape::Polygon { bounds, corners, colour } => {
                    if let Some(area) = polygon(corners, *bounds) {
                        let part = strip.intersection(*bounds);
                        paint_glyph(&mut self.pixels, part, strip, &area, (bounds.x, bounds.y), *colour);
                    }
                }
            }
        }
    }

    fn paint_box(&mut self, strip: Rect, rect: Rect, radius: u32, colour: Colour) {
        let part = rect.intersection(strip);
        for y in part.y..part.bottom() {
            let row = row_of(&mut self.pixels, strip, y, part);
            let in_corners = y < rect.y.saturating_add(radius) || y >= rect.bottom().saturating_sub(radius);
            if radius == 0 || !in_corners {
                row.fill(colour);
                continue;
            }
            for (pixel, x) in row.iter_mut().zip(part.x..) {
                *pixel = blend(*pixel, colour, corner(rect, radius, x, y));
            }
        }
    }

    fn paint_text(
        &mut self,
        part: Rect,
        strip: Rect,
        pen: (u32, u32),
        size: u32,
        colour: Colour,
        text: &str,
    ) {
        let (x, baseline) = pen;
        let mut at = x.saturating_mul(64);
        for character in text.chars() {
            let glyph = self.font.glyph(character, size);
            paint_glyph(
                &mut self.pixels,
                part,
                strip,
                &glyph,
                (at.saturating_add(32) / 64, baseline),
                colour,
            );
            at = at.saturating_add(self.font.advance(character, size));
        }
    }
}

fn paint_glyph(pixels: &mut [u32], part: Rect, strip: Rect, glyph: &Glyph, pen: (u32, u32), colour: Colour) {
    let x = u32::try_from(i64::from(pen.0).saturating_add(i64::from(glyph.left))).unwrap_or(0);
    let y = u32::try_from(i64::from(pen.1).saturating_sub(i64::from(glyph.top))).unwrap_or(0);
    let seen = Rect::new(x, y, glyph.width, glyph.height).intersection(part);
    let width = usize::try_from(glyph.width).unwrap_or(1).max(1);
    for row_y in seen.y..seen.bottom() {
        let skipped = usize::try_from(row_y.saturating_sub(y)).unwrap_or(usize::MAX);
        let levels = glyph.coverage.chunks(width).nth(skipped).unwrap_or_default();
        let from = usize::try_from(seen.x.saturating_sub(x)).unwrap_or(usize::MAX);
        let row = row_of(pixels, strip, row_y, seen);
        for (pixel, level) in row.iter_mut().zip(levels.iter().skip(from)) {
            *pixel = blend(*pixel, colour, *level);
        }
    }
}

/// The pixels of row `y` of a strip that are in `part`.
fn row_of(pixels: &mut [u32], strip: Rect, y: u32, part: Rect) -> &mut [u32] {
    let row = y.saturating_sub(strip.y).saturating_mul(strip.width);
    let from = usize::try_from(row.saturating_add(part.x.saturating_sub(strip.x))).unwrap_or(usize::MAX);
    let to = from.saturating_add(usize::try_from(part.width).unwrap_or(0));
    pixels.get_mut(from..to).unwrap_or_default()
}

/// How much of a pixel a box with round corners covers, 0 to 255.
fn corner(rect: Rect, radius: u32, x: u32, y: u32) -> u8 {
    let beyond = |at: u32, start: u32, end: u32| {
        // In half pixels, from the middle of the pixel to the straight part.
        let middle = i64::from(at).saturating_mul(2).saturating_add(1);
        let low = i64::from(start.saturating_add(radius)).saturating_mul(2);
        let high = i64::from(end.saturating_sub(radius)).saturating_mul(2);
        low.saturating_sub(middle).max(middle.saturating_sub(high)).max(0)
    };
    let (dx, dy) = (beyond(x, rect.x, rect.right()), beyond(y, rect.y, rect.bottom()));
    let squared = dx.saturating_mul(dx).saturating_add(dy.saturating_mul(dy)).unsigned_abs();
    // Distances in 128ths of a pixel: covered up to half a pixel within the edge, not from half a pixel on.
    let distance = squared.saturating_mul(64 * 64).isqrt();
    let edge = u64::from(radius).saturating_mul(128);
    let covered = edge.saturating_add(64).saturating_sub(distance).min(128);
    u8::try_from(covered.saturating_mul(255) / 128).unwrap_or(u8::MAX)
}

/// A colour over another, 0 to 255 of it.
fn blend(below: Colour, above: Colour, level: u8) -> Colour {
    match level {
        0 => below,
        255 => above,
        level => {
            let level = u32::from(level);
            let [b0, b1, b2, _] = below.to_le_bytes();
            let [a0, a1, a2, _] = above.to_le_bytes();
            let mix = |below: u8, above: u8| {
                let sum = u32::from(below)
                    .saturating_mul(255_u32.saturating_sub(level))
                    .saturating_add(u32::from(above).saturating_mul(level));
                u8::try_from(sum / 255).unwrap_or(u8::MAX)
            };
            u32::from_le_bytes([mix(b0, a0), mix(b1, a1), mix(b2, a2), 0])
        }
    }
}

/// The rectangles in which two scenes may differ; they do not overlap much, and none leaves the screen.
fn changed(before: Option<&Scene>, now: &Scene, screen: Rect) -> Vec<Rect> {
    let Some(before) = before.filter(|before| before.background == now.background) else {
        return alloc::vec![screen];
    };
    let mut rects = Vec::new();
    for shape in different(&before.shapes, &now.shapes) {
        add(&mut rects, shape.bounds().intersection(screen));
    }
    rects
}

/// The shapes that only one of two lists has, or that stand in another order. Where none of their bounds
/// reach, both lists have the same shapes in the same order, and so the same pixels.
fn different<'s>(old: &'s [Shape], new: &'s [Shape]) -> Vec<&'s Shape> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (mut old, mut new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    while let (Some((a, before_a)), Some((b, before_b))) = (old.split_last(), new.split_last())
        && a == b
    {
        (old, new) = (before_a, before_b);
    }
    let mut rest = Vec::new();
    while let (Some((a, after_a)), Some((b, after_b))) = (old.split_first(), new.split_first()) {
        // What comes sooner again, in the other list, is what both have.
        match (distance(a, new), distance(b, old)) {
            (Some(0), _) => (old, new) = (after_a, after_b),
            (Some(in_new), in_old) if in_old.is_none_or(|in_old| in_new <= in_old) => {
                rest.push(b);
                new = after_b;
            }
            (None, None) => {
                rest.extend([a, b]);
                (old, new) = (after_a, after_b);
            }
            _ => {
                rest.push(a);
                old = after_a;
            }
        }
    }
    rest.extend(old.iter().chain(new));
    rest
}

/// How far ahead an equal shape is; no further than some rows of a list.
fn distance(shape: &Shape, shapes: &[Shape]) -> Option<usize> {
    const FURTHEST: usize = 64;
    shapes.iter().take(FURTHEST).position(|other| other == shape)
}

/// Adds a rectangle, joined with those that it touches.
fn add(rects: &mut Vec<Rect>, rect: Rect) {
    if rect.is_empty() {
        return;
    }
    let mut joined = rect;
    while let Some(place) = rects.iter().position(|other| !other.intersection(joined).is_empty()) {
        joined = joined.union(rects.swap_remove(place));
    }
    rects.push(joined);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCREEN: Rect = Rect::new(0, 0, 160, 90);

    struct Picture(Vec<u32>, usize);

    fn arrow(x: u32, y: u32) -> Vec<Shape> {
        vec![Shape::polygon(vec![(x, y), (x, y + 12), (x + 9, y + 9)], 0x00FF_FFFF)]
    }

    impl Picture {
        fn new() -> Self {
            Self(vec![0xAAAA_AAAA; (SCREEN.width * SCREEN.height) as usize], 0)
        }

        fn show(&mut self, painter: &mut Painter, scene: &Scene) {
            painter.paint(scene.clone(), SCREEN, &mut |rect, pixels| self.put(rect, pixels));
        }

        fn float(&mut self, painter: &mut Painter, shapes: Vec<Shape>) {
            painter.float(shapes, SCREEN, &mut |rect, pixels| self.put(rect, pixels));
        }

        fn put(&mut self, rect: Rect, pixels: &[u32]) {
            assert_eq!(rect.intersection(SCREEN), rect, "nothing leaves the screen");
            assert_eq!(pixels.len(), (rect.width * rect.height) as usize);
            assert!(pixels.len() <= MAX_PIXELS as usize);
            self.1 += pixels.len();
            for (place, pixel) in pixels.iter().enumerate() {
                let (x, y) = (place as u32 % rect.width, place as u32 / rect.width);
                self.0[((rect.y + y) * SCREEN.width + rect.x + x) as usize] = *pixel;
            }
        }
    }

    fn any_scene() -> impl Strategy<Value = Scene> {
        let rect =
            (0_u32..200, 0_u32..120, 0_u32..120, 0_u32..80).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h));
        let shape = prop_oneof![
            (rect, 0_u32..12, 0_u32..0x0100_0000).prop_map(|(rect, radius, colour)| {
                let mut scene = Scene::new(0);
                scene.round(rect, radius, colour);
                scene
            }),
            ("[ -~α-ωА-я]{0,12}", 0_u32..170, 0_u32..100, 4_u32..30).prop_map(|(text, x, y, size)| {
                let mut scene = Scene::new(0);
                scene.text(&Font::default(), (x, y), SCREEN.width, size, 0x00FF_FFFF, &text);
                scene
            }),
        ];
        proptest::collection::vec(shape, 0..8).prop_map(|scenes| Scene {
            background: 0x0010_2030,
            shapes: scenes.into_iter().flat_map(|scene| scene.shapes).collect(),
        })
    }

    #[test]
    fn a_scene_that_did_not_change_costs_nothing() {
        let (mut painter, mut picture) = (Painter::default(), Picture::new());
        let mut scene = Scene::new(1);
        scene.fill(Rect::new(10, 10, 20, 20), 2);
        picture.show(&mut painter, &scene);
        assert_eq!(picture.1, picture.0.len());
        picture.show(&mut painter, &scene);
        assert_eq!(picture.1, picture.0.len());
        scene.fill(Rect::new(100, 50, 10, 10), 3);
        picture.show(&mut painter, &scene);
        assert_eq!(picture.1, picture.0.len() + 100);
    }

    #[test]
    fn what_moves_in_the_order_leaves_all_else_alone() {
        let row = |y: u32| Shape::Box { rect: Rect::new(10, y, 100, 8), radius: 0, colour: y };
        let mark = |y: u32| Shape::Box { rect: Rect::new(10, y, 4, 8), radius: 0, colour: 0x00FF_FFFF };
        let rows = [10, 20, 30, 40, 50, 60, 70].map(row);
        let marked = |place: usize| {
            let mut shapes = rows.to_vec();
            shapes.insert(place, mark(10 + 10 * u32::try_from(place).unwrap()));
            Scene { background: 1, shapes }
        };
        let (mut painter, mut picture) = (Painter::default(), Picture::new());
        picture.show(&mut painter, &marked(0));
        for (place, before) in [(6, 0), (5, 6), (1, 5)] {
            let drawn = picture.1;
            picture.show(&mut painter, &marked(place));
            assert_eq!(picture.1 - drawn, 2 * 4 * 8, "from {before} to {place}");
        }
    }

    #[test]
    fn what_floats_is_drawn_where_it_is_and_gone_where_it_was() {
        let (mut painter, mut picture) = (Painter::default(), Picture::new());
        picture.show(&mut painter, &Scene::new(1));
        let (before, whole) = (picture.0.clone(), picture.1);
        picture.float(&mut painter, arrow(20, 20));
        picture.float(&mut painter, arrow(100, 50));
        assert_eq!(picture.1, whole + 3 * 9 * 12, "drawn, wiped out and drawn again");
        assert!(picture.0[51 * 160 + 100] > 1 && picture.0[21 * 160 + 20] == 1);
        let drawn = picture.1;
        picture.float(&mut painter, arrow(100, 50));
        assert_eq!(picture.1, drawn, "what did not move costs nothing");
        picture.float(&mut painter, Vec::new());
        assert!(picture.0 == before);
    }

    #[test]
    fn round_corners_are_smooth_and_symmetric() {
        let rect = Rect::new(0, 0, 40, 40);
        assert_eq!((corner(rect, 10, 0, 0), corner(rect, 10, 20, 0), corner(rect, 10, 3, 3)), (0, 255, 255));
        for (x, y) in [(0, 3), (1, 2), (4, 0)] {
            assert_eq!(corner(rect, 10, x, y), corner(rect, 10, 39 - x, 39 - y));
            assert_eq!(corner(rect, 10, x, y), corner(rect, 10, y, x));
        }
    }

    proptest! {
        #[test]
        fn changes_one_after_the_other_end_in_the_same_pixels(
            steps in proptest::collection::vec((any_scene(), 0_u32..170, 0_u32..100), 1..5),
        ) {
            let (mut painter, mut picture) = (Painter::default(), Picture::new());
            for (scene, x, y) in &steps {
                picture.show(&mut painter, scene);
                picture.float(&mut painter, arrow(*x, *y));
            }
            let (mut fresh, mut whole) = (Painter::default(), Picture::new());
            let (scene, x, y) = steps.last().unwrap();
            whole.float(&mut fresh, arrow(*x, *y));
            whole.show(&mut fresh, scene);
            prop_assert!(picture.0 == whole.0);
        }
    }
}
