// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that are signed with a key in a file, and with one in a token: `sbverify` takes them as well.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use pe_image::{Builder, MACHINE_X64};

fn asked() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn succeed(folder: &Path, program: &str, arguments: &[&str]) {
    let output = run(folder, program, arguments);
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A key with its certificate, and a program.
fn prepare(folder: &Path, name: &str) {
    let (key, certificate, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN={name}"));
    let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject];
    succeed(folder, "openssl", &[&request[..], &["-keyout", &key, "-out", &certificate]].concat());
    let image = Builder::new(MACHINE_X64).directories(16).section(".text", [0x90; 600]).build();
    fs::write(folder.join("program.efi"), image).unwrap();
}

fn sign(folder: &Path, arguments: &[&str]) -> Output {
    let chores = env!("CARGO_BIN_EXE_lamboot-chores");
    run(folder, chores, &[&["sign", "--out", "signed", "program.efi"], arguments].concat())
}

#[test]
fn a_key_in_a_file_signs_what_sbverify_takes() {
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, "one");
    prepare(folder, "two");
    for _ in 0..2 {
        let output = sign(folder, &["--key", "one.key", "--cert", "one.pem"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "signed/program.efi\n");
    }
    succeed(folder, "sbverify", &["--cert", "one.pem", "signed/program.efi"]);
    assert!(!run(folder, "sbverify", &["--cert", "two.pem", "signed/program.efi"]).status.success());
    // Another one's certificate: whatever the tool makes of that, nobody would trust it.
    let output = sign(folder, &["--key", "one.key", "--cert", "two.pem"]);
    assert!(!output.status.success() && !folder.join("signed/program.efi").exists());
}

#[test]
fn what_is_missing_is_named() {
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, "one");
    for (arguments, words) in [
        (["--key", "pkcs11:token=x", "--cert", "one.pem"], "needs --module"),
        (["--key", "one.key", "--cert", "one.key"], "has no certificate in PEM"),
        (["--key", "one.key", "--cert", "none.pem"], "read none.pem"),
    ] {
        let output = sign(folder, &arguments);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(words), "{complaint}");
    }
}

/// `SoftHSM` in place of a token of metal.
#[test]
fn a_key_in_a_token_signs_what_sbverify_takes() {
    const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
    if !asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, "one");
    let tokens = folder.join("tokens");
    fs::create_dir(&tokens).unwrap();
    fs::write(folder.join("softhsm.conf"), format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    fs::write(folder.join("pin"), "1234").unwrap();
    let with_token = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env("SOFTHSM2_CONF", folder.join("softhsm.conf"));
        let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let label = ["--label", "test"];
    let init = ["--init-token", "--free", "--so-pin", "1234", "--pin", "1234"];
    with_token("softhsm2-util", &[&init[..], &label].concat());
    succeed(folder, "openssl", &["pkcs8", "-topk8", "-nocrypt", "-in", "one.key", "-out", "one.p8"]);
    let import = ["--import", "one.p8", "--token", "test", "--id", "01", "--pin", "1234"];
    with_token("softhsm2-util", &[&import[..], &label].concat());
    let token =
        ["--key", "pkcs11:token=test;object=test;type=private", "--module", MODULE, "--passphrase", "pin"];
    let command = ["sign", "--out", "signed", "program.efi", "--cert", "one.pem"];
    with_token(env!("CARGO_BIN_EXE_lamboot-chores"), &[&command[..], &token].concat());
    succeed(folder, "sbverify", &["--cert", "one.pem", "signed/program.efi"]);
}
