// SPDX-License-Identifier: MIT OR Apache-2.0
//! Showing the menu: as a picture where the screen can, and as text on every console beside it.

use super::Session;
use crate::menu::graphic::{Look, Painter};
use crate::menu::{Event, Model, text};
use crate::policy;
use crate::ports::{Micros, Pointer};
use alloc::boxed::Box;

/// What the menu is shown on.
#[derive(Default)]
pub(super) enum Display {
    /// Nothing was shown yet.
    #[default]
    Dark,
    /// Text consoles alone.
    Text,
    /// A picture, and text consoles beside it.
    Picture(Box<Painter>),
}

impl Session<'_, '_> {
    /// Shows the menu as it stands.
    pub(super) fn show(&mut self, model: &Model, now: Micros) {
        if matches!(self.display, Display::Dark) {
            self.display = self.open_display();
        }
        let view = model.view(now);
        // The picture first: serial lines are slow.
        if let Display::Picture(painter) = &mut self.display {
            painter.paint(&view, self.ports.canvas);
            self.menu_is_shown();
        }
        let size = self.ports.screen.size();
        self.ports.screen.draw(&text::paint(&view, size));
        self.menu_is_shown();
    }

    /// Notes when the menu was first complete on a screen.
    fn menu_is_shown(&mut self) {
        if self.times.menu_shown.is_none() {
            self.times.menu_shown = Some(self.now().0);
        }
    }

    /// Whether a pointer is of use: on a picture, and where the owner wants one.
    pub(super) const fn has_pointer(&self) -> bool {
        self.policy.mouse && matches!(self.display, Display::Picture(_))
    }

    /// Shows the pointer; what that means to the menu.
    pub(super) fn point(&mut self, pointer: Pointer) -> Event {
        let target = match &mut self.display {
            Display::Picture(painter) => painter.point(pointer, self.ports.canvas),
            Display::Dark | Display::Text => None,
        };
        let Pointer { clicked, scrolled, .. } = pointer;
        Event::Pointer { target, clicked, scrolled }
    }

    fn open_display(&mut self) -> Display {
        if self.policy.display == policy::Display::Text {
            return Display::Text;
        }
        let look = Look { theme: self.policy.theme, font: self.policy.font_size };
        self.ports
            .canvas
            .open()
            .map_or(Display::Text, |size| Display::Picture(Box::new(Painter::new(size, look))))
    }

    /// Leaves screen and consoles as a system expects to find them.
    pub(super) fn release_display(&mut self) {
        if matches!(self.display, Display::Picture(_)) {
            self.ports.canvas.close();
        }
        self.display = Display::Dark;
        self.ports.screen.release();
    }
}
