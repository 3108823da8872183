// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a file of a btrfs file system to the standard output: `btrfs-cat IMAGE PATH`.

use std::io::Write as _;
use std::process::ExitCode;

use btrfs_view::Btrfs;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [image, path] = arguments.as_slice() else {
        eprintln!("usage: btrfs-cat IMAGE PATH");
        return ExitCode::from(2);
    };
    match copy(image, path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("btrfs-cat: {image}: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn copy(image: &str, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let btrfs = Btrfs::open(std::fs::File::open(image)?)?;
    let file = btrfs.lookup(path)?;
    let mut out = std::io::stdout().lock();
    let mut chunk = vec![0; CHUNK];
    let mut at = 0;
    loop {
        let length = file.read_at(at, &mut chunk)?;
        if length == 0 {
            return Ok(());
        }
        out.write_all(&chunk[..length])?;
        at += length as u64;
    }
}
