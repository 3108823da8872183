// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells what is on volumes: `fs-probe IMAGE...`.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::process::ExitCode;

fn main() -> ExitCode {
    let images: Vec<String> = std::env::args().skip(1).collect();
    let mut code = ExitCode::SUCCESS;
    for image in &images {
        if let Err(error) = print(image) {
            eprintln!("fs-probe: {image}: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn print(image: &str) -> std::io::Result<()> {
    let mut file = File::open(image)?;
    let size = file.seek(SeekFrom::End(0))?;
    for found in fs_probe::probe(file, size)? {
        let label = found.label.unwrap_or_default().escape_ascii().to_string();
        println!("{image}: {} {} {label}", found.kind.token(), found.uuid.unwrap_or_default());
    }
    Ok(())
}
