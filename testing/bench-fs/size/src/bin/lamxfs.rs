// SPDX-License-Identifier: MIT OR Apache-2.0
//! As `ours`, with `lamxfs`.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use lamboot_bench_fs_size::{Bytes, Disk, sum};
use lamxfs::{Error, Path, Xfs};
use uefi::prelude::*;
use xfs_view::Sectors;

#[entry]
fn main() -> Status {
    let Some(disk) = Disk::first() else { return Status::NOT_FOUND };
    match read(disk) {
        Ok(sum) => uefi::println!("{sum}"),
        Err(error) => uefi::println!("{error:?}"),
    }
    Status::SUCCESS
}

fn read(disk: Disk) -> Result<u64, Error> {
    let mut xfs = Xfs::open(Bytes(Sectors::new(disk)), u64::MAX)?;
    let kernel = xfs.resolve(Path::new(b"/boot/vmlinuz"))?;
    let mut bytes = alloc::vec![0; 65536];
    xfs.read_file_at(&kernel, 5, &mut bytes)?;
    let mut total = sum(&bytes) + sum(&xfs.read_file(Path::new(b"/boot/initrd"))?);
    total += sum(&xfs.read_link(Path::new(b"/boot/link"))?);
    for entry in xfs.read_dir(Path::new(b"/loader/entries"))? {
        total += sum(entry.name.as_ref());
    }
    Ok(total)
}
