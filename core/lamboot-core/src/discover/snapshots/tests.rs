// SPDX-License-Identifier: MIT OR Apache-2.0
//! Snapshots on machines in memory.

use super::super::tests::{Machine, SCOPE, volume};
use super::super::{Discovery, Scope};
use super::*;
use crate::ports::VolumeRole;
use alloc::rc::Rc;

const UUID: &str = "0a3407de-014b-458b-b5c1-848e92a327a3";
/// Where subvolumes are read: the top level, then the others as they are added.
const TOP: u32 = 100;

impl Machine {
    /// With a btrfs as volume 1, whose default subvolume is the top level.
    fn with_btrfs() -> Self {
        let mut machine = Self::new();
        let mut btrfs = volume(1, VolumeRole::Other);
        let identity = Rc::make_mut(&mut btrfs.identity);
        (identity.uuid, identity.file_system) = (Some(UUID.into()), Some("btrfs".into()));
        machine.volumes.push(btrfs);
        machine.add_subvolume("", false);
        machine.subvolumes[0].1.is_root = true;
        machine
    }

    /// The newest subvolume; the number to read it by.
    fn add_subvolume(&mut self, path: &str, read_only: bool) -> u32 {
        let number = TOP + u32::try_from(self.subvolumes.len()).unwrap();
        let found = Subvolume { volume: VolumeId(number), path: path.into(), read_only, is_root: false };
        self.subvolumes.insert(0, (1, found));
        number
    }

    /// A system with its own `/boot`.
    fn add_system(&mut self, at: u32, version: &str, options: &str) {
        self.put(at, &format!(r"\boot\vmlinuz-{version}"), "MZ");
        self.put(at, &format!(r"\boot\initrd-{version}"), "x");
        let text = format!(
            "title openSUSE Tumbleweed\nversion {version}\nlinux /boot/vmlinuz-{version}\n\
             initrd /boot/initrd-{version}\noptions {options}\n"
        );
        self.put(at, &format!(r"\boot\loader\entries\suse-{version}.conf"), text);
    }

    fn note(&mut self, number: u32, date: &str, description: &str) {
        let text = format!(
            "<?xml version=\"1.0\"?><snapshot><type>single</type><num>{number}</num><date>{date}</date><description>{description}</description></snapshot>"
        );
        self.put(TOP, &format!(r"\@\.snapshots\{number}\info.xml"), text);
    }

    fn snapshots(&mut self) -> (Vec<Entry>, Discovery) {
        let found = self.search_with(SCOPE);
        (found.entries.iter().filter(|entry| entry.group.is_some()).cloned().collect(), found)
    }
}

/// As openSUSE lays it out: the root is called like a snapshot, and snapshots have their own `/boot`.
fn opensuse() -> Machine {
    let mut machine = Machine::with_btrfs();
    machine.add_subvolume("@", false);
    let root = machine.add_subvolume("@/.snapshots/1/snapshot", false);
    machine.subvolumes.iter_mut().for_each(|(_, found)| found.is_root = found.volume.0 == root);
    let options = format!("root=UUID={UUID} rw rootflags=subvol=@/.snapshots/1/snapshot,ssd quiet");
    machine.add_system(1, "6.17.8-1-default", &options);
    for (number, version) in [(41, "6.17.7-1-default"), (42, "6.17.8-1-default")] {
        let at = machine.add_subvolume(&format!("@/.snapshots/{number}/snapshot"), true);
        machine.add_system(at, version, &options);
        machine.note(number, &format!("2026-11-{} 10:15:01", number - 20), "zypp(zypper)");
    }
    machine
}

#[test]
fn a_snapshot_with_its_own_kernel_starts_by_it() {
    let (snapshots, found) = opensuse().snapshots();
    assert_eq!(found.rejected, []);
    let titles: Vec<&str> = snapshots.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["#42 2026-11-22 10:15 UTC zypp(zypper)", "#41 2026-11-21 10:15 UTC zypp(zypper)"]);
    let old = &snapshots[1];
    assert_eq!(old.id, "snapshot-0a3407de-snapshots-41-snapshot");
    assert_eq!(
        (old.image.as_str(), old.version.as_str()),
        (r"\boot\vmlinuz-6.17.7-1-default", "6.17.7-1-default")
    );
    assert_eq!(
        old.options,
        format!("root=UUID={UUID} ro rootflags=subvol=@/.snapshots/41/snapshot,ssd quiet")
    );
    assert_eq!(old.volume, VolumeId(TOP + 3), "it is read in the snapshot");
    assert_eq!(old.group.as_deref(), Some("Snapshots of openSUSE Tumbleweed"));
    assert_eq!(old.snapshot, "@/.snapshots/41/snapshot, read-only");
    assert!(!old.unattended && old.never_default && old.counter.is_none());
    assert_eq!(found.entries[0].id, "suse-6.17.8-1-default.conf", "the system itself is first");
}

