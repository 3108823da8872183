// SPDX-License-Identifier: MIT OR Apache-2.0
//! Says what an ext2, ext3 or ext4 file system is: `ext-info [--json] IMAGE`.
//!
//! `IMAGE` is a file or a partition that one may read. With `--json`, one object on one line.

use std::fs::File;
use std::process::ExitCode;

use ext_view::{Ext, LogState, Options};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.first().is_some_and(|first| first == "--json");
    if json {
        arguments.remove(0);
    }
    let [image] = arguments.as_slice() else {
        eprintln!("usage: ext-info [--json] IMAGE");
        return ExitCode::from(2);
    };
    match fields(image) {
        Ok(fields) => print(&fields, json),
        Err(error) => {
            eprintln!("ext-info: {image}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A value: numbers are not quoted in JSON.
enum Value {
    Number(u64),
    Text(String),
    List(Vec<&'static str>),
}

fn fields(image: &str) -> Result<Vec<(&'static str, Value)>, Box<dyn std::error::Error>> {
    let ext = Ext::open_with(File::open(image)?, Options::default())?;
    let superblock = ext.superblock();
    let log = match ext.log_state() {
        LogState::Clean => "clean",
        LogState::Replayed { .. } => "dirty, replayed",
        _ => "dirty",
    };
    Ok(vec![
        ("label", Value::Text(superblock.label().escape_ascii().to_string())),
        ("uuid", Value::Text(uuid(superblock.uuid()))),
        ("size", Value::Number(superblock.size())),
        ("free", Value::Number(superblock.free())),
        ("block_size", Value::Number(superblock.block_size())),
        ("inode_size", Value::Number(superblock.inode_size() as u64)),
        ("inodes", Value::Number(superblock.inodes().into())),
        ("groups", Value::Number(superblock.groups().into())),
        ("log", Value::Text(log.to_owned())),
        ("features", Value::List(superblock.features().names().collect())),
    ])
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

fn print(fields: &[(&str, Value)], json: bool) {
    if json {
        let members: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\":{}", value.json())).collect();
        println!("{{{}}}", members.join(","));
        return;
    }
    for (name, value) in fields {
        println!("{name:<22}{}", value.plain());
    }
}

impl Value {
    fn plain(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(words) => words.join(" "),
        }
    }

    fn json(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            // Escaped bytes have backslashes, which JSON wants twice.
            Self::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::List(words) => {
                format!("[{}]", words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(","))
            }
        }
    }
}
