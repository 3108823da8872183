// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shapes in their order, the lowest first.

use crate::font::Font;
use crate::rect::Rect;
use alloc::string::String;
use alloc::vec::Vec;

/// A colour: `0x00RRGGBB`.
pub type Colour = u32;

/// Something to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A rectangle, with round corners where the radius is not 0.
    Box {
        /// Where it is.
        rect: Rect,
        /// Radius of the corners, in pixels.
        radius: u32,
        /// What fills it.
        colour: Colour,
    },
    /// A line of text.
    Text {
        /// What it may cover.
        bounds: Rect,
        /// Where the pen starts.
        x: u32,
        /// The baseline.
        baseline: u32,
        /// Pixels an em.
        size: u32,
        /// Its colour.
        colour: Colour,
        /// The text.
        text: String,
    },
    /// An area between straight lines.
    Polygon {
        /// The smallest rectangle that holds it.
        bounds: Rect,
        /// Its corners, in order.
        corners: Vec<(u32, u32)>,
        /// What fills it.
        colour: Colour,
    },
}

impl Shape {
    /// What it may cover.
    #[must_use]
    pub const fn bounds(&self) -> Rect {
        match self {
            Self::Box { rect, .. } => *rect,
            Self::Text { bounds, .. } | Self::Polygon { bounds, .. } => *bounds,
        }
    }

    /// The area between straight lines from corner to corner.
    ///
    /// ```
    /// use lamboot_canvas::{Rect, Shape};
    /// let shape = Shape::polygon(vec![(3, 4), (3, 10), (8, 10)], 0x00FF_FFFF);
    /// assert_eq!(shape.bounds(), Rect::new(3, 4, 5, 6));
    /// ```
    #[must_use]
    pub fn polygon(corners: Vec<(u32, u32)>, colour: Colour) -> Self {
        let extent = |along: fn(&(u32, u32)) -> u32| {
            let low = corners.iter().map(along).min().unwrap_or(0);
            (low, corners.iter().map(along).max().unwrap_or(0).saturating_sub(low))
        };
        let ((x, width), (y, height)) = (extent(|corner| corner.0), extent(|corner| corner.1));
        Self::Polygon { bounds: Rect::new(x, y, width, height), corners, colour }
    }
}

/// A picture, as shapes on one background.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// What is seen where no shape is.
    pub background: Colour,
    /// The shapes, the lowest first.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty picture.
    #[must_use]
    pub const fn new(background: Colour) -> Self {
        Self { background, shapes: Vec::new() }
    }

    /// Adds a rectangle.
    pub fn fill(&mut self, rect: Rect, colour: Colour) {
        self.round(rect, 0, colour);
    }

    /// Adds a rectangle with round corners.
    pub fn round(&mut self, rect: Rect, radius: u32, colour: Colour) {
        if !rect.is_empty() {
            self.shapes.push(Shape::Box { rect, radius, colour });
        }
    }

    /// Adds a line of text whose letters stand on `baseline`, cut off at `right`; how wide it is.
    pub fn text(
        &mut self,
        font: &Font,
        place: (u32, u32),
        right: u32,
        size: u32,
        colour: Colour,
        text: &str,
    ) -> u32 {
        let (x, baseline) = place;
        let text = font.fitted(text, size, right.saturating_sub(x));
        let width = font.width(&text, size);
        let (above, below) = font.extent(size);
        // Glyphs may reach a little over the pen's way.
        let slack = size / 4;
        let bounds = Rect {
            x: x.saturating_sub(slack),
            y: baseline.saturating_sub(above),
            width: width.saturating_add(slack).saturating_add(slack),
            height: above.saturating_add(below),
        };
        self.shapes.push(Shape::Text { bounds, x, baseline, size, colour, text });
        width
    }
}
