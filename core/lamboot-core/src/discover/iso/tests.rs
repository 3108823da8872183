// SPDX-License-Identifier: MIT OR Apache-2.0
//! ISO files on volumes: what is offered of them, what is not, and what looking costs.

use super::*;
use crate::discover::tests::{Machine, SCOPE, program, volume};
use crate::discover::{BUDGET, Discovery, Scope};
use crate::entry::Entry;
use crate::error::ErrorKind;
use crate::ports::VolumeRole;
use iso_view::builder::image;
use proptest::prelude::*;

const ISOS_TOO: Scope = Scope { isos: true, ..SCOPE };

/// A live image as Debian makes them, without a menu of its own.
fn live() -> Vec<u8> {
    image("LIVE", &[("/live/vmlinuz", b"MZ the kernel"), ("/live/initrd.img", b"the initrd")])
}

/// An image whose own menu has these entries, each the same but for its title and number.
fn with_menu(titles: &[&str]) -> Vec<u8> {
    let entry = |(number, title): (usize, &&str)| {
        format!("menuentry '{title}' {{ linux /k n={number} at=$iso_path; initrd /i /i }}\n")
    };
    let text: String = titles.iter().enumerate().map(entry).collect();
    let files: [(&str, &[u8]); 3] =
        [("/k", b"MZ"), ("/i", b"initrd"), ("/boot/grub/loopback.cfg", text.as_bytes())];
    image("MENU", &files)
}

fn search(files: &[(&str, Vec<u8>)]) -> Discovery {
    let mut machine = Machine::new();
    for (path, bytes) in files {
        machine.put(0, path, bytes);
    }
    machine.search_with(ISOS_TOO)
}

/// The bytes of the runs of a file.
fn bytes_of(image: &[u8], extents: &[Extent]) -> Vec<u8> {
    let run = |extent: &Extent| &image[extent.offset as usize..][..extent.length as usize];
    extents.iter().flat_map(run).copied().collect()
}

fn reason_of(image: Vec<u8>) -> String {
    let found = search(&[(r"\isos\a.iso", image)]);
    assert_eq!(found.entries, []);
    assert_eq!(found.rejected[0].path, r"\isos\a.iso");
    found.rejected[0].reason.clone()
}

#[test]
fn an_entry_says_where_its_files_lie() {
    let image = live();
    let found = search(&[(r"\isos\Debian.ISO", image.clone())]);
    assert_eq!(found.rejected, []);
    let [entry] = &found.entries[..] else { panic!("{:?}", found.entries) };
    assert_eq!(
        (entry.id.as_str(), entry.title.as_str(), entry.kind),
        ("iso-debian.iso", "LIVE", EntryKind::Iso)
    );
    assert_eq!(entry.file, r"\isos\Debian.ISO");
    assert_eq!(entry.image, r"\isos\Debian.ISO\live\vmlinuz");
    assert_eq!(entry.initrds, [r"\isos\Debian.ISO\live\initrd.img"]);
    assert_eq!(entry.options, "boot=live findiso=/isos/Debian.ISO");
    assert!(!entry.unattended && !entry.foreign);
    for (path, bytes) in [(&entry.image, &b"MZ the kernel"[..]), (&entry.initrds[0], b"the initrd")] {
        let inside = entry.source(path).inside.unwrap();
        assert_eq!((inside.file, bytes_of(&image, inside.extents)), (r"\isos\Debian.ISO", bytes.to_vec()));
    }
}

#[test]
fn nothing_is_looked_at_unless_it_is_asked_for() {
    let mut machine = Machine::new();
    let reads = |machine: &mut Machine, scope| {
        machine.reads = 0;
        let found = machine.search_with(scope);
        (found.entries.len(), machine.reads)
    };
    let without = reads(&mut machine, SCOPE);
    machine.put(0, r"\isos\a.iso", live());
    assert_eq!(reads(&mut machine, SCOPE), without);
    assert_eq!(reads(&mut machine, ISOS_TOO).0, 1);
}

