// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot inspect trust-log verify` on a kept log of four epochs, whole and changed, with and without its key.

use std::fs;
use std::path::Path;
use std::process::Command;

use lamboot_trust::{Line, hex};

/// Its third epoch ends in a power cut.
const LOG: &str = include_str!("../../../core/lamboot-trust/tests/golden.log");

fn verify(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamboot"));
    let output = command.args(["inspect", "trust-log", "verify"]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The file's path, with this content.
fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What the machine of the kept log made of its random numbers.
fn random() -> [u8; 48] {
    core::array::from_fn(|at| 185 + at as u8)
}

fn key(folder: &Path) -> String {
    let random = random();
    let grouped: Vec<String> = random[16..].chunks(2).map(hex).collect();
    let text =
        format!("# noted on paper\nchain: {}\nepoch: 1\nkey: {}\n", hex(&random[..16]), grouped.join(" "));
    file(folder, "key", &text)
}

/// Where the log of these lines ends, as firmware would say.
fn head(lines: &[&str], epoch: u64, count: usize) -> String {
    let last = Line::split(lines.last().unwrap().as_bytes()).unwrap().hash();
    format!("{}:{epoch}:{count}:{}", hex(&random()[..16]), hex(&last))
}

#[test]
fn a_log_with_its_key_and_its_end_is_intact() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<&str> = LOG.lines().collect();
    // The two epochs before the power cut.
    let log = file(folder.path(), "log", &(lines[..7].join("\n") + "\n"));
    let (key, head) = (key(folder.path()), head(&lines[..7], 2, 3));
    let (code, said, complaint) = verify(&[&log, "--key", &key, "--head", &head]);
    assert_eq!((code, complaint.as_str()), (0, ""), "{said}");
    assert!(
        said.contains("epoch 2: boot 0502, 3 records, log found intact, mac-nvram, codes checked"),
        "{said}"
    );
    assert!(said.contains("level mac-nvram: An administrator of the running system"), "{said}");
    assert!(said.ends_with("INTACT: the log is what the loader wrote.\n"), "{said}");
}

#[test]
fn what_is_less_than_it_could_be_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let log = file(folder.path(), "log", LOG);
    let (code, said, _) = verify(&[&log]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("there is no key to check the codes with"), "{said}");
    let (code, said, _) = verify(&[&log, "--key", &key(folder.path())]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("note: the epoch from line 8 has no end: the machine stopped"), "{said}");
    assert!(said.contains("note: where the log should end is not known"), "{said}");
}

#[test]
fn tampering_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let log = file(folder.path(), "log", &LOG.replace("by owner", "by OWNER"));
    let (code, said, _) = verify(&[&log, "--key", &key(folder.path())]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains(&format!("PROBLEM: {log}:6: the record was not written with the key of its place")),
        "{said}"
    );
    assert!(said.ends_with("TAMPERED: this is not what the loader wrote.\n"), "{said}");
    let (code, said, _) = verify(&[&log, "--json"]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &found["verdict"], &found["problems"][0]["line"]), (2, &"tampered".into(), &7.into()));
    assert_eq!(found["epochs"][1]["codes"], "not checked");
}

#[test]
fn an_esp_has_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<&str> = LOG.lines().collect();
    let (older, newer) = lines.split_at(4);
    file(folder.path(), "esp/loader/lamboot/history/boot-trust.1.log", &(older.join("\n") + "\n"));
    file(folder.path(), "esp/loader/boot-trust.log", &(newer.join("\n") + "\n"));
    let esp = folder.path().join("esp");
    let (code, said, _) = verify(&["--esp", esp.to_str().unwrap(), "--key", &key(folder.path())]);
    assert_eq!((code, said.matches("codes checked").count()), (1, 4), "{said}");
    // Without the older file, something is missing and said to be.
    fs::remove_file(esp.join("loader/lamboot/history/boot-trust.1.log")).unwrap();
    let (code, said, _) = verify(&["--esp", esp.to_str().unwrap(), "--key", &key(folder.path())]);
    assert_eq!(
        (code, said.contains("epochs before the first one are in an older file, or nowhere")),
        (1, true),
        "{said}"
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let (code, said, complaint) = verify(&[missing.to_str().unwrap()]);
    assert_eq!(
        (code, said.as_str(), complaint.contains("missing: No such file")),
        (4, "", true),
        "{complaint}"
    );
    let (code, _, complaint) = verify(&["--esp", folder.path().to_str().unwrap()]);
    assert_eq!((code, complaint.contains("there is no loader/boot-trust.log on")), (4, true), "{complaint}");
    let log = file(folder.path(), "log", LOG);
    let (code, _, complaint) = verify(&[&log, "--key", &log]);
    assert_eq!((code, complaint.contains("three lines are needed")), (4, true), "{complaint}");
    let (code, _, complaint) = verify(&[&log, "--head", "1:2:3"]);
    assert_eq!((code, complaint.contains("four parts are needed")), (1, true), "{complaint}");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let log = file(folder.path(), "log", &LOG.replace("\"boot_id\":\"0502\"", "\"boot_id\":\"\\u001b[2J\""));
    let (code, said, _) = verify(&[&log]);
    assert!(code == 2 && !said.contains('\u{1b}'), "{said:?}");
}
