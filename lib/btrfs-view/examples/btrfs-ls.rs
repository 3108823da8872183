// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists a directory of a btrfs file system: `btrfs-ls IMAGE [PATH]`.
//!
//! One line a name: type, permissions, size, and where a link leads.

use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;

use btrfs_view::{Btrfs, DirEntry, FileType};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (image, path) = match arguments.as_slice() {
        [image] => (image, "/"),
        [image, path] => (image, path.as_str()),
        _ => {
            eprintln!("usage: btrfs-ls IMAGE [PATH]");
            return ExitCode::from(2);
        }
    };
    match list(image, path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("btrfs-ls: {image}: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(image: &str, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let btrfs = Btrfs::open(File::open(image)?)?;
    for entry in btrfs.read_dir(path)? {
        line(&entry?)?;
    }
    Ok(())
}

fn line(entry: &DirEntry<'_, File>) -> Result<(), Box<dyn std::error::Error>> {
    let file = entry.open()?;
    let metadata = file.metadata();
    let mut line =
        format!("{}{:04o} {:>12} ", letter(metadata.file_type), metadata.permissions, metadata.size)
            .into_bytes();
    line.extend(entry.name());
    if metadata.file_type == FileType::Symlink {
        line.extend(b" -> ");
        line.extend(file.read_link()?);
    }
    line.push(b'\n');
    Ok(std::io::stdout().write_all(&line)?)
}

fn letter(file_type: FileType) -> char {
    match file_type {
        FileType::File => '-',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::CharacterDevice => 'c',
        FileType::BlockDevice => 'b',
        FileType::Fifo => 'p',
        FileType::Socket => 's',
    }
}
