// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is found on machines in memory.

use super::*;
use crate::entry::{EntryKind, MachineAction};
use crate::error::PortResult;
use crate::ports::{DirEntry, FileKind, Identity, Metadata, Subvolume};
use alloc::rc::Rc;
use lamboot_schema::paths;
use lamboot_schema::volume::VolumeIdentity;
use std::collections::BTreeMap;

/// Loaders, and nothing that the machine does by itself.
pub(super) const SCOPE: Scope = Scope {
    architecture: Architecture::X86_64,
    cohorts: Cohorts::Separate,
    loaders: true,
    isos: false,
    snapshots: true,
    firmware_setup: false,
    reboot: false,
    power_off: false,
};

/// Volumes with files in them: volume 0 is the ESP.
pub(super) struct Machine {
    pub(super) volumes: Vec<VolumeInfo>,
    pub(super) files: BTreeMap<(u32, String), PortResult<Vec<u8>>>,
    pub(super) reads: usize,
    /// Subvolumes, and the volume that has them.
    pub(super) subvolumes: Vec<(u32, Subvolume)>,
}

impl Machine {
    pub(super) fn new() -> Self {
        let volumes = vec![volume(0, VolumeRole::Boot)];
        Self { volumes, files: BTreeMap::new(), reads: 0, subvolumes: Vec::new() }
    }

    /// With files on the ESP; every kernel and initrd that tests name is there.
    fn with(entries: &[(&str, &str)]) -> Self {
        let mut machine = Self::new();
        for path in [r"\l", r"\6.1\linux", r"\6.1\initrd", r"\ucode.img", r"\tool.efi", r"\t.dtb"] {
            machine.put(0, path, "MZ");
        }
        for (name, text) in entries {
            machine.put(0, &format!("{}\\{name}", paths::ENTRIES), text);
        }
        machine
    }

    pub(super) fn put(&mut self, volume: u32, path: &str, bytes: impl AsRef<[u8]>) {
        self.files.insert((volume, path.into()), Ok(bytes.as_ref().to_vec()));
    }

    fn find(&self, volume: VolumeId, path: &str) -> PortResult<Vec<u8>> {
        let mut found =
            self.files.iter().filter(|((at, name), _)| *at == volume.0 && name.eq_ignore_ascii_case(path));
        found.next().map_or(Err(ErrorKind::NotFound.into()), |(_, bytes)| bytes.clone())
    }

    fn search(&mut self) -> Discovery {
        self.search_with(SCOPE)
    }

    pub(super) fn search_with(&mut self, scope: Scope) -> Discovery {
        let esp = self.esp().unwrap();
        discover(self, &esp, &scope)
    }

    fn ids(&mut self) -> Vec<String> {
        self.search().entries.into_iter().map(|entry| entry.id).collect()
    }
}

pub(super) fn volume(id: u32, role: VolumeRole) -> VolumeInfo {
    VolumeInfo {
        id: VolumeId(id),
        role,
        identity: Rc::new(VolumeIdentity {
            name: format!("volume {id}"),
            partition_guid: Some(format!("{id:08x}-0000-0000-0000-000000000000")),
            ..VolumeIdentity::default()
        }),
        condition: Condition::Good,
        same_disk: matches!(role, VolumeRole::Boot | VolumeRole::Xbootldr),
        removable: false,
        read_only: false,
    }
}

impl Volumes for Machine {
    fn esp(&mut self) -> PortResult<Esp> {
        Ok(Esp {
            volume: VolumeId(0),
            partition_guid: None,
            loader_path: Some(r"\EFI\LamBoot\lambootx64.efi".into()),
            read_only: false,
        })
    }

    fn list(&mut self) -> Vec<VolumeInfo> {
        self.volumes.clone()
    }

    fn identity(&mut self, _: VolumeId) -> Identity {
        Identity { uuid: Some("1234-ABCD".into()), ..Identity::default() }
    }

    fn subvolumes(&mut self, volume: VolumeId, limit: usize) -> PortResult<Vec<Subvolume>> {
        self.reads += 1;
        let own = self.subvolumes.iter().filter(|(of, _)| *of == volume.0).map(|(_, found)| found.clone());
        let (top, others): (Vec<_>, Vec<_>) = own.partition(|found| found.path.is_empty());
        Ok(others.into_iter().take(limit).chain(top).collect())
    }