#[test]
fn a_snapshot_whose_boot_is_elsewhere_starts_by_the_kernel_of_its_modules() {
    let mut machine = Machine::with_btrfs();
    machine.add_subvolume("@", false);
    for version in ["6.12.0", "6.11.0"] {
        machine.put(0, &format!(r"\vmlinuz-{version}"), "MZ");
        let text = format!(
            "title Arch Linux\nlinux /vmlinuz-{version}\noptions root=UUID={UUID} rootflags=subvol=/@ rw\n"
        );
        machine.put(0, &format!(r"\loader\entries\arch-{version}.conf"), text);
    }
    for (number, version) in [(1, "6.10.0"), (2, "6.11.0"), (3, "6.12.0"), (4, "6.1")] {
        let at = machine.add_subvolume(&format!("@snapshots/{number}/snapshot"), number % 2 == 0);
        machine.put(at, &format!(r"\usr\lib\modules\{version}\modules.dep"), "");
    }
    let (snapshots, found) = machine.snapshots();
    let list: Vec<(&str, &str)> =
        snapshots.iter().map(|entry| (entry.image.as_str(), entry.options.as_str())).collect();
    let options = |number: u32, word: &str| {
        format!("root=UUID={UUID} rootflags=subvol=@snapshots/{number}/snapshot {word}")
    };
    let expected = [(r"\vmlinuz-6.12.0", options(3, "rw")), (r"\vmlinuz-6.11.0", options(2, "ro"))];
    assert_eq!(list, expected.each_ref().map(|(image, options)| (*image, options.as_str())));
    let [rejected] = found.rejected.try_into().unwrap();
    assert!(
        rejected.reason.starts_with("2 of its snapshots cannot be started; @snapshots/4/snapshot: no entry"),
        "{rejected:?}"
    );
}

#[test]
fn a_kernel_without_a_version_in_its_name_says_itself_what_it_is() {
    let mut machine = Machine::with_btrfs();
    let mut kernel = vec![0; 0x400];
    kernel[0x202..0x206].copy_from_slice(b"HdrS");
    kernel[0x20E..0x210].copy_from_slice(&0x100_u16.to_le_bytes());
    kernel[0x300..0x310].copy_from_slice(b"6.17.5-arch1-1 (");
    machine.put(0, r"\vmlinuz-linux", kernel);
    let text = "title Arch Linux\nlinux /vmlinuz-linux\noptions root=PARTUUID=00000001-0000-0000-0000-000000000000\n";
    machine.put(0, r"\loader\entries\arch.conf", text);
    let at = machine.add_subvolume("timeshift-btrfs/snapshots/2026-11-20_10-00-01/@", false);
    machine.put(at, r"\lib\modules\6.17.5-arch1-1\modules.dep", "");
    machine.put(
        TOP,
        r"\timeshift-btrfs\snapshots\2026-11-20_10-00-01\info.json",
        r#"{"comments":"before \u001b[2J upgrade"}"#,
    );
    let (snapshots, found) = machine.snapshots();
    assert_eq!(found.rejected, []);
    assert_eq!(snapshots[0].title, "2026-11-20 10:00 before [2J upgrade");
    assert!(
        snapshots[0].options.ends_with(" rootflags=subvol=timeshift-btrfs/snapshots/2026-11-20_10-00-01/@")
    );
}

#[test]
fn an_entry_for_another_root_starts_no_snapshot() {
    for root in ["root=UUID=11111111-014b-458b-b5c1-848e92a327a3", "root=/dev/sda2", "", "root=LABEL=data"] {
        let mut machine = Machine::with_btrfs();
        machine.put(0, r"\vmlinuz-6.12", "MZ");
        machine.put(0, r"\loader\entries\a.conf", format!("linux /vmlinuz-6.12\noptions {root}\n"));
        let at = machine.add_subvolume("@/.snapshots/1/snapshot", true);
        machine.put(at, r"\usr\lib\modules\6.12\modules.dep", "");
        assert_eq!(machine.snapshots().0, [], "{root}");
    }
}

