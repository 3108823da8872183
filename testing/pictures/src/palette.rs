// SPDX-License-Identifier: MIT OR Apache-2.0
//! Few colours in place of many.

use std::collections::HashMap;

use crate::Rgb;

/// The most colours that a picture is kept with: text with smooth edges needs no more.
pub const MAX_COLOURS: usize = 32;

/// A colour of so many thousandths of the pixels is that of an area, and not of a letter's edge.
const AREA_PERMILLE: usize = 2;

/// The colours of a picture, or what stands for them.
pub(crate) struct Palette {
    colours: Vec<Rgb>,
    /// Each colour's place among them.
    places: HashMap<Rgb, u8>,
}

impl Palette {
    /// The colours of areas, and the most frequent of all others, none near another; how near depends on
    /// how many there are.
    pub(crate) fn of(pixels: &[Rgb]) -> Self {
        let counted = by_frequency(pixels);
        let is_area = |(count, _): &&(usize, Rgb)| count * 1000 >= pixels.len() * AREA_PERMILLE;
        let areas = counted.iter().take_while(is_area).take(MAX_COLOURS).count();
        let frequent: Vec<Rgb> = counted.into_iter().map(|(_, colour)| colour).collect();
        let kept = (0..=u8::MAX).map(|distance| apart(&frequent, areas, distance));
        let colours = kept.into_iter().find(|kept| kept.len() <= MAX_COLOURS).unwrap_or_default();
        let places = frequent.iter().map(|colour| (*colour, nearest(&colours, *colour))).collect();
        Self { colours, places }
    }

    pub(crate) fn colours(&self) -> &[Rgb] {
        &self.colours
    }

    /// The place of each pixel's colour.
    pub(crate) fn indices(&self, pixels: &[Rgb]) -> Vec<u8> {
        pixels.iter().map(|pixel| self.places.get(pixel).copied().unwrap_or(0)).collect()
    }
}

/// Every colour and how often it is there, the most frequent first; in the same order each time.
fn by_frequency(pixels: &[Rgb]) -> Vec<(usize, Rgb)> {
    let mut counts: HashMap<Rgb, usize> = HashMap::new();
    pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    let mut colours: Vec<(usize, Rgb)> = counts.into_iter().map(|(colour, count)| (count, colour)).collect();
    colours.sort_unstable_by(|a, b| b.cmp(a));
    colours
}

/// The first `areas` colours, and those that are further than this from every one before them; too many
/// end the search.
fn apart(colours: &[Rgb], areas: usize, distance: u8) -> Vec<Rgb> {
    let (areas, others) = colours.split_at(areas);
    let mut kept = areas.to_vec();
    for colour in others {
        if kept.len() > MAX_COLOURS {
            break;
        }
        if kept.iter().all(|other| difference(*colour, *other) > distance) {
            kept.push(*colour);
        }
    }
    kept
}

fn nearest(colours: &[Rgb], colour: Rgb) -> u8 {
    let places = (0_u8..).zip(colours);
    places.min_by_key(|(_, other)| difference(colour, **other)).map_or(0, |(place, _)| place)
}

/// How far apart two colours are: by the channel in which they differ most, of 255.
pub(crate) fn difference(a: Rgb, b: Rgb) -> u8 {
    a.into_iter().zip(b).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_stay_as_they_are() {
        let pixels = [[1, 2, 3], [1, 2, 4], [1, 2, 3], [200, 0, 0]];
        let palette = Palette::of(&pixels);
        let back: Vec<Rgb> =
            palette.indices(&pixels).iter().map(|place| palette.colours()[usize::from(*place)]).collect();
        assert_eq!(back, pixels);
        assert_eq!(palette.colours()[0], [1, 2, 3], "the most frequent is the first");
    }

    #[test]
    fn of_many_colours_the_frequent_ones_stay_and_the_others_are_near() {
        let shades = (0..=255).map(|level| [level, level, level]);
        let pixels: Vec<Rgb> = shades.chain([[100, 100, 100]; 900]).collect();
        let palette = Palette::of(&pixels);
        assert!(palette.colours().len() <= MAX_COLOURS);
        assert_eq!(palette.colours()[0], [100, 100, 100]);
        for (pixel, place) in pixels.iter().zip(palette.indices(&pixels)) {
            assert!(difference(*pixel, palette.colours()[usize::from(place)]) <= 8, "{pixel:?}");
        }
    }

    #[test]
    fn two_areas_of_nearly_one_colour_stay_two() {
        let edges = (0..=255).map(|level| [level, 0, 255 - level]);
        let pixels: Vec<Rgb> = edges.chain([[250, 250, 250]; 900]).chain([[251, 251, 251]; 9]).collect();
        let palette = Palette::of(&pixels);
        assert_eq!(palette.colours()[..2], [[250, 250, 250], [251, 251, 251]]);
    }

    #[test]
    fn no_pixels_have_no_colours() {
        assert!(Palette::of(&[]).colours().is_empty());
    }
}
