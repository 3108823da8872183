// SPDX-License-Identifier: MIT OR Apache-2.0
//! How soon the menu is on the screen.

use anyhow::Result;
use lamboot_bench::FirstPicture;

use super::{Figure, Goal, boot};
use crate::tree::Tree;

/// How many entries the menu has.
const COUNTS: [u32; 2] = [1, 100];
/// 50 ms on a machine that needs a nanosecond for an instruction, as the counting one does.
const AT_MOST: f64 = 50.0;

/// Shows the menu as a picture on a machine that counts instructions.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    boot::prepare(tree)?;
    let mut all = Vec::new();
    for entries in COUNTS {
        eprintln!("showing the menu with {entries} entries");
        all.extend(figures(entries, lamboot_bench::measure_menu(entries)?));
    }
    Ok(all)
}

fn figures(entries: u32, picture: FirstPicture) -> [Figure; 3] {
    let name = |what| format!("menu.{entries}.{what}");
    let millions = |count: u64| count as f64 / 1e6;
    let first = Figure::new(&name("first_picture"), millions(picture.instructions), "Minstr");
    [
        first.with_goal(Goal::AtMost(AT_MOST)),
        Figure::new(&name("blocks"), picture.blocks as f64, "blocks"),
        Figure::new(&name("pixels"), millions(picture.pixels), "Mpixels"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_is_fifty_milliseconds_of_counted_instructions() {
        let met = |instructions| figures(1, FirstPicture { instructions, blocks: 1, pixels: 1 })[0].met();
        assert_eq!((met(50_000_000), met(50_000_001)), (Some(true), Some(false)));
    }
}
