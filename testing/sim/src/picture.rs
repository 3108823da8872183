// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a graphical screen shows.

use lamboot_core::ports::{Rect, Resolution};

/// The pixels of a screen, as `0x00RRGGBB`, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How large it is.
    pub resolution: Resolution,
    /// Its pixels.
    pub pixels: Vec<u32>,
    /// Pixels drawn so far, those drawn twice counted twice.
    pub drawn: usize,
}

impl Picture {
    pub(crate) fn black(resolution: Resolution) -> Self {
        let size = resolution.width as usize * resolution.height as usize;
        Self { resolution, pixels: vec![0; size], drawn: 0 }
    }

    /// Draws the part of a rectangle that is on the screen; `pixel` gets the place in the rectangle.
    pub(crate) fn draw(&mut self, rect: Rect, pixel: impl Fn(usize) -> u32) {
        for y in 0..rect.height {
            for x in 0..rect.width {
                let (left, top) = (rect.x.saturating_add(x), rect.y.saturating_add(y));
                if left < self.resolution.width && top < self.resolution.height {
                    let place = top as usize * self.resolution.width as usize + left as usize;
                    self.pixels[place] = pixel((y * rect.width + x) as usize);
                    self.drawn += 1;
                }
            }
        }
    }
}
