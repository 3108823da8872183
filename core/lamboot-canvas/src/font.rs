// SPDX-License-Identifier: MIT OR Apache-2.0
//! Glyphs from outlines: the built-in font at any size.
//!
//! The font is Noto Sans (SIL Open Font License 1.1, `font/OFL.txt`), cut down to Latin, Greek, Cyrillic
//! and a few signs by `font/README.md`'s recipe.

use crate::face::Face;
use crate::rect::Rect;
use ab_glyph_rasterizer::{Point, Rasterizer, point};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use ttf_parser::{GlyphId, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../font/NotoSans-subset.ttf");

/// The most glyphs that are remembered; then all are forgotten.
const MAX_GLYPHS: usize = 1024;
/// The largest size of letters, in pixels.
const MAX_SIZE: u32 = 256;
/// The largest polygon, in pixels across and down.
const MAX_POLYGON: u32 = 1024;
/// Shown for what the font has no glyph for.
const REPLACEMENT: char = '\u{FFFD}';

/// A glyph's coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Pixels from the pen to the left edge.
    pub left: i32,
    /// Pixels from the baseline up to the upper edge.
    pub top: i32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// How much of each pixel is covered, row by row: 0 to 255.
    pub coverage: Vec<u8>,
}

/// The built-in font.
pub struct Font {
    face: Option<Face>,
    /// By character and size, in order.
    glyphs: Vec<((char, u32), Rc<Glyph>)>,
}

impl Default for Font {
    fn default() -> Self {
        Self { face: Face::parse(FONT), glyphs: Vec::new() }
    }
}

impl Font {
    /// How far the pen moves for a character at `size` pixels an em, in 64ths of a pixel.
    #[must_use]
    pub fn advance(&self, character: char, size: u32) -> u32 {
        let Some(face) = &self.face else { return size.saturating_mul(32) };
        let units = self.glyph_id(character).and_then(|id| face.advance(id)).unwrap_or(0);
        scaled(i64::from(units), size, face).unsigned_abs()
    }

    /// Width of a text at `size` pixels an em, in whole pixels.
    #[must_use]
    pub fn width(&self, text: &str, size: u32) -> u32 {
        let width = text.chars().fold(0_u32, |width, c| width.saturating_add(self.advance(c, size)));
        width.div_ceil(64)
    }

    /// The text, or as much of its start as fits into `width` pixels together with an ellipsis.
    #[must_use]
    pub fn fitted(&self, text: &str, size: u32, width: u32) -> String {
        if self.width(text, size) <= width {
            return text.into();
        }
        let room = width.saturating_mul(64).saturating_sub(self.advance('\u{2026}', size));
        let mut used = 0_u32;
        let mut fitted: String = text
            .chars()
            .take_while(|c| {
                used = used.saturating_add(self.advance(*c, size));
                used <= room
            })
            .collect();
        fitted.push('\u{2026}');
        fitted
    }

    /// Pixels above and below the baseline that letters at `size` need.
    #[must_use]
    pub fn extent(&self, size: u32) -> (u32, u32) {
        let Some(face) = &self.face else { return (size, size / 4) };
        let pixels = |units: i16| scaled(i64::from(units), size, face).unsigned_abs().div_ceil(64);
        (pixels(face.ascender), pixels(face.descender))
    }