    fn metadata(&mut self, volume: VolumeId, path: &str) -> PortResult<Metadata> {
        let size = self.find(volume, path)?.len() as u64;
        Ok(Metadata { kind: FileKind::File, size, read_only: false })
    }

    fn read_dir(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
        self.reads += 1;
        let folder = format!("{}\\", path.trim_end_matches('\\'));
        let mut names: BTreeMap<String, Metadata> = BTreeMap::new();
        for ((at, file), bytes) in &self.files {
            let inside = file.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(&folder));
            if *at == volume.0 && inside {
                let rest = &file[folder.len()..];
                let (name, kind) = match rest.split_once('\\') {
                    Some((name, _)) => (name, FileKind::Directory),
                    None => (rest, FileKind::File),
                };
                let size = bytes.as_ref().map_or(1, |bytes| bytes.len() as u64);
                names.insert(name.into(), Metadata { kind, size, read_only: false });
            }
        }
        if names.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        let truncated = names.len() > limit;
        let entries = names.into_iter().map(|(name, metadata)| DirEntry { name, metadata }).take(limit);
        Ok(Listing { entries: entries.collect(), truncated })
    }

    fn read(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        self.reads += 1;
        match self.find(volume, path) {
            Ok(bytes) if bytes.len() > limit => Err(ErrorKind::TooLarge.into()),
            other => other,
        }
    }

    fn read_at(&mut self, volume: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        self.reads += 1;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(self.find(volume, path)?.into_iter().skip(from).take(length).collect())
    }
}

#[test]
fn entries_come_with_all_that_is_needed_to_start_them() {
    let found = Machine::with(&[
        (
            "debian+3-1.conf",
            "title Debian\nversion 6.1\nlinux /6.1/linux\ninitrd /ucode.img\ninitrd /6.1/initrd\n\
             options ro\noptions quiet\ndevicetree /t.dtb\nextra /a.cred\n",
        ),
        ("tool.conf", "title Tool\nefi /tool.efi\noptions -v x\n"),
        ("u.conf", "title U\nuki /l\nprofile 2\n"),
        ("readme.txt", "not an entry"),
    ])
    .search();
    assert_eq!(found.rejected, []);
    let debian = found.entries.iter().find(|entry| entry.id == "debian.conf").unwrap();
    assert_eq!((debian.image.as_str(), debian.options.as_str()), (r"\6.1\linux", "ro quiet"));
    assert_eq!(debian.initrds, [r"\ucode.img", r"\6.1\initrd"]);
    assert_eq!(
        (debian.devicetree.as_deref(), debian.extra.as_slice()),
        (Some(r"\t.dtb"), &[r"\a.cred".into()][..])
    );
    assert_eq!(debian.file, r"\loader\entries\debian+3-1.conf");
    assert_eq!(debian.counter.as_ref().unwrap().spent_name, "debian+2-2.conf");
    let tool = found.entries.iter().find(|entry| entry.id == "tool.conf").unwrap();
    assert_eq!((tool.kind, tool.options.as_str()), (EntryKind::Chainload, "-v x"));
    let uki = found.entries.iter().find(|entry| entry.id == "u.conf").unwrap();
    assert_eq!((uki.kind, uki.options.as_str()), (EntryKind::Uki, "@2 "));
}

#[test]
fn every_rejected_entry_has_a_reason() {
    let mut machine = Machine::with(&[
        ("arm.conf", "linux /l\narchitecture aa64\n"),
        ("empty.conf", ""),
        ("gone.conf", "linux /gone\n"),
        ("half.conf", "title Debian\nlin"),
        ("net.conf", "uki-url http://x/y.efi\n"),
        ("own.conf", "efi /EFI/LamBoot/LambootX64.efi\n"),
        ("up.conf", "linux /../l\n"),
    ]);
    machine.put(0, r"\loader\entries\latin1.conf", b"title K\xf6ln\nlinux /l\n");
    machine.put(0, r"\loader\entries\huge.conf", vec![b'#'; bootspec::TEXT_MAX + 2]);
    let broken = (0, String::from(r"\loader\entries\broken.conf"));
    machine.files.insert(broken, Err(ErrorKind::Device.into()));
    let found = machine.search();
    assert_eq!(found.entries, []);
    let reasons: Vec<String> = found.rejected.iter().map(|r| format!("{} {}", r.path, r.reason)).collect();
    for (file, word) in [
        ("arm", "aa64"),
        ("empty", "empty"),
        ("gone", "no such file"),
        ("half", "nothing to start"),
        ("latin1", "UTF-8"),
        ("net", "network"),
        ("own", "LamBoot again"),
        ("up", "linux"),
        ("broken", "device error"),
        ("huge", "bytes"),
    ] {
        let told = reasons.iter().any(|reason| reason.contains(file) && reason.contains(word));
        assert!(told, "{file}: {reasons:#?}");
    }
}

