// SPDX-License-Identifier: MIT OR Apache-2.0
//! A log that is changed in any way is found out, by our verifier and by one that shares nothing with it.

mod support;

use lamboot_schema::trust_log::{Event, Found};
use lamboot_schema::variables::TrustState;
use lamboot_trust::{EpochKey, Known, Line, Remark, Report, Verdict, What, hash, hex, verify};
use std::io::Write as _;
use std::process::{Command, Stdio};
use support::{End, Machine, golden};

fn check(log: &[u8], known: &Known) -> Report {
    verify(&[log], known)
}

fn lines(log: &[u8]) -> Vec<&[u8]> {
    log.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Everything that somebody without a key could do to a log, with a name.
fn changed(machine: &Machine) -> Vec<(String, Vec<u8>)> {
    let log = &machine.log;
    let mut all = Vec::new();
    for at in 0..log.len() {
        for bit in [1, 0x80] {
            let mut other = log.clone();
            other[at] ^= bit;
            all.push((format!("byte {at} ^ {bit:#x}"), other));
        }
        all.push((format!("cut at {at}"), log[..at].to_vec()));
    }
    let parts = lines(log);
    let join = |parts: Vec<&[u8]>| parts.concat();
    for at in 0..parts.len() {
        let without = parts.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, part)| *part);
        all.push((format!("line {at} dropped"), join(without.collect())));
        let mut twice = parts.clone();
        twice.insert(at, parts[at]);
        all.push((format!("line {at} twice"), join(twice)));
        for other in at + 1..parts.len() {
            let mut swapped = parts.clone();
            swapped.swap(at, other);
            all.push((format!("lines {at} and {other} swapped"), join(swapped)));
        }
        all.push((format!("nothing before line {at}"), join(parts[at..].to_vec())));
    }
    // Whole epochs of another machine, before, behind and in place.
    let mut stranger = Machine::new(6);
    (0..4).for_each(|_| stranger.boot(&["evil.conf by default"], End::Sealed));
    for at in 0..=parts.len() {
        let spliced = [&parts[..at].concat()[..], &stranger.log].concat();
        all.push((format!("another machine's log from line {at}"), spliced));
    }
    all.retain(|(_, other)| other != log);
    all
}

/// Lines that were written anew with keys of other places.
fn written_anew(machine: &Machine) -> Vec<(String, Vec<u8>)> {
    let keys: Vec<EpochKey> =
        core::iter::successors(Some(machine.key()), |key| Some(key.next())).take(6).collect();
    let parts = lines(&machine.log);
    let mut all = Vec::new();
    for at in 0..parts.len() {
        for key in &keys {
            let mut key_of_record = key.first_record();
            for place in 0..6 {
                let changed =
                    String::from_utf8(parts[at].to_vec()).unwrap().replace("arch.conf", "evil.conf");
                let split = Line::split(changed.trim_end().as_bytes()).unwrap();
                let mac = hex(&key_of_record.mac(split.signed));
                let line = [split.signed, b",\"mac\":\"", mac.as_bytes(), b"\"}\n"].concat();
                let mut log = parts[..at].concat();
                log.extend(line);
                log.extend(parts[at + 1..].concat());
                if log != machine.log {
                    all.push((format!("line {at} with key {} of epoch {}", place, key.epoch()), log));
                }
                key_of_record.advance();
            }
        }
    }
    all
}

#[test]
fn a_log_as_it_was_written_is_intact_but_for_the_power_cut() {
    let machine = golden();
    let report = check(&machine.log, &machine.known());
    assert_eq!((report.problems.len(), report.remarks.len()), (0, 1), "{report:?}");
    assert_eq!(report.verdict(), Verdict::Degraded);
    let found: Vec<Found> = report.epochs.iter().map(|epoch| epoch.found).collect();
    assert_eq!(found, [Found::First, Found::Intact, Found::Intact, Found::Unsealed]);
    let mut whole = Machine::new(9);
    (0..3).for_each(|_| whole.boot(&["arch.conf"], End::Sealed));
    assert_eq!(check(&whole.log, &whole.known()).verdict(), Verdict::Intact);
    assert_eq!(check(&whole.log, &Known { key: None, ..whole.known() }).verdict(), Verdict::CannotVerify);
    assert_eq!(check(&whole.log, &Known { head: None, ..whole.known() }).verdict(), Verdict::Degraded);
}

#[test]
fn the_form_of_the_log_stays_as_it_is() {
    if std::env::var_os("LAMBOOT_KEEP_GOLDEN_LOG").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.log"), golden().log).unwrap();
    }
    let kept = include_bytes!("golden.log");
    assert!(golden().log == kept, "{}", String::from_utf8_lossy(&golden().log));
}