    /// The glyph of a character at `size` pixels an em.
    pub fn glyph(&mut self, character: char, size: u32) -> Rc<Glyph> {
        let key = (character, size);
        let place = match self.glyphs.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(place) => return self.glyphs.get(place).map_or_else(blank, |(_, glyph)| glyph.clone()),
            Err(place) => place,
        };
        let glyph = self.draw(character, size.min(MAX_SIZE)).map_or_else(blank, Rc::new);
        if self.glyphs.len() >= MAX_GLYPHS {
            self.glyphs.clear();
            self.glyphs.push((key, glyph.clone()));
        } else {
            self.glyphs.insert(place.min(self.glyphs.len()), (key, glyph.clone()));
        }
        glyph
    }

    fn glyph_id(&self, character: char) -> Option<GlyphId> {
        let face = self.face.as_ref()?;
        face.glyph(character).or_else(|| face.glyph(REPLACEMENT))
    }

    fn draw(&self, character: char, size: u32) -> Option<Glyph> {
        let face = self.face.as_ref()?;
        let id = self.glyph_id(character)?;
        let bounds = face.bounds(id)?;
        // 64ths of a pixel, rounded outwards to whole ones.
        let edge = |units: i16| scaled(i64::from(units), size, face);
        let (left, right) =
            (edge(bounds.x_min).div_euclid(64), edge(bounds.x_max).div_euclid(64).saturating_add(1));
        let (bottom, top) =
            (edge(bounds.y_min).div_euclid(64), edge(bounds.y_max).div_euclid(64).saturating_add(1));
        let width = u32::try_from(right.checked_sub(left)?).ok()?;
        let height = u32::try_from(top.checked_sub(bottom)?).ok()?;
        let scale = size as f32 / f32::from(face.units_per_em);
        let mut outline = Outline {
            rasterizer: Rasterizer::new(usize::try_from(width).ok()?, usize::try_from(height).ok()?),
            scale,
            left: left as f32,
            top: top as f32,
            start: point(0.0, 0.0),
            pen: point(0.0, 0.0),
        };
        face.outline(id, &mut outline)?;
        let mut coverage = Vec::new();
        outline.rasterizer.for_each_pixel(|_, covered| coverage.push(level(covered)));
        Some(Glyph { left, top, width, height, coverage })
    }
}

fn blank() -> Rc<Glyph> {
    Rc::new(Glyph { left: 0, top: 0, width: 0, height: 0, coverage: Vec::new() })
}

