// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that are well, and the same ones damaged.

mod support;

use ext_view::{Error, Ext, Family, LogPolicy, LogState, Misuse, Options, Verify};
use support::{Content, Image, Tree};

/// Requests for everything in an image that is damaged as may be.
const REQUESTS_MAX: u64 = 500_000;
/// Names in each image.
const FILES: usize = 737;

fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % limit
    }
}

fn token<T>(result: Result<T, Error<ext_view::OutOfRange>>) -> &'static str {
    result.err().map_or("fine", |error| error.token())
}

#[test]
fn all_files_of_both_kinds() {
    for image in [Image::ext4(), Image::ext2()] {
        let ext = Ext::open(image).unwrap();
        assert_eq!(ext.log_state(), LogState::Clean);
        let tree = Tree::read(&ext);
        assert!(tree.errors.is_empty(), "{:?}", tree.errors);
        assert_eq!(tree.files.len(), FILES);
        assert_eq!(tree.files[&b"/link-1023"[..]].1, Content::Link(vec![b'l'; 1023]));
        assert_eq!(ext.metadata("/names-20/link").unwrap().size, 0);
        assert_eq!(ext.read("/file", 3000).unwrap().len(), 3000);
        assert_eq!(ext.lookup("/names-300/name-299").unwrap().read(0).unwrap(), b"");
    }
}

#[test]
fn what_is_not_there_or_not_asked_rightly() {
    let ext = Ext::open(Image::ext4()).unwrap();
    for (path, expected) in [
        ("/nothing", "no_such_file"),
        ("/names-2/nothing", "no_such_file"),
        ("/names-20/nothing", "no_such_file"),
        ("/names-300/nothing", "no_such_file"),
        ("/file/below", "not_a_directory"),
        ("/file/..", "not_a_directory"),
        ("/file/", "not_a_directory"),
        ("/link-20", "no_such_file"),
        ("/names-20/../names-2/./name-1", "fine"),
        ("../..//names-300", "fine"),
        ("", "fine"),
    ] {
        assert_eq!(token(ext.lookup(path)), expected, "{path}");
    }
    assert_eq!(token(ext.lookup("/a".repeat(3000))), "path_too_long");
    assert_eq!(token(ext.lookup("a".repeat(256))), "path_too_long");
    assert_eq!(token(ext.lookup_no_follow("/link-20")), "fine");
    assert_eq!(token(ext.read("/file", 2999)), "too_large");
    assert_eq!(token(ext.read("/names-2", 9)), "not_a_file");
    assert_eq!(token(ext.read_dir("/file")), "not_a_directory");
    assert_eq!(token(ext.read_link("/file")), "not_a_symlink");
    assert!(matches!(ext.metadata("/x"), Err(Error::Misuse(Misuse::NoSuchFile))));
    let folder = ext.lookup("/names-300").unwrap();
    assert_eq!(folder.child("..").unwrap().metadata().inode, ext.root().unwrap().metadata().inode);
    assert_eq!(folder.child(".").unwrap().metadata().inode, folder.metadata().inode);
}

#[test]
fn bytes_from_any_place() {
    let ext = Ext::open(Image::ext4()).unwrap();
    for path in ["/file", "/pieces", "/holes", "/in-the-inode"] {
        let file = ext.lookup(path).unwrap();
        let all = file.read(1 << 20).unwrap();
        for (offset, length) in [
            (0, 10),
            (1023, 2),
            (1024, 5000),
            (2999, 10),
            (3000, 1),
            (99_999, 2000),
            (399_999, 5000),
            (1 << 40, 5),
        ] {
            let mut buffer = vec![0xAA; length];
            let read = file.read_at(offset, &mut buffer).unwrap();
            let start = all.len().min(offset as usize);
            assert_eq!(buffer[..read], all[start..all.len().min(start + length)], "{path} {offset}");
        }
    }
    let pieces = ext.lookup("/pieces").unwrap();
    let extents: Vec<_> = pieces.extents().unwrap().map(Result::unwrap).collect();
    assert_eq!(extents.len(), 179);
    assert_eq!(extents.iter().filter(|extent| extent.place.is_none()).count(), 89);
}

#[test]
fn few_requests_for_a_name_among_many() {
    let image = Image::ext4();
    let requests = std::rc::Rc::clone(&image.requests);
    let ext = Ext::open(image).unwrap();
    assert!(requests.get() <= 10, "{} to open", requests.get());
    requests.set(0);
    ext.lookup("/names-300/name-255").unwrap();
    // Descriptor; inodes of the root, the folder and the file; names of the root, index and names.
    assert!(requests.get() <= 8, "{}", requests.get());
}

