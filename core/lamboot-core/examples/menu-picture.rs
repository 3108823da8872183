// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a picture of the menu: `menu-picture FILE.png [WIDTHxHEIGHT] [dark|light|high-contrast] [KEYS]`.
//!
//! KEYS are pressed before the picture is taken: letters as they are, `<` for Down, `>` for F1.

use lamboot_core::menu::graphic::{Look, Painter};
use lamboot_core::menu::{Badge, Countdown, Detail, Event, Header, Item, Model};
use lamboot_core::policy::Theme;
use lamboot_core::ports::{Canvas, Key, Micros, Rect, Resolution};
use std::error::Error;

struct Picture {
    resolution: Resolution,
    pixels: Vec<u32>,
}

impl Picture {
    fn put(&mut self, rect: Rect, pixel: impl Fn(u32) -> u32) {
        for y in 0..rect.height {
            for x in 0..rect.width {
                let place = (rect.y + y) * self.resolution.width + rect.x + x;
                self.pixels[place as usize] = pixel(y * rect.width + x);
            }
        }
    }
}

impl Canvas for Picture {
    fn open(&mut self) -> Option<Resolution> {
        Some(self.resolution)
    }

    fn fill(&mut self, rect: Rect, colour: u32) {
        self.put(rect, |_| colour);
    }

    fn blit(&mut self, rect: Rect, pixels: &[u32]) {
        self.put(rect, |place| pixels[place as usize]);
    }

    fn close(&mut self) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let size = arguments.next().unwrap_or_else(|| "1024x768".into());
    let (width, height) = size.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let resolution = Resolution { width: width.parse()?, height: height.parse()? };
    let theme = match arguments.next().as_deref() {
        Some("light") => Theme::Light,
        Some("high-contrast") => Theme::HighContrast,
        _ => Theme::Dark,
    };
    let mut model = model();
    for key in arguments.next().unwrap_or_default().chars() {
        let key = match key {
            '<' => Key::Down,
            '>' => Key::Function(1),
            letter => Key::Char(letter),
        };
        model.update(Event::Key(key), Micros(0));
    }
    let mut picture =
        Picture { resolution, pixels: vec![0; (resolution.width * resolution.height) as usize] };
    let look = Look { theme, ..Look::default() };
    Painter::new(resolution, look).paint(&model.view(Micros(1_500_000)), &mut picture);
    write(&file, &picture)
}

fn write(file: &str, picture: &Picture) -> Result<(), Box<dyn Error>> {
    let Resolution { width, height } = picture.resolution;
    let pixels = picture.pixels.iter().map(|pixel| [16, 8, 0].map(|shift| (pixel >> shift) as u8)).collect();
    Ok(lamboot_pictures::Picture { size: (width, height), pixels }.write(file.as_ref())?)
}

/// A machine with a few systems.
fn model() -> Model {
    let header = Header { version: "0.20.0".into(), machine: "Secure Boot on, x86_64".into() };
    let entries = [
        ("Debian GNU/Linux 13 (trixie)", "6.12.43", Badge::Linux),
        ("Debian GNU/Linux 13 (trixie) (6.12.41)", "6.12.41, 2 tries left", Badge::Linux),
        ("Fedora Linux 43 (Workstation Edition)", "6.17.4", Badge::Uki),
        ("Arch Linux – Ελληνικά, Русский", "6.17.5.arch1-1", Badge::Uki),
        ("Windows Boot Manager", "", Badge::Windows),
        ("GRUB (debian)", "", Badge::Program),
        ("Firmware set-up", "", Badge::Machine),
    ];
    let items = entries.map(|(title, remark, badge)| Item {
        title: title.into(),
        remark: remark.into(),
        options: "root=UUID=0b8a2f6e-5b0c-4f0e-9a53-1a2b3c4d5e6f ro quiet splash rd.luks.uuid=luks-0b8a2f6e"
            .into(),
        ignores_changes: false,
        failed: false,
        badge,
        is_default: title.ends_with("(trixie)"),
        is_next: false,
        never_default: false,
        group: None,
        details: vec![
            Detail::new("Id", "debian-6.12.43-amd64.conf"),
            Detail::new("Volume", "disk 1, partition 1"),
            Detail::new("Image", r"\debian\6.12.43-amd64\linux"),
            Detail::new("Initrd", r"\debian\6.12.43-amd64\initrd.img"),
            Detail::new("Options", "root=UUID=0b8a2f6e-5b0c-4f0e-9a53-1a2b3c4d5e6f ro quiet splash"),
        ],
    });
    let countdown = Countdown { from: Micros(0), until: Micros(5_000_000) };
    let mut model = Model::new(header, items.to_vec(), 0, Some(countdown));
    model.rejected.push(r"\loader\entries\old.conf: \old\linux: there is no such file on its volume".into());
    model
}
