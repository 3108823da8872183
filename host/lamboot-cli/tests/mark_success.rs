// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program itself, on a directory that looks like efivarfs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const OURS: &str = "4c414d42-4f4f-5400-0000-000000000001";
const LOADER: &str = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn started_by(self, loader: &str) -> Self {
        let text: Vec<u8> = loader.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        self.with("LoaderInfo", LOADER, 6, &text)
    }

    fn with(self, name: &str, vendor: &str, attributes: u8, bytes: &[u8]) -> Self {
        let content = [&[attributes, 0, 0, 0], bytes].concat();
        fs::write(self.0.path().join(format!("{name}-{vendor}")), content).unwrap();
        self
    }

    fn value(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.0.path().join(format!("{name}-{OURS}"))).ok()
    }
}

fn run(program: &Path, arguments: &[&str], efivars: &Path) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(program).args(arguments).arg("--efivars").arg(efivars).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn lamboot(arguments: &[&str], machine: &Machine) -> (i32, String, String) {
    run(Path::new(env!("CARGO_BIN_EXE_lamboot")), arguments, machine.0.path())
}

fn crashed_twice() -> Machine {
    let machine = Machine::new().started_by("LamBoot 0.20.0");
    machine.with("LamBootState", OURS, 7, &[1]).with("LamBootCrashCount", OURS, 7, &[2])
}

#[test]
fn a_boot_is_marked_once() {
    let machine = crashed_twice();
    let (code, said, _) = lamboot(&["mark-success"], &machine);
    assert_eq!(code, 0);
    assert_eq!(
        said,
        "Marked this boot as good: LamBootState Booting -> BootedOK, LamBootCrashCount 2 -> 0.\n"
    );
    assert_eq!(machine.value("LamBootState").unwrap(), [7, 0, 0, 0, 2]);
    assert_eq!(machine.value("LamBootCrashCount").unwrap(), [7, 0, 0, 0, 0]);
    let again = lamboot(&["mark-success"], &machine);
    assert_eq!(again, (0, "This boot is marked as good already.\n".to_owned(), String::new()));
}

#[test]
fn a_dry_run_changes_nothing() {
    let machine = crashed_twice();
    let (code, said, _) = lamboot(&["mark-success", "--dry-run"], &machine);
    assert_eq!(code, 0);
    assert!(said.starts_with("Would mark this boot as good: LamBootState Booting -> BootedOK"), "{said}");
    assert_eq!(machine.value("LamBootState").unwrap(), [7, 0, 0, 0, 1]);
}

#[test]
fn another_loaders_boot_is_left_alone() {
    let machine = Machine::new().started_by("systemd-boot 257.1").with("LamBootState", OURS, 7, &[1]);
    let (code, said, _) = lamboot(&["mark-success"], &machine);
    assert_eq!(code, 6);
    assert_eq!(said, "Nothing to mark: LamBoot did not start this boot; systemd-boot 257.1 did.\n");
    assert_eq!(machine.value("LamBootState").unwrap(), [7, 0, 0, 0, 1]);
    assert_eq!(lamboot(&["mark-success", "--quiet"], &machine), (6, String::new(), String::new()));
}

#[test]
fn a_machine_without_variables_is_told_why() {
    let (code, _, said) = lamboot(&["mark-success"], &Machine::new());
    assert_eq!(code, 7);
    assert!(said.contains("not started by UEFI") && said.contains("efivarfs is not mounted"), "{said}");
}

#[test]
fn a_damaged_variable_is_named() {
    let machine = crashed_twice();
    fs::write(machine.0.path().join(format!("LamBootState-{OURS}")), [7]).unwrap();
    let (code, said, error) = lamboot(&["mark-success"], &machine);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(error.contains("LamBootState cannot be read"), "{error}");
}

#[test]
fn a_link_of_the_commands_name_is_the_command() {
    let machine = crashed_twice();
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("lamboot-mark-success");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lamboot"), &link).unwrap();
    assert_eq!(run(&link, &["--quiet"], machine.0.path()), (0, String::new(), String::new()));
    assert_eq!(machine.value("LamBootState").unwrap(), [7, 0, 0, 0, 2]);
}

#[test]
fn wrong_usage_is_a_failure_and_help_is_none() {
    assert_eq!(lamboot(&["mark-succes"], &Machine::new()).0, 1);
    assert_eq!(lamboot(&["mark-success", "--help"], &Machine::new()).0, 0);
}