#[test]
fn every_change_is_found_out() {
    let machine = golden();
    let known = machine.known();
    let changed = changed(&machine);
    assert!(changed.len() > 10_000, "{}", changed.len());
    for (what, log) in changed {
        let report = check(&log, &known);
        // Nothing is lost with the last newline; and whole epochs go to an older file, which is said.
        let is_whole = log.len() + 1 == machine.log.len() && machine.log.starts_with(&log);
        let begins_later = machine.log.ends_with(&log) && report.remarks.contains(&Remark::BeginsLater);
        if is_whole || begins_later {
            assert!(report.problems.is_empty(), "{what}: {report:?}");
        } else {
            assert_eq!(report.verdict(), Verdict::Tampered, "{what}");
        }
    }
}

#[test]
fn a_record_that_is_written_anew_is_found_out() {
    let machine = golden();
    let known = machine.known();
    for (what, log) in written_anew(&machine) {
        let report = check(&log, &known);
        assert_eq!(report.verdict(), Verdict::Tampered, "{what}");
    }
}

#[test]
fn without_the_key_hashes_still_name_the_place() {
    let machine = golden();
    let text = String::from_utf8(machine.log.clone()).unwrap().replacen("by owner", "by OWNER", 1);
    let report = check(text.as_bytes(), &Known::default());
    let place = report.problems[0].place.unwrap();
    assert_eq!((report.problems[0].what, place.line), (What::WrongPrev, 7));
    assert_eq!(report.problems.len(), 1);
}

/// Whoever changes a record and all hashes after it, but has no key.
#[test]
fn hashes_that_were_made_anew_do_not_help() {
    let machine = golden();
    let mut prev: Option<[u8; 32]> = None;
    let mut log = Vec::new();
    for line in lines(&machine.log) {
        let text = String::from_utf8(line.to_vec()).unwrap().replace("by owner", "by OWNER");
        let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
        if let Some(prev) = prev {
            record["prev"] = hex(&prev).into();
        }
        // The order of the members stays: only `prev` changes.
        let start = text.find("\"prev\":\"").unwrap() + 8;
        let text = format!("{}{}{}", &text[..start], record["prev"].as_str().unwrap(), &text[start + 64..]);
        prev = Some(Line::split(text.trim_end().as_bytes()).unwrap().hash());
        log.extend(text.bytes());
    }
    let report = check(&log, &machine.known());
    assert!(report.problems.iter().any(|problem| problem.what == What::WrongMac), "{report:?}");
    assert_eq!(
        check(&log, &Known::default()).verdict(),
        Verdict::Tampered,
        "the epoch's own note of the head"
    );
}

#[test]
fn what_the_loader_finds_is_named_in_the_next_epoch() {
    let mut eve = golden();
    eve.boot(&["arch.conf"], End::Sealed);
    let found = |log: &[u8], state: Option<TrustState>| {
        Machine { log: log.to_vec(), state, ..eve.clone() }.open().epoch.found
    };
    let state = eve.state.clone();
    let parts = lines(&eve.log);
    assert_eq!(found(&eve.log, state.clone()), Found::Intact);
    assert_eq!(found(&parts[..parts.len() - 1].concat(), state.clone()), Found::Truncated);
    assert_eq!(found(&parts[..parts.len() - 3].concat(), state.clone()), Found::Truncated);
    assert_eq!(found(b"", state.clone()), Found::Truncated);
    assert_eq!(found(&[&eve.log[..], b"{}\n"].concat(), state.clone()), Found::Modified);
    assert_eq!(found(&[&eve.log[..], parts[3]].concat(), state.clone()), Found::Modified);
    let mut other = eve.log.clone();
    let place = other.len() - 200;
    other[place] ^= 1;
    assert_ne!(found(&other, state.clone()), Found::Intact);
    assert_eq!(found(&eve.log, None), Found::Rekeyed);
    assert_eq!(found(b"{\"seq\":0}\n", None), Found::First);
    // Every cut of the last epoch, and the verdict of whoever reads the log after the next boot.
    let last: usize = parts[..parts.len() - 3].concat().len();
    for cut in last..eve.log.len() - 1 {
        let mut machine = Machine { log: eve.log[..cut].to_vec(), ..eve.clone() };
        assert!(machine.open().epoch.found.is_tampering(), "cut at {cut}");
        machine.boot(&["arch.conf"], End::Sealed);
        let report = check(&machine.log, &machine.known());
        assert_eq!(report.verdict(), Verdict::Tampered, "cut at {cut}");
    }
}