#[test]
fn files_that_differ_in_their_counter_are_one_entry() {
    let found = Machine::with(&[("a+2-1.conf", "linux /l\n"), ("a.conf", "linux /l\noptions x\n")]).search();
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.entries[0].file, r"\loader\entries\a.conf");
    assert!(found.rejected[0].reason.contains("a.conf"));
}

#[test]
fn ten_thousand_files_cost_a_bounded_time() {
    let mut machine = Machine::with(&[]);
    for number in 0..10_000 {
        machine.put(
            0,
            &format!(r"\loader\entries\{number:05}.conf"),
            format!("linux /l\noptions {number}\n"),
        );
    }
    let found = machine.search();
    assert_eq!(found.entries.len(), MAX_ENTRIES);
    assert_eq!(found.entries[0].id, "04095.conf", "the first in menu order stay");
    assert!(found.rejected.len() <= MAX_REJECTED);
    assert!(found.rejected.iter().any(|rejected| rejected.reason.contains("only the first")));
    assert!(machine.reads < MAX_FILES + 20, "{}", machine.reads);
}

#[test]
fn one_folder_of_kernels_is_listed_once() {
    let entries: Vec<(String, String)> =
        (0..50).map(|n| (format!("{n}.conf"), format!("linux /l\noptions {n}\n"))).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let mut machine = Machine::with(&entries);
    assert_eq!(machine.search().entries.len(), 50);
    assert!(machine.reads <= 50 + 6, "{}", machine.reads);
}

#[test]
fn two_distributions_each_keep_their_kernels() {
    let mut machine = Machine::new();
    machine.volumes.push(volume(1, VolumeRole::Xbootldr));
    for (at, system, version) in
        [(0, "debian", "6.1"), (0, "debian", "6.12"), (1, "fedora", "6.11"), (1, "fedora", "6.9")]
    {
        let image = format!(r"\{system}\{version}\linux");
        machine.put(at, &image, "MZ");
        let text = format!("title {system}\nsort-key {system}\nversion {version}\nlinux {image}\n");
        machine.put(at, &format!(r"\loader\entries\{system}-{version}.conf"), text.replace('\\', "/"));
    }
    let found = machine.search();
    let list: Vec<(&str, u32)> = found.entries.iter().map(|e| (e.id.as_str(), e.volume.0)).collect();
    let expected =
        [("debian-6.12.conf", 0), ("debian-6.1.conf", 0), ("fedora-6.11.conf", 1), ("fedora-6.9.conf", 1)];
    assert_eq!(list, expected, "one order over all volumes, and every entry on its own");
}

#[test]
fn a_volume_that_cannot_be_read_is_told_and_left_alone() {
    let mut machine = Machine::new();
    let condition = Condition::Closed("the superblock has a wrong checksum".into());
    machine.volumes.push(VolumeInfo { condition, ..volume(1, VolumeRole::Other) });
    machine.put(1, r"\l", "MZ");
    machine.put(1, r"\loader\entries\a.conf", "linux /l\n");
    let condition = Condition::Recovered("its log was replayed".into());
    machine.volumes.push(VolumeInfo { condition, ..volume(2, VolumeRole::Other) });
    machine.put(2, r"\l", "MZ");
    machine.put(2, r"\loader\entries\b.conf", "linux /l\n");
    let found = machine.search();
    assert_eq!(found.entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["b.conf"]);
    let [rejected] = found.rejected.try_into().unwrap();
    assert_eq!((rejected.path.as_str(), rejected.event), ("volume 1", Event::VolumeUnreadable));
    let remark = "its log was replayed".into();
    assert_eq!(found.recovered, [Recovered { volume: volume(2, VolumeRole::Other).identity, remark }]);
}