#[test]
fn what_has_an_entry_already_gets_no_second_one() {
    let mut machine = opensuse();
    machine.put(0, r"\l", "MZ");
    machine.put(
        0,
        r"\loader\entries\s.conf",
        "linux /l\noptions rootflags=subvol=/@/.snapshots/42/snapshot\n",
    );
    let (snapshots, found) = machine.snapshots();
    assert_eq!(
        snapshots.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(),
        ["6.17.7-1-default"]
    );
    assert_eq!(found.rejected, []);
}

#[test]
fn an_entry_for_another_file_system_is_none_for_this_one() {
    let mut machine = opensuse();
    machine.put(0, r"\l", "MZ");
    let text = "linux /l\noptions root=UUID=11111111-014b-458b-b5c1-848e92a327a3 \
         rootflags=subvol=/@/.snapshots/42/snapshot\n";
    machine.put(0, r"\loader\entries\s.conf", text);
    assert_eq!(machine.snapshots().0.len(), 2);
}

#[test]
fn the_default_subvolume_is_no_snapshot_of_itself() {
    let mut machine = Machine::with_btrfs();
    let root = machine.add_subvolume("@/.snapshots/1/snapshot", false);
    machine.subvolumes.iter_mut().for_each(|(_, found)| found.is_root = found.volume.0 == root);
    for at in [1, root] {
        machine.add_system(at, "6.17", &format!("root=UUID={UUID}"));
    }
    let (snapshots, found) = machine.snapshots();
    assert_eq!((snapshots, found.entries.len(), found.rejected), (vec![], 1, vec![]));
}

#[test]
fn hostile_paths_and_notes_change_no_command_line_and_no_screen() {
    let mut machine = opensuse();
    let at = machine.add_subvolume("@/.snapshots init=/x/43/snapshot", true);
    machine.add_system(at, "6.18", "");
    machine.note(42, "\u{1b}[2J", "\u{1b}]0;x\u{7}<b>&#27;c\u{202e}");
    machine.note(41, &"9".repeat(20_000), "");
    let (snapshots, found) = machine.snapshots();
    assert_eq!(snapshots.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["#42", "#41"]);
    assert!(found.rejected[0].reason.contains("no command line can name"));
}

#[test]
fn a_thousand_snapshots_cost_a_bounded_time() {
    let mut machine = opensuse();
    for number in 100..1100 {
        let at = machine.add_subvolume(&format!("@/.snapshots/{number}/snapshot"), true);
        machine.add_system(at, "6.17.7-1-default", "");
    }
    let (snapshots, found) = machine.snapshots();
    assert_eq!(snapshots.len(), MAX_OFFERED);
    assert!(snapshots[0].title.starts_with("#1099"));
    assert!(found.rejected.iter().any(|rejected| rejected.reason.contains("only the newest")));
    assert!(machine.reads < MAX_OFFERED * 8 + 40, "{}", machine.reads);
    let mut empty = Machine::with_btrfs();
    for number in 100..1100 {
        empty.add_subvolume(&format!("@/.snapshots/{number}/snapshot"), true);
    }
    assert_eq!(empty.snapshots().0, []);
    assert!(empty.reads < MAX_LOOKED_INTO * 5 + 40, "{}", empty.reads);
}

#[test]
fn the_owner_may_have_none_of_them() {
    let mut machine = opensuse();
    let found = machine.search_with(Scope { snapshots: false, ..SCOPE });
    assert!(found.entries.iter().all(|entry| entry.group.is_none()));
    assert_eq!(found.entries.len(), 1);
}

#[test]
fn a_root_in_a_subvolume_has_its_entries() {
    for root in ["@", "@rootfs", "root"] {
        let mut machine = Machine::with_btrfs();
        let at = machine.add_subvolume(root, false);
        let home = machine.add_subvolume("@home", false);
        machine.add_system(at, "6.12", "rootflags=subvol=@");
        machine.add_system(home, "6.1", "");
        let found = machine.search_with(SCOPE);
        let list: Vec<(&str, u32)> =
            found.entries.iter().map(|entry| (entry.image.as_str(), entry.volume.0)).collect();
        assert_eq!(list, [(r"\boot\vmlinuz-6.12", at)]);
        machine.subvolumes.iter_mut().for_each(|(_, found)| found.is_root = found.volume.0 == at);
        assert_eq!(machine.search_with(SCOPE).entries, [], "paths of the volume begin in it then");
    }
}
