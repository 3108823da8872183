// SPDX-License-Identifier: MIT OR Apache-2.0
//! Says what reading a file of a btrfs file system costs: `btrfs-time IMAGE PATH`.
//!
//! Reads the file from its beginning to its end in steps of 1 MiB, as often as fits into about a second, and
//! says requests, and bytes a second in the median. What the time is of is the image in the page cache.

use std::cell::Cell;
use std::fs::File;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use btrfs_view::{Btrfs, Options, ReadAt, Verify};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// A file that counts requests.
struct Counted {
    file: File,
    requests: Rc<Cell<u64>>,
}

impl ReadAt for Counted {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.requests.set(self.requests.get() + 1);
        self.file.read_at(offset, buffer)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [image, path] = arguments.as_slice() else {
        eprintln!("usage: btrfs-time IMAGE PATH");
        return ExitCode::from(2);
    };
    for verify in [Verify::Everything, Verify::Metadata] {
        if let Err(error) = time(image, path, verify) {
            eprintln!("btrfs-time: {image}: {path}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn time(image: &str, path: &str, verify: Verify) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut times: Vec<Duration> = Vec::new();
    let mut last = String::new();
    while start.elapsed() < Duration::from_secs(1) || times.len() < 3 {
        let requests = Rc::new(Cell::new(0));
        let counted = Counted { file: File::open(image)?, requests: Rc::clone(&requests) };
        let btrfs = Btrfs::open_with(counted, Options { verify, ..Options::default() })?;
        let opened = requests.replace(0);
        let file = btrfs.lookup(path)?;
        let looked_up = requests.replace(0);
        let (mut chunk, mut at) = (vec![0; CHUNK], 0);
        let start = Instant::now();
        while let length @ 1.. = file.read_at(at, &mut chunk)? {
            at += length as u64;
        }
        times.push(start.elapsed());
        let requests = requests.get();
        last = format!("{at} bytes; requests: {opened} to open, {looked_up} to look up, {requests} to read");
    }
    times.sort();
    let median = times[times.len() / 2];
    println!("{verify:?}: {last}; {median:?}");
    Ok(())
}
