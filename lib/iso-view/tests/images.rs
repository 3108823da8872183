// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that are well, odd, wrong in one place, or nothing at all.

mod support;

use iso_view::{BLOCK, Extent, Iso, Kind, LINKS_MAX, Names, ReadAt, STEPS_MAX};
use proptest::prelude::*;
use support::{Image, both, dots, file, folder, link, mode, name, record, system_use};

fn open(image: &Image) -> Iso<&[u8]> {
    Iso::open(image.0.as_slice()).unwrap()
}

fn token_of(image: &Image, path: &str) -> &'static str {
    open(image).lookup(path).err().map_or("found", |error| error.token())
}

fn names(iso: &mut Iso<&[u8]>, path: &str) -> Vec<String> {
    iso.read_dir(path, 100).unwrap().into_iter().map(|entry| entry.name).collect()
}

#[test]
fn files_and_folders_of_rock_ridge() {
    let mut image = Image::new(true, &[file("A.;1", "a file", 30, 5), folder("SUB", "sub", 21)]);
    image.put(21, &[dots(21, false), vec![file("B.;1", "B", 31, 3000)]].concat().concat());
    image.put(30, b"hello, not this");
    let mut iso = open(&image);
    assert_eq!((iso.label(), iso.names()), ("A LABEL", Names::RockRidge));
    assert_eq!(names(&mut iso, "/"), ["a file", "sub"]);
    let node = iso.lookup("a file").unwrap();
    assert_eq!(node.extents, [Extent { offset: 30 * 2048, length: 5 }]);
    assert_eq!(iso.read(&node, 5).unwrap(), b"hello");
    assert_eq!(iso.read(&node, 4).unwrap_err().token(), "too_large");
    assert_eq!(iso.lookup("//sub/../sub/./B").unwrap().size, 3000);
    assert_eq!(iso.lookup("/").unwrap().kind, Kind::Directory);
    assert_eq!(iso.lookup("/../..").unwrap(), iso.lookup("").unwrap());
}

#[test]
fn what_is_not_there() {
    let mut image = Image::new(true, &[file("A.;1", "a", 30, 5), folder("SUB", "sub", 21)]);
    image.put(21, &dots(21, false).concat());
    for (path, token) in [
        ("/b", "no_such_file"),
        ("/A", "no_such_file"),
        ("/a/b", "not_a_directory"),
        ("/sub/x", "no_such_file"),
    ] {
        assert_eq!(token_of(&image, path), token, "{path}");
    }
    assert_eq!(token_of(&image, &"/a".repeat(3000)), "no_such_file");
    let mut iso = open(&image);
    assert_eq!(iso.read_dir("/a", 9).unwrap_err().token(), "not_a_directory");
    let folder = iso.lookup("/sub").unwrap();
    assert_eq!(iso.read(&folder, 9999).unwrap_err().token(), "not_a_file");
}

#[test]
fn plain_names_are_found_in_any_case() {
    let records = [record(b"VMLINUZ.;1", 30, 5, 0, b""), record(b"A.B;1", 31, 6, 0, b"")];
    let image = Image::new(false, &records);
    let mut iso = open(&image);
    assert_eq!(iso.names(), Names::Plain);
    assert_eq!(names(&mut iso, "/"), ["VMLINUZ", "A.B"]);
    for path in ["/vmlinuz", "/VMLINUZ", "/VmLinuz"] {
        assert_eq!(iso.lookup(path).unwrap().size, 5);
    }
    assert_eq!(iso.lookup("a.b").unwrap().size, 6);
}

#[test]
fn an_equal_name_comes_before_one_in_another_case() {
    let image = Image::new(false, &[record(b"A", 30, 5, 0, b""), record(b"a", 31, 6, 0, b"")]);
    assert_eq!(open(&image).lookup("/a").unwrap().size, 6);
    assert_eq!(open(&image).lookup("/A").unwrap().size, 5);
}

#[test]
fn limits_of_a_listing() {
    let image = Image::new(true, &[file("A.;1", "a", 30, 5), file("B.;1", "b", 30, 5)]);
    let mut iso = open(&image);
    for limit in 0..4 {
        assert_eq!(iso.read_dir("/", limit).unwrap().len(), limit.min(2));
    }
}

#[test]
fn links_are_followed_so_many_times() {
    let mut records: Vec<_> =
        (1..=9).map(|n| link(&format!("L{n}.;1"), &format!("l{n}"), &format!("l{}", n - 1))).collect();
    records.push(file("L0.;1", "l0", 30, 7));
    let image = Image::new(true, &records);
    assert_eq!(open(&image).lookup(&format!("/l{LINKS_MAX}")).unwrap().size, 7);
    assert_eq!(token_of(&image, "/l9"), "too_many_links");
    assert_eq!(open(&image).read_dir("/", 1).unwrap()[0].kind, Kind::Symlink);
}

