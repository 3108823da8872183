// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists the partitions of a disk, and what is wrong with its tables: `partitions IMAGE [SECTOR-SIZE]`.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::process::ExitCode;

use partitions::{Disk, Entry, Table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (image, size) = match arguments.as_slice() {
        [image] => (image, "512"),
        [image, size] => (image, size.as_str()),
        _ => {
            eprintln!("usage: partitions IMAGE [SECTOR-SIZE]");
            return ExitCode::from(2);
        }
    };
    match list(image, size) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("partitions: {image}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(image: &str, size: &str) -> Result<(), Box<dyn std::error::Error>> {
    let sector_size: u32 = size.parse()?;
    let mut file = File::open(image)?;
    let sectors = file.seek(SeekFrom::End(0))?.checked_div(sector_size.into()).unwrap_or(0);
    let table = Table::read(file, Disk { sector_size, sectors })?;
    println!("{:?}", table.kind);
    for partition in &table.partitions {
        let what = match &partition.entry {
            Entry::Gpt { type_guid, guid, name, .. } => format!("{type_guid} {guid} {name:?}"),
            Entry::Mbr { type_byte, .. } => format!("{type_byte:#04x}"),
            _ => String::new(),
        };
        println!("{:>4} {:>12} {:>12} {what}", partition.number, partition.first, partition.sectors);
    }
    for finding in &table.findings {
        println!("note: {finding}");
    }
    Ok(())
}
