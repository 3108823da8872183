// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every scenario again, with a failure or a power cut at each of its effects and reads. After each
//! of them, the next boot finds something to start and a log that can be read.

use lamboot_core::password::PasswordHash;
use lamboot_core::ports::{Key, Pointer, Resolution};
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::trust_log::Record;
use lamboot_sim::{Ending, Fault, Image, Machine, Tear};

/// Machines on the eve of a boot.
fn scenarios() -> Vec<(&'static str, Machine)> {
    let plain = Machine::with_debian();
    let mut counted = Machine::with_debian();
    counted.add_linux("debian-7.0+3-0.conf", "Debian", "7.0");
    counted.facts.tpm = true;
    let mut crash_loop = Machine::with_debian();
    for _ in 0..3 {
        crash_loop.boot();
    }
    let mut good = Machine::with_debian();
    good.boot();
    good.mark_success();
    let mut returning = Machine::with_debian();
    returning.images.insert(r"\6.12\linux".into(), Image::Returns("EFI_ABORTED"));
    let mut restored = crash_loop.clone();
    restored.facts.vm_generation_id = Some([9; 16]);
    let mut edited = Machine::with_debian();
    edited.press(&[Key::Char('e'), Key::Char('x'), Key::Enter]);
    let mut locked = Machine::with_debian();
    let hash = PasswordHash::make("y", [0; 16], 1000).unwrap();
    locked.policy(&format!("[security]\neditor_password = \"{hash}\"\n"));
    locked.press(
        &"ex\rey\rez\r"
            .chars()
            .map(|c| if c == '\r' { Key::Enter } else { Key::Char(c) })
            .collect::<Vec<_>>(),
    );
    let mut rotating = Machine::with_debian();
    rotating.esp.put(paths::TRUST_LOG, "{}\n".repeat(100_000));
    rotating.esp.put(paths::BOOT_LOG, "old\n".repeat(20_000));
    let mut hidden = Machine::with_debian();
    hidden.policy("[ui]\nmenu = \"hidden\"\n");
    let mut iso = Machine::with_debian();
    iso.policy("[boot-from-iso]\nenabled = true\n");
    let live: [(&str, &[u8]); 2] = [("/live/vmlinuz", b"MZ"), ("/live/initrd.img", b"the initrd")];
    iso.esp.put(r"\isos\live.iso", iso_view::builder::image("LIVE", &live));
    iso.press(&[Key::End, Key::Enter]);
    let mut pointed = Machine::with_debian();
    pointed.resolution = Some(Resolution { width: 320, height: 240 });
    pointed.point(Pointer { x: 1000, y: 1000, clicked: false, scrolled: 0 });
    pointed.point(Pointer { x: 65535, y: 65535, clicked: true, scrolled: 1 });
    pointed.press(&[Key::Enter]);
    let mut snapshot = Machine::with_snapshots();
    snapshot.press(&[Key::End, Key::Enter, Key::Down, Key::Enter]);
    vec![
        ("iso", iso),
        ("snapshot", snapshot),
        ("pointed", pointed),
        ("plain", plain),
        ("counted", counted),
        ("crash loop", crash_loop),
        ("good", good),
        ("returning", returning),
        ("restored", restored),
        ("edited", edited),
        ("locked", locked),
        ("rotating", rotating),
        ("hidden", hidden),
    ]
}

/// The next boot starts something, and what was written can be read.
fn is_well(machine: &mut Machine, what: &str) {
    machine.images.clear();
    let boot = machine.boot();
    assert!(matches!(boot.ending, Ending::Started(_)), "{what}: {:?}\n{:?}", boot.ending, boot.frames.last());
    let log = machine.esp.text(paths::TRUST_LOG);
    let torn = log.lines().filter(|line| *line != "{}" && Record::from_line(line).is_err()).count();
    assert!(torn <= 1, "{what}: {torn} torn lines\n{log}");
    assert!(log.lines().any(|line| line.contains("boot_attempt")), "{what}");
    let whole = [paths::BOOT_REPORT, paths::BOOT_REPORT_BACKUP]
        .iter()
        .filter_map(|path| machine.esp.get(path))
        .any(|file| BootReport::from_slot(&file.bytes).is_ok());
    assert!(whole, "{what}: no whole report");
}

