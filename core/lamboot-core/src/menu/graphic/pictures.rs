// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of the menu beside those in the folder `goldens/` of this crate: the same painter as on firmware, on a screen in memory.
//!
//! `LAMBOOT_KEEP_PICTURES=1 cargo test -p lamboot-core pictures` renews them. Look at each before it is
//! committed.

use super::Look;
use super::tests::picture;
use crate::menu::{Badge, Detail, Event, Header, Item, Model};
use crate::policy::Theme;
use crate::ports::{Key, Micros};
use lamboot_pictures::{Golden, Picture};
use std::path::Path;

fn item(number: usize, badge: Badge, title: &str, remark: &str) -> Item {
    let version = remark.split(',').next().unwrap_or_default();
    let details = [
        Detail::new("Trust", "Secure Boot on: the firmware checks the image"),
        Detail::new("Id", format!("entry-{number}.conf")),
        Detail::new("Version", version),
        Detail::new("Volume", "disk 1, partition 2"),
        Detail::new("File", format!(r"\loader\entries\entry-{number}+3.conf")),
        Detail::new("Image", format!(r"\0123456789abcdef0123456789abcdef\{version}\linux")),
        Detail::new("Initrd", format!(r"\0123456789abcdef0123456789abcdef\{version}\initrd.img")),
        Detail::new("Options", LINE),
        Detail::new("Next name", format!(r"\loader\entries\entry-{number}+2-1.conf")),
        Detail::new("Identity", IDENTITY),
    ];
    let failed = remark.ends_with("failed");
    let reason = Detail::alert("Last boot", "did not come up (2 of 3)");
    let details = failed.then_some(reason).into_iter().chain(details).collect();
    Item {
        title: title.into(),
        remark: remark.into(),
        options: LINE.into(),
        ignores_changes: false,
        failed,
        badge,
        is_default: number == 1,
        is_next: false,
        never_default: false,
        group: None,
        details,
    }
}

const IDENTITY: &str =
    "xfs UUID=0a3407de-014b-458b-b5c1-848e92a327a3 PARTUUID=0f6d2c1e-5a8b-4c11-9d7e-7c3a1b0e4f52";
const LINE: &str = "root=UUID=5b8f2c64-93b1-4d2c-a1de-6a0d4cf9f3a7 ro rootflags=subvol=@ \
    rd.luks.name=a9d1c7b2-7d39-4c0e-b6f4-1f0f3f5f7a11=root console=tty0 console=ttyS0,115200n8 \
    systemd.unit=multi-user.target mitigations=auto,nosmt quiet";

/// What a machine with several systems shows, and more of them than fit where `more` is large.
fn busy(more: usize) -> Model {
    let mut items = alloc::vec![
        item(1, Badge::Linux, "Debian GNU/Linux 13 (trixie)", "6.12.43, 3 tries left"),
        item(2, Badge::Linux, "Debian GNU/Linux 12 (bookworm)", "6.1.148, failed"),
        item(
            3,
            Badge::Uki,
            "Fedora Linux 43 (Workstation Edition) with a title that is longer than any \
            row of any list that this screen has room for",
            "6.17.8-300.fc43.x86_64"
        ),
        item(4, Badge::Windows, "Windows Boot Manager", ""),
        item(5, Badge::Iso, "Live system of Ελλάδα and Україна", "installer-13.2.0-amd64.iso"),
        item(6, Badge::Program, "EFI shell", ""),
    ];
    items.extend((7..7 + more).map(|number| {
        item(number, Badge::Linux, &format!("Test kernel {number}"), &format!("6.18.{number}"))
    }));
    let header = Header { version: "1.2.3".into(), machine: "Secure Boot on, x86_64".into() };
    let mut model = Model::new(header, items, 0, None);
    model.notices = alloc::vec![
        "entry-2.conf did not come up (2 of 3).".into(),
        "policy.toml, line 12, column 9: the value of theme is one of \"dark\", \"light\" and \
            \"high-contrast\"; what holds is the default."
            .into(),
    ];
    model.rejected = alloc::vec![
        r"\loader\entries\half.conf: line 2: a key without a value".into(),
        r"\loader\entries\arm.conf: this entry is for aarch64, and this machine is x86_64".into(),
        r"\EFI\Linux\old.efi: the file has no section .linux, so it is no unified kernel image".into(),
    ];
    model
}

