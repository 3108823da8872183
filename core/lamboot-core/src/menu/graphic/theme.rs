// SPDX-License-Identifier: MIT OR Apache-2.0
//! Colours. Every text stands out from what lies behind it by at least 4.5 to 1, in the theme for high
//! contrast by 7 to 1 (WCAG 2.2, success criteria 1.4.3 and 1.4.6).

use crate::policy::Theme;

/// The colours of a theme, as `0x00RRGGBB`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Colours {
    pub(super) background: u32,
    /// Cards and panels.
    pub(super) panel: u32,
    /// Lines between things.
    pub(super) line: u32,
    pub(super) text: u32,
    /// What matters less.
    pub(super) dim: u32,
    /// Headings, keys, and what is running.
    pub(super) accent: u32,
    /// What went wrong.
    pub(super) alert: u32,
    /// Behind the selected row.
    pub(super) selected: u32,
    /// On the selected row.
    pub(super) on_selected: u32,
}

static DARK: Colours = Colours {
    background: 0x0011_161C,
    panel: 0x001A_212A,
    line: 0x0033_3F4C,
    text: 0x00E8_EDF2,
    dim: 0x009A_A8B6,
    accent: 0x0074_B0FF,
    alert: 0x00FF_B454,
    selected: 0x002B_5FC7,
    on_selected: 0x00FF_FFFF,
};

static LIGHT: Colours = Colours {
    background: 0x00F4_F6F9,
    panel: 0x00FF_FFFF,
    line: 0x00CF_D6DE,
    text: 0x001A_2129,
    dim: 0x0051_5D6A,
    accent: 0x001D_4FC4,
    alert: 0x009A_3B0A,
    selected: 0x001D_4FC4,
    on_selected: 0x00FF_FFFF,
};

static HIGH_CONTRAST: Colours = Colours {
    background: 0x0000_0000,
    panel: 0x0000_0000,
    line: 0x00FF_FFFF,
    text: 0x00FF_FFFF,
    dim: 0x00FF_FFFF,
    accent: 0x00FF_FF00,
    alert: 0x00FF_FF00,
    selected: 0x00FF_FF00,
    on_selected: 0x0000_0000,
};

/// The colours of a theme.
pub(super) const fn colours(theme: Theme) -> &'static Colours {
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
        Theme::HighContrast => &HIGH_CONTRAST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2, definitions).
    fn luminance(colour: u32) -> f64 {
        let channel = |shift: u32| {
            let value = f64::from(colour >> shift & 0xFF) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_stands_out() {
        assert!((contrast(0, 0x00FF_FFFF) - 21.0).abs() < 0.01);
        for (theme, least) in [(Theme::Dark, 4.5), (Theme::Light, 4.5), (Theme::HighContrast, 7.0)] {
            let c = colours(theme);
            for text in [c.text, c.dim, c.accent, c.alert] {
                for behind in [c.background, c.panel] {
                    assert!(contrast(text, behind) >= least, "{theme:?} {text:06x} on {behind:06x}");
                }
            }
            assert!(contrast(c.on_selected, c.selected) >= least, "{theme:?}");
        }
    }
}
