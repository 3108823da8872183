// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices that fail, vanish, lie or were cut short: the volume on them says so, and no other one suffers.

use lamboot_fixtures::{fat, lvm};
use lamboot_fs::{Device, Error, FileSystem, FileType, Follow, assemble};
use lamboot_packed::{Image, SECTOR};
use read_at::{OutOfRange, ReadAt};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

/// The most names that are read of one volume with a fault, and bytes of one file.
const NAMES_MAX: usize = 120;
const BYTES_MAX: usize = 1 << 14;
/// Requests for everything in an image that is as damaged as may be.
const REQUESTS_MAX: u64 = 300_000;
/// So many requests are failed one by one, and so many more of those that follow.
const EACH: u64 = 25;
const SAMPLED: u64 = 12;

/// What a device does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// The request of this number fails.
    Fails(u64),
    /// This request and all later ones fail.
    Vanishes(u64),
    /// What this request reads has a wrong bit.
    Lies(u64),
}

struct Faulty {
    image: Rc<Image>,
    fault: Fault,
    count: Rc<Cell<u64>>,
}

impl ReadAt for Faulty {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        let number = self.count.replace(self.count.get() + 1);
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|&end| end <= self.image.size()).ok_or(OutOfRange)?;
        buffer.copy_from_slice(&self.image.get(offset, buffer.len()));
        match self.fault {
            Fault::Fails(n) if n == number => Err(OutOfRange),
            Fault::Vanishes(n) if n <= number => Err(OutOfRange),
            Fault::Lies(n) if n == number => {
                let middle = buffer.len() / 2;
                if let Some(byte) = buffer.get_mut(middle) {
                    *byte ^= 1 << (number % 8);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// All that can be read of a volume, by path: what it is, and its bytes or where it leads.
#[derive(Debug)]
struct Tree {
    files: BTreeMap<Vec<u8>, (FileType, Vec<u8>)>,
    errors: Vec<Error>,
    /// The most names.
    limit: usize,
}

impl Tree {
    /// At most `limit` names, and at most as many of one directory.
    fn read(system: &dyn FileSystem, limit: usize) -> Self {
        let mut tree = Self { files: BTreeMap::new(), errors: Vec::new(), limit };
        tree.folder(system, b"");
        tree
    }

    fn folder(&mut self, system: &dyn FileSystem, path: &[u8]) {
        let mut names = Vec::new();
        let mut visit = |name: &[u8], _| {
            names.push(name.to_vec());
            if names.len() < self.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        if let Err(why) = system.read_dir(path, &mut visit) {
            self.errors.push(why);
        }
        for name in names {
            if self.files.len() + self.errors.len() < self.limit {
                self.file(system, [path, b"/", &name].concat());
            }
        }
    }

    fn file(&mut self, system: &dyn FileSystem, path: Vec<u8>) {
        let read = system.metadata(&path, Follow::AllButLast).and_then(|metadata| {
            let content = match metadata.file_type {
                FileType::File => bytes(system, &path)?,
                FileType::Symlink => system.read_link(&path)?,
                FileType::Directory | FileType::Other => Vec::new(),
            };
            Ok((metadata.file_type, content))
        });
        match read {
            Ok(file) => {
                let is_folder = file.0 == FileType::Directory;
                self.files.insert(path.clone(), file);
                if is_folder && path.iter().filter(|&&byte| byte == b'/').count() < 8 {
                    self.folder(system, &path);
                }
            }
            Err(why) => self.errors.push(why),
        }
    }
}

fn bytes(system: &dyn FileSystem, path: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; BYTES_MAX];
    let read = system.read_at(path, 0, &mut bytes)?;
    bytes.truncate(read);
    let extents = system.extents(path, 64)?;
    assert!(extents.len() <= 64, "{extents:?}");
    Ok(bytes)
}

/// A kind of volume with its image.
struct Sample {
    name: &'static str,
    image: Rc<Image>,
    /// Whether every byte of its files has a checksum, or no byte of it.
    all_is_checked: bool,
}

fn samples() -> Vec<Sample> {
    let kept: [(_, &[u8], _); 6] = [
        ("XFS", include_bytes!("../../../lib/xfs-view/tests/images/small-v5.packed"), false),
        ("XFS version 4", include_bytes!("../../../lib/xfs-view/tests/images/small-v4.packed"), false),
        ("XFS after a crash", include_bytes!("../../../lib/xfs-view/tests/images/small-crash.packed"), false),
        ("ext4", include_bytes!("../../../lib/ext-view/tests/images/small-ext4.packed"), false),
        ("ext2", include_bytes!("../../../lib/ext-view/tests/images/small-ext2.packed"), false),
        ("btrfs", include_bytes!("../../../lib/btrfs-view/tests/images/small.packed"), true),
    ];
    let folder = tempfile::tempdir().unwrap();
    let floppy = fat::all().iter().find(|recipe| recipe.name == "floppy").unwrap();
    let floppy = floppy.make(folder.path()).unwrap();
    let root = folder.path().join("root");
    Image::unpack(kept[0].1).write(&root).unwrap();
    let physical = folder.path().join("physical");
    lvm::make("group", &[("root", &root)], &physical).unwrap();
    let kept = kept.into_iter().map(|(name, packed, all_is_checked)| Sample {
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

/// The device, unless its beginning cannot be read, and how often it was asked.
fn device(image: &Rc<Image>, fault: Fault) -> (Result<Device, Error>, Rc<Cell<u64>>) {
    let count = Rc::new(Cell::new(0));
    let reader = Faulty { image: Rc::clone(image), fault, count: Rc::clone(&count) };
    (Device::new(reader, image.size()), count)
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
