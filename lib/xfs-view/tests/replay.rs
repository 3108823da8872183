// SPDX-License-Identifier: MIT OR Apache-2.0
//! A log that a crash left, as it is and damaged, and logs that nobody wrote in good faith.

mod support;

use support::log::operation;
use support::{Image, Tree};
use xfs_view::{Family, LogPolicy, LogState, Options, REPLAY_MAX, Xfs};

/// Requests for everything in an image that is damaged as may be.
const REQUESTS_MAX: u64 = 500_000;
/// The types of items: a buffer, the beginning of a change of a map, and its end.
const BUFFER: u16 = 0x123C;
const MAP: u16 = 0x1244;
const MAP_DONE: u16 = 0x1245;
/// Flags of an operation.
const START: u8 = 1;
const COMMIT: u8 = 2;
const UNMOUNT: u8 = 0x20;

fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % limit
    }
}

fn token(image: Image) -> &'static str {
    Xfs::open(image).err().map_or("fine", |error| error.token())
}

/// The operations of a transaction that has `items`, each a description and regions.
fn transaction(id: u32, items: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    let mut operations = vec![operation(id, START, &[]), operation(id, 0, &[0; 16])];
    operations.extend(items.iter().flatten().map(|region| operation(id, 0, region)));
    operations.push(operation(id, COMMIT, &[]));
    operations
}

/// Puts `operations` into records of at most 32 KiB.
fn records(operations: impl IntoIterator<Item = Vec<u8>>) -> Vec<(Vec<u8>, u32)> {
    let mut records = vec![(Vec::new(), 0)];
    for operation in operations {
        if records.last().is_some_and(|(bytes, _)| bytes.len() + operation.len() > 32 * 1024) {
            records.push((Vec::new(), 0));
        }
        if let Some((bytes, count)) = records.last_mut() {
            bytes.extend(operation);
            *count += 1;
        }
    }
    records
}

/// The first 128 bytes of the buffer at `offset`, with what a directory's block begins with.
fn buffer(offset: u64, flags: u16) -> Vec<Vec<u8>> {
    let mut description = [BUFFER, 2, flags, 2].map(u16::to_le_bytes).concat();
    description.extend((offset / 512).to_le_bytes());
    description.extend([1_u32, 1].map(u32::to_le_bytes).concat());
    let mut bytes = vec![0; 128];
    bytes[..4].copy_from_slice(b"XDB3");
    vec![description, bytes]
}

/// A change of the map of the inode `owner`, called `id`: begun, or done.
fn map_change(kind: u16, id: u64, owner: u64) -> Vec<Vec<u8>> {
    let mut description = [kind, 1].map(u16::to_le_bytes).concat();
    description.extend(1_u32.to_le_bytes());
    description.extend(id.to_le_bytes());
    if kind == MAP {
        description.extend([owner, 0, 0, 0].map(u64::to_le_bytes).concat());
    }
    vec![description]
}

#[test]
fn a_crash_is_read_as_the_kernel_recovered_it() {
    let crashed = Xfs::open(Image::crashed()).unwrap();
    assert!(matches!(crashed.log_state(), LogState::Replayed { transactions: 1.., bytes: 1.. }));
    let crashed = Tree::read(&crashed);
    let recovered = Tree::read(&Xfs::open(Image::recovered()).unwrap());
    assert!(crashed.errors.is_empty() && recovered.errors.is_empty(), "{:?}", crashed.errors);
    assert!(recovered.files.len() > 300);
    assert_eq!(crashed.files, recovered.files);
    let ignored = Options { log: LogPolicy::Ignore, ..Options::default() };
    let ignored = Tree::read(&Xfs::open_with(Image::crashed(), ignored).unwrap());
    assert_ne!(ignored.files, recovered.files);
}

