// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions whose entry, kernel and initrd are on a real file system, with a failure at each read.

use lamboot_core::ports::VolumeRole;
use lamboot_fixtures::{btrfs, ext, fat, xfs};
use lamboot_packed::Image;
use lamboot_schema::paths;
use lamboot_schema::trust_log::Record;
use lamboot_sim::{Ending, Fault, Machine, Volume};
use std::fs;
use std::path::Path;

/// More bytes than are read at once, so that the last request may fail as well.
const KERNEL_BYTES: usize = 300_000;
const INITRD: &[u8] = b"an initrd";
/// In the order of the bytes: the first two, and then what no other file has.
fn kernel() -> Vec<u8> {
    b"MZ".iter().copied().chain((0..).map(|at: u32| (at % 251) as u8)).take(KERNEL_BYTES).collect()
}

/// `/boot` as a system has it, with two kernels.
fn folder(at: &Path) {
    fs::create_dir_all(at.join("loader/entries")).unwrap();
    for version in ["6.12", "6.1"] {
        fs::write(at.join(format!("vmlinuz-{version}")), kernel()).unwrap();
        fs::write(at.join(format!("initrd-{version}")), INITRD).unwrap();
        let text = format!(
            "title Real {version}\nversion {version}\nsort-key real\nlinux /vmlinuz-{version}\n\
             initrd /initrd-{version}\noptions root=/dev/sda3 ro\n"
        );
        fs::write(at.join(format!("loader/entries/real-{version}.conf")), text).unwrap();
    }
}

/// How a volume with the files of a folder is made, with a size in MiB that its tools accept.
type Make = fn(&str, u64, &Path, &Path) -> anyhow::Result<()>;

const KINDS: [(&str, Make, u64); 4] = [
    ("xfs", xfs::make_with_files, 300),
    ("ext4", ext::make_with_files, 16),
    ("btrfs", btrfs::make_with_files, 128),
    ("vfat", fat::make_with_files, 16),
];

/// A machine without entries on its ESP beside a volume of this kind.
fn machine((name, make, mib): (&str, Make, u64)) -> Machine {
    let work = tempfile::tempdir().unwrap();
    let (boot, image) = (work.path().join("boot"), work.path().join("image"));
    folder(&boot);
    let options = if name == "ext4" { "-t ext4" } else { "" };
    make(options, mib, &boot, &image).unwrap();
    let mut machine = Machine::new();
    let image = Image::of(&fs::read(image).unwrap());
    machine.volumes.push(Volume::with_image(VolumeRole::Xbootldr, image));
    machine
}

#[test]
fn a_system_on_each_file_system_starts_with_its_initrd() {
    for kind in KINDS {
        let mut machine = machine(kind);
        let boot = machine.boot();
        let name = kind.0;
        assert_eq!(boot.ending, Ending::Started(r"\vmlinuz-6.12".into()), "{name}: {:?}", boot.frames);
        assert_eq!(boot.initrd_bytes, [INITRD], "{name}");
        assert!(boot.options.contains("root=/dev/sda3 ro"), "{name}: {}", boot.options);
        let log = machine.esp.text(paths::TRUST_LOG);
        assert!(log.contains(&format!("\"volume\":\"{name} UUID=")), "{name}: {log}");
    }
}

/// A boot with this fault ends as it should, and the one after it starts the newest kernel.
fn ends_well(eve: &Machine, fault: Fault, what: &str) {
    let mut machine = eve.clone();
    machine.fault = Some(fault);
    let boot = machine.boot();
    match &boot.ending {
        Ending::Started(path) => {
            assert!(path.starts_with(r"\vmlinuz-6.1"), "{what}: {path}");
            assert_eq!(boot.initrd_bytes, [INITRD], "{what}");
        }
        Ending::Waits => {
            let shown = boot.frames.last().expect("the menu was drawn");
            assert!(shown.contains("LamBoot"), "{what}: {shown}");
        }
        other => panic!("{what}: {other:?}"),
    }
    let log = machine.esp.text(paths::TRUST_LOG);
    let torn = log.lines().filter(|line| Record::from_line(line).is_err()).count();
    assert_eq!(torn, 0, "{what}: {log}");
    assert_eq!(machine.boot().ending, Ending::Started(r"\vmlinuz-6.12".into()), "{what}: the next boot");
}

#[test]
fn a_read_that_fails_ends_in_a_start_or_in_the_menu() {
    for kind in KINDS {
        let eve = machine(kind);
        let reads = eve.clone().boot().reads;
        assert!(reads > 30, "{}: {reads}", kind.0);
        for read in 0..reads {
            for fault in [Fault::Read(read), Fault::ReadsFrom(read)] {
                ends_well(&eve, fault, &format!("{}, {fault:?} of {reads}", kind.0));
            }
        }
    }
}
