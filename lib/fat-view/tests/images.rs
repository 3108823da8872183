// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes that another program wrote, as they are and damaged.

mod support;

use fat_view::{CodePage, Error, Family, Fat, FatType, Fault, Misuse, Options, OutOfRange, State, Structure};
use proptest::prelude::*;
use support::{Image, KINDS, Kind, Tree};

fn open(image: Image) -> Fat<Image> {
    Fat::open(image).unwrap()
}

/// Where the record of the file at `path` is.
fn record(fat: &Fat<Image>, path: &str) -> u64 {
    fat.metadata(path).unwrap().record.unwrap()
}

#[test]
fn every_file_is_as_it_was_written() {
    for kind in KINDS {
        let fat = open(Image::new(kind));
        let tree = Tree::read(&fat);
        let mut expected = support::files();
        expected.extend(support::pieces().map(|(name, bytes)| (name.to_owned(), bytes)));
        let written = expected.into_iter().map(|(name, bytes)| (format!("/{name}").into_bytes(), bytes));
        assert_eq!(tree.files, written.collect(), "{kind:?}");
        assert_eq!(tree.errors, [], "{kind:?}");
        assert_eq!(fat.label(), Ok(Some(b"A LABEL".to_vec())));
        assert_eq!(fat.boot_sector().volume_id(), Some(0x1234_ABCD));
        assert_eq!(fat.state(), Ok(State::default()));
        let fat_type = [FatType::Fat12, FatType::Fat16, FatType::Fat32][kind as usize];
        assert_eq!(fat.boot_sector().fat_type(), fat_type);
    }
}

#[test]
fn a_file_is_read_from_any_byte_to_any_other() {
    let fat = open(Image::new(Kind::Fat12));
    let (name, bytes) = &support::pieces()[0];
    let file = fat.lookup(name).unwrap();
    assert!(file.extents().unwrap().count() > 5);
    for (at, length) in [(0, 1), (511, 2), (7000, 2000), (512, 512), (0, 8000), (8000, 1), (1 << 40, 1)] {
        let mut buffer = vec![0; length];
        let read = file.read_at(at, &mut buffer).unwrap();
        let start = usize::try_from(at).unwrap().min(bytes.len());
        assert_eq!(buffer[..read], bytes[start..(start + length).min(bytes.len())], "{at} {length}");
    }
}

#[test]
fn clusters_that_lie_together_are_one_request() {
    let image = Image::new(Kind::Fat16);
    let requests = std::rc::Rc::clone(&image.requests);
    let fat = open(image);
    let file = fat.lookup("loader/loader.conf").unwrap();
    let mut buffer = vec![0; 20_000];
    file.read_at(0, &mut buffer).unwrap();
    let before = requests.get();
    file.read_at(0, &mut buffer).unwrap();
    assert_eq!(requests.get() - before, 1);
}

#[test]
fn paths_in_any_case_and_with_dots() {
    let fat = open(Image::new(Kind::Fat32));
    let record = record(&fat, "loader/entries/debian.conf");
    for path in ["/LOADER/Entries/DEBIAN.CONF", "../loader/./entries/../../loader/entries//debian.conf"] {
        assert_eq!(fat.metadata(path).unwrap().record, Some(record), "{path}");
    }
    assert_eq!(fat.metadata("gRÖSSE.txt").err(), Some(Misuse::NoSuchFile.into()));
    assert!(fat.metadata("gRÖßE.TXT").is_ok());
    assert!(fat.metadata("ALONGN~1.DOT").is_ok(), "by the short name");
    let refused = |path: &[u8]| fat.lookup(path).err();
    assert_eq!(refused(b"EMPTY/x"), Some(Misuse::NotADirectory.into()));
    assert_eq!(refused(b"EMPTY/"), Some(Misuse::NotADirectory.into()));
    assert_eq!(refused(b"EMPTY/.."), Some(Misuse::NotADirectory.into()));
    assert_eq!(refused(b"\xFF"), Some(Misuse::NoSuchFile.into()));
    assert_eq!(refused(&[b'a'; 4097]), Some(Misuse::PathTooLong.into()));
    assert_eq!(fat.read_dir("EMPTY").err(), Some(Misuse::NotADirectory.into()));
    assert_eq!(fat.read("loader", 10).err(), Some(Misuse::NotAFile.into()));
    assert_eq!(fat.read("loader/loader.conf", 10).unwrap_err().token(), "too_large");
}