/// The kernel takes a bad record near the end for one that was not written whole, and so do we; what is
/// before it counts. A bad record in the middle is no log at all.
#[test]
fn a_changed_bit_of_a_record_is_never_replayed() {
    let recovered = Tree::read(&Xfs::open(Image::recovered()).unwrap());
    let operations = Image::crashed().operations();
    let mut random = random(3);
    for _ in 0..60 {
        let mut image = Image::crashed();
        let places = image.log_places();
        let at = places[random(places.len() as u64) as usize] + random(512);
        image.change(at, 1 << random(8));
        let Ok(xfs) = Xfs::open(image) else { continue };
        let LogState::Replayed { transactions, .. } = xfs.log_state() else { continue };
        assert!(transactions as usize <= operations.len());
        let tree = Tree::read(&xfs);
        let whole = tree.files == recovered.files && tree.errors.is_empty();
        let all = Xfs::open(Image::crashed()).unwrap().log_state();
        assert!(whole || all != xfs.log_state(), "byte {at}");
    }
}

#[test]
fn damaged_logs_do_no_harm() {
    let operations = Image::crashed().operations();
    let places = Image::crashed().log_places();
    let mut random = random(4);
    for round in 0..200 {
        let mut image = Image::crashed();
        for _ in 0..1 << (round % 5) {
            let change = random(255) as u8 + 1;
            if round % 4 == 0 {
                let at = places[random(places.len() as u64) as usize] + random(512);
                image.change(at, change);
                image.seal_log(at);
            } else {
                let operation = &operations[random(operations.len() as u64) as usize];
                image.change_operation(operation, random(64) as usize, change);
            }
        }
        let requests = std::rc::Rc::clone(&image.requests);
        let Ok(xfs) = Xfs::open(image) else { continue };
        let tree = Tree::read(&xfs);
        assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
        assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    }
}

#[test]
fn a_change_of_a_map_that_was_begun_and_not_finished_makes_the_file_unreadable_by_name() {
    let file = Xfs::open(Image::v5()).unwrap().metadata("/file").unwrap().inode;
    let begun = transaction(1, &[map_change(MAP, 77, file)]);
    let mut image = Image::v5();
    image.write_log(&records(begun.clone()));
    let xfs = Xfs::open(image).unwrap();
    assert_eq!(xfs.read("/file", 3000).err().map(|error| error.token()), Some("log_unfinished_map"));
    assert!(xfs.read("/pieces", 1 << 20).is_ok());

    let mut image = Image::v5();
    image.write_log(&records(begun.into_iter().chain(transaction(2, &[map_change(MAP_DONE, 77, 0)]))));
    assert_eq!(Xfs::open(image).unwrap().read("/file", 3000).unwrap().len(), 3000);
}

/// Numbers of an inode of version 4, as places and widths: the log has them in the other byte order.
const NUMBERS: [(usize, usize); 25] = [
    (0, 2),
    (2, 2),
    (6, 2),
    (8, 4),
    (12, 4),
    (16, 4),
    (20, 2),
    (22, 2),
    (30, 2),
    (32, 4),
    (36, 4),
    (40, 4),
    (44, 4),
    (48, 4),
    (52, 4),
    (56, 8),
    (64, 8),
    (72, 4),
    (76, 4),
    (80, 2),
    (84, 4),
    (88, 2),
    (90, 2),
    (92, 4),
    (4, 1),
];