#[test]
fn of_copies_of_a_file_system_one_counts() {
    let mut machine = Machine::new();
    let uuid = Some(String::from("0a3407de-014b-458b-b5c1-848e92a327a3"));
    for (id, same_disk) in [(1, false), (2, true), (3, false)] {
        let uuid = uuid.clone().filter(|_| id != 3);
        let mut volume = VolumeInfo { same_disk, ..volume(id, VolumeRole::Other) };
        Rc::make_mut(&mut volume.identity).uuid = uuid;
        machine.volumes.push(volume);
        machine.put(id, r"\l", "MZ");
        machine.put(id, &format!(r"\loader\entries\{id}.conf"), "linux /l\n");
    }
    let found = machine.search();
    let ids: Vec<&str> = found.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["3.conf", "2.conf"]);
    let [rejected] = found.rejected.try_into().unwrap();
    assert_eq!(rejected.path, "volume 1");
    assert!(rejected.reason.contains("0a3407de") && rejected.reason.contains("volume 2"), "{rejected:?}");
}

#[test]
fn boot_may_be_a_folder_of_the_root_volume() {
    let mut machine = Machine::new();
    machine.volumes.push(volume(1, VolumeRole::Other));
    for (name, bytes) in
        [("vmlinuz", "MZ"), ("initrd", "x"), (r"boot\vmlinuz-2", "MZ"), (r"boot\initrd", "y")]
    {
        machine.put(1, &format!(r"\{name}"), bytes);
    }
    // Fedora writes paths from the volume's root, others write them from /boot.
    machine.put(1, r"\boot\loader\entries\a.conf", "linux /boot/vmlinuz-2\ninitrd /boot/initrd\n");
    machine.put(1, r"\boot\loader\entries\b.conf", "linux /vmlinuz-2\ninitrd /initrd\n");
    machine.put(1, r"\boot\loader\entries\c.conf", "linux /vmlinuz-3\n");
    machine.put(0, r"\boot\loader\entries\d.conf", "linux /l\n");
    let found = machine.search();
    let list: Vec<(&str, &str)> =
        found.entries.iter().map(|entry| (entry.image.as_str(), entry.initrds[0].as_str())).collect();
    assert_eq!(list, [(r"\boot\vmlinuz-2", r"\initrd"), (r"\boot\vmlinuz-2", r"\boot\initrd")]);
    assert!(found.rejected[0].reason.contains("no such file"), "{:?}", found.rejected);
}

#[test]
fn what_ostree_links_to_is_found_once() {
    let mut machine = Machine::new();
    machine.volumes.push(volume(1, VolumeRole::Other));
    let kernel = r"\ostree\fedora-0a3407de\vmlinuz-6.17";
    machine.put(1, kernel, "MZ");
    machine.put(1, r"\ostree\fedora-0a3407de\initramfs-6.17.img", "x");
    let text = "title Fedora Linux 43.20251125.0 (Silverblue)\nversion 1\nlinux /ostree/fedora-0a3407de/vmlinuz-6.17\n\
         initrd /ostree/fedora-0a3407de/initramfs-6.17.img\n\
         options root=UUID=0a3407de rw ostree=/ostree/boot.1/fedora/0a3407de/0\n";
    // `loader` is a link to `loader.1`, and `boot` one to `.`: names of what they lead to.
    for folder in [r"\loader.1\entries", paths::ENTRIES, paths::ENTRIES_OF_ROOT] {
        machine.put(1, &format!(r"{folder}\ostree-1.conf"), text);
    }
    let found = machine.search();
    assert_eq!(found.rejected, []);
    let [entry] = found.entries.try_into().unwrap();
    assert_eq!((entry.image.as_str(), entry.initrds.len()), (kernel, 1));
    assert!(entry.options.ends_with("ostree=/ostree/boot.1/fedora/0a3407de/0"));
}

