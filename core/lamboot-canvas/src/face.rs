// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tables of the built-in font (OpenType 1.9, `head`, `hhea`, `hmtx`, `cmap`, `loca`, `glyf`).
//!
//! `ttf_parser::Face` reads fonts of every kind, and what it takes for all of them would be in the
//! loader: PostScript outlines alone are 30 KB. This font has TrueType outlines, and no character
//! beyond the Basic Multilingual Plane.

use ttf_parser::cmap::{self, Format, Subtable4};
use ttf_parser::{GlyphId, OutlineBuilder, RawFace, Rect, Tag, glyf, head, hhea, hmtx, loca, maxp};

/// A font, ready to be drawn.
pub(crate) struct Face {
    /// How many font units an em has; never 0.
    pub(crate) units_per_em: u16,
    /// Font units above the baseline.
    pub(crate) ascender: i16,
    /// Font units below the baseline, negative.
    pub(crate) descender: i16,
    characters: Subtable4<'static>,
    advances: hmtx::Table<'static>,
    outlines: glyf::Table<'static>,
}

impl Face {
    /// Reads a font; `None` where a table is missing or of another kind.
    pub(crate) fn parse(font: &'static [u8]) -> Option<Self> {
        let font = RawFace::parse(font, 0).ok()?;
        let table = |name: &[u8; 4]| font.table(Tag::from_bytes(name));
        let head = head::Table::parse(table(b"head")?)?;
        let hhea = hhea::Table::parse(table(b"hhea")?)?;
        let glyphs = maxp::Table::parse(table(b"maxp")?)?.number_of_glyphs;
        let places = loca::Table::parse(glyphs, head.index_to_location_format, table(b"loca")?)?;
        Some(Self {
            units_per_em: head.units_per_em,
            ascender: hhea.ascender,
            descender: hhea.descender,
            characters: characters(table(b"cmap")?)?,
            advances: hmtx::Table::parse(hhea.number_of_metrics, glyphs, table(b"hmtx")?)?,
            outlines: glyf::Table::parse(places, table(b"glyf")?)?,
        })
    }

    pub(crate) fn glyph(&self, character: char) -> Option<GlyphId> {
        self.characters.glyph_index(character.into())
    }

    /// How far the pen moves, in font units.
    pub(crate) fn advance(&self, glyph: GlyphId) -> Option<u16> {
        self.advances.advance(glyph)
    }

    /// What the outline stays within, in font units; `None` where there is none.
    pub(crate) fn bounds(&self, glyph: GlyphId) -> Option<Rect> {
        self.outlines.bbox(glyph)
    }

    /// Has `builder` follow the outline, in font units.
    pub(crate) fn outline(&self, glyph: GlyphId, builder: &mut dyn OutlineBuilder) -> Option<Rect> {
        self.outlines.outline(glyph, builder)
    }
}

/// The characters of the Basic Multilingual Plane and their glyphs.
fn characters(table: &'static [u8]) -> Option<Subtable4<'static>> {
    let subtables = cmap::Table::parse(table)?.subtables;
    subtables.into_iter().find_map(|subtable| match subtable.format {
        Format::SegmentMappingToDeltaValues(characters) if subtable.is_unicode() => Some(characters),
        _ => None,
    })
}
