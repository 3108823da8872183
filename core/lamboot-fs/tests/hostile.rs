// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices that fail, vanish, lie or were cut short: the volume on them says so, and no other one suffers.

mod support;

use lamboot_fixtures::{fat, lvm};
use lamboot_fs::{Device, Error, assemble};
use lamboot_packed::{Image, SECTOR};
use std::rc::Rc;
use support::{Fault, KEPT, REQUESTS_MAX, Tree, device};

/// The most names that are read of one volume with a fault.
const NAMES_MAX: usize = 120;
/// So many requests are failed one by one, and so many more of those that follow.
const EACH: u64 = 25;
const SAMPLED: u64 = 12;

/// A kind of volume with its image.
struct Sample {
    name: &'static str,
    image: Rc<Image>,
    /// Whether every byte of its files has a checksum, or no byte of it.
    all_is_checked: bool,
}

fn samples() -> Vec<Sample> {
    let folder = tempfile::tempdir().unwrap();
    let floppy = fat::all().iter().find(|recipe| recipe.name == "floppy").unwrap();
    let floppy = floppy.make(folder.path()).unwrap();
    let root = folder.path().join("root");
    Image::unpack(KEPT[0].1).write(&root).unwrap();
    let physical = folder.path().join("physical");
    lvm::make("group", &[("root", &root)], &physical).unwrap();
    let kept = KEPT.into_iter().map(|(name, packed, all_is_checked)| Sample {
        name,
        image: Rc::new(Image::unpack(packed)),
        all_is_checked,
    });
    let made = [("FAT", floppy), ("XFS on LVM", physical)].map(|(name, path)| Sample {
        name,
        image: Rc::new(Image::of(&std::fs::read(path).unwrap())),
        all_is_checked: false,
    });
    kept.chain(made).collect()
}

/// What all of `devices` tell: of each volume its tree, or why there is none.
fn look(devices: Vec<Device>) -> Vec<(Vec<usize>, Result<Tree, Error>)> {
    let volumes = assemble(devices).into_iter();
    volumes
        .map(|volume| (volume.devices, volume.system.map(|system| Tree::read(system.as_ref(), NAMES_MAX))))
        .collect()
}

/// What is read of a device with this fault beside one that is well, and how many requests it took.
fn beside_another(image: &Rc<Image>, fault: Fault, well: &Rc<Image>) -> (Result<Tree, Error>, u64) {
    let (faulty, count) = device(image, fault);
    let faulty = match faulty {
        Ok(device) => device,
        Err(why) => return (Err(why), count.get()),
    };
    let mut volumes = look(vec![device(well, Fault::Nothing).0.unwrap(), faulty]);
    let (_, other) = volumes.remove(volumes.iter().position(|(devices, _)| devices == &[0]).unwrap());
    let other = other.unwrap();
    assert!(other.errors.is_empty() && other.files.len() > 20, "{fault:?}: {:?}", other.errors);
    assert!(count.get() < REQUESTS_MAX, "{fault:?}: {} requests", count.get());
    let found = volumes.into_iter().find(|(devices, _)| devices == &[1]);
    (found.map_or_else(|| panic!("{fault:?}: the volume is not named"), |(_, tree)| tree), count.get())
}

/// All that is on an image that is well.
fn all(image: &Rc<Image>) -> Tree {
    let volume = assemble(vec![device(image, Fault::Nothing).0.unwrap()]).pop().unwrap();
    let tree = Tree::read(volume.system.unwrap().as_ref(), usize::MAX);
    assert!(tree.errors.is_empty() && tree.files.len() > 20, "{:?}", tree.errors);
    tree
}

/// A file that is not as it is in `all`.
fn wrong<'t>(tree: &'t Tree, all: &Tree) -> Option<&'t Vec<u8>> {
    let mut files = tree.files.iter();
    files.find(|(path, file)| all.files.get(*path) != Some(*file)).map(|(path, _)| path)
}