#[test]
fn options_that_grub_keeps_are_filled_in() {
    let block = |options: &str| format!("# GRUB Environment Block\nkernelopts={options} \n######");
    let mut machine = Machine::with(&[]);
    for id in [1, 2, 3] {
        machine.volumes.push(volume(id, VolumeRole::Other));
        machine.put(id, r"\vmlinuz", "MZ");
    }
    let entry = |name: &str, options: &str| (format!(r"\loader\entries\{name}.conf"), options.to_owned());
    for (id, (path, options)) in [
        (1, entry("own", "linux /vmlinuz\noptions $kernelopts $tuned_params\n")),
        (2, entry("esp", "linux /vmlinuz\noptions $kernelopts quiet\n")),
    ] {
        machine.put(id, &path, options.as_str());
    }
    machine.put(1, r"\grub2\grubenv", block("root=/dev/own ro").as_str());
    machine.put(0, r"\EFI\redhat\grubenv", block("root=/dev/esp").as_str());
    let options = |machine: &mut Machine| {
        let found = machine.search();
        let mut list: Vec<(String, String)> =
            found.entries.into_iter().map(|entry| (entry.id, entry.options)).collect();
        list.sort();
        (list, found.rejected)
    };
    let pair = |id: &str, options: &str| (id.to_owned(), options.to_owned());
    let own = pair("own.conf", "root=/dev/own ro");
    let (list, rejected) = options(&mut machine);
    assert_eq!((list, rejected), (vec![pair("esp.conf", "root=/dev/esp quiet"), own.clone()], vec![]));
    machine.put(0, r"\EFI\centos\grubenv", block("root=/dev/other").as_str());
    let (list, rejected) = options(&mut machine);
    assert_eq!(list, [own], "two vendors' blocks, and nobody knows which");
    assert!(rejected[0].reason.contains("`$kernelopts`"), "{rejected:?}");
}

#[test]
fn files_are_looked_for_on_the_entrys_own_volume_only() {
    let mut machine = Machine::with(&[]);
    machine.volumes.push(volume(1, VolumeRole::Xbootldr));
    machine.put(1, r"\loader\entries\a.conf", "linux /l\n");
    let found = machine.search();
    assert_eq!(found.entries, [], "the ESP's file of that name is none of its business");
    assert_eq!(found.rejected[0].path, r"volume 1: \loader\entries\a.conf");
}

#[test]
fn the_same_id_on_two_volumes_is_told_apart() {
    let mut machine = Machine::with(&[("a.conf", "title A\nlinux /l\n")]);
    machine.volumes.push(volume(1, VolumeRole::Xbootldr));
    machine.put(1, r"\l", "MZ");
    machine.put(1, r"\loader\entries\a.conf", "title A\nlinux /l\n");
    let found = machine.search();
    let list: Vec<(&str, &str)> = found.entries.iter().map(|e| (e.id.as_str(), e.title.as_str())).collect();
    assert_eq!(list, [("a.conf", "A (volume 0)"), ("a-00000001.conf", "A (volume 1)")]);
}

#[test]
fn what_was_put_in_never_starts_by_itself() {
    let mut machine = Machine::with(&[("a.conf", "sort-key a\nlinux /l\n")]);
    machine.volumes.push(VolumeInfo { removable: true, ..volume(1, VolumeRole::Other) });
    machine.put(1, r"\l", "MZ");
    machine.put(1, r"\loader\entries\stick.conf", "sort-key 0\nlinux /l\n");
    let found = machine.search();
    let list: Vec<(&str, bool)> = found.entries.iter().map(|e| (e.id.as_str(), e.unattended)).collect();
    assert_eq!(list, [("stick.conf", false), ("a.conf", true)]);
}

/// A PE image with an SBAT table that names this program.
pub(super) fn program(component: &str) -> Vec<u8> {
    let sbat = format!("sbat,1,SBAT Version,sbat,1,url\n{component},1,x,x,1,url\n");
    pe_image::Builder::new(pe_image::headers::MACHINE_X64).section(".sbat", sbat).build()
}

fn uki(version: &str, profiles: &[&str]) -> Vec<u8> {
    let osrel = format!("ID=debian\nPRETTY_NAME=\"Debian\"\nIMAGE_VERSION={version}\n");
    let mut image = pe_image::Builder::new(pe_image::headers::MACHINE_X64)
        .section(".osrel", osrel)
        .section(".cmdline", "root=/dev/sda2")
        .section(".linux", "a kernel");
    for profile in profiles {
        image = image.section(".profile", profile);
    }
    image.build()
}

