// SPDX-License-Identifier: MIT OR Apache-2.0
//! As `base`, and reads a file and lists a directory with `xfs-view`.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use lamboot_bench_fs_size::{Disk, sum};
use uefi::prelude::*;
use xfs_view::{Error, Sectors, Xfs};

#[entry]
fn main() -> Status {
    let Some(disk) = Disk::first() else { return Status::NOT_FOUND };
    match read(disk) {
        Ok(sum) => uefi::println!("{sum}"),
        Err(error) => uefi::println!("{error:?}"),
    }
    Status::SUCCESS
}

fn read(disk: Disk) -> Result<u64, Error<uefi::Error>> {
    let xfs = Xfs::open(Sectors::new(disk))?;
    let kernel = xfs.lookup("/boot/vmlinuz")?;
    let mut bytes = alloc::vec![0; 65536];
    kernel.read_at(5, &mut bytes)?;
    let mut total =
        sum(&bytes) + sum(&xfs.read("/boot/initrd", 1 << 20)?) + sum(&xfs.read_link("/boot/link")?);
    for entry in xfs.read_dir("/loader/entries")? {
        total += sum(entry?.name());
    }
    Ok(total)
}
