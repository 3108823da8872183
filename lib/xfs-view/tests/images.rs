// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that are well, and the same ones damaged.

mod support;

use support::{Content, Image, Tree};
use xfs_view::{Error, Family, LogPolicy, LogState, Misuse, Options, Verify, Xfs};

/// Requests for everything in an image that is damaged as may be.
const REQUESTS_MAX: u64 = 500_000;

fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % limit
    }
}

fn token<T>(result: Result<T, Error<xfs_view::OutOfRange>>) -> &'static str {
    result.err().map_or("fine", |error| error.token())
}

#[test]
fn all_files_of_both_versions() {
    for (image, pieces) in [(Image::v5(), true), (Image::v4(), false)] {
        let xfs = Xfs::open(image).unwrap();
        assert_eq!(xfs.log_state(), LogState::Clean);
        let tree = Tree::read(&xfs);
        assert!(tree.errors.is_empty(), "{:?}", tree.errors);
        assert_eq!(tree.files.len(), if pieces { 834 } else { 832 });
        assert_eq!(tree.files[&b"/link-1023"[..]].1, Content::Link(vec![b'l'; 1023]));
        assert_eq!(xfs.metadata("/names-20/link").unwrap().size, 0);
        assert_eq!(xfs.read("/file", 3000).unwrap().len(), 3000);
        assert_eq!(xfs.lookup("/names-600/name-599").unwrap().read(0).unwrap(), b"");
    }
}

#[test]
fn what_is_not_there_or_not_asked_rightly() {
    let xfs = Xfs::open(Image::v5()).unwrap();
    for (path, expected) in [
        ("/nothing", "no_such_file"),
        ("/names-2/nothing", "no_such_file"),
        ("/names-20/nothing", "no_such_file"),
        ("/names-200/nothing", "no_such_file"),
        ("/names-600/nothing", "no_such_file"),
        ("/file/below", "not_a_directory"),
        ("/file/..", "not_a_directory"),
        ("/file/", "not_a_directory"),
        ("/link-20", "no_such_file"),
        ("/names-20/../names-2/./name-1", "fine"),
        ("../..//names-600", "fine"),
        ("", "fine"),
    ] {
        assert_eq!(token(xfs.lookup(path)), expected, "{path}");
    }
    assert_eq!(token(xfs.lookup("/a".repeat(3000))), "path_too_long");
    assert_eq!(token(xfs.lookup("a".repeat(256))), "path_too_long");
    assert_eq!(token(xfs.lookup_no_follow("/link-20")), "fine");
    assert_eq!(token(xfs.read("/file", 2999)), "too_large");
    assert_eq!(token(xfs.read("/names-2", 9)), "not_a_file");
    assert_eq!(token(xfs.read_dir("/file")), "not_a_directory");
    assert_eq!(token(xfs.read_link("/file")), "not_a_symlink");
    assert!(matches!(xfs.metadata("/x"), Err(Error::Misuse(Misuse::NoSuchFile))));
    let folder = xfs.lookup("/names-600").unwrap();
    assert_eq!(folder.child("..").unwrap().metadata().inode, xfs.root().unwrap().metadata().inode);
    assert_eq!(folder.child(".").unwrap().metadata().inode, folder.metadata().inode);
}

#[test]
fn bytes_from_any_place() {
    let xfs = Xfs::open(Image::v5()).unwrap();
    for path in ["/file", "/pieces", "/holes"] {
        let file = xfs.lookup(path).unwrap();
        let all = file.read(1 << 20).unwrap();
        for (offset, length) in
            [(0, 10), (1023, 2), (1024, 5000), (2999, 10), (3000, 1), (99_999, 2000), (1 << 40, 5)]
        {
            let mut buffer = vec![0xAA; length];
            let read = file.read_at(offset, &mut buffer).unwrap();
            let start = all.len().min(usize::try_from(offset).unwrap_or(usize::MAX));
            assert_eq!(buffer[..read], all[start..all.len().min(start + length)], "{path} {offset}");
        }
    }
    let pieces = xfs.lookup("/pieces").unwrap();
    let extents: Vec<_> = pieces.extents().unwrap().map(Result::unwrap).collect();
    assert_eq!(extents.len(), 179);
    assert_eq!(extents.iter().filter(|extent| extent.place.is_none()).count(), 89);
}

#[test]
fn few_requests_for_a_name_among_many() {
    let image = Image::v5();
    let requests = std::rc::Rc::clone(&image.requests);
    let xfs = Xfs::open(image).unwrap();
    assert!(requests.get() <= 10, "{} to open", requests.get());
    requests.set(0);
    xfs.lookup("/names-600/name-555").unwrap();
    // Two inodes' blocks; node, leaf and names of the directory, and the file's inode.
    assert!(requests.get() <= 8, "{}", requests.get());
}

#[cfg(feature = "std")]
#[test]
fn a_file_as_a_stream() {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let xfs = Xfs::open(Image::v5()).unwrap();
    let mut stream = xfs_view::Stream::new(xfs.lookup("/file").unwrap());
    let mut all = Vec::new();
    assert_eq!(stream.read_to_end(&mut all).unwrap(), 3000);
    assert_eq!(stream.seek(SeekFrom::End(-10)).unwrap(), 2990);
    let mut last = Vec::new();
    stream.read_to_end(&mut last).unwrap();
    assert_eq!(last, all[2990..]);
    assert!(stream.seek(SeekFrom::Current(-4000)).is_err());
    let error = xfs_view::Stream::new(xfs.lookup("/names-2").unwrap()).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// A changed bit of a file system with checksums is either noticed or without effect: also where the log
/// is not clean, and is ignored.
#[test]
fn one_changed_bit_is_never_taken_for_right() {
    let options = Options { log: LogPolicy::Ignore, ..Options::default() };
    for (seed, original) in [(1, Image::v5()), (2, Image::crashed())] {
        let good = Tree::read(&Xfs::open_with(original.clone(), options).unwrap());
        let places = original.places();
        let mut random = random(seed);
        for _ in 0..600 / seed {
            let mut image = original.clone();
            let at = places[random(places.len() as u64) as usize] + random(512);
            image.change(at, 1 << random(8));
            let Ok(xfs) = Xfs::open_with(image, options) else { continue };
            for (path, (metadata, content)) in Tree::read(&xfs).files {
                let (metadata_before, before) = &good.files[&path];
                // Bytes of files have no checksum.
                let is_file = matches!(content, Content::File(_));
                let fine = metadata == *metadata_before && (is_file || content == *before);
                assert!(fine, "{}: byte {at}", path.escape_ascii());
            }
        }
    }
}

/// Whatever an image says, reading it ends, and does not panic.
#[test]
fn damaged_images_do_no_harm() {
    for (version, image) in [Image::v5(), Image::v4()].into_iter().enumerate() {
        let places = image.places();
        let mut random = random(version as u64 + 2);
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
            let Ok(xfs) = Xfs::open_with(image, Options { verify, ..Options::default() }) else { continue };
            let tree = Tree::read(&xfs);
            assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
            assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
        }
    }
}
