// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image that is well, and the same one damaged.

mod support;

use btrfs_view::{
    Btrfs, Error, Family, LogState, Misuse, Options, Place, Root, Superblocks, TOP_LEVEL, Verify,
};
use support::{Content, Image, Tree};

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

fn token<T>(result: Result<T, Error<btrfs_view::OutOfRange>>) -> &'static str {
    result.err().map_or("fine", |error| error.token())
}

#[test]
fn all_files_in_all_subvolumes() {
    let btrfs = Btrfs::open(Image::small()).unwrap();
    assert_eq!(btrfs.log_state(), LogState::Clean);
    let tree = Tree::read(&btrfs);
    assert!(tree.errors.is_empty(), "{:?}", tree.errors);
    let text: String = (0..6000).map(|n| format!("line {n}\n")).collect();
    for kind in ["zlib", "lzo", "zstd"] {
        assert_eq!(btrfs.read(format!("/{kind}/text"), 1 << 20).unwrap(), text.as_bytes(), "{kind}");
        assert_eq!(btrfs.read(format!("/{kind}/short"), 1000).unwrap(), &text.as_bytes()[..600], "{kind}");
        let compressed = btrfs.lookup(format!("/{kind}/text")).unwrap();
        let extents: Vec<_> = compressed.extents().unwrap().map(Result::unwrap).collect();
        assert_eq!(extents.iter().map(|extent| extent.place).collect::<Vec<_>>(), [Place::Encoded], "{kind}");
    }
    assert_eq!(btrfs.read("/inner/file", 100).unwrap(), b"of the inner one");
    assert_eq!(btrfs.metadata("/inner").unwrap().subvolume, 256);
    assert_eq!(tree.files.iter().filter(|(path, _)| path.starts_with(b"/one-hash/")).count(), 64);
    let copied = tree.files.keys().filter(|path| path.starts_with(b"/inner/folder/snap/")).count();
    assert!(copied > 380, "{copied}");
    // In the snapshot, the subvolume is an empty directory.
    assert_eq!(btrfs.metadata("/inner/folder/snap/inner").unwrap().inode, 2);
    assert_eq!(btrfs.read_dir("/inner/folder/snap/inner").unwrap().count(), 0);
    assert_eq!(tree.files[&b"/link"[..]].1, Content::Link(b"names-300/../names-2/./name-0".to_vec()));
}

#[test]
fn subvolumes_and_where_they_are() {
    let mut btrfs = Btrfs::open(Image::small()).unwrap();
    let all: Vec<_> = btrfs.subvolumes().map(Result::unwrap).collect();
    let ids: Vec<u64> = all.iter().map(|subvolume| subvolume.id).collect();
    assert_eq!(ids, [TOP_LEVEL, 256, 257]);
    let paths: Vec<_> = ids.iter().map(|&id| btrfs.subvolume_path(id).unwrap()).collect();
    assert_eq!(paths, [&b"/"[..], b"/inner", b"/inner/folder/snap"]);
    let snap = &all[2];
    assert_eq!((snap.parent, &snap.name[..], snap.read_only), (Some(256), &b"snap"[..], true));
    assert_eq!((snap.parent_uuid, all[1].parent_uuid), (all[0].uuid, None));
    assert!(snap.created.is_some_and(|created| created.seconds > 1_700_000_000));
    assert_eq!(btrfs.default_subvolume().unwrap(), TOP_LEVEL);
    let newest = |limit| -> Vec<u64> {
        btrfs.newest_subvolumes(limit).unwrap().iter().map(|subvolume| subvolume.id).collect()
    };
    assert_eq!((newest(9), newest(1), newest(0)), (vec![257, 256], vec![257], vec![]));
    let file = btrfs.lookup_in(256, "/../folder/snap/../../../file").unwrap();
    assert_eq!(file.read(100).unwrap(), b"of the inner one", "a subvolume's root is as far up as it goes");
    assert_eq!(
        btrfs.lookup_no_follow_in(257, "/link").unwrap().read_link().unwrap(),
        btrfs.read_link("/link").unwrap()
    );
    assert_eq!(token(btrfs.lookup_in(258, "/")), "no_such_subvolume");
    assert_eq!(token(btrfs.subvolume(258)), "no_such_subvolume");
    assert_eq!(token(btrfs.subvolume(7)), "no_such_subvolume");
    btrfs.set_root(256).unwrap();
    assert_eq!(btrfs.read("/../../file", 100).unwrap(), b"of the inner one");
    let inner = Options { root: Root::Subvolume(257), ..Options::default() };
    let btrfs = Btrfs::open_with(Image::small(), inner).unwrap();
    assert_eq!(btrfs.read("/link", 10).unwrap(), b"");
    assert_eq!(token(btrfs.lookup("/inner/file")), "no_such_file");
    let deep = btrfs.root_of(257).unwrap().child("names-2").unwrap();
    assert_eq!(deep.child("..").unwrap().metadata(), btrfs.root().unwrap().metadata());
    let outside = btrfs.root_of(256).unwrap().child("folder").unwrap().child("snap").unwrap();
    assert_eq!(outside.child("..").unwrap().metadata().subvolume, 257);
}

