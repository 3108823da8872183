// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists a directory of a FAT volume: `fat-ls IMAGE [PATH]`.
//!
//! One line a name: type, size, short name, name.

use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;

use fat_view::{Fat, FileType};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (image, path) = match arguments.as_slice() {
        [image] => (image, "/"),
        [image, path] => (image, path.as_str()),
        _ => {
            eprintln!("usage: fat-ls IMAGE [PATH]");
            return ExitCode::from(2);
        }
    };
    match list(image, path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fat-ls: {image}: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(image: &str, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let fat = Fat::open(File::open(image)?)?;
    let mut out = std::io::stdout().lock();
    for entry in fat.read_dir(path)? {
        let entry = entry?;
        let letter = if entry.file_type() == FileType::Directory { 'd' } else { '-' };
        write!(out, "{letter} {:>12} {:<12} ", entry.metadata().size, entry.short_name())?;
        out.write_all(entry.name())?;
        writeln!(out)?;
    }
    Ok(())
}
