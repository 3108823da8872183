// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices that fail, vanish or lie, and all that can be read of what is on them.

use lamboot_fs::{Device, Error, FileSystem, FileType, Follow};
use lamboot_packed::Image;
use read_at::{OutOfRange, ReadAt};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

/// The most bytes that are read of one file.
const BYTES_MAX: usize = 1 << 14;
/// Requests for everything in an image that is as damaged as may be.
pub(crate) const REQUESTS_MAX: u64 = 300_000;

/// Images of which packed forms are kept, and whether every byte of their files has a checksum.
pub(crate) const KEPT: [(&str, &[u8], bool); 6] = [
    ("XFS", include_bytes!("../../../../lib/xfs-view/tests/images/small-v5.packed"), false),
    ("XFS version 4", include_bytes!("../../../../lib/xfs-view/tests/images/small-v4.packed"), false),
    ("XFS after a crash", include_bytes!("../../../../lib/xfs-view/tests/images/small-crash.packed"), false),
    ("ext4", include_bytes!("../../../../lib/ext-view/tests/images/small-ext4.packed"), false),
    ("ext2", include_bytes!("../../../../lib/ext-view/tests/images/small-ext2.packed"), false),
    ("btrfs", include_bytes!("../../../../lib/btrfs-view/tests/images/small.packed"), true),
];

/// What a device does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
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

/// All that can be read of a volume.
#[derive(Debug)]
pub(crate) struct Tree {
    /// By path: what it is, and its bytes or where it leads.
    pub(crate) files: BTreeMap<Vec<u8>, (FileType, Vec<u8>)>,
    /// Why the rest could not be read.
    pub(crate) errors: Vec<Error>,
    /// The most names.
    limit: usize,
}

impl Tree {
    /// At most `limit` names, and at most as many of one directory.
    pub(crate) fn read(system: &dyn FileSystem, limit: usize) -> Self {
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

/// The device, unless its beginning cannot be read, and how often it was asked.
pub(crate) fn device(image: &Rc<Image>, fault: Fault) -> (Result<Device, Error>, Rc<Cell<u64>>) {
    let count = Rc::new(Cell::new(0));
    let reader = Faulty { image: Rc::clone(image), fault, count: Rc::clone(&count) };
    (Device::new(reader, image.size()), count)
}
