// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line editor in whole boots: who may open it, and what is written down about it.

use lamboot_core::facts::SecureBoot;
use lamboot_core::password::PasswordHash;
use lamboot_core::ports::{Key, Resolution};
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::{boot_report::BootReport, paths};
use lamboot_sim::{Boot, Ending, Fault, Image, Machine};
use pe_image::Builder;
use pe_image::headers::MACHINE_X64;

const PASSWORD: &str = "Open, Sesame!";

fn with_password(policy: &str) -> Machine {
    let hash = PasswordHash::make(PASSWORD, *b"salt of one test", 1000).unwrap();
    let mut machine = Machine::with_debian();
    machine.policy(&format!("[security]\neditor_password = \"{hash}\"\n{policy}"));
    machine
}

/// Types text; a newline is Enter.
fn type_in(machine: &mut Machine, text: &str) {
    let keys: Vec<Key> = text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect();
    machine.press(&keys);
}

fn records(machine: &Machine, event: Event) -> Vec<Record> {
    let log = machine.esp.text(paths::TRUST_LOG);
    let records = log.lines().map(|line| Record::from_line(line).unwrap());
    records.filter(|record| record.event == event).collect()
}

fn statuses(machine: &Machine, event: Event) -> Vec<Status> {
    records(machine, event).iter().map(|record| record.status).collect()
}

fn saw(boot: &Boot, words: &str) -> bool {
    boot.frames.iter().any(|frame| frame.split_whitespace().collect::<Vec<_>>().join(" ").contains(words))
}

#[test]
fn the_right_password_opens_the_editor() {
    let mut machine = with_password("");
    type_in(&mut machine, &format!("e{PASSWORD}\n 1\n"));
    let boot = machine.boot();
    assert_eq!(boot.options, "root=/dev/sda2 ro 1");
    assert!(saw(&boot, "Password of the editor"));
    assert_eq!(statuses(&machine, Event::EditorPassword), [Status::Success]);
    assert_eq!(records(&machine, Event::CommandLineEdited).len(), 1);
}

#[test]
fn a_wrong_password_does_not_open_it() {
    let mut machine = with_password("");
    type_in(&mut machine, "eopen, sesame!\n 1\n");
    let boot = machine.boot();
    assert_eq!(boot.options, "root=/dev/sda2 ro");
    assert!(saw(&boot, "That is not the password. 4 more tries."));
    assert!(!saw(&boot, "Command line for this start"));
    assert_eq!(statuses(&machine, Event::EditorPassword), [Status::Rejected]);
    assert_eq!(records(&machine, Event::CommandLineEdited), []);
}

