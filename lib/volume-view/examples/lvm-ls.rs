// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists the logical volumes of physical volumes: `lvm-ls DEVICE...`.

use std::fs::File;
use std::process::ExitCode;

use volume_view::lvm::{PhysicalVolume, assemble};

fn main() -> ExitCode {
    let devices: Vec<String> = std::env::args().skip(1).collect();
    if devices.is_empty() {
        eprintln!("usage: lvm-ls DEVICE...");
        return ExitCode::from(2);
    }
    match list(&devices) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lvm-ls: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(devices: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let mut members = Vec::new();
    for device in devices {
        members.push(PhysicalVolume::open(File::open(device)?)?);
    }
    for group in assemble(members) {
        let group = group?;
        println!("{} {}", group.name(), group.uuid());
        for missing in group.missing() {
            println!("    missing: {missing}");
        }
        for volume in group.volumes() {
            let state =
                volume.open().err().map_or_else(|| "can be read".to_owned(), |error| error.to_string());
            println!("    {} {} bytes: {state}", volume.name(), volume.size());
        }
    }
    Ok(())
}
