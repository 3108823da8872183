// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trust log of whole boots, read by the verifier: intact after everything that is nobody's deed, and not
//! otherwise.

use lamboot_core::facts::SecureBoot;
use lamboot_core::ports::Key;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Degraded, Epoch, Event, Found, KeyStore, Level, Record};
use lamboot_schema::variables as schema;
use lamboot_sim::{Effect, Ending, Fault, Image, Machine, Tear};
use lamboot_trust::{EpochKey, Known, Remark, Report, Verdict, verify};

/// The key that a new machine makes of its firmware's random numbers.
fn first_key() -> EpochKey {
    let random: [u8; 48] = core::array::from_fn(|at| 31_u8.wrapping_add(at as u8));
    EpochKey::new(random[..16].try_into().unwrap(), 1, random[16..].try_into().unwrap())
}

fn check(machine: &Machine) -> Report {
    let files = [paths::TRUST_LOG_OLD, paths::TRUST_LOG]
        .map(|path| machine.esp.get(path).map(|file| &file.bytes[..]));
    let files: Vec<&[u8]> = files.into_iter().flatten().collect();
    verify(&files, &Known { key: Some(first_key()), head: machine.variable(&schema::TRUST_HEAD) })
}

fn records(machine: &Machine) -> Vec<Record> {
    machine.esp.text(paths::TRUST_LOG).lines().filter_map(|line| Record::from_line(line).ok()).collect()
}

fn last_epoch(machine: &Machine) -> Epoch {
    records(machine).into_iter().filter_map(|record| record.epoch).next_back().expect("an epoch was opened")
}

fn booted() -> Machine {
    let mut machine = Machine::with_debian();
    for _ in 0..2 {
        machine.boot();
        machine.mark_success();
    }
    machine
}

#[test]
fn boots_in_a_row_are_intact() {
    let mut machine = booted();
    machine.boot();
    let report = check(&machine);
    assert_eq!((report.verdict(), report.epochs.len()), (Verdict::Intact, 3), "{report:?}");
    let last = records(&machine).pop().unwrap();
    assert_eq!((last.event, last.boot_id), (Event::EpochSeal, "03".repeat(16)));
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.found, epoch.level), (3, Found::Intact, Level::MacNvram));
    assert_eq!(epoch.degraded, [Degraded::NoTpm, Degraded::SecureBootOff]);
}

#[test]
fn the_running_system_cannot_read_the_key() {
    let machine = booted();
    let (attributes, bytes) =
        &machine.variables[&("LamBootTrustState".into(), schema::LAMBOOT_VENDOR.to_string())];
    assert_eq!((*attributes, bytes.len()), (3, 94));
}

/// Somebody who makes the variable from the running system knows the key; so it is none.
#[test]
fn a_key_that_the_running_system_made_is_not_used() {
    let mut machine = booted();
    let name = ("LamBootTrustState".to_owned(), schema::LAMBOOT_VENDOR.to_string());
    let (_, bytes) = machine.variables[&name].clone();
    machine.variables.insert(name.clone(), (7, bytes));
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.found), (1, Found::Rekeyed));
    assert_eq!(machine.variables[&name].0, 3);
    let report = check(&machine);
    assert!(report.remarks.iter().any(|remark| matches!(remark, Remark::Rekeyed(_))), "{report:?}");
}

#[test]
fn an_image_that_returns_ends_an_epoch_and_begins_another() {
    let mut machine = Machine::with_debian();
    machine.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    machine.press(&[Key::Enter, Key::Enter]);
    machine.boot();
    let report = check(&machine);
    assert_eq!(report.verdict(), Verdict::Intact, "{report:?}");
    assert!(report.epochs.len() >= 2 && report.epochs.iter().all(|epoch| epoch.boot_id == "01".repeat(16)));
    let returned = records(&machine).iter().position(|record| record.event == Event::ImageReturned).unwrap();
    assert_eq!(records(&machine)[returned - 1].event, Event::EpochOpen);
}

#[test]
fn a_menu_that_is_left_ends_the_epoch() {
    let mut machine = booted();
    machine.esp.take(r"\loader\entries\debian-6.12.conf");
    machine.press(&[Key::End, Key::Enter]);
    let boot = machine.boot();
    assert!(matches!(boot.ending, Ending::Left(_) | Ending::Started(_)), "{:?}", boot.ending);
    assert_eq!(check(&machine).verdict(), Verdict::Intact);
}

