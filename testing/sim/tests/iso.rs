// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions with ISO files on the machine's volumes.

use iso_view::builder::image;
use lamboot_core::error::ErrorKind;
use lamboot_core::facts::SecureBoot;
use lamboot_core::ports::{Condition, Identity, Key};
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Record};
use lamboot_schema::variables as schema;
use lamboot_sim::{Boot, Disk, Ending, Image, Machine};

const ENABLED: &str = "[boot-from-iso]\nenabled = true\n";
/// The last entry of the menu is that of the only ISO file.
const START_LAST: [Key; 2] = [Key::End, Key::Enter];
const LIVE_KERNEL: &str = r"\isos\live.iso\live\vmlinuz";

/// As Debian Live has it, without a menu of its own. The initrd is longer than a block.
fn live() -> (Vec<u8>, Vec<u8>) {
    let initrd: Vec<u8> = (0..5000_u32).map(|at| (at * 7 % 251) as u8).collect();
    let files: [(&str, &[u8]); 2] = [("/live/vmlinuz", b"MZ a kernel"), ("/live/initrd.img", &initrd)];
    (image("LIVE", &files), initrd)
}

fn machine() -> Machine {
    let mut machine = Machine::with_debian();
    machine.policy(ENABLED);
    machine.esp.put(r"\isos\live.iso", live().0);
    machine
}

fn report(machine: &Machine) -> BootReport {
    let file = machine.esp.get(paths::BOOT_REPORT).expect("there is a report");
    BootReport::from_slot(&file.bytes).expect("it is whole")
}

fn shown(boot: &Boot) -> String {
    boot.frames.last().map_or("", String::as_str).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn iso_files_are_listed_only_where_policy_says_so_and_start_by_hand_only() {
    let mut machine = machine();
    let boot = machine.boot();
    assert!(boot.frames[0].contains("LIVE") && boot.frames[0].contains("live.iso"), "{}", boot.frames[0]);
    assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
    machine.policy("[boot-from-iso]\nenabled = false\n");
    assert!(!machine.boot().frames[0].contains("live.iso"));
    machine.policy("");
    assert!(!machine.boot().frames[0].contains("live.iso"));
    let mut alone = Machine::new();
    alone.policy(ENABLED);
    alone.esp.put(r"\isos\live.iso", live().0);
    assert_eq!(alone.boot().ending, Ending::Waits);
}

#[test]
fn the_kernel_gets_its_initrd_and_hears_where_its_image_is() {
    let mut machine = machine();
    machine.facts.tpm = true;
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(LIVE_KERNEL.into()));
    assert_eq!(boot.options, "boot=live findiso=/isos/live.iso");
    assert_eq!(boot.initrds, [r"\isos\live.iso\live\initrd.img"]);
    assert_eq!(boot.initrd_bytes, [live().1]);
    assert_eq!(boot.measurements.len(), 2, "the policy and the command line are measured");
    let report = report(&machine);
    assert_eq!((report.entry_id.as_str(), report.entry_type.as_str()), ("iso-live.iso", "iso"));
    assert_eq!((report.path.as_str(), report.metrics.initrd_bytes), (LIVE_KERNEL, 5000));
    let log = machine.esp.text(paths::TRUST_LOG);
    let selected = log.lines().map(|line| Record::from_line(line).unwrap());
    let selected = selected.into_iter().find(|record| record.event == Event::EntrySelected).unwrap();
    assert_eq!(selected.path, r"\isos\live.iso");
}

#[test]
fn several_initrds_of_the_images_own_menu_arrive_in_order() {
    let menu =
        b"menuentry \"Try it\" { linux /boot/k iso-scan/filename=$iso_path quiet; initrd /ucode /boot/i }";
    let files: [(&str, &[u8]); 4] =
        [("/boot/k", b"MZ"), ("/ucode", b"early"), ("/boot/i", b"late"), ("/boot/grub/loopback.cfg", menu)];
    let mut machine = machine();
    machine.esp.put(r"\isos\live.iso", image("OWN", &files));
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(r"\isos\live.iso\boot\k".into()));
    assert_eq!(boot.options, "iso-scan/filename=/isos/live.iso quiet");
    assert_eq!(boot.initrd_bytes, [b"early".to_vec(), b"late".to_vec()]);
}