#[test]
fn both_folders_of_every_volume_are_searched() {
    let mut machine = Machine::new();
    machine.volumes.push(volume(1, VolumeRole::Other));
    machine.put(0, r"\isos\a.iso", live());
    machine.put(0, r"\isos\a.img", live());
    machine.put(0, r"\isos\sub\b.iso", live());
    machine.put(1, r"\boot\isos\a.iso", live());
    let found = machine.search_with(ISOS_TOO);
    let list: Vec<(&str, &str)> =
        found.entries.iter().map(|entry| (entry.id.as_str(), entry.options.as_str())).collect();
    assert_eq!(
        list,
        [
            ("iso-a.iso", "boot=live findiso=/isos/a.iso"),
            ("iso-a.iso-00000001", "boot=live findiso=/boot/isos/a.iso"),
        ]
    );
}

#[test]
fn entries_of_one_file_stand_together_and_after_everything_else() {
    let titles: Vec<String> = (1..=12).map(|number| format!("Entry {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut machine = Machine::new();
    machine.put(0, r"\EFI\debian\grubx64.efi", program("grub"));
    machine.put(0, r"\isos\a.iso", with_menu(&titles));
    machine.put(0, r"\isos\b.iso", live());
    let found = machine.search_with(Scope { reboot: true, ..ISOS_TOO });
    let ids: Vec<&str> = found.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!((ids[0], ids[1], ids[2]), ("auto-grub-debian", "iso-a.iso", "iso-a.iso@2"));
    assert_eq!((ids[12], ids[13], ids[14]), ("iso-a.iso@12", "iso-b.iso", "auto-reboot"));
    let shown: Vec<&str> = found.entries[1..13].iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(shown, titles);
    let last = &found.entries[12];
    assert_eq!((last.options.as_str(), last.initrds.len()), ("n=11 at=/isos/a.iso", 2));
}

#[test]
fn what_is_on_a_medium_that_was_put_in_is_foreign() {
    let mut machine = Machine::new();
    machine.volumes.push(VolumeInfo { removable: true, ..volume(1, VolumeRole::Other) });
    machine.put(1, r"\isos\a.iso", live());
    assert!(machine.search_with(ISOS_TOO).entries[0].foreign);
}

#[test]
fn every_iso_file_that_is_not_offered_has_a_reason() {
    let whole = live();
    let cut = |length: usize| whole[..length].to_vec();
    let mut damaged = whole.clone();
    // The length of the second record of the root's.
    damaged[18 * 2048 + 34] = 7;
    for (image, words) in [
        (b"hello".to_vec(), "not copied whole"),
        (vec![0; 100_000], "no ISO 9660 image"),
        (damaged, "the image is damaged: a directory record is cut off"),
        (cut(18 * 2048), "not copied whole"),
        (cut(21 * 2048 + 5), "/live/initrd.img: lies beyond the end of the ISO file"),
        (image("X", &[("/a", b"")]), "no loopback.cfg and is of no known family"),
        (
            image("X", &[("/live/vmlinuz", b"MZ")]),
            "looks like Debian Live, but its kernel or initrd is missing",
        ),
        (image("X", &[("/live/vmlinuz", b""), ("/live/initrd", b"i")]), "/live/vmlinuz: is empty"),
        (
            image("X", &[("/EFI/BOOT/BOOTAA64.EFI", b""), ("/live/vmlinuz", b"MZ"), ("/live/initrd", b"i")]),
            "made for another kind of machine",
        ),
        (
            image(
                "X",
                &[("/boot/grub/loopback.cfg", b"menuentry T { linux /live a=$iso_path }"), ("/live/a", b"")],
            ),
            "/live: it is not a file",
        ),
    ] {
        let reason = reason_of(image);
        assert!(reason.contains(words), "{words}: {reason}");
    }
    let found = search(&[(r"\isos\a b.iso", live())]);
    assert!(found.rejected[0].reason.contains("rename it"), "{:?}", found.rejected);
}

#[test]
fn a_volume_that_fails_is_told_as_such() {
    let mut machine = Machine::new();
    machine.put(0, r"\isos\a.iso", live());
    machine.files.insert((0, r"\isos\b.iso".into()), Err(ErrorKind::Device.into()));
    let found = machine.search_with(ISOS_TOO);
    assert_eq!(found.entries.len(), 1);
    let rejected = &found.rejected[0];
    assert_eq!((rejected.path.as_str(), rejected.event.token()), (r"\isos\b.iso", "bls_entry_read_failed"));
    assert_eq!(rejected.reason, "device error");
}

#[test]
fn one_entry_that_cannot_be_started_does_not_hide_the_others() {
    let menu = b"menuentry A { linux /k a=$iso_path }\nmenuentry B { linux /d }\nmenuentry C { linux /k c }";
    let files: [(&str, &[u8]); 3] = [("/k", b"MZ"), ("/d/x", b""), ("/boot/grub/loopback.cfg", menu)];
    let found = search(&[(r"\isos\a.iso", image("X", &files))]);
    let titles: Vec<&str> = found.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["A", "C"]);
    assert_eq!(found.rejected[0].reason, "/d: it is not a file");
}

#[test]
fn no_image_leads_back_into_lamboot() {
    let menu = b"menuentry A { linux /l.efi a=$iso_path }\nmenuentry B { linux /k b }";
    let lamboot = program("lamboot");
    let files: [(&str, &[u8]); 3] = [("/k", b"MZ"), ("/l.efi", &lamboot), ("/boot/grub/loopback.cfg", menu)];
    let found = search(&[(r"\isos\a.iso", image("X", &files))]);
    let titles: Vec<&str> = found.entries.iter().map(|entry: &Entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["B"]);
    assert_eq!(found.rejected[0].reason, "it starts LamBoot again");
}

/// An image whose root has as many records as a folder may have, none of them a family's.
fn crowded() -> Vec<u8> {
    let names: Vec<String> = (0..18_000).map(|number| format!("/file-{number:015}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    image("CROWDED", &files)
}

#[test]
fn hostile_images_cost_a_bounded_number_of_reads() {
    let crowded = crowded();
    let mut machine = Machine::new();
    machine.put(0, r"\isos\a.iso", &crowded);
    machine.put(0, r"\loader\entries\z.conf", "linux /l\n");
    machine.put(0, r"\l", "MZ");
    let found = machine.search_with(ISOS_TOO);
    assert!(found.rejected[0].reason.contains("too much would have to be read"), "{:?}", found.rejected);
    assert!(machine.reads < (4 << 20) / (16 << 10) + 20, "{}", machine.reads);
    for number in 0..40 {
        machine.put(0, &format!(r"\isos\{number:02}.iso"), &crowded);
    }
    machine.reads = 0;
    let found = machine.search_with(ISOS_TOO);
    assert!(machine.reads < BUDGET / (16 << 10) + 20, "{}", machine.reads);
    assert_eq!(found.rejected.len(), 41);
    assert!(found.rejected[40].reason.contains("only the first 32"), "{:?}", found.rejected[40]);
    assert_eq!(found.entries[0].id, "z.conf", "what is not an ISO file is found whatever they cost");
}

proptest! {
    /// Whatever is damaged: each entry that is offered lies inside of the file, and there is one reason
    /// or more where none is.
    #[test]
    fn any_damage_is_judged(
        has_menu in any::<bool>(),
        edits in proptest::collection::vec((32_768_usize..50_000, any::<u8>()), 1..8),
        length in prop_oneof![Just(usize::MAX), 0_usize..60_000],
    ) {
        let mut image = if has_menu { with_menu(&["A", "B"]) } else { live() };
        for (at, byte) in edits {
            if let Some(old) = image.get_mut(at) {
                *old = byte;
            }
        }
        image.truncate(length);
        let size = image.len() as u64;
        let found = search(&[(r"\isos\a.iso", image)]);
        prop_assert!(!found.entries.is_empty() || !found.rejected.is_empty());
        for part in found.entries.iter().flat_map(|entry| &entry.parts) {
            prop_assert!(part.extents.iter().all(|extent| extent.offset + extent.length <= size));
        }
        for entry in &found.entries {
            prop_assert!(entry.source(&entry.image).inside.is_some());
            prop_assert!(entry.initrds.iter().all(|path| entry.source(path).inside.is_some()));
        }
    }
}