#[test]
fn a_long_name_that_is_not_of_its_file_is_ignored() {
    let mut image = Image::new(Kind::Fat16);
    let place = record(&open(image.clone()), "loader/entries/debian.conf");
    // The last part of the long name stands before the record of the file.
    let mut part: [u8; 32] = image.get(place - 32);
    part[13] ^= 1;
    image.put(place - 32, &part);
    let fat = open(image);
    assert!(fat.lookup("loader/entries/debian.conf").is_err());
    assert!(fat.lookup("loader/entries/DEBIAN~1.CON").is_ok());
}

#[test]
fn short_names_have_the_characters_of_the_code_page() {
    let mut image = Image::new(Kind::Fat16);
    let place = record(&open(image.clone()), "EMPTY");
    image.put(place, b"\x8EPFEL  ");
    image.put(place + 12, &[0x08]);
    assert!(open(image.clone()).lookup("äpfel").is_ok());
    let mut options = Options::default();
    options.code_page = CodePage::Ascii;
    let fat = Fat::open_with(image, options).unwrap();
    assert!(fat.lookup("äpfel").is_err() && fat.lookup("\u{FFFD}pfel").is_ok());
}

#[test]
fn another_copy_of_the_table_is_read_where_the_first_cannot_be() {
    for kind in KINDS {
        let mut image = Image::new(kind);
        let [first, second, data] = image.tables();
        let whole = Tree::read(&open(image.clone())).files;
        image.bad = first..second;
        let tree = Tree::read(&open(image.clone()));
        assert_eq!((tree.files == whole, tree.errors), (true, vec![]), "{kind:?}");
        image.bad = first..data;
        let fat = open(image);
        let failed = fat.read("loader/loader.conf", 1 << 20).unwrap_err();
        assert_eq!(failed.family(), Family::Device, "{kind:?}");
    }
}

#[test]
fn the_active_table_of_fat32_is_the_only_one() {
    let mut image = Image::new(Kind::Fat32);
    let [first, second, data] = image.tables();
    let whole = Tree::read(&open(image.clone())).files;
    // The first table is old: it says that all is free.
    image.put(first + 8, &vec![0; 4096]);
    assert_ne!(Tree::read(&open(image.clone())).files, whole);
    image.put(40, &[0x81]);
    assert_eq!(Tree::read(&open(image.clone())).files, whole);
    image.bad = second..data;
    let failed = open(image).read("loader/loader.conf", 1 << 20).unwrap_err();
    assert_eq!(failed.family(), Family::Device);
}

#[test]
fn a_volume_that_was_not_unmounted_says_so() {
    let state = |kind, at: u64, byte| {
        let mut image = Image::new(kind);
        image.put(at, &[byte]);
        open(image).state().unwrap()
    };
    let table = |kind| Image::new(kind).tables()[0];
    assert_eq!(state(Kind::Fat12, 37, 1), State { dirty: true, errors: false });
    assert_eq!(state(Kind::Fat16, 37, 2), State { dirty: false, errors: true });
    assert_eq!(state(Kind::Fat32, 65, 1), State { dirty: true, errors: false });
    assert_eq!(state(Kind::Fat16, table(Kind::Fat16) + 3, 0x7F), State { dirty: true, errors: false });
    assert_eq!(state(Kind::Fat32, table(Kind::Fat32) + 7, 0x0B), State { dirty: false, errors: true });
}

/// Replaces the number of the first cluster of the file at `path` in both tables of a FAT16 volume.
fn link(image: &mut Image, path: &str, next: u16) -> u32 {
    let cluster = open(image.clone()).metadata(path).unwrap().first_cluster;
    let [first, second, _] = image.tables();
    for table in [first, second] {
        image.put(table + 2 * u64::from(cluster), &next.to_le_bytes());
    }
    cluster
}

#[test]
fn chains_that_lead_nowhere_or_in_circles() {
    for (next, fault) in
        [(0, Fault::Value), (0xFFF7, Fault::Value), (0xFFF8, Fault::Missing), (1, Fault::Value)]
    {
        let mut image = Image::new(Kind::Fat16);
        link(&mut image, "loader/loader.conf", next);
        let Err(Error::Damaged(damage)) = open(image).read("loader/loader.conf", 1 << 20) else { panic!() };
        assert_eq!((damage.structure, damage.fault), (Structure::Chain, fault), "{next:#x}");
    }
    let mut image = Image::new(Kind::Fat16);
    let cluster = link(&mut image, "loader/loader.conf", 2);
    link(&mut image, "loader/loader.conf", u16::try_from(cluster).unwrap());
    let Err(Error::Damaged(damage)) = open(image).read("loader/loader.conf", 1 << 20) else { panic!() };
    assert_eq!((damage.structure, damage.fault), (Structure::Chain, Fault::Loop));
}