/// The coverage of an area between straight lines, from the upper left corner of `bounds` on; `None`
/// where it is empty or larger than any glyph.
pub(crate) fn polygon(corners: &[(u32, u32)], bounds: Rect) -> Option<Glyph> {
    let Rect { x, y, width, height } = bounds;
    if bounds.is_empty() || width > MAX_POLYGON || height > MAX_POLYGON {
        return None;
    }
    let mut rasterizer = Rasterizer::new(usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let place =
        |corner: &(u32, u32)| point(corner.0.saturating_sub(x) as f32, corner.1.saturating_sub(y) as f32);
    let following = corners.iter().skip(1).chain(corners.first());
    corners.iter().zip(following).for_each(|(from, to)| rasterizer.draw_line(place(from), place(to)));
    let mut coverage = Vec::new();
    rasterizer.for_each_pixel(|_, covered| coverage.push(level(covered)));
    Some(Glyph { left: 0, top: 0, width, height, coverage })
}

/// Font units as 64ths of a pixel.
fn scaled(units: i64, size: u32, face: &Face) -> i32 {
    let size = i64::from(size.min(MAX_SIZE)).saturating_mul(64);
    let value = units.saturating_mul(size).checked_div(i64::from(face.units_per_em)).unwrap_or(0);
    i32::try_from(value).unwrap_or(0)
}

/// How much is covered, as 0 to 255.
fn level(covered: f32) -> u8 {
    (covered.clamp(0.0, 1.0) * 255.0) as u8
}

/// Turns an outline's curves into coverage.
struct Outline {
    rasterizer: Rasterizer,
    scale: f32,
    left: f32,
    top: f32,
    start: Point,
    pen: Point,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> Point {
        point(x * self.scale - self.left, self.top - y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.pen = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.rasterizer.draw_line(self.pen, to);
        self.pen = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, to) = (self.place(x1, y1), self.place(x, y));
        self.rasterizer.draw_quad(self.pen, control, to);
        self.pen = to;
    }

    /// TrueType outlines have no cubic curves (OpenType 1.9, `glyf`), so nothing calls this.
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        self.line_to(x, y);
    }

    fn close(&mut self) {
        self.rasterizer.draw_line(self.pen, self.start);
        self.pen = self.start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_greek_and_cyrillic_have_glyphs_of_their_own() {
        let mut font = Font::default();
        let replacement = font.glyph('\u{4E2D}', 20);
        for character in "AzßéŁőΩλάЯжїђ…".chars() {
            let glyph = font.glyph(character, 20);
            assert!(glyph.coverage.iter().any(|level| *level > 128), "{character}");
            assert_ne!(glyph, replacement, "{character}");
        }
        assert!(replacement.coverage.iter().any(|level| *level > 128), "there is a replacement");
    }

    #[test]
    fn sizes_scale() {
        let font = Font::default();
        let (small, large) = (font.width("LamBoot", 12), font.width("LamBoot", 48));
        assert!(small.abs_diff(large / 4) <= 1, "{small} {large}");
        assert!(font.extent(40).0 > 30 && font.extent(40).1 > 5);
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_and_fits() {
        let font = Font::default();
        for width in 0..200 {
            let fitted = font.fitted("a rather long title of an entry", 16, width);
            assert!(width < 16 || font.width(&fitted, 16) <= width, "{fitted} {width}");
        }
        assert_eq!(font.fitted("short", 16, 100), "short");
    }

    #[test]
    fn any_character_and_size_is_drawn_within_bounds() {
        let mut font = Font::default();
        for character in ['\0', '\u{10FFFF}', 'W', '\u{301}', 'Ǻ'] {
            for size in [0, 1, 7, 300, u32::MAX] {
                let glyph = font.glyph(character, size);
                assert_eq!(glyph.coverage.len(), (glyph.width * glyph.height) as usize);
                assert!(glyph.width <= 600 && glyph.height <= 600);
            }
        }
    }

    /// The corners that an outline is drawn between.
    struct Corners(Vec<(f32, f32)>);

    impl OutlineBuilder for Corners {
        fn move_to(&mut self, x: f32, y: f32) {
            self.0.push((x, y));
        }

        fn line_to(&mut self, x: f32, y: f32) {
            self.0.push((x, y));
        }

        fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
            self.0.extend([(x1, y1), (x, y)]);
        }

        fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
            panic!("a cubic curve");
        }

        fn close(&mut self) {}
    }

    #[test]
    fn every_outline_of_the_font_stays_within_its_bounds_and_has_no_cubic_curves() {
        let face = Face::parse(FONT).expect("the font is whole");
        let glyphs: Vec<_> = ('\0'..='\u{FFFF}').filter_map(|character| face.glyph(character)).collect();
        assert!(glyphs.len() > 500, "{}", glyphs.len());
        for glyph in glyphs {
            let mut corners = Corners(Vec::new());
            let Some(drawn) = face.outline(glyph, &mut corners) else { continue };
            assert_eq!(face.bounds(glyph), Some(drawn), "{glyph:?}");
            let (x, y) = (
                f32::from(drawn.x_min)..=f32::from(drawn.x_max),
                f32::from(drawn.y_min)..=f32::from(drawn.y_max),
            );
            assert!(
                corners.0.iter().all(|corner| x.contains(&corner.0) && y.contains(&corner.1)),
                "{glyph:?}"
            );
        }
    }

    #[test]
    fn polygons_are_filled_between_their_lines() {
        let corners = [(10, 10), (10, 18), (18, 18)];
        let glyph = polygon(&corners, Rect::new(10, 10, 8, 8)).expect("it has an area");
        let at = |x: usize, y: usize| glyph.coverage[y * 8 + x];
        assert_eq!((at(0, 7), at(7, 0), at(1, 6)), (255, 0, 255));
        assert!((100..156).contains(&at(3, 3)), "the slanted line halves its pixels: {}", at(3, 3));
        assert_eq!(polygon(&corners, Rect::new(10, 10, 0, 8)), None);
        assert_eq!(polygon(&corners, Rect::new(10, 10, 8, MAX_POLYGON + 1)), None);
    }

    #[test]
    fn the_cache_is_bounded() {
        let mut font = Font::default();
        for size in 1..60 {
            for character in 'A'..='z' {
                font.glyph(character, size);
            }
        }
        assert!(font.glyphs.len() <= MAX_GLYPHS);
    }
}
