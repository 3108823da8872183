// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures made of text and shapes, and only what changed of them.
//!
//! A [`Scene`] is a list of [`Shape`]s, the lowest first. [`Painter::paint`] compares it with the scene
//! before, and gives out the pixels of the rectangles that differ: painting one change after the
//! other ends in the same pixels as painting the last scene alone.
//!
//! | module | what it has |
//! |---|---|
//! | [`rect`] | rectangles of pixels |
//! | [`font`] | glyphs from outlines, at any size |
//! | [`scene`] | shapes in their order |
//! | [`painter`] | pixels of what changed |
//!
//! # What this does not do
//!
//! It knows no screen and no menu. Text runs from left to right, one glyph a character, without
//! shaping: Latin, Greek and Cyrillic need none.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod face;
pub mod font;
pub mod painter;
pub mod rect;
pub mod scene;

pub use font::Font;
pub use painter::Painter;
pub use rect::Rect;
pub use scene::{Scene, Shape};