/// What each change on the ESP looks like at the next start, and to whoever reads the log after it.
#[test]
fn changes_between_boots_are_found_by_the_loader() {
    type Change = fn(&str) -> Option<String>;
    let changes: [(&str, Change, Found); 5] = [
        (
            "last line gone",
            |log| Some(log.trim_end().rsplit_once('\n')?.0.to_owned() + "\n"),
            Found::Truncated,
        ),
        ("a line more", |log| Some(format!("{log}{{}}\n")), Found::Modified),
        ("emptied", |_| Some(String::new()), Found::Truncated),
        ("deleted", |_| None, Found::Missing),
        ("edited", |log| Some(log.replace("epoch_seal", "epoch_Seal")), Found::Modified),
    ];
    for (what, change, found) in changes {
        let mut machine = booted();
        let log = machine.esp.text(paths::TRUST_LOG);
        machine.esp.take(paths::TRUST_LOG);
        if let Some(log) = change(&log) {
            machine.esp.put(paths::TRUST_LOG, log);
        }
        machine.boot();
        let seen = last_epoch(&machine).found;
        assert!(seen.is_tampering() && (seen == found || what == "edited"), "{what}: {seen:?}");
        assert_eq!(check(&machine).verdict(), Verdict::Tampered, "{what}");
    }
}

/// A machine that fails at any moment is no tampering: the log has what was written, and says what is not there.
#[test]
fn a_power_cut_or_failure_at_any_effect_is_nobodys_deed() {
    let eve = booted();
    let mut returning = eve.clone();
    returning.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    let mut rotating = eve.clone();
    let log = rotating.esp.text(paths::TRUST_LOG);
    // Lines of an earlier release make the file long enough to be rotated.
    rotating.esp.put(paths::TRUST_LOG, format!("{{{}}}\n", " ".repeat(998)).repeat(300) + &log);
    let (mut with_tpm, mut with_tpm_returning) = (with_tpm(), with_tpm());
    with_tpm.boot();
    with_tpm_returning.boot();
    with_tpm_returning.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    let mut without_random = Machine::with_debian();
    without_random.has_entropy = false;
    without_random.boot();
    for eve in [eve, returning, rotating, with_tpm, with_tpm_returning, without_random] {
        let effects = eve.clone().boot().effects.len();
        for effect in 0..effects {
            let cuts = Tear::ALL.map(|tear| Fault::PowerLoss(effect, tear));
            for fault in cuts.into_iter().chain([Fault::Effect(effect), Fault::EffectsFrom(effect)]) {
                let mut machine = eve.clone();
                machine.fault = Some(fault);
                machine.boot();
                for _ in 0..2 {
                    machine.images.clear();
                    machine.boot();
                    let report = check(&machine);
                    assert!(
                        report.problems.is_empty(),
                        "{fault:?}: {report:?}\n{}",
                        machine.esp.text(paths::TRUST_LOG)
                    );
                }
            }
        }
    }
}

#[test]
fn a_store_that_takes_nothing_leaves_hashes() {
    let mut machine = booted();
    machine.variables_full = true;
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.key_store, epoch.level, epoch.number), (KeyStore::None, Level::Chain, 0));
    assert!(epoch.degraded.contains(&Degraded::NvramFull));
    // The key was not used: it is there for the next boot.
    machine.variables_full = false;
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.key_store, epoch.found), (3, KeyStore::Nvram, Found::Unwitnessed));
    let report = check(&machine);
    assert_eq!((report.problems.len(), report.verdict()), (0, Verdict::Degraded), "{report:?}");
}

#[test]
fn firmware_without_random_numbers_is_said() {
    let mut machine = Machine::with_debian();
    machine.has_entropy = false;
    machine.boot();
    machine.boot();
    let epoch = last_epoch(&machine);
    assert!(epoch.degraded.contains(&Degraded::NoRandomSource));
    assert_eq!((epoch.level, epoch.key_store), (Level::Chain, KeyStore::None));
    assert_eq!((check(&machine).problems.len(), check(&machine).verdict()), (0, Verdict::Degraded));
}

#[test]
fn an_esp_that_cannot_be_written_is_said_and_nothing_is_missing_later() {
    let mut machine = Machine::with_debian();
    machine.esp.read_only = true;
    machine.boot();
    machine.boot();
    machine.esp.read_only = false;
    machine.boot();
    assert_eq!(last_epoch(&machine).found, Found::Unsealed);
    assert!(check(&machine).problems.is_empty());
}

#[test]
fn whole_epochs_go_to_the_older_file() {
    let mut machine = Machine::with_debian();
    let mut archived = 0;
    for _ in 0..150 {
        machine.boot();
        machine.mark_success();
        archived += usize::from(records(&machine).iter().any(|record| record.event == Event::EpochArchive));
        let report = check(&machine);
        assert!(report.problems.is_empty(), "{report:?}");
    }
    assert!(archived > 0 && machine.esp.get(paths::TRUST_LOG_OLD).is_some());
    assert!(records(&machine)[0].epoch.is_some(), "a file begins with an epoch");
}