#[test]
fn nothing_shows_or_stores_what_was_typed() {
    for resolution in [None, Some(Resolution { width: 800, height: 600 })] {
        let mut machine = with_password("");
        machine.resolution = resolution;
        type_in(&mut machine, &format!("eqqqWRONGqqq\ne{PASSWORD}\n 1\n"));
        let boot = machine.boot();
        assert_eq!(boot.options, "root=/dev/sda2 ro 1");
        assert!(saw(&boot, &"*".repeat(PASSWORD.len())));
        let files = [paths::TRUST_LOG, paths::BOOT_LOG, paths::BOOT_REPORT, paths::BOOT_REPORT_BACKUP];
        let written =
            files.map(|path| String::from_utf8_lossy(&machine.esp.get(path).unwrap().bytes).into_owned());
        for text in written.iter().chain(&boot.frames) {
            for secret in ["WRONG", "qqq", "Sesame"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}

#[test]
fn after_five_wrong_passwords_the_editor_stays_closed_until_the_next_boot() {
    let mut machine = with_password("");
    machine.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    // Starting an entry in between, which comes back to the menu, allows no more of them.
    type_in(&mut machine, &format!("ea\neb\nec\n\ned\nee\ne{PASSWORD}\n"));
    let boot = machine.boot();
    assert!(saw(&boot, "One more try.") && saw(&boot, "stays closed until the next restart"));
    assert!(saw(&boot, "Too many wrong passwords"));
    assert!(!saw(&boot, "Command line for this start"));
    assert_eq!(statuses(&machine, Event::EditorPassword), [Status::Rejected; 5]);
    machine.images.clear();
    type_in(&mut machine, &format!("e{PASSWORD}\n 1\n"));
    assert_eq!(machine.boot().options, "root=/dev/sda2 ro 1");
}

#[test]
fn a_try_is_on_the_disk_before_the_next_key() {
    let mut machine = with_password("");
    type_in(&mut machine, "ex\n");
    assert_eq!(machine.boot().ending, Ending::Waits);
    assert_eq!(statuses(&machine, Event::EditorPassword), [Status::Rejected]);
}

#[test]
fn a_password_opens_no_editor_that_policy_or_secure_boot_forbids() {
    for (policy, secure_boot, opens) in [
        ("editor = \"never\"\n", SecureBoot::Off, false),
        ("editor = \"auto\"\n", SecureBoot::On, false),
        ("editor = \"auto\"\n", SecureBoot::Unknown, false),
        ("editor = \"auto\"\n", SecureBoot::Off, true),
        ("editor = \"always\"\n", SecureBoot::On, true),
    ] {
        let mut machine = with_password(policy);
        machine.facts.secure_boot = secure_boot;
        type_in(&mut machine, &format!("e{PASSWORD}\n 1\n"));
        let boot = machine.boot();
        assert_eq!(saw(&boot, "Command line for this start"), opens, "{policy} {secure_boot:?}");
        assert_eq!(saw(&boot, "Password of the editor"), opens, "{policy} {secure_boot:?}");
    }
}

#[test]
fn a_hash_that_cannot_be_read_keeps_the_editor_closed_and_starts_as_usual() {
    for value in ["secret", "$pbkdf2-sha512$i=4000000000$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"] {
        let mut machine = Machine::with_debian();
        machine.policy(&format!("[security]\neditor_password = \"{value}\"\n"));
        assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
        type_in(&mut machine, "esecret\n 1\n");
        let boot = machine.boot();
        assert_eq!(boot.options, "root=/dev/sda2 ro");
        assert!(saw(&boot, "policy.toml line 2 column 19: security.editor_password must"), "{value}");
        assert!(!machine.esp.text(paths::TRUST_LOG).contains("secret"));
    }
}

#[test]
fn a_check_has_the_watchdogs_patience() {
    let mut machine = with_password("[watchdog]\ngrace_seconds = 5\n");
    type_in(&mut machine, "ex\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Waits);
    let waits = boot.watchdogs.iter().position(Option::is_none).unwrap();
    assert_eq!(boot.watchdogs.get(waits..).unwrap().iter().flatten().max(), Some(&300));
}

fn edited_under_secure_boot(tpm: bool) -> Machine {
    let mut machine = Machine::with_debian();
    machine.policy("[security]\neditor = \"always\"\nmeasured_boot = false\n");
    (machine.facts.secure_boot, machine.facts.tpm) = (SecureBoot::On, tpm);
    type_in(&mut machine, "e 1\n");
    machine
}

#[test]
fn a_line_that_was_edited_under_secure_boot_is_measured_even_without_measured_boot() {
    let mut machine = edited_under_secure_boot(true);
    let boot = machine.boot();
    let line: Vec<u8> = "root=/dev/sda2 ro 1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let [policy, measurement] = &boot.measurements[..] else { panic!("{:?}", boot.measurements) };
    assert_eq!((policy.pcr, measurement.pcr, &measurement.data), (5, 12, &line));
    assert_eq!(statuses(&machine, Event::CmdlineMeasured), [Status::Success]);
    let file = machine.esp.get(paths::BOOT_REPORT).unwrap();
    assert_eq!(BootReport::from_slot(&file.bytes).unwrap().metrics.tpm_extends, Some(2));
    assert_eq!(machine.boot().measurements.len(), 1, "nobody edited it now");
}

#[test]
fn an_edited_line_that_cannot_be_measured_is_logged_and_starts() {
    let mut machine = edited_under_secure_boot(false);
    let boot = machine.boot();
    assert_eq!((boot.options.as_str(), boot.measurements.len()), ("root=/dev/sda2 ro 1", 0));
    let [skipped] = &records(&machine, Event::CmdlineMeasurementSkipped)[..] else { panic!("one record") };
    assert_eq!(skipped.note.as_deref(), Some("changed by hand: there is no TPM"));
    assert_eq!(records(&machine, Event::CommandLineEdited).len(), 1);

    let mut machine = edited_under_secure_boot(true);
    let effects = machine.clone().boot().effects;
    let measuring = effects.iter().position(|effect| *effect == lamboot_sim::Effect::Measure(12));
    machine.fault = measuring.map(Fault::Effect);
    assert_eq!(machine.boot().options, "root=/dev/sda2 ro 1");
    assert_eq!(statuses(&machine, Event::CmdlineMeasurementSkipped), [Status::Failed]);
}

/// A unified kernel image, with a command line of its own in each of two profiles.
fn uki() -> Vec<u8> {
    let base = Builder::new(MACHINE_X64)
        .section(".linux", "a kernel")
        .section(".osrel", "ID=debian\nPRETTY_NAME=Debian\nVERSION_ID=13\n")
        .section(".cmdline", "root=/dev/sda2");
    let profiles = ["ID=main\nTITLE=Main\n", "ID=reset\nTITLE=Reset\n"];
    profiles.iter().fold(base, |image, profile| image.section(".profile", profile)).build()
}

fn with_uki(secure_boot: SecureBoot, policy: &str) -> Machine {
    let mut machine = Machine::new();
    machine.esp.put(r"\EFI\Linux\debian.efi", uki());
    machine.policy(policy);
    machine.facts.secure_boot = secure_boot;
    machine
}

#[test]
fn an_edit_keeps_the_profile_of_the_image() {
    let mut machine = with_uki(SecureBoot::Off, "");
    machine.press(&[Key::Down]);
    type_in(&mut machine, "e 1\n");
    let boot = machine.boot();
    assert!(saw(&boot, "root=/dev/sda2 1"));
    assert_eq!(boot.options, "@1 root=/dev/sda2 1");
}

#[test]
fn under_secure_boot_nobody_edits_an_image_with_its_own_command_line_in_vain() {
    let mut machine = with_uki(SecureBoot::On, "[security]\neditor = \"always\"\n");
    type_in(&mut machine, "e");
    let boot = machine.boot();
    assert!(saw(&boot, "While Secure Boot is on, this image heeds its own command line only."));
    assert!(!saw(&boot, "Command line for this start"));
}