#[test]
fn unified_kernel_images_stand_among_the_other_entries() {
    let mut machine = Machine::with(&[
        ("debian-6.1.conf", "title Old\nsort-key debian\nversion 6.1\nlinux /l\n"),
        ("debian-6.9.conf", "title New\nsort-key debian\nversion 6.9\nlinux /l\noptions x\n"),
    ]);
    machine.put(0, r"\EFI\Linux\debian+3-0.efi", uki("6.5", &[]));
    machine.put(0, r"\EFI\Linux\tool.efi", program("tool"));
    let found = machine.search();
    let ids: Vec<&str> = found.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["debian-6.9.conf", "debian.efi", "debian-6.1.conf"]);
    let image = &found.entries[1];
    assert_eq!((image.title.as_str(), image.options.as_str()), ("Debian", ""));
    assert_eq!(image.built_in.as_deref(), Some("root=/dev/sda2"));
    assert_eq!(image.counter.as_ref().unwrap().spent_name, "debian+2-1.efi");
    let [rejected] = found.rejected.try_into().unwrap();
    assert!(rejected.path.ends_with("tool.efi") && rejected.reason.contains(".linux"), "{rejected:?}");
}

#[test]
fn each_profile_is_an_entry_and_only_the_first_starts_by_itself() {
    let mut machine = Machine::new();
    machine.put(
        0,
        r"\EFI\Linux\a.efi",
        uki("1", &["ID=main\nTITLE=Main\n", "ID=reset\nTITLE=Factory reset\n"]),
    );
    let found = machine.search();
    let list: Vec<(&str, &str, bool)> =
        found.entries.iter().map(|e| (e.id.as_str(), e.options.as_str(), e.unattended)).collect();
    assert_eq!(list, [("a.efi", "@0 ", true), ("a.efi@reset", "@1 ", false)]);
    assert!(found.entries[1].title.contains("Factory reset"));
}

#[test]
fn an_entry_file_stands_for_the_image_that_it_names() {
    let mut machine = Machine::with(&[("a.conf", "title A\nuki /EFI/Linux/a.efi\n")]);
    machine.put(0, r"\EFI\Linux\a.efi", uki("1", &[]));
    assert_eq!(machine.ids(), ["a.conf"]);
}

#[test]
fn other_loaders_are_found_by_their_content() {
    let mut machine = Machine::with(&[("a.conf", "linux /l\n")]);
    machine.volumes.push(volume(1, VolumeRole::Esp));
    machine.put(0, r"\EFI\LamBoot\lambootx64.efi", program("lamboot"));
    machine.put(0, r"\EFI\BOOT\BOOTX64.EFI", program("lamboot"));
    machine.put(0, r"\EFI\debian\shimx64.efi", program("shim"));
    machine.put(0, r"\EFI\debian\grubx64.efi", program("grub"));
    machine.put(0, r"\EFI\systemd\systemd-bootx64.efi", program("systemd-boot"));
    machine.put(0, r"\EFI\refind\refind_x64.efi", program("refind"));
    machine.put(0, r"\shellx64.efi", "MZ");
    machine.put(1, r"\EFI\Microsoft\Boot\bootmgfw.efi", "MZ");
    machine.put(1, r"\EFI\BOOT\bootx64.efi", program("systemd-boot"));
    let found = machine.search();
    let list: Vec<(&str, &str, &str)> =
        found.entries.iter().map(|e| (e.id.as_str(), e.title.as_str(), e.image.as_str())).collect();
    assert_eq!(
        list,
        [
            ("a.conf", "a.conf", r"\l"),
            ("auto-windows", "Windows Boot Manager", r"\EFI\Microsoft\Boot\bootmgfw.efi"),
            ("auto-efi-shell", "EFI Shell", r"\shellx64.efi"),
            ("auto-efi-default", "systemd-boot (volume 1)", r"\EFI\BOOT\BOOTX64.EFI"),
            ("auto-grub-debian", "GRUB (debian)", r"\EFI\debian\shimx64.efi"),
            ("auto-refind-refind", "rEFInd (refind)", r"\EFI\refind\refind_x64.efi"),
            ("auto-systemd-boot-systemd", "systemd-boot (systemd)", r"\EFI\systemd\systemd-bootx64.efi"),
        ]
    );
    assert_eq!(found.entries[1].kind, EntryKind::Windows);
}

#[test]
fn no_way_leads_back_into_lamboot() {
    let mut machine = Machine::new();
    machine.put(0, r"\EFI\BOOT\BOOTX64.EFI", program("shim"));
    machine.put(0, r"\EFI\BOOT\grubx64.efi", program("lamboot"));
    machine.put(0, r"\EFI\vendor\grubx64.efi", program("lamboot"));
    machine.put(0, r"\loader\entries\own.conf", "efi /EFI/vendor/grubx64.efi\n");
    assert_eq!(machine.ids(), <[&str; 0]>::default());
}

