// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot fs` on an image that `mkfs.xfs` made, alone and in a partition.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const MIB: u64 = 1 << 20;
/// Where the second partition of a test's disk begins.
const SECOND: u64 = 40 * MIB;

fn lamboot(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lamboot")).arg("fs").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let (code, said, complaint) = lamboot(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{complaint}");
    serde_json::from_str(&said).unwrap()
}

/// An image of XFS that is kept beside the reader's own tests.
fn xfs(folder: &Path) -> PathBuf {
    let packed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib/xfs-view/tests/images/small-v5.packed");
    let mut packed = fs::File::open(packed).unwrap();
    let number = |file: &mut fs::File| {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).ok().map(|()| u64::from_le_bytes(bytes))
    };
    let path = folder.join("small.xfs");
    let image = fs::File::create(&path).unwrap();
    image.set_len(number(&mut packed).unwrap()).unwrap();
    while let Some(sector) = number(&mut packed) {
        let mut bytes = [0; 512];
        packed.read_exact(&mut bytes).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&image, &bytes, sector * 512).unwrap();
    }
    path
}

#[test]
fn a_file_system_is_listed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let image = xfs(folder.path());
    let image = image.to_str().unwrap();
    let found = json(&["probe", image]);
    assert_eq!(found["file_system"]["type"], "xfs");
    let info = json(&["info", image]);
    assert_eq!(info["uuid"], found["file_system"]["uuid"]);
    let files = json(&["ls", "-R", image]);
    let files = files["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["type"] == "file" && file["size"].as_u64() > Some(0)).unwrap();
    let path = file["path"].as_str().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_lamboot")).args(["fs", "cat", image, path]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout.len() as u64, file["size"].as_u64().unwrap());
    let extents = json(&["info", image, path]);
    let lengths =
        extents["extents"].as_array().unwrap().iter().map(|extent| extent["length"].as_u64().unwrap());
    assert_eq!(lengths.sum::<u64>(), file["size"].as_u64().unwrap());
    let (_, said, _) = lamboot(&["ls", image]);
    let top = files.iter().filter(|file| !file["path"].as_str().unwrap().contains('/')).count();
    assert_eq!(said.lines().count(), top);
    let (code, _, complaint) = lamboot(&["cat", image, "/no/such"]);
    assert_eq!((code, complaint), (1, format!("lamboot fs: {image}: there is no such file\n")));
}

#[test]
fn partitions_are_found_and_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk.img");
    let file = fs::File::create(&disk).unwrap();
    file.set_len(300 * MIB).unwrap();
    // An MBR (UEFI 2.10, section 5.2.1): two partitions of types 0xEF and 0x83.
    let mut table = [0_u8; 512];
    let xfs = fs::read(xfs(folder.path())).unwrap();
    for (at, kind, first, length) in [(446, 0xEF, MIB, 8 * MIB), (462, 0x83, SECOND, xfs.len() as u64)] {
        table[at + 4] = kind;
        table[at + 8..at + 12].copy_from_slice(&((first / 512) as u32).to_le_bytes());
        table[at + 12..at + 16].copy_from_slice(&((length / 512) as u32).to_le_bytes());
    }
    table[510..].copy_from_slice(&[0x55, 0xAA]);
    std::os::unix::fs::FileExt::write_all_at(&file, &table, 0).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &xfs, SECOND).unwrap();
    let disk = disk.to_str().unwrap();
    let found = json(&["probe", disk]);
    let partitions = found["partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), 2);
    assert!(partitions[0]["file_system"].is_null());
    assert_eq!(partitions[1]["file_system"]["type"], "xfs");
    assert_eq!(partitions[1]["offset"].as_u64(), Some(SECOND));
    let (code, _, complaint) = lamboot(&["ls", disk]);
    assert_eq!((code, complaint.contains("say --partition 1 or 2")), (1, true), "{complaint}");
    let by_number = json(&["ls", "--partition", "2", disk]);
    let by_offset = json(&["ls", "--offset", &SECOND.to_string(), disk]);
    assert_eq!(by_number, by_offset);
    assert!(!by_number["files"].as_array().unwrap().is_empty());
    assert_eq!(lamboot(&["ls", "--partition", "1", disk]).0, 6);
    assert_eq!(lamboot(&["ls", "--partition", "3", disk]).0, 6);
}

#[test]
fn what_is_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, vec![0; 1 << 20]).unwrap();
    assert_eq!(lamboot(&["probe", empty.to_str().unwrap()]).0, 6);
    let (code, _, complaint) = lamboot(&["probe", "/no/such/image"]);
    assert_eq!((code, complaint.contains("/no/such/image: No such file")), (1, true), "{complaint}");
    fs::write(&empty, b"").unwrap();
    assert_eq!(lamboot(&["probe", empty.to_str().unwrap()]).0, 1);
}