#[test]
fn links_lead_anywhere_and_nowhere() {
    let mut image = Image::new(
        true,
        &[
            folder("SUB", "sub", 21),
            file("A.;1", "a", 30, 7),
            link("S.;1", "self", "self"),
            link("N.;1", "none", "b"),
            link("D.;1", "d", "sub"),
        ],
    );
    image.put(21, &[dots(21, false), vec![link("U.;1", "up", "../a")]].concat().concat());
    assert_eq!(open(&image).lookup("/sub/up").unwrap().size, 7);
    assert_eq!(open(&image).lookup("/d/up").unwrap().size, 7);
    assert_eq!(token_of(&image, "/self"), "too_many_links");
    assert_eq!(token_of(&image, "/none"), "no_such_file");
    assert_eq!(token_of(&image, "/sub/up/x"), "not_a_directory");
}

#[test]
fn a_folder_that_contains_itself_ends() {
    let image = Image::new(true, &[folder("A", "a", support::ROOT)]);
    assert_eq!(open(&image).lookup(&"/a".repeat(STEPS_MAX)).unwrap().kind, Kind::Directory);
    assert_eq!(token_of(&image, &"/a".repeat(STEPS_MAX + 1)), "too_deep");
}

#[test]
fn a_name_that_goes_on_elsewhere() {
    let place = |block: u32, start: u32, length: u32| {
        system_use(b"CE", &[both(block), both(start), both(length)].concat())
    };
    let more = name("-name");
    let begin = [system_use(b"NM", b"\x01long"), place(25, 100, more.len() as u32)].concat();
    let mut image = Image::new(true, &[record(b"L.;1", 30, 5, 0, &begin)]);
    image.put(25, &[vec![0; 100], more].concat());
    assert_eq!(names(&mut open(&image), "/"), ["long-name"]);
    // The area goes on with itself.
    image.put(25, &[vec![0; 100], place(25, 100, 28)].concat());
    let begin = place(25, 100, 28);
    image.put(support::ROOT, &[dots(20, true), vec![record(b"L.;1", 30, 5, 0, &begin)]].concat().concat());
    assert_eq!(token_of(&image, "/l"), "bad_system_use");
}

fn extents(pieces: &[(u32, u32)], last_flags: u8) -> Vec<Vec<u8>> {
    let whole = |(n, &(block, length)): (usize, &(u32, u32))| {
        let flags = if n + 1 == pieces.len() { last_flags } else { 0x80 };
        record(b"F.;1", block, length, flags, &[mode(0o100_644), name("f")].concat())
    };
    pieces.iter().enumerate().map(whole).collect()
}

#[test]
fn files_of_several_extents() {
    let mut image = Image::new(true, &extents(&[(30, 2048), (31, 2048), (40, 3), (50, 0)], 0));
    image.put(31, b"second");
    image.put(40, b"end");
    let mut iso = open(&image);
    let node = iso.lookup("/f").unwrap();
    let expected = [Extent { offset: 30 * 2048, length: 4096 }, Extent { offset: 40 * 2048, length: 3 }];
    assert_eq!((node.size, node.extents.as_slice()), (4099, expected.as_slice()));
    let mut buffer = [0; 10];
    assert_eq!(iso.read_at(&node, 4095, &mut buffer).unwrap(), 4);
    assert_eq!(&buffer[..4], b"\0end");
    assert_eq!(iso.read_at(&node, 4099, &mut buffer).unwrap(), 0);
    assert_eq!(iso.read_at(&node, u64::MAX, &mut buffer).unwrap(), 0);
}

#[test]
fn a_file_over_four_gibibytes() {
    // 4 GiB less a block is the most that one extent can have in whole blocks.
    let most = u32::MAX - 2047;
    let second = 30 + most / 2048;
    let image = Image::new(true, &extents(&[(30, most), (second, 10_000)], 0));
    let again: Vec<u8> = (0..=255).cycle().take(2048).collect();
    let mut iso = Iso::open(Endless { start: &image.0, again: &again, reads: 0 }).unwrap();
    let node = iso.lookup("/f").unwrap();
    assert_eq!(node.extents, [Extent { offset: 30 * 2048, length: u64::from(most) + 10_000 }]);
    let mut buffer = [0; 4];
    assert_eq!(iso.read_at(&node, u64::from(most) - 2, &mut buffer).unwrap(), 4);
    assert_eq!(buffer, [254, 255, 0, 1]);
    assert_eq!(iso.read_at(&node, node.size - 3, &mut buffer).unwrap(), 3);
}

#[test]
fn pieces_that_are_not_together() {
    let lonely = Image::new(true, &extents(&[(30, 2048)], 0x80));
    assert_eq!(token_of(&lonely, "/f"), "split_file");
    let mut mixed = extents(&[(30, 2048), (31, 1)], 0);
    mixed.insert(1, file("G.;1", "g", 30, 5));
    assert_eq!(token_of(&Image::new(true, &mixed), "/f"), "split_file");
}

