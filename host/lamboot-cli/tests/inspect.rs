// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot inspect event-log` on a real log, beside the PCRs that its TPM had, and on damaged ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tcg_eventlog::{Algorithm, Builder, EventType};

const LOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lib/tcg-eventlog/tests/logs");

fn lamboot(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamboot"));
    let output = command.args(["inspect", "event-log"]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> (i32, serde_json::Value) {
    let (code, said, _) = lamboot(&[arguments, &["--json"]].concat());
    (code, serde_json::from_str(&said).unwrap())
}

/// The real log's file, and the folder of a TPM as Linux shows it.
fn linux(folder: &Path) -> (String, String) {
    for line in fs::read_to_string(format!("{LOGS}/linux.pcrs")).unwrap().lines() {
        let [bank, index, value] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let bank = folder.join(format!("pcr-{bank}"));
        fs::create_dir_all(&bank).unwrap();
        fs::write(bank.join(index), format!("{}\n", value.to_uppercase())).unwrap();
    }
    (format!("{LOGS}/linux.eventlog"), folder.to_str().unwrap().to_owned())
}

fn written(folder: &Path, bytes: &[u8]) -> String {
    let file: PathBuf = folder.join("written.eventlog");
    fs::write(&file, bytes).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_log_and_its_tpm_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (log, tpm) = linux(folder.path());
    let (code, said, complaint) = lamboot(&[&log, "--tpm", &tpm]);
    assert_eq!((code, complaint.as_str()), (0, ""));
    assert!(said.contains("26 = PCR 12 EV_IPL: \"console=ttyS0 quiet nokaslr\""), "{said}");
    assert!(said.contains("28 ? PCR 9 EV_EVENT_TAG: tag 0x8f3b22ec: \"Linux initrd\""), "{said}");
    assert_eq!(said.matches("the TPM has the same").count(), 4 * 10, "{said}");
    // IMA's PCR, which the kernel extends while it starts.
    assert_eq!(said.matches("the running system may have extended it").count(), 4, "{said}");
    let (_, values, _) = lamboot(&[&log, "--tpm", &tpm, "--pcrs-only"]);
    assert!(!values.contains("EV_") && said.ends_with(&values), "{values}");
}

#[test]
fn a_document_has_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (log, tpm) = linux(folder.path());
    let (code, found) = json(&[&log, "--tpm", &tpm]);
    assert_eq!((code, found["format"].as_str()), (0, Some("lamboot-event-log/1")));
    assert_eq!(found["algorithms"], serde_json::json!(["sha1", "sha256", "sha384", "sha512"]));
    let event = &found["events"][4];
    assert_eq!((event["pcr"].as_u64(), event["offset"].as_u64()), (Some(7), Some(675)));
    assert_eq!(
        (event["type"].as_str(), event["recheck"].as_str()),
        (Some("EV_EFI_VARIABLE_DRIVER_CONFIG"), Some("matches"))
    );
    assert_eq!(event["hashed"], "all");
    let digest = "ccfc4bb32888a345bc8aeadaba552b627d99348c767681ab3141f5b01e40a40e";
    assert_eq!(event["digests"]["sha256"], digest);
    let pcr = &found["banks"][1]["pcrs"][12];
    assert_eq!((pcr["comparison"].as_str(), &pcr["events"]), (Some("same"), &serde_json::json!([26])));
    assert_eq!(found["banks"][1]["pcrs"][10]["comparison"], "moved_on");
    // Without a TPM to compare with, nothing is said about one.
    let (code, found) = json(&[&log, "--pcrs-only"]);
    assert_eq!(
        (code, &found["events"], &found["banks"][0]["pcrs"][4]["tpm"]),
        (0, &serde_json::Value::Null, &serde_json::Value::Null)
    );
}

#[test]
fn a_tpm_with_another_value_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (log, tpm) = linux(folder.path());
    fs::write(folder.path().join("pcr-sha256/4"), "00".repeat(32)).unwrap();
    let (code, said, _) = lamboot(&[&log, "--tpm", &tpm]);
    assert_eq!(code, 13, "{said}");
    assert!(said.contains("DIFFERS: the TPM has 0000"), "{said}");
    assert_eq!(json(&[&log, "--tpm", &tpm]).1["banks"][1]["pcrs"][4]["comparison"], "differs");
    // One that no event extends must be as it was at the start.
    let (log, tpm) = linux(folder.path());
    fs::write(folder.path().join("pcr-sha256/13"), "11".repeat(32)).unwrap();
    assert_eq!(lamboot(&[&log, "--tpm", &tpm]).0, 13);
}

#[test]
fn a_tpm_that_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, _) =
        lamboot(&[&format!("{LOGS}/linux.eventlog"), "--tpm", folder.path().to_str().unwrap()]);
    assert_eq!(code, 0);
    assert!(said.contains("note: the TPM's PCRs cannot be read, so nothing was compared"), "{said}");
}

#[test]
fn a_machine_without_a_log_is_not_one_that_this_is_for() {
    let file = "/sys/kernel/security/tpm0/binary_bios_measurements";
    let (code, _, complaint) = lamboot(&[]);
    assert_eq!(code == 6, !Path::new(file).exists(), "{complaint}");
    assert!(code == 0 || code == 13 || complaint.contains(file), "{complaint}");
}

#[test]
fn what_cannot_be_read_names_file_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, complaint) = lamboot(&["/nowhere/log"]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(complaint.starts_with("lamboot inspect event-log: /nowhere/log: "), "{complaint}");
    let whole = fs::read(format!("{LOGS}/linux.eventlog")).unwrap();
    let cut = written(folder.path(), &whole[..800]);
    let (code, said, complaint) = lamboot(&[&cut]);
    assert_eq!(code, 1);
    assert!(
        complaint.contains(&format!("{cut}: event 4 at byte 675: the log ends within the event")),
        "{complaint}"
    );
    // What stands before that place holds; PCR values of half a log would not.
    assert!(said.contains("3 ? PCR 0") && !said.contains("PCRs of bank"), "{said}");
    let (code, found) = json(&[&cut]);
    assert_eq!((code, found["banks"].as_array().unwrap().len()), (1, 0));
    assert!(found["error"].as_str().unwrap().starts_with("event 4 at byte 675"));
    let empty = written(folder.path(), b"");
    assert!(lamboot(&[&empty]).2.contains("there is no event"));
}

#[test]
fn data_that_lie_and_data_that_would_act_are_shown_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let log = Builder::agile(&[Algorithm::SHA256, Algorithm::SM3_256])
        .event_of(4, EventType::EFI_ACTION, b"what was done", b"what \x1b[2J is told")
        .event(30, EventType::IPL, b"x");
    let log = written(folder.path(), &log.build());
    let (code, said, _) = lamboot(&[&log]);
    assert_eq!(code, 0);
    assert!(said.contains(r#"1 ! PCR 4 EV_EFI_ACTION: "what \u{1b}[2J is told""#), "{said}");
    assert!(!said.contains('\x1b'));
    assert!(said.contains("note: the values of bank sm3_256 cannot be computed here"), "{said}");
    assert!(said.contains("note: 1 events extend PCRs that PCs do not have"), "{said}");
    assert_eq!(json(&[&log]).1["events"][1]["recheck"], "differs");
}