#[test]
fn what_is_not_there_or_not_asked_rightly() {
    let btrfs = Btrfs::open(Image::small()).unwrap();
    for (path, expected) in [
        ("/nothing", "no_such_file"),
        ("/names-300/nothing", "no_such_file"),
        ("/file/below", "not_a_directory"),
        ("/file/..", "not_a_directory"),
        ("/file/", "not_a_directory"),
        ("/link", "fine"),
        ("/names-300/../names-2/./name-1", "fine"),
        ("../..//names-300", "fine"),
        ("/inner/../inner/folder/../../file", "fine"),
        ("", "fine"),
    ] {
        assert_eq!(token(btrfs.lookup(path)), expected, "{path}");
    }
    assert_eq!(token(btrfs.lookup("/a".repeat(3000))), "path_too_long");
    assert_eq!(token(btrfs.lookup("a".repeat(256))), "path_too_long");
    assert_eq!(token(btrfs.read("/file", 2999)), "too_large");
    assert_eq!(token(btrfs.read("/names-2", 9)), "not_a_file");
    assert_eq!(token(btrfs.read_dir("/file")), "not_a_directory");
    assert_eq!(token(btrfs.read_link("/file")), "not_a_symlink");
    assert!(matches!(btrfs.metadata("/x"), Err(Error::Misuse(Misuse::NoSuchFile))));
    assert_eq!(token(Btrfs::<Image>::open_devices([], Options::default())), "no_devices");
}

#[test]
fn bytes_from_any_place() {
    let btrfs = Btrfs::open(Image::small()).unwrap();
    for path in ["/file", "/pieces", "/inline", "/lzo/text", "/zstd/short"] {
        let file = btrfs.lookup(path).unwrap();
        let all = file.read(1 << 20).unwrap();
        for (offset, length) in [
            (0, 10),
            (1, 1),
            (4095, 2),
            (4096, 5000),
            (29_999, 10),
            (30_000, 1),
            (90_001, 9000),
            (1 << 40, 5),
        ] {
            let mut buffer = vec![0xAA; length];
            let read = file.read_at(offset, &mut buffer).unwrap();
            let start = all.len().min(offset as usize);
            assert_eq!(buffer[..read], all[start..all.len().min(start + length)], "{path} {offset}");
        }
    }
}