/// The widest picture that is kept as it is.
const LARGEST: u32 = 1920;

/// Compares what the model shows after these keys with the picture of this name.
#[track_caller]
fn compare(name: &str, mut model: Model, keys: &[Key], size: (u32, u32), theme: Theme) {
    for key in keys {
        model.update(Event::Key(*key), Micros(0));
    }
    let screen = picture(&model, size.0, size.1, Look { theme, ..Look::default() });
    let rgb = |pixel: &u32| pixel.to_be_bytes().last_chunk().copied().unwrap_or_default();
    let shown = Picture { size, pixels: screen.pixels.iter().map(rgb).collect() };
    let golden = Golden::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens").join(name));
    // A third of 4K says as much, and is a tenth to keep.
    let shown = if size.0 > LARGEST { shown.shrunk(3) } else { shown };
    golden.compare(&shown).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_dark_theme_with_more_entries_than_fit() {
    compare("dark-40.png", busy(34), &[Key::Down, Key::Down], (1280, 800), Theme::Dark);
}

#[test]
fn the_light_theme() {
    compare("light.png", busy(0), &[Key::Down], (1280, 800), Theme::Light);
}

#[test]
fn the_theme_for_high_contrast() {
    compare("high-contrast.png", busy(0), &[], (1280, 800), Theme::HighContrast);
}

#[test]
fn a_small_screen() {
    compare("small.png", busy(34), &[Key::Down], (640, 480), Theme::Dark);
}

#[test]
fn a_screen_of_4k() {
    compare("4k.png", busy(34), &[], (3840, 2160), Theme::Light);
}

#[test]
fn the_help() {
    compare("help.png", busy(0), &[Key::Function(1)], (1024, 768), Theme::Dark);
}

#[test]
fn the_help_on_a_small_screen() {
    compare("help-small.png", busy(0), &[Key::Function(1)], (640, 480), Theme::HighContrast);
}

#[test]
fn the_editor() {
    compare("editor.png", busy(0), &[Key::Char('e'), Key::Home, Key::Right], (1024, 768), Theme::Light);
}

#[test]
fn entries_that_are_not_offered() {
    compare("not-offered.png", busy(0), &[Key::Char('n')], (1024, 768), Theme::Dark);
}

#[test]
fn details_on_a_small_screen() {
    compare("details-small.png", busy(0), &[Key::Down, Key::Char('i')], (640, 480), Theme::Dark);
}

#[test]
fn a_full_hd_screen_in_high_contrast() {
    compare("full-hd.png", busy(2), &[Key::Down, Key::Tab], (1920, 1080), Theme::HighContrast);
}

#[test]
fn a_list_of_snapshots_that_is_open() {
    let mut items = busy(0).items;
    for (number, title) in
        [(42, "2026-11-20 10:15 UTC zypp(zypper)"), (41, "2026-11-19 08:00 UTC before the upgrade")]
    {
        let snapshot = item(number, Badge::Linux, &format!("#{number} {title}"), "6.17.8-1-default");
        let group = Some("Snapshots of openSUSE Tumbleweed".into());
        items.push(Item { group, never_default: true, is_default: false, ..snapshot });
    }
    let model = Model::new(busy(0).header, items, 0, None);
    compare("list.png", model, &[Key::End, Key::Enter, Key::Down], (1024, 768), Theme::Dark);
}

#[test]
fn a_long_remark_beside_a_long_title() {
    compare("remarks.png", busy(0), &[], (1024, 768), Theme::Dark);
}

#[test]
fn details_on_a_wide_but_low_screen() {
    compare("wide-low.png", busy(34), &[Key::Down], (1280, 480), Theme::Light);
}