#[test]
fn an_epoch_that_was_cut_off_at_any_byte_is_nobodys_deed() {
    let mut eve = golden();
    let before = eve.log.len();
    eve.boot(&["one", "two", "three"], End::PowerCut);
    for cut in before..=eve.log.len() {
        let mut machine = Machine { log: eve.log[..cut].to_vec(), ..eve.clone() };
        let opening = machine.open();
        assert_eq!(opening.epoch.found, Found::Unsealed, "cut at {cut}");
        // The loader ends a torn line before it appends.
        if machine.log.last() != Some(&b'\n') {
            machine.log.push(b'\n');
        }
        machine.write(opening, &["four"], End::Sealed);
        let report = check(&machine.log, &machine.known());
        assert!(report.problems.is_empty(), "cut at {cut}: {report:?}");
    }
}

#[test]
fn a_machine_without_random_numbers_has_hashes_and_says_so() {
    let mut machine = Machine::new(4);
    for _ in 0..2 {
        let tail = lamboot_trust::Tail::Bytes(&machine.log);
        let opening = lamboot_trust::open(None, tail, None, machine.around);
        assert!(opening.state.is_none() && opening.epoch.number == 0);
        machine.write(opening, &["arch.conf"], End::Sealed);
    }
    let report = check(&machine.log, &Known { key: None, head: machine.head });
    assert_eq!(
        (report.verdict(), report.remarks.len(), report.problems.len()),
        (Verdict::Degraded, 2, 0),
        "{report:?}"
    );
    assert!(!String::from_utf8(machine.log).unwrap().contains("\"mac\""));
}

#[test]
fn a_chain_that_was_lost_begins_anew_and_is_said() {
    let mut machine = golden();
    machine.state = None;
    machine.boot(&["arch.conf"], End::Sealed);
    let report = check(&machine.log, &Known { key: None, ..machine.known() });
    assert!(report.problems.is_empty(), "{report:?}");
    assert!(report.remarks.iter().any(|remark| matches!(remark, Remark::Rekeyed(_))));
}

/// As long as a log may be, of lines that lead anywhere.
#[test]
fn what_is_no_log_is_read_in_bounded_time() {
    let long = vec![b'{'; 1 << 20];
    let newlines = vec![b'\n'; 1 << 20];
    let line = format!("{{\"seq\":0,\"prev\":\"{}\"}}\n", hex(&hash(b"")));
    for log in [long, newlines, line.repeat(2000).into_bytes()] {
        let report = check(&log, &golden().known());
        assert!(report.problems.len() <= Report::MAX_PROBLEMS + 1);
        assert_eq!(report.verdict(), Verdict::Tampered);
    }
}

/// Verdicts of `judge.py`, which has nothing of ours.
fn judge(machine: &Machine, logs: &[Vec<u8>]) -> Vec<bool> {
    let (key, head) = (machine.key(), machine.head.unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judge.py");
    let mut python = Command::new("python3")
        .args([path, &hex(&key.chain()), "1", &hex(key.secret()), &hex(&head.head)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut to = python.stdin.take().unwrap();
    let input: Vec<u8> = logs
        .iter()
        .flat_map(|log| (log.len() as u32).to_le_bytes().into_iter().chain(log.iter().copied()))
        .collect();
    let writing = std::thread::spawn(move || to.write_all(&input).unwrap());
    let output = python.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success());
    output.stdout.iter().filter(|byte| **byte != b'\n').map(|verdict| *verdict == b'+').collect()
}

#[test]
fn an_independent_verifier_comes_to_the_same() {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return;
    }
    let machine = golden();
    let (names, mut logs): (Vec<_>, Vec<_>) =
        changed(&machine).into_iter().chain(written_anew(&machine)).step_by(3).unzip();
    logs.push(machine.log.clone());
    let mut verdicts = judge(&machine, &logs);
    assert_eq!((verdicts.len(), verdicts.pop()), (logs.len(), Some(true)), "the log as it was written");
    let accepted: Vec<&String> =
        names.iter().zip(&verdicts).filter(|(_, ok)| **ok).map(|(name, _)| name).collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn every_epoch_begins_with_its_event() {
    let log = golden().log;
    let opened =
        lines(&log).iter().filter(|line| line.windows(14).any(|text| text == b"\"epoch_open\",\"")).count();
    assert_eq!((opened, Event::EpochOpen.token()), (4, "epoch_open"));
}