/// Reports that are whole after the fault, before anybody writes again.
fn keeps_a_report(before: &Machine, after: &Machine) -> bool {
    let whole = |machine: &Machine| {
        [paths::BOOT_REPORT, paths::BOOT_REPORT_BACKUP]
            .iter()
            .filter_map(|path| machine.esp.get(path))
            .any(|file| BootReport::from_slot(&file.bytes).is_ok())
    };
    !whole(before) || whole(after)
}

#[test]
fn a_power_cut_at_any_effect_leaves_a_machine_that_boots() {
    let mut cuts = 0;
    for (name, eve) in scenarios() {
        let effects = eve.clone().boot().effects.len();
        assert!(effects > 5, "{name} has {effects} effects");
        for effect in 0..effects {
            for tear in Tear::ALL {
                let mut machine = eve.clone();
                machine.fault = Some(Fault::PowerLoss(effect, tear));
                let what = format!("{name}, power cut {tear:?} effect {effect}");
                assert_eq!(machine.boot().ending, Ending::PowerLost, "{what}");
                assert!(keeps_a_report(&eve, &machine), "{what}");
                is_well(&mut machine, &what);
                cuts += 1;
            }
        }
    }
    assert!(cuts > 250, "{cuts}");
}

#[test]
fn a_failure_of_any_effect_does_not_stop_the_boot() {
    for (name, eve) in scenarios() {
        let effects = eve.clone().boot().effects.len();
        for effect in 0..effects {
            for fault in [Fault::Effect(effect), Fault::EffectsFrom(effect)] {
                let mut machine = eve.clone();
                machine.fault = Some(fault);
                let boot = machine.boot();
                let what = format!("{name}, {fault:?}");
                // The owner who chose an entry that then fails is asked again, not overruled.
                let asked = ["edited", "iso", "locked", "pointed", "snapshot"].contains(&name)
                    && boot.ending == Ending::Waits;
                if matches!(fault, Fault::Effect(_)) && !asked {
                    assert!(matches!(boot.ending, Ending::Started(_)), "{what}: {:?}", boot.ending);
                }
                if asked {
                    assert!(
                        boot.frames.last().is_some_and(|frame| frame.contains("was not started")),
                        "{what}"
                    );
                }
                is_well(&mut machine, &what);
            }
        }
    }
}

#[test]
fn a_failure_of_any_read_ends_in_a_start_or_in_the_menu() {
    for (name, eve) in scenarios() {
        let reads = eve.clone().boot().reads;
        for read in 0..reads {
            let mut machine = eve.clone();
            machine.fault = Some(Fault::Read(read));
            let boot = machine.boot();
            let what = format!("{name}, read {read}");
            let told = matches!(boot.ending, Ending::Waits) && !boot.frames.is_empty();
            assert!(told || matches!(boot.ending, Ending::Started(_)), "{what}: {:?}", boot.ending);
            is_well(&mut machine, &what);
        }
    }
}

/// Whatever the order of good, failed and torn boots: the count never exceeds the failures by more
/// than the torn ones, and a machine whose newest kernel never comes up falls back.
#[test]
fn failures_are_never_forgotten() {
    let eve = Machine::with_debian();
    let effects = eve.clone().boot().effects.len();
    for effect in 0..effects {
        let mut machine = eve.clone();
        let mut fell_back = false;
        for boot in 0..6 {
            machine.fault = (boot == 2).then_some(Fault::PowerLoss(effect, Tear::After));
            if machine.boot().ending == Ending::Started(r"\6.11\linux".into()) {
                fell_back = true;
            }
        }
        assert!(fell_back, "power cut after effect {effect} of the third boot");
    }
}
