// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures readers of file systems on images of the fixtures: `bench-fs xfs IMAGE MOUNTED`, where
//! `MOUNTED` is where the kernel has it, or `bench-fs file KIND IMAGE FILE`, where a peer for `KIND` reads
//! `FILE` beside the reader that the loader has.
//!
//! Prints a line for each figure: name, value, unit, then `peer=value` for each peer. Times are medians
//! of runs that alternate between the readers; the image is in the page cache.

#![forbid(unsafe_code)]

mod device;
mod file;
mod peer;
mod rates;
mod xfs;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["xfs", image, mounted] => xfs::measure(image, mounted),
        ["file", kind, image, file] => file::measure(kind, image, file),
        _ => {
            eprintln!("usage: bench-fs xfs IMAGE MOUNTED | bench-fs file KIND IMAGE FILE");
            std::process::exit(2);
        }
    }
}