/// The numbers of requests at which something happens.
fn moments(requests: u64) -> impl Iterator<Item = u64> {
    let step = (requests.saturating_sub(EACH) / SAMPLED).max(1);
    (0..requests.min(EACH)).chain((EACH..requests).step_by(usize::try_from(step).unwrap()))
}

/// The other volume beside each one.
fn fat_image(samples: &[Sample]) -> &Rc<Image> {
    &samples.iter().find(|sample| sample.name == "FAT").unwrap().image
}

#[test]
fn a_device_that_fails_at_any_request_has_right_bytes_or_none() {
    let samples = samples();
    let well = fat_image(&samples);
    for Sample { name, image, .. } in &samples {
        let all = all(image);
        let (good, requests) = beside_another(image, Fault::Nothing, well);
        let good = good.unwrap();
        for fault in moments(requests).flat_map(|n| [Fault::Fails(n), Fault::Vanishes(n)]) {
            match beside_another(image, fault, well).0 {
                Err(why) => assert!(!why.message.is_empty(), "{name}, {fault:?}"),
                Ok(tree) => {
                    let wrong = wrong(&tree, &all);
                    assert!(wrong.is_none(), "{name}, {fault:?}: {wrong:?}");
                    let is_whole = tree.files.len() == good.files.len();
                    assert!(is_whole || !tree.errors.is_empty(), "{name}, {fault:?}: silent");
                }
            }
        }
    }
}

/// Where every byte has a checksum, a changed bit is noticed or does not matter; elsewhere it does no harm.
#[test]
fn a_device_that_lies_at_any_request_does_no_harm() {
    let samples = samples();
    let well = fat_image(&samples);
    for Sample { name, image, all_is_checked } in &samples {
        let all = all(image);
        let (_, requests) = beside_another(image, Fault::Nothing, well);
        let mut noticed = 0;
        for fault in moments(requests).map(Fault::Lies) {
            let Ok(tree) = beside_another(image, fault, well).0 else {
                noticed += 1;
                continue;
            };
            noticed += usize::from(!tree.errors.is_empty());
            let wrong = wrong(&tree, &all);
            assert!(!all_is_checked || wrong.is_none(), "{name}, {fault:?}: {wrong:?}");
        }
        assert!(!all_is_checked || noticed > 10, "{name}: {noticed}");
    }
}

#[test]
fn images_that_were_cut_short_do_no_harm() {
    for Sample { name, image, .. } in samples() {
        let sectors = image.size() / SECTOR as u64;
        let cuts = (0..48).map(|n| sectors * n / 48).chain([1, 2, 3, 127, 128, 129, 136, 144]);
        for cut in cuts.map(|sectors| sectors * SECTOR as u64) {
            let mut short = Image::clone(&image);
            short.resize(cut.min(image.size()));
            let (short, requests) = device(&Rc::new(short), Fault::Nothing);
            for (_, found) in look(short.into_iter().collect()) {
                let silent = found.as_ref().is_ok_and(|tree| tree.errors.is_empty() && tree.files.is_empty());
                assert!(!silent, "{name}, cut at {cut}: an empty volume");
            }
            assert!(requests.get() < REQUESTS_MAX, "{name}, cut at {cut}: {} requests", requests.get());
        }
    }
}

#[test]
fn a_superblock_before_the_body_of_another_does_no_harm() {
    let samples = samples();
    // Behind the superblock of each: also behind that of btrfs, and in the middle of a group of blocks.
    for (head, body) in samples.iter().flat_map(|head| samples.iter().map(move |body| (head, body))) {
        for end in [1024, 2048, 4096, 68 * 1024, 256 * 1024] {
            let mut mixed = Image::clone(&body.image);
            mixed.resize(head.image.size().max(body.image.size()));
            mixed.put(0, &head.image.get(0, end));
            let (mixed, requests) = device(&Rc::new(mixed), Fault::Nothing);
            let volumes = look(mixed.into_iter().collect());
            assert!(!volumes.is_empty(), "{} before {}", head.name, body.name);
            assert!(requests.get() < REQUESTS_MAX, "{} before {}: {}", head.name, body.name, requests.get());
        }
    }
}
