// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Boot Loader Interface in whole boots: what the system asks for, and what it is told.

use lamboot_core::interface::FEATURES;
use lamboot_core::ports::{Condition, Key, Resolution, Table, VolumeRole};
use lamboot_core::session::Exit;
use lamboot_schema::paths;
use lamboot_schema::variables::{self as schema, Variable};
use lamboot_sim::{Disk, Effect, Ending, Fault, Machine, REQUESTS, Tear, Volume};
use proptest::prelude::*;

fn started(version: &str) -> Ending {
    Ending::Started(format!("\\{version}\\linux"))
}

fn ask(machine: &mut Machine, variable: &Variable<String>, text: &str) {
    machine.set_variable(variable, &text.into());
}

#[test]
fn a_one_shot_entry_starts_once() {
    let mut machine = Machine::with_debian();
    ask(&mut machine, &schema::LOADER_ENTRY_ONE_SHOT, "debian-6.1.conf");
    assert_eq!(machine.boot().ending, started("6.1"));
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_SELECTED).as_deref(), Some("debian-6.1.conf"));
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_ONE_SHOT), None);
    machine.mark_success();
    assert_eq!(machine.boot().ending, started("6.12"));
}

#[test]
fn a_one_shot_entry_is_gone_even_when_the_power_fails_at_any_effect() {
    let ask_once = || {
        let mut machine = Machine::with_debian();
        ask(&mut machine, &schema::LOADER_ENTRY_ONE_SHOT, "debian-6.1.conf");
        machine
    };
    let effects = ask_once().boot().effects;
    let removal = effects.iter().position(|effect| *effect == Effect::RemoveVariable("LoaderEntryOneShot"));
    for number in 0..effects.len() {
        let mut machine = ask_once();
        machine.fault = Some(Fault::PowerLoss(number, Tear::After));
        machine.boot();
        let still_asked = machine.variable(&schema::LOADER_ENTRY_ONE_SHOT).is_some();
        assert_eq!(still_asked, number < removal.unwrap(), "{number}");
    }
}

#[test]
fn a_one_shot_request_that_cannot_be_deleted_is_told_and_not_heeded() {
    let mut machine = Machine::with_debian();
    ask(&mut machine, &schema::LOADER_ENTRY_ONE_SHOT, "debian-6.1.conf");
    let effects = machine.clone().boot().effects;
    let removal = effects.iter().position(|effect| *effect == Effect::RemoveVariable("LoaderEntryOneShot"));
    machine.fault = Some(Fault::Effect(removal.unwrap()));
    let boot = machine.boot();
    assert_eq!(boot.ending, started("6.12"));
    assert!(boot.frames[0].contains("LoaderEntryOneShot cannot be deleted"), "{}", boot.frames[0]);
}

#[test]
fn stored_defaults_are_heeded_and_kept() {
    let mut machine = Machine::with_debian();
    ask(&mut machine, &schema::LOADER_ENTRY_DEFAULT, "debian-6.11");
    for _ in 0..2 {
        assert_eq!(machine.boot().ending, started("6.11"));
        machine.mark_success();
    }
    ask(&mut machine, &schema::LOADER_ENTRY_PREFERRED, "debian-6.1.conf");
    assert_eq!(machine.boot().ending, started("6.1"));
}

#[test]
fn a_saved_default_follows_the_owner_but_not_a_one_shot() {
    let mut machine = Machine::with_debian();
    ask(&mut machine, &schema::LOADER_ENTRY_DEFAULT, "@saved");
    machine.press(&[Key::Down, Key::Enter]);
    assert_eq!(machine.boot().ending, started("6.11"));
    machine.mark_success();
    ask(&mut machine, &schema::LOADER_ENTRY_ONE_SHOT, "debian-6.1.conf");
    assert_eq!(machine.boot().ending, started("6.1"));
    machine.mark_success();
    assert_eq!(machine.boot().ending, started("6.11"));
}

#[test]
fn each_word_for_the_menus_time_has_its_meaning() {
    let shown = |word: &str, keys: &[Key]| {
        let mut machine = Machine::with_debian();
        ask(&mut machine, &schema::LOADER_CONFIG_TIMEOUT, word);
        machine.press(keys);
        let boot = machine.boot();
        (boot.ending, !boot.frames.is_empty(), boot.took_us / 1_000_000)
    };
    assert_eq!(shown("3", &[]), (started("6.12"), true, 3));
    assert_eq!(shown("menu-hidden", &[]), (started("6.12"), false, 0));
    assert_eq!(shown("0", &[]), (started("6.12"), false, 0));
    assert_eq!(shown("menu-disabled", &[]), (started("6.12"), false, 0));
    assert_eq!(shown("menu-force", &[]).0, Ending::Waits);
}

