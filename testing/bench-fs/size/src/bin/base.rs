// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads by sectors and bytes, without a file system.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use lamboot_bench_fs_size::{Disk, sum};
use uefi::prelude::*;
use xfs_view::{ReadAt, Sectors};

#[entry]
fn main() -> Status {
    let Some(disk) = Disk::first() else { return Status::NOT_FOUND };
    let mut bytes = alloc::vec![0; 65536];
    if let Err(error) = Sectors::new(disk).read_at(100, &mut bytes) {
        uefi::println!("{error:?}");
        return error.status();
    }
    uefi::println!("{}", sum(&bytes));
    Status::SUCCESS
}
