// SPDX-License-Identifier: MIT OR Apache-2.0
//! Says what a btrfs file system is, and what subvolumes it has: `btrfs-info DEVICE...`.
//!
//! Each `DEVICE` is a file or a partition that one may read; together they are one file system.

use std::fs::File;
use std::process::ExitCode;

use btrfs_view::{Btrfs, LogState, Options, Subvolume};

fn main() -> ExitCode {
    let devices: Vec<String> = std::env::args().skip(1).collect();
    if devices.is_empty() {
        eprintln!("usage: btrfs-info DEVICE...");
        return ExitCode::from(2);
    }
    match show(&devices) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("btrfs-info: {}: {error}", devices.join(" "));
            ExitCode::FAILURE
        }
    }
}

fn show(devices: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let files = devices.iter().map(File::open).collect::<Result<Vec<_>, _>>()?;
    let btrfs = Btrfs::open_devices(files, Options::default())?;
    let superblock = btrfs.superblock();
    let log = match btrfs.log_state() {
        LogState::Clean => "clean",
        LogState::Ignored => "has files that are newer than the last commit",
    };
    let features: Vec<&str> = superblock.features().names().collect();
    for (name, value) in [
        ("label", superblock.label().escape_ascii().to_string()),
        ("uuid", uuid(superblock.uuid())),
        ("generation", superblock.generation().to_string()),
        ("size", superblock.size().to_string()),
        ("used", superblock.used().to_string()),
        ("devices", format!("{} of {}", devices.len(), superblock.devices())),
        ("sector size", superblock.sector_size().to_string()),
        ("node size", superblock.node_size().to_string()),
        ("checksums", superblock.checksum_type().name().to_owned()),
        ("log tree", log.to_owned()),
        ("features", features.join(" ")),
        ("default", btrfs.default_subvolume()?.to_string()),
    ] {
        println!("{name:<22}{value}");
    }
    for subvolume in btrfs.subvolumes() {
        let subvolume = subvolume?;
        let path = btrfs.subvolume_path(subvolume.id)?;
        println!("subvolume {:<12}{}{}", subvolume.id, path.escape_ascii(), remarks(&subvolume));
    }
    Ok(())
}

fn remarks(subvolume: &Subvolume) -> String {
    let mut remarks = String::new();
    if subvolume.read_only {
        remarks += ", read-only";
    }
    if let Some(parent) = &subvolume.parent_uuid {
        remarks += &format!(", snapshot of {}", uuid(parent));
    }
    remarks
}

fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text
}