#[test]
fn a_one_shot_timeout_of_zero_shows_the_menu_until_somebody_chooses() {
    let mut machine = Machine::with_debian();
    machine.policy("[ui]\nmenu = \"hidden\"\n");
    ask(&mut machine, &schema::LOADER_CONFIG_TIMEOUT_ONE_SHOT, "0");
    assert_eq!(machine.boot().ending, Ending::Waits);
    let boot = machine.boot();
    assert_eq!((boot.ending, boot.frames.len()), (started("6.12"), 0));
}

#[test]
fn loader_conf_holds_where_policy_is_silent() {
    let mut machine = Machine::with_debian();
    machine.esp.put(paths::LOADER_CONF, "timeout 0\ndefault debian-6.11*\nauto-reboot yes\nauto-reboot\n");
    let boot = machine.boot();
    assert_eq!((boot.ending, boot.frames.len()), (started("6.11"), 0));
    machine.mark_success();
    machine.policy("default_timeout_ms = 2000\ndefault_entry = \"debian-6.1\"\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, started("6.1"));
    assert!(
        boot.frames[0].contains("Restart") && boot.frames[0].contains("loader.conf"),
        "{}",
        boot.frames[0]
    );
}

#[test]
fn the_system_is_told_everything() {
    let mut machine = Machine::with_debian();
    machine.facts.tpm = true;
    machine.esp.put(paths::LOADER_CONF, "auto-poweroff yes\n");
    machine.boot();
    let text = |variable: &Variable<String>| machine.variable(variable).unwrap_or_default();
    assert!(text(&schema::LOADER_INFO).starts_with("LamBoot "));
    assert_eq!(text(&schema::LOADER_FIRMWARE_TYPE), "UEFI 2.70");
    assert_eq!(text(&schema::LOADER_IMAGE_IDENTIFIER), r"\EFI\LamBoot\lambootx64.efi");
    assert_eq!(machine.variable(&schema::LOADER_FEATURES), Some(FEATURES));
    let ids = ["debian-6.12.conf", "debian-6.11.conf", "debian-6.1.conf", "auto-poweroff"];
    assert_eq!(machine.variable(&schema::LOADER_ENTRIES).unwrap(), ids);
    assert_eq!(machine.variable(&schema::LOADER_TPM2_ACTIVE_PCR_BANKS), Some(2));
    let time = |variable: &Variable<u64>| machine.variable(variable).unwrap();
    let times = [&schema::LOADER_TIME_INIT, &schema::LOADER_TIME_MENU, &schema::LOADER_TIME_EXEC].map(time);
    assert!(times.is_sorted() && times[0] == 1_000_000 && times[2] - times[1] >= 5_000_000, "{times:?}");
}

#[test]
fn the_menu_counts_as_shown_when_its_first_screen_is_complete() {
    const BLOCK_US: u64 = 1_000;
    const FRAME_US: u64 = 700_000;
    let shown_after = |resolution| {
        let mut machine = Machine::with_debian();
        (machine.resolution, machine.block_us, machine.frame_us) = (resolution, BLOCK_US, FRAME_US);
        machine.boot();
        machine.variable(&schema::LOADER_TIME_MENU).unwrap()
            - machine.variable(&schema::LOADER_TIME_INIT).unwrap()
    };
    let picture = shown_after(Some(Resolution { width: 800, height: 600 }));
    assert!((5 * BLOCK_US..FRAME_US).contains(&picture), "after the picture, before the text: {picture}");
    let text = shown_after(None);
    assert!((FRAME_US..2 * FRAME_US).contains(&text), "after the text: {text}");
}

#[test]
fn where_time_since_reset_is_unknown_no_time_is_told() {
    let mut machine = Machine::with_debian();
    machine.facts.start_us = None;
    machine.boot();
    assert_eq!(machine.variable(&schema::LOADER_TIME_INIT), None);
    assert_eq!(machine.variable(&schema::LOADER_TIME_EXEC), None);
}

#[test]
fn what_another_loader_left_non_volatile_is_volatile_afterwards() {
    let mut machine = Machine::with_debian();
    let key = ("LoaderInfo".to_string(), schema::LOADER_VENDOR.to_string());
    machine.variables.insert(key.clone(), (7, schema::LOADER_INFO.encode(&"rEFInd".into())));
    machine.boot();
    let (attributes, bytes) = &machine.variables[&key];
    assert_eq!(*attributes, 6);
    assert!(schema::LOADER_INFO.decode(bytes).unwrap().starts_with("LamBoot"));
}

#[test]
fn entries_of_an_extended_boot_partition_count_their_tries_there() {
    let mut machine = Machine::new();
    let mut disk = Disk::default();
    disk.put(r"\loader\entries\fedora+3-0.conf", "title Fedora\nlinux /linux\n");
    disk.put(r"\linux", "MZ");
    machine.volumes.push(Volume {
        disk,
        role: VolumeRole::Xbootldr,
        name: "boot".into(),
        partition_guid: "fedcba98-0000-0000-0000-000000000000".into(),
        file_system: "vfat".into(),
        condition: Condition::Good,
        same_disk: true,
        removable: false,
        subvolumes: Vec::new(),
        image: None,
    });
    assert_eq!(machine.boot().ending, Ending::Started(r"\linux".into()));
    assert!(machine.volumes[0].disk.get(r"\loader\entries\fedora+2-1.conf").is_some());
    let path = machine.variable(&schema::LOADER_BOOT_COUNT_PATH);
    assert_eq!(path.as_deref(), Some(r"\loader\entries\fedora+2-1.conf"));
}

#[test]
fn the_machine_does_what_its_entries_say() {
    let mut machine = Machine::with_debian();
    machine.esp.put(paths::LOADER_CONF, "auto-poweroff yes\n");
    machine.press(&[Key::End, Key::Enter]);
    assert_eq!(machine.boot().ending, Ending::Left(Exit::PowerOff));
}

fn with_seed() -> Machine {
    let mut machine = Machine::with_debian();
    machine.esp.put(paths::RANDOM_SEED, vec![7; 32]);
    machine
}

fn handed_over(tables: &[(Table, Vec<u8>)]) -> Option<Vec<u8>> {
    tables.iter().find(|(table, _)| *table == Table::RandomSeed).map(|(_, bytes)| bytes.clone())
}

#[test]
fn a_seed_is_handed_over_and_its_file_renewed() {
    let mut machine = with_seed();
    let first = handed_over(&machine.boot().tables).unwrap();
    let file = machine.esp.get(paths::RANDOM_SEED).unwrap().bytes.clone();
    assert!(first.len() == 32 && file.len() == 32 && file != [7; 32] && file != first);
    assert_ne!(handed_over(&machine.boot().tables).unwrap(), first);
}

#[test]
fn a_file_alone_is_no_seed() {
    let mut machine = with_seed();
    machine.has_entropy = false;
    assert_eq!(handed_over(&machine.boot().tables), None);
    machine.set_variable(&schema::LOADER_SYSTEM_TOKEN, &vec![1; 16]);
    assert!(handed_over(&machine.boot().tables).is_some());
}

#[test]
fn no_seed_is_credited_unless_its_file_was_renewed() {
    let effects = with_seed().boot().effects;
    for number in 0..effects.len() {
        for fault in [Fault::Effect(number), Fault::PowerLoss(number, Tear::Half), Fault::EffectsFrom(number)]
        {
            let mut machine = with_seed();
            machine.fault = Some(fault);
            let boot = machine.boot();
            let renewed = machine.esp.get(paths::RANDOM_SEED).unwrap().bytes != [7; 32];
            assert!(renewed || handed_over(&boot.tables).is_none(), "{fault:?}");
        }
    }
}

#[test]
fn windows_behind_bitlocker_is_started_by_the_firmware_if_policy_asks() {
    let machine = || {
        let mut machine = Machine::new();
        machine.esp.put(r"\EFI\Microsoft\Boot\bootmgfw.efi", "MZ");
        machine.facts.tpm = true;
        machine.bitlocker = true;
        machine.set_variable(&schema::BOOT_ORDER, &vec![3, 9]);
        let text = "Windows Boot Manager\0".encode_utf16().flat_map(u16::to_le_bytes);
        let option: Vec<u8> = [1, 0, 0, 0, 4, 0].into_iter().chain(text).collect();
        machine.variables.insert(("Boot0009".into(), schema::GLOBAL_VENDOR.to_string()), (7, option));
        machine
    };
    let mut plain = machine();
    assert_eq!(plain.boot().ending, Ending::Started(r"\EFI\Microsoft\Boot\bootmgfw.efi".into()));
    let mut asked = machine();
    asked.policy("[entries]\nreboot_for_bitlocker = true\n");
    assert_eq!(asked.boot().ending, Ending::Left(Exit::Reboot));
    assert_eq!(asked.variable(&schema::BOOT_NEXT), Some(9));
    let mut unlocked = machine();
    unlocked.policy("[entries]\nreboot_for_bitlocker = true\n");
    unlocked.bitlocker = false;
    assert!(matches!(unlocked.boot().ending, Ending::Started(_)));
}

#[test]
fn the_owner_sets_default_next_and_time_in_the_menu() {
    let mut machine = Machine::with_debian();
    machine.press(&[Key::Down, Key::Char('d'), Key::Char('o'), Key::Char('+'), Key::Function(12)]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Left(Exit::Reboot));
    assert!(boot.frames.iter().any(|frame| frame.contains("Default from now on: debian-6.11.conf.")));
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_DEFAULT).as_deref(), Some("debian-6.11.conf"));
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_ONE_SHOT).as_deref(), Some("debian-6.11.conf"));
    assert_eq!(machine.variable(&schema::LOADER_CONFIG_TIMEOUT).as_deref(), Some("6"));
    machine.press(&[Key::Char('d'), Key::Function(12)]);
    machine.boot();
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_DEFAULT), None, "once more: no longer");
}

