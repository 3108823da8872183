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