#[test]
fn a_copy_in_the_removable_path_is_listed_once() {
    let mut machine = Machine::new();
    machine.put(0, r"\EFI\BOOT\BOOTX64.EFI", program("systemd-boot"));
    machine.put(0, r"\EFI\systemd\systemd-bootx64.efi", program("systemd-boot"));
    assert_eq!(machine.ids(), ["auto-systemd-boot-systemd"]);
}

#[test]
fn directories_need_more_than_a_kernel() {
    let mut machine = Machine::new();
    let folder = r"\EFI\Pop_OS-60f1e0a4-6a8e-4f2b-9c0a-0123456789ab";
    let recovery = r"\EFI\Recovery-1A2B-3C4D";
    machine.put(0, &format!(r"{folder}\vmlinuz.efi"), "MZ");
    machine.put(0, &format!(r"{folder}\initrd.img"), "x");
    machine.put(0, &format!(r"{folder}\cmdline"), "root=UUID=1  ro\n");
    machine.put(0, &format!(r"{folder}\vmlinuz-previous.efi"), "MZ");
    machine.put(0, &format!(r"{recovery}\vmlinuz.efi"), "MZ");
    let found = machine.search();
    let list: Vec<(&str, &str)> =
        found.entries.iter().map(|e| (e.title.as_str(), e.options.as_str())).collect();
    assert_eq!(list, [("Pop_OS", "root=UUID=1 ro"), ("Pop_OS (previous)", "root=UUID=1 ro")]);
    assert!(found.rejected[0].reason.contains("neither"));
    machine.put(0, &format!(r"{recovery}\cmdline"), "x");
    let found = machine.search();
    let recovery = found.entries.iter().find(|entry| entry.title == "Recovery").unwrap();
    assert!(!recovery.unattended);
}

#[test]
fn an_entry_file_stands_for_the_directory_that_it_names() {
    let folder = "/EFI/Pop_OS-60f1e0a4-6a8e-4f2b-9c0a-0123456789ab";
    let text = format!("title Pop\nlinux {folder}/vmlinuz.efi\ninitrd {folder}/initrd.img\noptions ro\n");
    let mut machine = Machine::with(&[("Pop_OS-current.conf", &text)]);
    for (name, bytes) in [("vmlinuz.efi", "MZ"), ("initrd.img", "x"), ("cmdline", "ro")] {
        machine.put(0, &format!("{folder}/{name}").replace('/', "\\"), bytes);
    }
    assert_eq!(machine.ids(), ["pop_os-current.conf"]);
}

#[test]
fn what_the_machine_does_comes_last_and_never_by_itself() {
    let mut machine = Machine::with(&[("a.conf", "linux /l\n")]);
    let found = machine.search_with(Scope {
        architecture: Architecture::X86_64,
        cohorts: Cohorts::Separate,
        loaders: false,
        isos: false,
        snapshots: false,
        firmware_setup: true,
        reboot: true,
        power_off: true,
    });
    let list: Vec<(&str, bool)> = found.entries.iter().map(|e| (e.id.as_str(), e.unattended)).collect();
    let machine_entries =
        [("auto-reboot-to-firmware-setup", false), ("auto-reboot", false), ("auto-poweroff", false)];
    assert_eq!(list[0], ("a.conf", true));
    assert_eq!(list[1..], machine_entries);
    assert_eq!(found.entries[3].kind, EntryKind::Machine(MachineAction::PowerOff));
}

#[test]
fn equal_titles_are_told_apart() {
    let found = Machine::with(&[
        ("a.conf", "title Debian\nsort-key d\nversion 1\nmachine-id aaaaaaaaaaaaaaaa\nlinux /l\noptions 1\n"),
        ("b.conf", "title Debian\nsort-key d\nversion 2\nmachine-id aaaaaaaaaaaaaaaa\nlinux /l\noptions 2\n"),
        ("c.conf", "title Debian\nsort-key d\nversion 2\nmachine-id bbbbbbbbbbbbbbbb\nlinux /l\noptions 3\n"),
    ])
    .search();
    let titles: Vec<&str> = found.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["Debian (2) (aaaaaaaa)", "Debian (1)", "Debian (2) (bbbbbbbb)"]);
}