#[test]
fn a_system_that_looks_for_the_volume_gets_its_uuid() {
    let files: [(&str, &[u8]); 2] =
        [("/arch/boot/x86_64/vmlinuz-linux", b"MZ"), ("/arch/boot/x86_64/initramfs-linux.img", b"i")];
    let arch = image("ARCH_202605", &files);
    let mut machine = machine();
    machine.esp.put(r"\isos\live.iso", arch.clone());
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(r"\6.1\linux".into()), "the last entry is a kernel");
    assert!(report(&machine).rejected.iter().any(|line| line.reason.contains("UUID or label")));
    machine.esp.identity = Identity { uuid: Some("1A2B-3C4D".into()), ..Identity::default() };
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(
        boot.options,
        "img_dev=/dev/disk/by-uuid/1A2B-3C4D img_loop=/isos/live.iso archisobasedir=arch \
         archisolabel=ARCH_202605"
    );
}

#[test]
fn the_owner_sees_why_an_iso_file_is_not_offered() {
    let mut machine = machine();
    let whole = live().0;
    machine.esp.put(r"\isos\cut.iso", whole[..whole.len() - 4096].to_vec());
    machine.esp.put(r"\isos\noise.iso", vec![1; 70_000]);
    let other: [(&str, &[u8]); 3] =
        [("/EFI/BOOT/BOOTAA64.EFI", b"MZ"), ("/live/vmlinuz", b"MZ"), ("/live/initrd.img", b"i")];
    machine.esp.put(r"\isos\other.iso", image("OTHER", &other));
    machine.press(&[Key::Char('n')]);
    let boot = machine.boot();
    let shown = shown(&boot);
    for words in ["not copied whole", "no ISO 9660 image", "another kind of machine"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn what_policy_or_firmware_refuse_is_not_started() {
    let mut machine = machine();
    machine.policy(&format!("{ENABLED}[security]\ndenylist = ['\\isos\\*']\n"));
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(shown(&boot).contains("denylist"));
    machine.policy(ENABLED);
    machine.facts.secure_boot = SecureBoot::On;
    machine.images.insert(LIVE_KERNEL.into(), Image::Refused(ErrorKind::AccessDenied));
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(shown(&boot).contains("Secure Boot refuses it"));
}

#[test]
fn an_iso_file_becomes_the_default_only_by_its_owners_word() {
    let mut machine = machine();
    machine.set_variable(&schema::LOADER_ENTRY_DEFAULT, &"@saved".into());
    machine.press(&START_LAST);
    assert_eq!(machine.boot().ending, Ending::Started(LIVE_KERNEL.into()));
    machine.mark_success();
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
    machine.mark_success();
    machine.variables.clear();
    machine.policy(&format!("default_entry = \"iso-live\"\n{ENABLED}"));
    assert_eq!(machine.boot().ending, Ending::Started(LIVE_KERNEL.into()));
}

#[test]
fn iso_files_of_other_volumes_are_listed_and_read_there() {
    let mut machine = machine();
    machine.esp.take(r"\isos\live.iso");
    let mut disk = Disk::default();
    disk.put(r"\boot\isos\live.iso", live().0);
    machine.volumes.push(lamboot_sim::Volume {
        disk,
        role: lamboot_core::ports::VolumeRole::Other,
        name: "disk 2, partition 1".into(),
        partition_guid: "fedcba98-0000-0000-0000-000000000000".into(),
        file_system: "vfat".into(),
        condition: Condition::Good,
        same_disk: false,
        removable: false,
        subvolumes: Vec::new(),
        image: None,
    });
    machine.press(&START_LAST);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(r"\boot\isos\live.iso\live\vmlinuz".into()));
    assert_eq!(
        (boot.options.as_str(), boot.initrd_bytes.len()),
        ("boot=live findiso=/boot/isos/live.iso", 1)
    );
}