#[test]
fn few_requests_for_a_name_and_for_bytes_that_lie_together() {
    let image = Image::small();
    let requests = std::rc::Rc::clone(&image.requests);
    let btrfs = Btrfs::open(image).unwrap();
    assert!(requests.get() <= 6, "{} to open", requests.get());
    requests.set(0);
    btrfs.lookup("/names-300/name-255").unwrap();
    // The root's inode and its names; the directory's inode and names; the file's inode: in a tree of three levels.
    assert!(requests.get() <= 10, "{}", requests.get());
    let file = btrfs.lookup("/file").unwrap();
    let mut buffer = vec![0; 28_672];
    file.read_at(0, &mut buffer[..1]).unwrap();
    requests.set(0);
    file.read_at(0, &mut buffer).unwrap();
    assert_eq!(requests.get(), 1, "for seven sectors that lie together");
}

#[cfg(feature = "std")]
#[test]
fn a_file_as_a_stream() {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let btrfs = Btrfs::open(Image::small()).unwrap();
    let mut stream = btrfs_view::Stream::new(btrfs.lookup("/file").unwrap());
    let mut all = Vec::new();
    assert_eq!(stream.read_to_end(&mut all).unwrap(), 30_000);
    assert_eq!(stream.seek(SeekFrom::End(-10)).unwrap(), 29_990);
    let mut last = Vec::new();
    stream.read_to_end(&mut last).unwrap();
    assert_eq!(last, all[29_990..]);
    assert!(stream.seek(SeekFrom::Current(-40_000)).is_err());
}

/// A first superblock that something else was written over is no btrfs; a damaged one has copies, if the device
/// is large enough. This one has none.
#[test]
fn what_is_in_place_of_the_superblock() {
    let open = |at: u64, superblocks| {
        let mut image = Image::small();
        image.change(at, 0xFF);
        token(Btrfs::open_with(image, Options { superblocks, ..Options::default() }))
    };
    for superblocks in [Superblocks::First, Superblocks::Any] {
        assert_eq!(open(65536 + 64, superblocks), "not_btrfs");
        assert_eq!(open(65536 + 200, superblocks), "superblock");
    }
    let two = Btrfs::open_devices([Image::small(), Image::small()], Options::default());
    assert_eq!(token(two), "fine");
    let mut other = Image::small();
    other.change(65536 + 32, 1);
    other.seal(65536);
    let foreign = Btrfs::open_devices([Image::small(), other], Options::default());
    assert!(matches!(foreign.err(), Some(Error::Misuse(Misuse::ForeignDevice(_)) | Error::Damaged(_))));
}

/// A changed bit is either noticed or without effect, in metadata and in the bytes of files.
#[test]
fn one_changed_bit_is_never_taken_for_right() {
    let good = Tree::read(&Btrfs::open(Image::small()).unwrap());
    let places = Image::small().places();
    let mut random = random(1);
    let mut noticed = 0;
    for _ in 0..250 {
        let mut image = Image::small();
        let at = places[random(places.len() as u64) as usize] + random(512);
        image.change(at, 1 << random(8));
        let Ok(btrfs) = Btrfs::open(image) else {
            noticed += 1;
            continue;
        };
        let tree = Tree::read(&btrfs);
        noticed += usize::from(!tree.errors.is_empty());
        for (path, file) in tree.files {
            assert!(file == good.files[&path], "{}: byte {at}", path.escape_ascii());
        }
    }
    assert!(noticed > 80, "{noticed}");
}

/// Whatever an image says, reading it ends, and does not panic.
#[test]
fn damaged_images_do_no_harm() {
    let image = Image::small();
    let places = image.places();
    let mut random = random(2);
    for round in 0..200 {
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
        let verify = [Verify::Everything, Verify::Metadata, Verify::Structure][round % 3];
        let Ok(btrfs) = Btrfs::open_with(image, Options { verify, ..Options::default() }) else { continue };
        let tree = Tree::read(&btrfs);
        // A name or subvolume that is listed may not be found by its key; nothing else is the reader's own fault.
        let own = |error: &Error<_>| {
            error.family() == Family::Misuse
                && !matches!(error, Error::Misuse(Misuse::NoSuchFile | Misuse::NoSuchSubvolume))
        };
        assert!(!tree.errors.iter().any(own), "{:?}", tree.errors);
        assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    }
}