#[test]
fn a_directory_in_a_circle_ends() {
    let mut image = Image::new(Kind::Fat16);
    // 20 long names need more than a cluster, so the directory goes on.
    let cluster = link(&mut image, "loader/many", 2);
    link(&mut image, "loader/many", u16::try_from(cluster).unwrap());
    let fat = open(image);
    let entries: Vec<_> = fat.read_dir("loader/many").unwrap().collect();
    assert!(entries.len() < 20);
    let Some(Err(Error::Damaged(damage))) = entries.last() else { panic!() };
    assert_eq!(damage.fault, Fault::Loop);
}

#[test]
fn a_file_larger_than_its_chain_takes_no_memory() {
    let mut image = Image::new(Kind::Fat32);
    let place = record(&open(image.clone()), "loader/loader.conf");
    image.put(place + 28, &u32::MAX.to_le_bytes());
    let Err(Error::Damaged(damage)) = open(image).read("loader/loader.conf", usize::MAX) else { panic!() };
    assert_eq!(damage.fault, Fault::Missing);
}

#[test]
fn a_directory_without_a_cluster_is_not_the_root() {
    let mut image = Image::new(Kind::Fat16);
    let place = record(&open(image.clone()), "loader/many");
    image.put(place + 26, &[0, 0]);
    let Err(Error::Damaged(damage)) = open(image).read_dir("loader/many") else { panic!() };
    assert_eq!((damage.structure, damage.offset), (Structure::Record, place));
}

#[test]
fn a_directory_has_no_more_records_than_it_may() {
    // A FAT32 volume whose root is all the clusters there are, each full of records of one file.
    let records = |count: usize| {
        let mut record = [0; 32];
        record[..11].copy_from_slice(b"FILE    TXT");
        let mut image = vec![0; (1 + 70_000 * 4 / 512 + 1) * 512];
        image[11..13].copy_from_slice(&512_u16.to_le_bytes());
        (image[13], image[14], image[16], image[21]) = (128, 1, 1, 0xF8);
        let table_sectors = image.len() / 512 - 1;
        image[36..40].copy_from_slice(&(table_sectors as u32).to_le_bytes());
        image[44] = 2;
        let clusters = (count * 32).div_ceil(65536);
        let table = |cluster: usize| 512 + cluster * 4;
        for cluster in 2..clusters + 2 {
            let next = if cluster == clusters + 1 { 0x0FFF_FFFF } else { cluster as u32 + 1 };
            image[table(cluster)..table(cluster) + 4].copy_from_slice(&next.to_le_bytes());
        }
        image.extend(record.repeat(count));
        image.resize((1 + table_sectors) * 512 + clusters * 65536, 0);
        let sectors = image.len() / 512;
        image[32..36].copy_from_slice(&(sectors as u32).to_le_bytes());
        let fat = Fat::open(image.as_slice()).unwrap();
        let entries: Vec<_> = fat.read_dir("").unwrap().map(|entry| entry.map(|_| ())).collect();
        entries
    };
    let most = fat_view::RECORDS_MAX as usize;
    assert_eq!(records(most), vec![Ok(()); most]);
    let more = records(most + 1);
    assert_eq!(more.len(), most + 1);
    assert!(matches!(more[most], Err(Error::Damaged(damage)) if damage.fault == Fault::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_damaged_volume_is_read_or_refused(
        kind in 0_usize..3,
        changes in prop::collection::vec((0_usize..4, any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut image = Image::new(KINDS[kind]);
        let [first, second, data] = image.tables();
        for (region, index, byte) in changes {
            let region = [0..512, first..(first + 2048), second..(second + 2048), data..(data + 20_000)][region].clone();
            let at = region.start + index.index((region.end - region.start) as usize) as u64;
            image.put(at, &[byte]);
        }
        let requests = std::rc::Rc::clone(&image.requests);
        if let Ok(fat) = Fat::open(image) {
            let tree = Tree::read(&fat);
            let _: (Vec<Error<OutOfRange>>, _) = (tree.errors, fat.label());
            prop_assert!(requests.get() < 200_000, "{} requests", requests.get());
        }
    }
}
