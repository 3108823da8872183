// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole sessions on a simulated machine: what the owner sees, what is started, what is written.

use lamboot_core::error::ErrorKind;
use lamboot_core::facts::SecureBoot;
use lamboot_core::ports::{EventKind, Identity, Key};
use lamboot_core::session::Exit;
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Record};
use lamboot_schema::variables::{self as schema, HealthState};
use lamboot_sim::{Boot, Effect, Ending, Fault, Image, Machine};

/// Of the kernels that these machines have.
const KERNEL_SHA256: &str = "6457f9444ffd7a5430ca12a416fbd41ab40ff515d32b2a003d9939e778cc7fd8";

fn started(path: &str) -> Ending {
    Ending::Started(path.into())
}

fn records(machine: &Machine) -> Vec<Record> {
    let log = machine.esp.text(paths::TRUST_LOG);
    log.lines()
        .map(|line| Record::from_line(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

fn events(machine: &Machine) -> Vec<Event> {
    records(machine).iter().map(|record| record.event).collect()
}

fn report(machine: &Machine) -> BootReport {
    let file = machine.esp.get(paths::BOOT_REPORT).expect("there is a report");
    BootReport::from_slot(&file.bytes).expect("it is whole")
}

/// The last picture as running text, so that line breaks do not matter.
fn last_frame(boot: &Boot) -> String {
    boot.frames.last().map_or("", String::as_str).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_newest_kernel_starts_with_its_initrd_and_options() {
    let mut machine = Machine::with_debian();
    let boot = machine.boot();
    assert_eq!(boot.ending, started(r"\6.12\linux"));
    assert_eq!(boot.options, "root=/dev/sda2 ro");
    assert_eq!(boot.initrds, [r"\6.12\initrd.img"]);
    assert_eq!(boot.watchdog, None, "the watchdog is off at hand-over");
    assert!(boot.took_us > 5_000_000, "the countdown took its time");
}

#[test]
fn each_step_begins_the_watchdogs_time_anew() {
    let mut machine = Machine::with_debian();
    machine.policy("[ui]\nmenu = \"hidden\"\n[watchdog]\ngrace_seconds = 20\n");
    let boot = machine.boot();
    let (own, policys) = (Some(15), Some(20));
    let (policy_read, assessed, discovered) = (policys, policys, policys);
    let expected = [own, policy_read, assessed, discovered, Some(300), None];
    assert_eq!(boot.watchdogs, expected, "a slow machine is reset only when one step takes too long");
}

#[test]
fn a_hidden_menu_starts_at_once_unless_a_key_was_pressed() {
    let mut machine = Machine::with_debian();
    machine.policy("[ui]\nmenu = \"hidden\"\n");
    let boot = machine.boot();
    assert_eq!((boot.ending, boot.frames.len()), (started(r"\6.12\linux"), 0));
    assert!(boot.took_us < 100_000);
}

#[test]
fn a_key_that_was_pressed_or_is_held_shows_a_hidden_menu() {
    let ask: [fn(&mut Machine); 2] =
        [|machine| machine.press_before(Key::Char(' ')), |machine| machine.key_held = true];
    for ask in ask {
        let mut machine = Machine::with_debian();
        machine.policy("[ui]\nmenu = \"hidden\"\n");
        ask(&mut machine);
        let boot = machine.boot();
        assert_eq!(boot.ending, Ending::Waits, "the menu waits for who asked for it");
        assert!(boot.frames[0].contains("Debian 6.12"), "{}", boot.frames[0]);

        let mut machine = Machine::with_debian();
        machine.esp.put(paths::LOADER_CONF, "timeout menu-disabled\n");
        ask(&mut machine);
        let boot = machine.boot();
        assert_eq!((boot.ending, boot.frames.len()), (started(r"\6.12\linux"), 0));
    }
}

#[test]
fn a_forced_menu_waits_for_ever() {
    let mut machine = Machine::with_debian();
    machine.esp.put(paths::LOADER_CONF, "timeout menu-force\n");
    let boot = machine.boot();
    assert_eq!((boot.ending, boot.watchdog), (Ending::Waits, None));
}

#[test]
fn what_happened_is_written_down() {
    let mut machine = Machine::with_debian();
    machine.esp.put(r"\loader\entries\half.conf", "title Half\n");
    machine.boot();
    let records = records(&machine);
    assert!(records.iter().enumerate().all(|(place, record)| record.seq as usize == place));
    assert!(records.iter().all(|record| record.boot_id == "01".repeat(16)));
    assert_eq!(records[0].wall.as_deref(), Some("2026-11-23T06:00:00"));
    let events = events(&machine);
    for event in [
        Event::BootStart,
        Event::BlsEntryInvalid,
        Event::EntrySelected,
        Event::ImageVerified,
        Event::BootAttempt,
    ] {
        assert!(events.contains(&event), "{event:?} in {events:?}");
    }
    let report = report(&machine);
    assert_eq!((report.outcome.as_str(), report.chosen_by.as_str()), ("handed_over", "first"));
    assert_eq!(
        (report.entry_id.as_str(), report.verified_via.as_str()),
        ("debian-6.12.conf", "degraded_trust_sb_off")
    );
    assert_eq!(report.metrics.initrd_bytes, 9);
    assert_eq!(report.rejected.len(), 1);
    assert!(machine.esp.text(paths::BOOT_LOG).contains("boot_attempt SUCCESS"));
}

#[test]
fn the_system_hears_who_started_it() {
    let mut machine = Machine::with_debian();
    machine.boot();
    let info = machine.variable(&schema::LOADER_INFO).unwrap();
    assert!(info.starts_with("LamBoot "), "{info}");
    assert_eq!(machine.variable(&schema::LOADER_ENTRY_SELECTED).as_deref(), Some("debian-6.12.conf"));
    assert!(machine.variable(&schema::LOADER_DEVICE_PART_UUID).is_some());
    assert_eq!(machine.variable(&schema::STATE), Some(HealthState::Booting));
}

#[test]
fn what_another_loader_left_non_volatile_is_replaced() {
    let mut machine = Machine::with_debian();
    machine.boot();
    for (attributes, _) in machine.variables.values_mut() {
        *attributes = 7;
    }
    machine.boot();
    let lasting = |name: &str| machine.variables.iter().any(|((n, _), (a, _))| n == name && a & 1 != 0);
    assert!(lasting("LamBootState"));
    assert!(!lasting("LoaderInfo") && !lasting("LoaderEntrySelected") && !lasting("LoaderDevicePartUUID"));
}

#[test]
fn a_boot_counter_is_spent_and_the_system_told_where() {
    let mut machine = Machine::with_debian();
    machine.add_linux("debian-7.0+3-0.conf", "Debian", "7.0");
    assert_eq!(machine.boot().ending, started(r"\7.0\linux"));
    assert!(machine.esp.get(r"\loader\entries\debian-7.0+2-1.conf").is_some());
    let path = machine.variable(&schema::LOADER_BOOT_COUNT_PATH);
    assert_eq!(path.as_deref(), Some(r"\loader\entries\debian-7.0+2-1.conf"));
    machine.boot();
    machine.policy("[security]\ncrash_threshold = 0\n");
    machine.boot();
    assert!(machine.esp.get(r"\loader\entries\debian-7.0+0-3.conf").is_some());
    assert_eq!(machine.boot().ending, started(r"\6.12\linux"), "a bad entry is no longer the default");
}

#[test]
fn a_crash_loop_falls_back_to_another_entry() {
    let mut machine = Machine::with_debian();
    for _ in 0..3 {
        assert_eq!(machine.boot().ending, started(r"\6.12\linux"));
    }
    let boot = machine.boot();
    assert_eq!(boot.ending, started(r"\6.11\linux"));
    assert!(
        boot.frames[0].contains("Crash loop: debian-6.12.conf did not come up 3 times"),
        "{}",
        boot.frames[0]
    );
    assert!(events(&machine).contains(&Event::CrashLoopFallback));
    machine.mark_success();
    let boot = machine.boot();
    assert_eq!(report(&machine).health.last_good.as_deref(), Some("debian-6.11.conf"));
    assert_eq!(boot.ending, started(r"\6.12\linux"));
    assert_eq!(machine.variable(&schema::CRASH_COUNT), Some(0));
}

#[test]
fn crash_loop_is_a_state_that_monitors_can_read() {
    let mut machine = Machine::with_debian();
    for _ in 0..3 {
        machine.boot();
    }
    machine.press(&[Key::Escape, Key::Function(12)]);
    assert_eq!(machine.boot().ending, Ending::Left(Exit::Reboot));
    assert_eq!(machine.variable(&schema::STATE), Some(HealthState::CrashLoop));
    assert_eq!(machine.variable(&schema::CRASH_COUNT), Some(3));
}

#[test]
fn leaving_the_menu_is_no_crash() {
    let mut machine = Machine::with_debian();
    machine.boot();
    machine.mark_success();
    let before = machine.variables.clone();
    for key in [Key::Function(12), Key::Function(10)] {
        for _ in 0..4 {
            machine.press(&[key]);
            let boot = machine.boot();
            assert!(matches!(boot.ending, Ending::Left(Exit::Reboot | Exit::PowerOff)));
        }
    }
    let count = |variables: &std::collections::BTreeMap<(String, String), (u32, Vec<u8>)>| {
        variables
            .iter()
            .filter(|((name, _), _)| name == "LamBootCrashCount" || name == "LamBootState")
            .map(|(_, v)| v.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(count(&machine.variables), count(&before));
    assert_eq!(machine.boot().ending, started(r"\6.12\linux"));
    assert_eq!(report(&machine).health.verdict, "good");
}

#[test]
fn firmware_setup_is_asked_for_only_where_it_exists() {
    let mut machine = Machine::with_debian();
    machine.press(&[Key::Function(2), Key::Function(12)]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Left(Exit::Reboot));
    assert!(last_frame(&boot).contains("cannot be asked to open its set-up screen"));
    machine.set_variable(&schema::OS_INDICATIONS_SUPPORTED, &1);
    let key = ("OsIndicationsSupported".to_string(), schema::GLOBAL_VENDOR.to_string());
    machine.variables.get_mut(&key).unwrap().0 = 7; // the firmware makes it anew at each start
    machine.press(&[Key::Function(2)]);
    assert_eq!(machine.boot().ending, Ending::Left(Exit::FirmwareSetup));
    assert_eq!(machine.variable(&schema::OS_INDICATIONS), Some(1));
}

#[test]
fn an_image_that_returns_is_a_failed_attempt_and_the_next_one_starts() {
    let mut machine = Machine::with_debian();
    machine.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    let boot = machine.boot();
    assert_eq!(boot.ending, started(r"\6.11\linux"));
    assert!(last_frame(&boot).contains("Debian 6.12 was not started: it gave control back with EFI_ABORTED"));
    assert_eq!(machine.variable(&schema::CRASH_COUNT), Some(1));
    assert!(events(&machine).contains(&Event::ImageReturned));
    assert_eq!(report(&machine).chosen_by, "next_after_failure");
}

#[test]
fn when_every_image_returns_the_menu_waits() {
    let mut machine = Machine::with_debian();
    for version in ["6.12", "6.11", "6.1"] {
        machine.images.insert(format!("\\{version}\\linux"), Image::Returns("EFI_ABORTED"));
    }
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert_eq!(boot.effects.iter().filter(|effect| matches!(effect, Effect::Start(_))).count(), 3);
    assert_eq!(machine.variable(&schema::STATE), Some(HealthState::CrashLoop));
}

#[test]
fn an_entry_that_lacks_a_file_is_not_offered_and_the_next_one_starts() {
    for (file, spoil) in [
        (r"\6.12\initrd.img", (|m: &mut Machine| drop(m.esp.take(r"\6.12\initrd.img"))) as fn(&mut Machine)),
        (r"\6.12\linux", |m| drop(m.esp.take(r"\6.12\linux"))),
        (r"\6.12\linux", |m| {
            m.esp.take(r"\6.12\linux");
            m.esp.put(r"\6.12\linux\x", "");
        }),
    ] {
        let mut machine = Machine::with_debian();
        spoil(&mut machine);
        let boot = machine.boot();
        assert_eq!(boot.ending, started(r"\6.11\linux"));
        let [rejected] = report(&machine).rejected.try_into().unwrap();
        assert_eq!(rejected.path, r"\loader\entries\debian-6.12.conf");
        assert!(rejected.reason.contains(file), "{}", rejected.reason);
    }
}

#[test]
fn each_unusable_kernel_is_explained() {
    for (words, spoil) in [
        (
            "is not an EFI image",
            Box::new(|m: &mut Machine| m.esp.put(r"\6.12\linux", "#!/bin/sh")) as Box<dyn Fn(&mut Machine)>,
        ),
        ("is not an EFI image", Box::new(|m| m.esp.put(r"\6.12\linux", ""))),
        (
            "not an EFI program for this machine",
            Box::new(|m| {
                m.images.insert(r"\6.12\linux".into(), Image::Refused(ErrorKind::Unsupported));
            }),
        ),
        (
            "Secure Boot refuses it",
            Box::new(|m| {
                m.images.insert(r"\6.12\linux".into(), Image::Refused(ErrorKind::AccessDenied));
            }),
        ),
        (
            "not enough memory",
            Box::new(|m| {
                m.images.insert(r"\6.12\linux".into(), Image::Refused(ErrorKind::OutOfMemory));
            }),
        ),
    ] {
        let mut machine = Machine::with_debian();
        spoil(&mut machine);
        let boot = machine.boot();
        assert_eq!(boot.ending, started(r"\6.11\linux"), "{words}");
        assert!(last_frame(&boot).contains(words), "{words}: {}", last_frame(&boot));
        assert_eq!(machine.variable(&schema::CRASH_COUNT).unwrap_or(0), 0, "nothing ran: {words}");
    }
}

#[test]
fn a_full_or_read_only_esp_does_not_stop_a_boot() {
    let spoils: [fn(&mut Machine); 3] = [
        |machine| machine.esp.capacity = Some(0),
        |machine| machine.esp.read_only = true,
        |machine| machine.variables_full = true,
    ];
    for spoil in spoils {
        let mut machine = Machine::with_debian();
        machine.add_linux("debian-7.0+3-0.conf", "Debian", "7.0");
        spoil(&mut machine);
        let boot = machine.boot();
        assert_eq!(boot.ending, started(r"\7.0\linux"));
        if machine.esp.capacity.is_some() || machine.esp.read_only {
            let told = boot.frames.iter().any(|frame| frame.contains("cannot be written"));
            assert!(told, "{}", boot.frames[0]);
            assert!(machine.esp.get(paths::TRUST_LOG).is_none());
        }
        if machine.esp.read_only {
            assert_eq!(machine.variable(&schema::LOADER_BOOT_COUNT_PATH), None);
        }
    }
}

#[test]
fn a_broken_policy_is_explained_and_the_default_boots() {
    let mut machine = Machine::with_debian();
    machine.policy("default_timeout_ms = 1000\n[ui]\nmneu = \"hidden\"\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, started(r"\6.12\linux"));
    assert!(
        boot.frames[0].contains("policy.toml line 3 column 1: unknown key ui.mneu"),
        "{}",
        boot.frames[0]
    );
    assert!(events(&machine).contains(&Event::PolicyInvalid));
}

#[test]
fn a_broken_policy_that_asked_for_secure_boot_stops_in_the_menu() {
    let mut machine = Machine::with_debian();
    machine.policy("[security]\nsecure_boot_required = yes\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(
        boot.frames[0].contains("Nothing starts by itself: policy.toml has a mistake"),
        "{}",
        boot.frames[0]
    );
    machine.press(&[Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(last_frame(&boot).contains("policy requires Secure Boot"), "{}", last_frame(&boot));
}

#[test]
fn a_policy_that_cannot_be_read_may_have_asked_for_protection() {
    let mut machine = Machine::with_debian();
    machine.policy(&format!("{}\n[security]\nsecure_boot_required = true\n", "#".repeat(70_000)));
    machine.press(&[Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(
        boot.frames[0].contains("Nothing starts by itself: policy.toml: is too large"),
        "{}",
        boot.frames[0]
    );
    assert!(last_frame(&boot).contains("policy requires Secure Boot"), "{}", last_frame(&boot));
}

#[test]
fn with_secure_boot_unknown_nobody_claims_a_check() {
    let mut machine = Machine::with_debian();
    machine.facts.secure_boot = SecureBoot::Unknown;
    machine.boot();
    let verified = records(&machine).into_iter().find(|record| record.event == Event::ImageVerified).unwrap();
    assert_eq!(verified.status, lamboot_schema::trust_log::Status::Deferred);
}

#[test]
fn required_secure_boot_starts_nothing_while_it_is_off() {
    let mut machine = Machine::with_debian();
    machine.policy("[security]\nsecure_boot_required = true\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(!boot.effects.iter().any(|effect| matches!(effect, Effect::Load(_) | Effect::Start(_))));
    machine.facts.secure_boot = SecureBoot::On;
    assert_eq!(machine.boot().ending, started(r"\6.12\linux"));
    assert_eq!(report(&machine).verified_via, "firmware_loadimage");
}

#[test]
fn a_denied_image_is_not_even_read() {
    let mut machine = Machine::with_debian();
    machine.policy("[security]\ndenylist = ['\\6.12\\*']\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, started(r"\6.11\linux"));
    assert!(!boot.effects.contains(&Effect::Load(r"\6.12\linux".into())));
}

/// What the page of details says of the selected entry.
fn details(machine: &mut Machine, before: &[Key]) -> String {
    machine.press(&[before, &[Key::Char('i')]].concat());
    let frames = machine.boot().frames;
    frames.into_iter().rfind(|frame| frame.contains(" Details")).expect("the page of details")
}

#[test]
fn details_report_and_log_name_the_volume_in_the_same_words() {
    let mut machine = Machine::with_debian();
    machine.policy("default_timeout_ms = 0\n");
    let (file_system, uuid) = (Some(String::from("vfat")), Some(String::from("1A2B-3C4D")));
    machine.esp.identity = Identity { file_system, uuid, label: None };
    assert!(details(&mut machine, &[]).contains("Identity: vfat UUID=1A2B-3C4D PARTUUID="));
    machine.press(&[Key::Enter]);
    machine.boot();
    let volume = report(&machine).volume;
    assert_eq!((volume.file_system.as_deref(), volume.uuid.as_deref()), (Some("vfat"), Some("1A2B-3C4D")));
    for event in [Event::EntrySelected, Event::ImageVerified, Event::BootAttempt] {
        let records = records(&machine);
        let record = records.iter().rfind(|record| record.event == event).expect("there is one");
        assert_eq!(record.volume, Some(volume.to_string()), "{record:?}");
    }
}

#[test]
fn details_say_who_checks_the_image_or_refuses_it() {
    let mut machine = Machine::with_debian();
    machine.policy("default_timeout_ms = 0\n");
    assert!(details(&mut machine, &[]).contains("Trust: Secure Boot off: nobody checks the image"));
    machine.facts.secure_boot = SecureBoot::On;
    assert!(details(&mut machine, &[]).contains("Trust: Secure Boot on: the firmware checks the image"));
    machine.policy("default_timeout_ms = 0\n[security]\ndenylist = ['\\6.12\\*']\n");
    let page = details(&mut machine, &[Key::Home]);
    assert!(page.contains("Trust: refused: the denylist in policy.toml names this image"), "{page}");
    assert!(!details(&mut machine, &[Key::Home, Key::Down]).contains("refused"));
}

#[test]
fn details_say_why_an_entry_was_not_started() {
    let mut machine = Machine::with_debian();
    machine.policy("default_timeout_ms = 0\n");
    machine.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    let page = details(&mut machine, &[Key::Home, Key::Enter, Key::Home]);
    assert!(page.contains("Failed: it gave control back with EFI_ABORTED"), "{page}");
    assert!(!details(&mut machine, &[Key::Home, Key::Enter, Key::End]).contains("Failed"));
    machine.policy("default_timeout_ms = 0\n[security]\ndenylist = ['\\6.12\\*']\n");
    let page = details(&mut machine, &[Key::Home, Key::Enter, Key::Home]);
    assert!(page.contains("Trust: refused") && !page.contains("Failed"), "said once: {page}");
}

#[test]
fn details_say_that_an_entry_did_not_come_up() {
    let mut machine = Machine::with_debian();
    machine.boot();
    machine.policy("default_timeout_ms = 0\n");
    let page = details(&mut machine, &[Key::Home]);
    assert!(page.contains("Last boot: did not come up (1 of "), "{page}");
    assert!(!details(&mut machine, &[Key::Home, Key::Down]).contains("did not come up (1"));
}

#[test]
fn the_owner_edits_a_command_line_for_one_start() {
    let mut machine = Machine::with_debian();
    machine.press(&[Key::Char('e'), Key::Char(' '), Key::Char('1'), Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.options, "root=/dev/sda2 ro 1");
    assert!(events(&machine).contains(&Event::CommandLineEdited));
    assert_eq!(machine.boot().options, "root=/dev/sda2 ro");
}

#[test]
fn under_secure_boot_a_command_line_is_not_edited() {
    let mut machine = Machine::with_debian();
    machine.facts.secure_boot = SecureBoot::On;
    machine.press(&[Key::Char('e'), Key::Char(' '), Key::Char('1'), Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.options, "root=/dev/sda2 ro");
    assert!(boot.frames.iter().any(|frame| frame.contains("cannot be edited")));
}

#[test]
fn the_command_line_is_measured_once_where_there_is_a_tpm() {
    let mut machine = Machine::with_debian();
    machine.facts.tpm = true;
    let boot = machine.boot();
    assert_eq!(boot.measurements.len(), 1);
    assert_eq!(boot.measurements[0].pcr, 12);
    assert!(boot.measurements[0].data.starts_with(b"r\0o\0o\0t\0"));
    assert_eq!(report(&machine).metrics.tpm_extends, Some(1));
    machine.policy("[security]\nmeasured_boot = false\n");
    assert!(machine.boot().measurements.iter().all(|measurement| measurement.pcr == 5));
}

#[test]
fn images_are_hashed_where_the_owner_asks_for_it() {
    let mut machine = Machine::with_debian();
    let hashes = |machine: &Machine| -> Vec<String> {
        let images = [Event::ImageVerified, Event::ImageLoadedFirmware, Event::BootAttempt];
        let records =
            records(machine).into_iter().rev().take_while(|record| record.event != Event::BootStart);
        records.filter(|record| images.contains(&record.event)).map(|record| record.sha256).collect()
    };
    machine.boot();
    assert_eq!(hashes(&machine), ["", "", ""]);
    machine.policy("[trust-log]\nhash_images = true\n");
    machine.boot();
    // `printf 'MZ a kernel' | sha256sum`
    assert_eq!(hashes(&machine), [KERNEL_SHA256; 3]);
}

/// What breaks the parser cannot hide, and an owner who wants no measured command line has no say in it yet.
#[test]
fn configuration_is_measured_as_it_was_read_before_anybody_heeds_it() {
    let mut machine = Machine::with_debian();
    let (policy, conf) = ("[security]\nmeasured_boot = fal", "timeout 1\n\u{0}nonsense\n");
    machine.policy(policy);
    machine.esp.put(paths::LOADER_CONF, conf);
    assert_eq!(machine.boot().measurements, [], "there is no TPM");
    machine.facts.tpm = true;
    let boot = machine.boot();
    let files: Vec<_> = boot.measurements.iter().filter(|measurement| measurement.pcr == 5).collect();
    let [first, second] = files[..] else { panic!("{files:?}") };
    assert_eq!((first.kind, &first.data[..]), (EventKind::Tag(0x9d41_c3a6), policy.as_bytes()));
    assert_eq!((second.kind, &second.data[..]), (EventKind::Tag(0xf5bc_582a), conf.as_bytes()));
    let words: Vec<u8> = "loader.conf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(second.event, words);
    let events: Vec<Event> = records(&machine).into_iter().map(|record| record.event).collect();
    let place = |event| events.iter().rposition(|found| *found == event).unwrap();
    assert!(place(Event::ConfigMeasured) < place(Event::LoaderConfLoaded), "{events:?}");
    machine.fault = Some(Fault::Effect(1));
    let boot = machine.boot();
    assert!(boot.effects[1] == Effect::Measure(5), "{:?}", boot.effects);
    assert!(matches!(boot.ending, Ending::Started(_) | Ending::Waits), "{:?}", boot.ending);
    assert_eq!(report(&machine).metrics.tpm_failed, Some(1));
}

#[test]
fn a_restored_snapshot_forgets_the_crashes() {
    let mut machine = Machine::with_debian();
    machine.facts.vm_generation_id = Some([1; 16]);
    for _ in 0..3 {
        machine.boot();
    }
    machine.facts.vm_generation_id = Some([2; 16]);
    assert_eq!(machine.boot().ending, started(r"\6.12\linux"));
    assert_eq!(report(&machine).health.verdict, "restored");
    machine.boot();
    assert_eq!(report(&machine).health.verdict, "failed", "the boot after the restore counts again");
}

#[test]
fn without_an_esp_the_menu_says_so() {
    let mut machine = Machine::with_debian();
    machine.esp_missing = true;
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(boot.frames[0].contains("cannot be read"), "{}", boot.frames[0]);
}

#[test]
fn without_entries_the_menu_says_so() {
    let boot = Machine::new().boot();
    assert_eq!(boot.ending, Ending::Waits);
    assert!(boot.frames[0].contains(r"No entry in \loader\entries can be started."), "{}", boot.frames[0]);
}

#[test]
fn a_variable_of_another_form_is_no_obstacle() {
    let mut machine = Machine::with_debian();
    for name in ["LamBootState", "LamBootCrashCount", "LamBootLastEntry"] {
        let key = (name.to_string(), schema::LAMBOOT_VENDOR.to_string());
        machine.variables.insert(key, (7, vec![0xFF; 300]));
    }
    assert_eq!(machine.boot().ending, started(r"\6.12\linux"));
    assert_eq!(machine.variable(&schema::STATE), Some(HealthState::Booting));
}

#[test]
fn the_logs_stay_within_their_bounds() {
    let mut machine = Machine::with_debian();
    machine.policy("[ui]\nmenu = \"hidden\"\n");
    for n in 0..40 {
        machine.esp.put(&format!("\\loader\\entries\\bad{n}.conf"), "nonsense\n");
    }
    let mut largest = 0;
    for _ in 0..80 {
        machine.mark_success();
        machine.boot();
        let size = |path: &str| machine.esp.get(path).map_or(0, |file| file.size());
        let all = [paths::TRUST_LOG, paths::TRUST_LOG_OLD, paths::BOOT_LOG, paths::BOOT_LOG_OLD];
        largest = largest.max(all.iter().map(|path| size(path)).sum());
    }
    assert!(
        machine.esp.get(paths::TRUST_LOG_OLD).is_some() && machine.esp.get(paths::BOOT_LOG_OLD).is_some()
    );
    assert!(largest < 1024 * 1024, "{largest}");
    let _ = records(&machine);
}

#[test]
fn a_log_that_an_earlier_release_let_grow_is_set_aside() {
    let mut machine = Machine::with_debian();
    machine.esp.put(paths::TRUST_LOG, vec![b'\n'; 3 * 1024 * 1024]);
    assert!(matches!(machine.boot().ending, Ending::Started(_)));
    assert!(machine.esp.get(r"\loader\boot-trust.log.unbounded").is_some());
    assert!(!records(&machine).is_empty());
}