/// Flash wears out: a boot writes the state twice, once before anything happens and once at its end.
#[test]
fn the_state_is_written_twice_a_boot() {
    let boot = booted().boot();
    let writes =
        boot.effects.iter().filter(|effect| **effect == Effect::SetVariable("LamBootTrustState")).count();
    assert_eq!(writes, 2);
    assert_eq!(boot.effects[0], Effect::SetVariable("LamBootTrustState"));
}

/// The value behind this word in what the menu shows, its groups of digits joined.
fn shown(text: &str, word: &str) -> Option<String> {
    let (_, rest) = text.split_once(word)?;
    let digits = rest.chars().filter(|c| !c.is_whitespace() && !"|!\u{2502}".contains(*c));
    Some(digits.take_while(char::is_ascii_hexdigit).collect())
}

#[test]
fn the_owner_is_shown_the_key_once_and_nothing_starts_before_a_restart() {
    let mut machine = booted();
    machine.policy("[trust-log]\nshow_key = true\n");
    machine.press(&[Key::Home, Key::Enter]);
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Left(lamboot_core::session::Exit::Reboot), "{:?}", boot.frames);
    let screen = boot.frames.iter().find(|frame| frame.contains("key: ")).expect("the key is shown");
    assert!(!screen.contains("Debian"), "{screen}");
    let (chain, secret) = (shown(screen, "chain: ").unwrap(), shown(screen, "key: ").unwrap());
    assert_eq!((&chain[..32], secret.len() >= 64), (last_epoch(&machine).chain.as_str(), true), "{screen}");
    let stored = machine.esp.text(paths::TRUST_LOG) + &machine.esp.text(paths::BOOT_LOG);
    assert!(!stored.contains(&secret[..64]), "the key is on the screen alone");
    // From there on it is as ever, and the key is right.
    for _ in 0..2 {
        let boot = machine.boot();
        assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
        assert!(boot.frames.iter().all(|frame| !frame.contains("key: ")));
    }
    let (chain, secret) =
        (lamboot_trust::unhex(&chain.as_bytes()[..32]), lamboot_trust::unhex(&secret.as_bytes()[..64]));
    let key = EpochKey::new(chain.unwrap(), 1, &secret.unwrap());
    let log = machine.esp.text(paths::TRUST_LOG);
    let report =
        verify(&[log.as_bytes()], &Known { key: Some(key), head: machine.variable(&schema::TRUST_HEAD) });
    assert!(report.problems.is_empty() && report.remarks.contains(&Remark::BeforeKey(3)), "{report:?}");
    assert_eq!((report.verdict(), last_epoch(&machine).number), (Verdict::Degraded, 3));
    // Whoever wants another one asks anew.
    machine.policy("");
    machine.boot();
    machine.policy("[trust-log]\nshow_key = true\n");
    assert!(machine.boot().frames.iter().any(|frame| frame.contains("key: ")));
}

#[test]
fn a_key_that_is_not_there_is_not_shown_and_the_boot_goes_on() {
    let mut machine = Machine::with_debian();
    machine.has_entropy = false;
    machine.policy("[trust-log]\nshow_key = true\n");
    let boot = machine.boot();
    assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
    assert!(boot.frames[0].contains("The trust log has no key that could be shown"), "{}", boot.frames[0]);
}

/// A hibernated system has the ESP mounted, and what it knows of it is written back when it wakes up.
#[test]
fn nothing_is_written_to_the_esp_when_a_system_resumes() {
    let mut machine = booted();
    machine.esp.put(r"\loader\random-seed", [7; 32]);
    machine.add_linux("debian-7.0+3.conf", "Debian", "7.0");
    machine.set_variable(&schema::HIBERNATE_LOCATION, &b"{}".to_vec());
    let before = machine.esp.clone();
    let boot = machine.boot();
    assert!(matches!(boot.ending, Ending::Started(_)));
    let writes =
        |effect: &&Effect| matches!(effect, Effect::Append(_) | Effect::Replace(_) | Effect::Rename(..));
    assert_eq!(boot.effects.iter().find(writes), None);
    assert!(before.paths().eq(machine.esp.paths()));
    // The system takes the variable away; the next start is nobody's deed.
    machine.variables.retain(|(name, _), _| name != "HibernateLocation");
    machine.boot();
    assert_eq!(last_epoch(&machine).found, Found::Unsealed);
    let report = check(&machine);
    assert!(report.problems.is_empty(), "{report:?}");
}

/// A machine with a TPM, and Secure Boot on.
fn with_tpm() -> Machine {
    let mut machine = Machine::with_debian();
    machine.facts.tpm = true;
    machine.facts.secure_boot = SecureBoot::On;
    machine
}