#[test]
fn a_setting_that_cannot_be_stored_is_told() {
    let mut machine = Machine::with_debian();
    machine.variables_full = true;
    machine.press(&[Key::Char('d'), Key::Function(12)]);
    let boot = machine.boot();
    assert!(boot.frames.iter().any(|frame| frame.contains("LoaderEntryDefault cannot be stored")));
}

#[test]
fn the_menu_is_a_picture_where_the_screen_can_and_text_beside_it() {
    let mut machine = Machine::with_debian();
    machine.resolution = Some(Resolution { width: 800, height: 600 });
    machine.press(&[Key::Down, Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.ending, started("6.11"));
    assert!(boot.frames[0].contains("Debian 6.12"), "serial lines see the same");
    let picture = boot.picture.unwrap();
    assert!(picture.drawn > 800 * 600, "the whole screen, and then what changed");
    machine.mark_success();
    machine.policy("default_timeout_ms = 100\n[ui]\ndisplay = \"text\"\n");
    assert!(machine.boot().picture.is_none());
}

/// What stands in NVRAM: nothing, any bytes, or text of any length with unpaired surrogates and without its end.
fn stored() -> impl Strategy<Value = Option<Vec<u8>>> {
    let units =
        prop_oneof![Just(0xD800_u16), Just(0), Just(u16::from(b'*')), Just(u16::from(b'0')), any::<u16>()];
    let text = prop::collection::vec(units, 0..2100)
        .prop_map(|units| units.into_iter().flat_map(u16::to_le_bytes).collect());
    const WORDS: [&str; 6] =
        ["debian-6.1.conf", "@saved", "menu-force", "menu-hidden", "7", "auto-reboot-to-firmware-setup"];
    let word = prop::sample::select(&WORDS[..])
        .prop_map(|word| word.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect());
    prop::option::of(prop_oneof![prop::collection::vec(any::<u8>(), 0..80), text, word])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_asked_a_boot_starts_something_or_waits_for_its_owner(
        requests in prop::array::uniform9(stored()),
    ) {
        let mut machine = Machine::with_debian();
        for (id, bytes) in REQUESTS.into_iter().zip(&requests) {
            if let Some(bytes) = bytes {
                machine.set_variable_bytes(id, bytes);
            }
        }
        let boot = machine.boot();
        prop_assert!(matches!(boot.ending, Ending::Started(_) | Ending::Waits), "{:?}", boot.ending);
        let asked_once = machine.variables.keys().any(|(name, _)| name.ends_with("OneShot"));
        prop_assert!(!asked_once, "what holds once is gone");
    }
}
