// SPDX-License-Identifier: MIT OR Apache-2.0
//! The best published reader of each file system, as its documentation says that it is used.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::device::Counted;

/// A file that a peer has opened.
pub(crate) struct Peer {
    /// The name of its crate.
    pub(crate) name: &'static str,
    read: Box<dyn FnMut(u64, &mut [u8])>,
}

impl Peer {
    /// Fills `buffer` from this byte of the file on.
    pub(crate) fn read(&mut self, at: u64, buffer: &mut [u8]) {
        (self.read)(at, buffer);
    }
}

/// Opens the file called `name` in the root.
pub(crate) fn open(kind: &str, device: Counted, name: &str) -> Peer {
    let path = format!("/{name}");
    match kind {
        "xfs" => lamxfs(device, &path),
        "ext" => ext4_view(device, &path),
        "btrfs" => lambutter(device, &path),
        "fat" => fatfs(device, name),
        _ => panic!("there is no peer for {kind}"),
    }
}

fn lamxfs(device: Counted, path: &str) -> Peer {
    let mut xfs = lamxfs::Xfs::open(device, u64::MAX).expect("lamxfs opens it");
    let inode = xfs.resolve(lamxfs::Path::new(path.as_bytes())).expect("lamxfs finds it");
    let read = Box::new(move |at, buffer: &mut [u8]| {
        assert_eq!(xfs.read_file_at(&inode, at, buffer).expect("lamxfs reads it"), buffer.len());
    });
    Peer { name: "lamxfs", read }
}

fn ext4_view(device: Counted, path: &str) -> Peer {
    let ext = ext4_view::Ext4::load(Box::new(device)).expect("ext4-view opens it");
    let mut file = ext.open(path).expect("ext4-view finds it");
    let read = Box::new(move |at, buffer: &mut [u8]| {
        file.seek_to(at).expect("ext4-view goes there");
        let mut done = 0;
        while done < buffer.len() {
            let read = file.read_bytes(&mut buffer[done..]).expect("ext4-view reads it");
            assert!(read > 0, "the file is shorter");
            done += read;
        }
    });
    Peer { name: "ext4-view", read }
}

fn lambutter(device: Counted, path: &str) -> Peer {
    let bytes = device.size();
    let mut btrfs = lambutter::Btrfs::open(device, bytes).expect("lambutter opens it");
    let path = lambutter::Path::new(path.as_bytes()).expect("a path");
    let inode = btrfs.resolve(path).expect("lambutter finds it");
    let read = Box::new(move |at, buffer: &mut [u8]| {
        let mut done = 0;
        while done < buffer.len() {
            let place = at + done as u64;
            let read = btrfs.read_file_at(&inode, place, &mut buffer[done..]).expect("lambutter reads it");
            assert!(read > 0, "the file is shorter");
            done += read;
        }
    });
    Peer { name: "lambutter", read }
}

fn fatfs(device: Counted, name: &str) -> Peer {
    let fat = fatfs::FileSystem::new(device, fatfs::FsOptions::new()).expect("fatfs opens it");
    // A file borrows its volume, and is to live as long as the program.
    let fat: &'static _ = Box::leak(Box::new(fat));
    let mut file = fat.root_dir().open_file(name).expect("fatfs finds it");
    let read = Box::new(move |at, buffer: &mut [u8]| {
        file.seek(SeekFrom::Start(at)).expect("fatfs goes there");
        file.read_exact(buffer).expect("fatfs reads it");
    });
    Peer { name: "fatfs", read }
}