#[test]
fn what_is_not_read() {
    let mut interleaved = file("I.;1", "i", 30, 5);
    interleaved[26] = 1;
    let zisofs = [mode(0o100_644), name("z"), system_use(b"ZF", b"pz\x04\x0f12345678")].concat();
    let device = [mode(0o060_600), name("d")].concat();
    let huge = record(b"H", support::ROOT, 2 * 1024 * 1024, 2, &[mode(0o040_755), name("h")].concat());
    let records = [interleaved, record(b"Z.;1", 30, 5, 0, &zisofs), record(b"D.;1", 0, 0, 0, &device), huge];
    let image = Image::new(true, &records);
    assert_eq!(names(&mut open(&image), "/"), ["i", "z", "d", "h"]);
    assert_eq!(token_of(&image, "/i"), "interleaved");
    assert_eq!(token_of(&image, "/z"), "compressed");
    assert_eq!(token_of(&image, "/h/x"), "directory_too_large");
    assert_eq!(open(&image).lookup("/d").unwrap().kind, Kind::Other);
}

#[test]
fn relocated_folders_are_where_they_belong() {
    let stand_in = [mode(0o040_755), name("deep"), system_use(b"CL", &both(22))].concat();
    let moved = [mode(0o040_755), name("deep"), system_use(b"RE", b"")].concat();
    let mut image =
        Image::new(true, &[record(b"D.;1", 0, 0, 0, &stand_in), record(b"DEEP", 22, 2048, 2, &moved)]);
    image.put(22, &[dots(22, false), vec![file("F.;1", "f", 30, 9)]].concat().concat());
    assert_eq!(names(&mut open(&image), "/"), ["deep"]);
    assert_eq!(open(&image).lookup("/deep/f").unwrap().size, 9);
    image.put(22, &[0; 2048]);
    assert_eq!(token_of(&image, "/deep/f"), "bad_record");
}

#[test]
fn an_image_that_was_cut_off() {
    let mut image = Image::new(true, &[file("A.;1", "a", 62, 5)]);
    image.0.truncate(62 * BLOCK);
    let mut iso = open(&image);
    let node = iso.lookup("/a").unwrap();
    assert_eq!(iso.read(&node, 100).unwrap_err().token(), "device");
}

fn good_image() -> Image {
    let mut image = Image::new(
        true,
        &[
            folder("SUB", "sub", 21),
            file("A.;1", "a", 30, 3000),
            link("L.;1", "l", "sub/b"),
            extents(&[(33, 2048), (36, 7)], 0).concat(),
        ],
    );
    image.put(21, &[dots(21, false), vec![file("B.;1", "b", 35, 20)]].concat().concat());
    image
}

/// The same few blocks again and again: an image without an end.
struct Endless<'b> {
    start: &'b [u8],
    again: &'b [u8],
    reads: usize,
}

impl ReadAt for Endless<'_> {
    type Error = core::convert::Infallible;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Self::Error> {
        self.reads += 1;
        for (at, byte) in (offset as usize..).zip(buffer) {
            let again = || self.again.get(at % self.again.len()).copied();
            *byte = self.start.get(at).copied().or_else(again).unwrap_or_default();
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn any_change_of_an_image_is_read_or_refused(
        changes in proptest::collection::vec((0_usize..64 * BLOCK, any::<u8>()), 1..30),
        near in proptest::collection::vec((20 * BLOCK..20 * BLOCK + 600, any::<u8>()), 0..8),
    ) {
        let mut image = good_image();
        changes.into_iter().chain(near).for_each(|(at, byte)| image.0[at] = byte);
        if let Ok(mut iso) = Iso::open(image.0.as_slice()) {
            for path in ["/sub/b", "/a", "/l", "/f"] {
                if let Ok(node) = iso.lookup(path) {
                    prop_assert_eq!(node.size, node.extents.iter().map(|extent| extent.length).sum::<u64>());
                    let _ = iso.read(&node, 10_000);
                }
            }
            let _ = iso.read_dir("/", 10);
        }
    }

    #[test]
    fn any_part_of_a_file_is_that_part(from in 0_u64..2100, length in 0_usize..2100) {
        let mut image = good_image();
        let bytes: Vec<u8> = (0..2055).map(|n: u32| (n % 251) as u8).collect();
        image.put(33, &bytes[..2048]);
        image.put(36, &bytes[2048..]);
        let mut iso = open(&image);
        let node = iso.lookup("/f").unwrap();
        let mut buffer = vec![0; length];
        let done = iso.read_at(&node, from, &mut buffer).unwrap();
        let expected = bytes.get(from as usize..).unwrap_or_default();
        prop_assert_eq!(&buffer[..done], &expected[..expected.len().min(length)]);
    }

    #[test]
    fn an_endless_image_is_left(again in proptest::collection::vec(any::<u8>(), 1..3000)) {
        let image = Image::new(true, &[folder("A", "a", 64), link("L", "l", "a/a/l")]);
        let mut endless = Endless { start: &image.0, again: &again, reads: 0 };
        let mut iso = Iso::open(&mut endless).unwrap();
        let _ = iso.lookup("/a/x");
        let _ = iso.lookup("/l");
        prop_assert!(endless.reads < 20_000);
    }
}