/// No kernel of today mounts version 4, so no crash of it can be made here: the log is written by hand.
#[test]
fn version_4_is_replayed_too() {
    let mut image = Image::v4();
    let number = Xfs::open(image.clone()).unwrap().metadata("/file").unwrap().inode;
    let place = image.inode_place(number);
    let mut core = image.get(place, 96);
    core[56..64].copy_from_slice(&2000_u64.to_be_bytes());
    NUMBERS.iter().for_each(|&(at, width)| core[at..at + width].reverse());
    let mut inode = [0x123B_u16, 2, 1, 0, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
    inode.extend([number, 0, 0, place / 512].map(u64::to_le_bytes).concat());
    inode.extend([512_u32, (place % 512) as u32].map(u32::to_le_bytes).concat());

    let is_target = |place: &u64| image.get(*place, 4) == b"llll" && place.is_multiple_of(1024);
    let target = image.places().into_iter().find(is_target).unwrap();
    let mut link = buffer(target, 9 << 11);
    link[1].fill(b'm');
    image.write_log(&records(transaction(1, &[vec![inode, core], link])));

    let xfs = Xfs::open(image).unwrap();
    assert_eq!(xfs.log_state(), LogState::Replayed { transactions: 1, bytes: 2048 });
    assert_eq!(xfs.read("/file", 3000).unwrap().len(), 2000);
    let target = xfs.read_link("/link-1023").unwrap();
    assert_eq!((target.len(), target[127], target[128]), (1023, b'm', b'l'));
}

#[test]
fn few_requests_find_the_end_where_nothing_hints_at_it() {
    let mut image = Image::v4();
    let mut log: Vec<_> = records((0..300).map(|_| operation(1, 0, &[0; 1000])));
    log.push((operation(2, UNMOUNT, b"nU\0\0\0\0\0\0"), 1));
    image.write_log(&log);
    let requests = std::rc::Rc::clone(&image.requests);
    let xfs = Xfs::open(image).unwrap();
    assert_eq!(xfs.log_state(), LogState::Clean);
    assert!(requests.get() <= 18, "{} requests", requests.get());
}

#[test]
fn a_transaction_that_was_not_committed_changes_nothing() {
    let file = Xfs::open(Image::v5()).unwrap().metadata("/file").unwrap().inode;
    let mut operations = transaction(1, &[map_change(MAP, 77, file)]);
    operations.pop();
    let mut image = Image::v5();
    image.write_log(&records(operations));
    let xfs = Xfs::open(image).unwrap();
    assert_eq!(xfs.log_state(), LogState::Replayed { transactions: 0, bytes: 0 });
    assert_eq!(xfs.read("/file", 3000).unwrap().len(), 3000);
}

#[test]
fn a_log_with_more_changes_than_are_kept_is_refused_and_can_be_ignored() {
    let pages = (REPLAY_MAX / 1024) as u64;
    let write = |count: u64| {
        let items: Vec<_> = (0..count).map(|page| buffer((100 << 20) + page * 1024, 11 << 11)).collect();
        let mut image = Image::v5();
        image.write_log(&records(
            items.chunks(500).enumerate().flat_map(|(id, items)| transaction(id as u32, items)),
        ));
        image
    };
    let full = Xfs::open(write(pages)).unwrap();
    assert!(
        matches!(full.log_state(), LogState::Replayed { bytes: REPLAY_MAX, .. }),
        "{:?}",
        full.log_state()
    );
    assert_eq!(token(write(pages + 1)), "log_too_large");
    let options = Options { log: LogPolicy::Ignore, ..Options::default() };
    assert_eq!(Xfs::open_with(write(pages + 1), options).unwrap().read("/file", 3000).unwrap().len(), 3000);
}

/// Transactions that all begin before the first is committed would have each looked through for all others.
#[test]
fn transactions_that_are_all_under_way_at_once_are_refused() {
    let log = |count: u32, between: usize| {
        let mut operations: Vec<_> = (0..count).map(|id| operation(id, START, &[])).collect();
        operations.extend((0..between).map(|_| operation(9999, 0, &[])));
        operations.extend((0..count).map(|id| operation(id, COMMIT, &[])));
        let mut image = Image::v5();
        image.write_log(&records(operations));
        image
    };
    assert_eq!(token(log(8, 10)), "fine");
    assert_eq!(token(log(257, 10)), "log_too_large");
    assert_eq!(token(log(256, 200_000)), "log_too_large");
}

#[test]
fn what_is_too_many_or_too_large_is_refused() {
    let given_back = |count: u64| {
        let items: Vec<_> = (0..count).map(|at| buffer((100 << 20) + at * 1024, 11 << 11 | 2)).collect();
        let mut image = Image::v5();
        image.write_log(&records(items.chunks(500).flat_map(|items| transaction(1, items))));
        image
    };
    assert_eq!(token(given_back(1000)), "fine");
    assert_eq!(token(given_back(33_000)), "log_too_large");
    let mut large = buffer(100 << 20, 11 << 11);
    large[0][6..8].copy_from_slice(&u16::MAX.to_le_bytes());
    let mut image = Image::v5();
    image.write_log(&records(transaction(1, &[large])));
    assert_eq!(token(image), "log");
    let many = [vec![[BUFFER, u16::MAX].map(u16::to_le_bytes).concat()], vec![Vec::new(); 2000]].concat();
    let mut image = Image::v5();
    image.write_log(&records(transaction(1, &[many])));
    assert_eq!(token(image), "log_too_large");
}
