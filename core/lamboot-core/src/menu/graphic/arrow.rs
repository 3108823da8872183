// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arrow of the pointer: in the colour of text, with an edge in that of the background, so that it
//! stands out from both.

use super::theme::Colours;
use alloc::vec::Vec;
use lamboot_canvas::Shape;

/// An em, in the units of the outlines.
const EM: u32 = 120;
/// The arrow from its tip on, clockwise from below.
const EDGE: &[(u32, u32)] = &[(0, 0), (0, 176), (40, 138), (66, 196), (96, 183), (70, 125), (124, 125)];
/// The same without its edge.
const INSIDE: &[(u32, u32)] = &[(11, 26), (11, 151), (44, 120), (71, 181), (81, 177), (54, 114), (98, 114)];

/// The arrow with its tip at a pixel, for letters of `em` pixels.
pub(super) fn arrow(tip: (u32, u32), em: u32, colours: &Colours) -> Vec<Shape> {
    let scaled = |units: u32| units.saturating_mul(em).saturating_add(EM / 2) / EM;
    let outline = |units: &[(u32, u32)], colour| {
        let place =
            |(x, y): &(u32, u32)| (tip.0.saturating_add(scaled(*x)), tip.1.saturating_add(scaled(*y)));
        Shape::polygon(units.iter().map(place).collect(), colour)
    };
    alloc::vec![outline(EDGE, colours.background), outline(INSIDE, colours.text)]
}