#[cfg(feature = "std")]
#[test]
fn a_file_as_a_stream() {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let ext = Ext::open(Image::ext4()).unwrap();
    let mut stream = ext_view::Stream::new(ext.lookup("/file").unwrap());
    let mut all = Vec::new();
    assert_eq!(stream.read_to_end(&mut all).unwrap(), 3000);
    assert_eq!(stream.seek(SeekFrom::End(-10)).unwrap(), 2990);
    let mut last = Vec::new();
    stream.read_to_end(&mut last).unwrap();
    assert_eq!(last, all[2990..]);
    assert!(stream.seek(SeekFrom::Current(-4000)).is_err());
    let error = ext_view::Stream::new(ext.lookup("/names-2").unwrap()).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// A changed bit of a file system with checksums is either noticed or without effect.
#[test]
fn one_changed_bit_is_never_taken_for_right() {
    let good = Tree::read(&Ext::open(Image::ext4()).unwrap());
    let places = Image::ext4().places();
    let mut random = random(1);
    for _ in 0..300 {
        let mut image = Image::ext4();
        let at = places[random(places.len() as u64) as usize] + random(512);
        image.change(at, 1 << random(8));
        let Ok(ext) = Ext::open(image) else { continue };
        for (path, (metadata, content)) in Tree::read(&ext).files {
            let (metadata_before, before) = &good.files[&path];
            // Bytes of files have no checksum, nor do targets that have a block of their own.
            let without = match &content {
                Content::File(_) => true,
                Content::Link(target) => target.len() > 160,
                _ => false,
            };
            let fine = metadata == *metadata_before && (without || content == *before);
            assert!(fine, "{}: byte {at}", path.escape_ascii());
        }
    }
}

/// A changed bit of the journal is noticed, or is of a transaction that is then not whole, or without effect.
#[test]
fn one_changed_bit_of_the_journal_is_never_taken_for_right() {
    let good = Ext::open(Image::dirty()).unwrap();
    let LogState::Replayed { transactions, blocks, fast_commits: false } = good.log_state() else { panic!() };
    assert!(transactions > 0 && blocks > 10);
    let before = Tree::read(&good);
    assert!(before.errors.is_empty(), "{:?}", before.errors);
    assert_eq!(before.files.len(), FILES);
    let places = Image::dirty().journal();
    let (mut random, mut noticed) = (random(7), 0);
    for _ in 0..150 {
        let mut image = Image::dirty();
        image.change(places[random(places.len() as u64) as usize] + random(512), 1 << random(8));
        let Ok(ext) = Ext::open(image) else {
            noticed += 1;
            continue;
        };
        let same = Tree::read(&ext).files == before.files;
        assert!(same || ext.log_state() != good.log_state(), "{:?}", ext.log_state());
    }
    assert!(noticed > 50, "{noticed}");
}

#[test]
fn what_is_done_about_a_dirty_journal() {
    let open = |log| Ext::open_with(Image::dirty(), Options { log, ..Options::default() });
    assert_eq!(token(open(LogPolicy::Refuse)), "dirty_log");
    assert_eq!(open(LogPolicy::Ignore).unwrap().log_state(), LogState::DirtyIgnored);
    assert!(matches!(open(LogPolicy::Replay).unwrap().log_state(), LogState::Replayed { .. }));
}

/// Whatever an image says, reading it ends, and does not panic.
#[test]
fn damaged_images_do_no_harm() {
    for (kind, image) in [Image::ext4(), Image::ext2(), Image::dirty()].into_iter().enumerate() {
        let places = image.places();
        let mut random = random(kind as u64 + 2);
        for round in 0..150 {
            let mut image = image.clone();
            image.requests = std::rc::Rc::default();
            for _ in 0..1 << (round % 5) {
                let at = places[random(places.len() as u64) as usize] + random(512);
                for byte in 0..1 + random(4) {
                    image.change(at + byte, random(256) as u8);
                }
                image.seal(at);
            }
            let requests = std::rc::Rc::clone(&image.requests);
            let verify = if round % 3 == 0 { Verify::Structure } else { Verify::Checksums };
            let Ok(ext) = Ext::open_with(image, Options { verify, ..Options::default() }) else { continue };
            let tree = Tree::read(&ext);
            assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
            assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
        }
    }
}