fn has_variable(machine: &Machine) -> bool {
    machine.variables.keys().any(|(name, _)| name == "LamBootTrustState")
}

#[test]
fn a_tpm_keeps_the_key_and_is_locked_when_the_system_runs() {
    let mut machine = with_tpm();
    for boot in 1..=3 {
        let effects = machine.boot().effects;
        let count = |wanted| effects.iter().filter(|effect| **effect == wanted).count();
        let defined = usize::from(boot == 1);
        assert_eq!((count(Effect::DefineSecret), count(Effect::StoreSecret)), (defined, 2));
        assert_eq!((count(Effect::LockSecret), count(Effect::RemoveSecret)), (1, 0));
        let place = |wanted| effects.iter().rposition(|effect| *effect == wanted);
        assert!(place(Effect::StoreSecret) < place(Effect::LockSecret));
        assert!(place(Effect::LockSecret) < place(Effect::Start(r"\6.12\linux".into())));
        assert!(machine.index.as_ref().unwrap().locked && !has_variable(&machine));
        machine.mark_success();
    }
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.level, epoch.key_store, epoch.found), (Level::MacTpm, KeyStore::TpmNv, Found::Intact));
    assert_eq!(epoch.degraded, []);
    assert_eq!(check(&machine).verdict(), Verdict::Intact);
}

#[test]
fn without_secure_boot_a_tpm_is_no_higher_level() {
    let mut machine = with_tpm();
    machine.facts.secure_boot = SecureBoot::Off;
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.level, epoch.key_store), (Level::MacNvram, KeyStore::TpmNv));
    assert_eq!(epoch.degraded, [Degraded::SecureBootOff]);
}

#[test]
fn another_set_up_of_secure_boot_is_another_key_and_is_said() {
    let mut machine = with_tpm();
    machine.boot();
    machine.pcr_7 = 1;
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.found), (1, Found::Rekeyed));
    assert_eq!(epoch.degraded, [Degraded::PolicyMismatch]);
    machine.boot();
    assert_eq!((last_epoch(&machine).number, last_epoch(&machine).degraded), (2, vec![]));
    assert!(check(&machine).problems.is_empty());
}

#[test]
fn a_tpm_that_is_not_ours_leaves_the_variable() {
    let mut machine = with_tpm();
    machine.tpm_owned = true;
    machine.boot();
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.key_store, epoch.found), (2, KeyStore::Nvram, Found::Intact));
    assert_eq!(epoch.degraded, [Degraded::TpmRefused]);
    // When it becomes ours, a new key is made that the variable never had.
    machine.tpm_owned = false;
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.number, epoch.key_store, epoch.found), (1, KeyStore::TpmNv, Found::Rekeyed));
    assert!(!has_variable(&machine));
    assert!(check(&machine).problems.is_empty());
}

#[test]
fn what_a_program_that_came_back_could_have_read_is_not_used() {
    let mut machine = with_tpm();
    machine.boot();
    machine.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    machine.press(&[Key::Enter, Key::Enter]);
    machine.boot();
    let epoch = last_epoch(&machine);
    assert_eq!((epoch.key_store, epoch.found), (KeyStore::None, Found::Unwitnessed));
    assert_eq!(epoch.degraded, [Degraded::TpmLocked]);
    machine.images.clear();
    machine.boot();
    assert_eq!((last_epoch(&machine).number, last_epoch(&machine).found), (3, Found::Unwitnessed));
    assert!(check(&machine).problems.is_empty(), "{:?}", check(&machine));
}

/// Better no key than one that the system can read.
#[test]
fn a_key_that_cannot_be_locked_is_removed() {
    let mut machine = with_tpm();
    let effects = machine.clone().boot().effects;
    let lock = effects.iter().position(|effect| *effect == Effect::LockSecret).unwrap();
    machine.fault = Some(Fault::Effect(lock));
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
    assert_eq!(machine.index, None);
    machine.boot();
    assert_eq!(last_epoch(&machine).found, Found::Rekeyed);
}

#[test]
fn the_key_in_a_tpm_is_shown_as_well() {
    let mut machine = with_tpm();
    machine.policy("[trust-log]\nshow_key = true\n");
    machine.press(&[Key::Home, Key::Enter]);
    let boot = machine.boot();
    assert!(boot.frames.iter().any(|frame| frame.contains("key: ")));
    assert!(machine.index.as_ref().unwrap().locked && !has_variable(&machine));
    assert_eq!(machine.boot().ending, Ending::Started(r"\6.12\linux".into()));
    assert_eq!((last_epoch(&machine).number, last_epoch(&machine).found), (2, Found::Intact));
}
