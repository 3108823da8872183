// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions on a machine with snapshots.

use lamboot_core::ports::{Key, Resolution};
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::variables as schema;
use lamboot_sim::{Boot, Ending, Machine};

const GROUP: &str = "Snapshots of openSUSE Tumbleweed";
const OLD_ID: &str = "snapshot-0a3407de-snapshots-41-snapshot";
const OLD_OPTIONS: &str =
    "root=UUID=0a3407de-014b-458b-b5c1-848e92a327a3 ro rootflags=ssd,subvol=@/.snapshots/41/snapshot";

fn report(machine: &Machine) -> BootReport {
    let file = machine.esp.get(paths::BOOT_REPORT).expect("there is a report");
    BootReport::from_slot(&file.bytes).expect("it is whole")
}

fn last(boot: &Boot) -> &str {
    boot.frames.last().map_or("", String::as_str)
}

#[test]
fn an_older_snapshot_is_opened_by_keys_and_started() {
    let mut machine = Machine::with_snapshots();
    machine.press(&[Key::End, Key::Enter, Key::Down, Key::Enter]);
    let boot = machine.boot();
    let (menu, list) = (&boot.frames[0], last(&boot));
    assert!(menu.contains(GROUP) && menu.contains("2 entries") && !menu.contains("zypp"), "{menu}");
    assert!(list.contains("#42 2026-11-22 10:15 UTC zypp(zypper)"), "{list}");
    assert!(list.contains("> #41 2026-11-21 10:15 UTC timeline") && !list.contains("Debian"), "{list}");
    assert_eq!(boot.ending, Ending::Started(r"\boot\vmlinuz-6.17".into()));
    assert_eq!(
        (boot.options.as_str(), boot.initrds.as_slice()),
        (OLD_OPTIONS, &[r"\boot\initrd-6.17".into()][..])
    );
    assert_eq!(report(&machine).entry_id, OLD_ID);
}

#[test]
fn the_same_list_stands_on_a_graphical_screen() {
    let mut machine = Machine::with_snapshots();
    machine.resolution = Some(Resolution { width: 800, height: 600 });
    machine.press(&[Key::End, Key::Enter, Key::Down, Key::Enter]);
    let boot = machine.boot();
    assert!(boot.picture.is_some());
    assert_eq!(boot.options, OLD_OPTIONS);
}

#[test]
fn a_list_is_left_by_keys_and_the_menu_is_as_before() {
    let mut machine = Machine::with_snapshots();
    machine.press(&[Key::End, Key::Enter, Key::Escape, Key::Home, Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
}

#[test]
fn the_system_asks_for_a_snapshot_once_and_never_for_good() {
    let mut machine = Machine::with_snapshots();
    machine.set_variable(&schema::LOADER_ENTRY_DEFAULT, &OLD_ID.into());
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
    machine.set_variable(&schema::LOADER_ENTRY_ONE_SHOT, &OLD_ID.into());
    assert_eq!(machine.boot().options, OLD_OPTIONS);
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
    let listed = machine.variable(&schema::LOADER_ENTRIES).unwrap();
    assert!(listed.iter().any(|id| id == OLD_ID), "{listed:?}");
}

#[test]
fn a_snapshot_that_came_up_is_no_fallback_and_not_what_was_started_last() {
    let mut machine = Machine::with_snapshots();
    machine.set_variable(&schema::LOADER_ENTRY_DEFAULT, &"@saved".into());
    machine.press(&[Key::End, Key::Enter, Key::Enter]);
    assert!(machine.boot().options.contains(".snapshots/42/"));
    machine.mark_success();
    for _ in 0..5 {
        let boot = machine.boot();
        assert!(!boot.options.contains("rootflags=ssd,subvol=@/.snapshots/4"), "{}", boot.options);
        assert!(matches!(boot.ending, Ending::Started(_)), "{:?}", boot.ending);
    }
}

#[test]
fn the_owner_may_switch_them_off() {
    let mut machine = Machine::with_snapshots();
    machine.policy("[snapshots]\nenabled = false\n");
    let boot = machine.boot();
    assert!(boot.frames[0].contains("openSUSE") && !boot.frames[0].contains(GROUP), "{}", boot.frames[0]);
}
