// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares with `sfdisk` what is read of disks that `sfdisk` and `sgdisk` made.
//!
//! Runs when `LAMBOOT_REFEREES=1`. Disks with sectors of 4096 bytes need root, for a loop device.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use partitions::{Disk, Entry, Kind, Table};
use serde_json::Value;

const MIB: u64 = 1 << 20;
const SIZE: u64 = 64 * MIB;

/// What `sfdisk` is told, or `sgdisk`; and how many partitions that gives.
const DISKS: [(&str, &str, usize); 8] = [
    (
        "sfdisk",
        "label: gpt\nsize=8MiB, type=U, name=\"EFI System\"\nsize=4MiB, type=L\ntype=L, name=\"Größe\"\n",
        3,
    ),
    (
        "sfdisk",
        "label: gpt\nstart=2048, size=2048, type=L, attrs=\"RequiredPartition,LegacyBIOSBootable,GUID:63,60\"\n",
        1,
    ),
    ("sfdisk", "label: gpt\ntable-length: 512\nsize=1MiB\nsize=1MiB\n", 2),
    (
        "sfdisk",
        "label: dos\nsize=8MiB, type=c, bootable\nsize=20MiB, type=5\nsize=2MiB\nsize=3MiB\nsize=4MiB\ntype=83\n",
        6,
    ),
    ("sfdisk", "label: dos\nlabel-id: 0x1234abcd\nsize=4MiB, type=f\n", 1),
    ("sfdisk", "label: dos\n", 0),
    ("sgdisk", "-n 1:2048:4095 -n 5:8192:10239 -t 5:8304 -c 5:root -A 5:set:59 -n 128:12288:0", 3),
    ("sgdisk", "-n 1:2048:4095 -n 2:4096:8191 --hybrid=2", 2),
];

#[test]
fn sfdisk_lists_the_same() {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk.img");
    for (tool, script, count) in DISKS {
        judge(tool, script, count, &image, 512).with_context(|| script).unwrap();
    }
    // Programs make tables for 4096-byte sectors on devices only.
    for (tool, script, count) in DISKS.iter().filter(|disk| !disk.1.contains("hybrid")) {
        make_file(&image).unwrap();
        let device =
            run(Command::new("/sbin/losetup").args(["-f", "--show", "-b", "4096"]).arg(&image)).unwrap();
        let device = Path::new(device.trim());
        let judged = judge(tool, script, *count, device, 4096).with_context(|| *script);
        run(Command::new("/sbin/losetup").arg("-d").arg(device)).unwrap();
        judged.unwrap();
    }
}

fn make_file(image: &Path) -> Result<()> {
    let _ = std::fs::remove_file(image);
    Ok(File::create(image)?.set_len(SIZE)?)
}

fn judge(tool: &str, script: &str, count: usize, image: &Path, sector_size: u32) -> Result<()> {
    if sector_size == 512 {
        make_file(image)?;
    }
    make(tool, script, image)?;
    let disk = Disk { sector_size, sectors: SIZE / u64::from(sector_size) };
    let table = Table::read(Device(File::open(image)?), disk)?;
    let said: Value = serde_json::from_str(&run(Command::new("/sbin/sfdisk").arg("--json").arg(image))?)?;
    let said = &said["partitiontable"];
    let partitions = said["partitions"].as_array().cloned().unwrap_or_default();
    ensure!(partitions.len() == count, "{count} partitions expected: {said}");
    ensure!(table.partitions.len() == count, "{table:?} instead of {said}");
    ensure!(said["sectorsize"].as_u64().is_none_or(|size| size == u64::from(sector_size)), "{said}");
    for (ours, theirs) in table.partitions.iter().zip(&partitions) {
        let node = theirs["node"].as_str().context("no node")?;
        let number = node.trim_start_matches(image.to_str().context("path")?).trim_start_matches('p');
        ensure!(ours.number.to_string() == number, "{ours:?} is {theirs}");
        ensure!(Some(ours.first) == theirs["start"].as_u64(), "{ours:?} is {theirs}");
        ensure!(Some(ours.sectors) == theirs["size"].as_u64(), "{ours:?} is {theirs}");
        entry(&ours.entry, theirs)?;
    }
    let id = said["id"].as_str().unwrap_or_default();
    match table.kind {
        Kind::Gpt(guid) => ensure!(guid.to_string().eq_ignore_ascii_case(id), "{guid} is {id}"),
        Kind::Mbr(signature) => ensure!(format!("{signature:#010x}") == id, "{signature:#x} is {id}"),
        _ => ensure!(count == 0, "{table:?} instead of {said}"),
    }
    let first_is_gone = [0; 512];
    if matches!(table.kind, Kind::Gpt(_)) {
        File::options().write(true).open(image)?.write_all_at(&first_is_gone, sector_size.into())?;
        let copy = Table::read(Device(File::open(image)?), disk)?;
        ensure!(matches!(copy.kind, Kind::GptBackup(_)) && copy.partitions == table.partitions, "{copy:?}");
    }
    Ok(())
}

fn entry(ours: &Entry, theirs: &Value) -> Result<()> {
    let text = |key: &str| theirs[key].as_str().unwrap_or_default();
    match ours {
        Entry::Gpt { type_guid, guid, attributes, name } => {
            ensure!(type_guid.to_string().eq_ignore_ascii_case(text("type")), "{ours:?} is {theirs}");
            ensure!(guid.to_string().eq_ignore_ascii_case(text("uuid")), "{ours:?} is {theirs}");
            ensure!(name == text("name"), "{ours:?} is {theirs}");
            ensure!(*attributes == bits(text("attrs"))?, "{ours:?} is {theirs}");
        }
        Entry::Mbr { type_byte, active } => {
            ensure!(format!("{type_byte:x}") == text("type"), "{ours:?} is {theirs}");
            ensure!(*active == theirs["bootable"].as_bool().unwrap_or(false), "{ours:?} is {theirs}");
        }
        _ => {}
    }
    Ok(())
}

/// The bits of `RequiredPartition LegacyBIOSBootable GUID:60,63`.
fn bits(words: &str) -> Result<u64> {
    let mut bits = 0;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        bits |= match word {
            "RequiredPartition" => 1,
            "NoBlockIOProtocol" => 2,
            "LegacyBIOSBootable" => 4,
            _ => {
                let numbers = word.trim_start_matches("GUID:").split(',');
                numbers.map(|number| Ok(1 << number.parse::<u32>()?)).sum::<Result<u64>>()?
            }
        };
    }
    Ok(bits)
}

fn make(tool: &str, script: &str, image: &Path) -> Result<()> {
    if tool == "sgdisk" {
        run(Command::new("/sbin/sgdisk").arg("-o").args(script.split(' ')).arg(image))?;
        return Ok(());
    }
    let mut sfdisk = Command::new("/sbin/sfdisk");
    sfdisk
        .args(["-q", "--no-reread", "--no-tell-kernel", "-w", "always"])
        .arg(image)
        .env("LC_ALL", "C.UTF-8");
    let mut child = sfdisk.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("no input")?.write_all(script.as_bytes())?;
    ensure!(child.wait()?.success(), "{sfdisk:?} failed");
    Ok(())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.env("LC_ALL", "C.UTF-8").output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

struct Device(File);

impl partitions::ReadAt for Device {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}
