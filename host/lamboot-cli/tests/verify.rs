// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot verify` on images that are kept beside the library's own tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const DB: &str = "db-d719b2cb-3d3d-4596-a3bc-dad00e67656f";
const DBX: &str = "dbx-d719b2cb-3d3d-4596-a3bc-dad00e67656f";
const MOK: &str = "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
const MOK_1: &str = "MokListRT1-605dab50-e046-4300-abb6-3dd810dd8b23";
const LEVEL: &str = "SbatLevelRT-605dab50-e046-4300-abb6-3dd810dd8b23";
/// Non-volatile, at boot and at run time, as efivarfs puts it before the value.
const ATTRIBUTES: [u8; 4] = [7, 0, 0, 0];
/// `EFI_CERT_X509_GUID`, as it is stored.
const X509: &[u8; 16] = b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib/authenticode/tests/samples").join(name)
}

fn lamboot(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lamboot")).arg("verify").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Verifies a sample; its exit code and document.
fn judged(file: &str, arguments: &[&str]) -> (i32, serde_json::Value) {
    let file = sample(file);
    let (code, said, complaint) = lamboot(&[&[file.to_str().unwrap(), "--json"], arguments].concat());
    assert_eq!(complaint, "");
    (code, serde_json::from_str(&said).unwrap())
}

fn root(name: &str) -> String {
    sample(name).to_str().unwrap().to_owned()
}

/// An EFI signature list of one certificate.
fn list(name: &str) -> Vec<u8> {
    let certificate = fs::read(sample(name)).unwrap();
    let size = u32::try_from(certificate.len()).unwrap() + 16;
    let mut bytes = X509.to_vec();
    for number in [size + 28, 0, size] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0; 16]);
    bytes.extend(certificate);
    bytes
}

fn variable(folder: &Path, name: &str, value: &[u8]) {
    fs::write(folder.join(name), [&ATTRIBUTES[..], value].concat()).unwrap();
}

#[test]
fn a_trusted_program_says_by_what() {
    let (code, document) = judged("rsa.efi", &["--db", &root("rsa-root.der")]);
    assert_eq!((code, document["trusted"].as_bool()), (0, Some(true)));
    assert_eq!(
        (document["format"].as_str(), document["list"].as_str()),
        (Some("lamboot-verify/1"), Some("db"))
    );
    let signature = &document["signatures"][0];
    assert_eq!(signature["signer"]["subject"], "O=LamBoot-tests, CN=rsa-leaf");
    assert_eq!(signature["authority"]["subject"], "O=LamBoot-tests, CN=rsa-root");
    assert_eq!(document["sbat"]["components"][0]["name"], "sbat");
    let file = root("ec.efi");
    let (code, said, _) = lamboot(&[&file, "--mok", &root("ec-root.der")]);
    assert_eq!(code, 0);
    assert!(said.ends_with("is in MokListRT\n"), "{said}");
    assert!(said.contains("SBAT: sbat, generation 1"), "{said}");
}

#[test]
fn what_is_refused_says_why() {
    let (rsa, ec) = (root("rsa-root.der"), root("ec-root.der"));
    for (arguments, reason) in [
        (["--db", &ec, "--dbx", &ec], "not_in_lists"),
        (["--db", &rsa, "--dbx", &rsa], "revoked"),
        (["--mok", &rsa, "--mokx", &rsa], "revoked"),
    ] {
        let (code, document) = judged("rsa.efi", &arguments);
        assert_eq!((code, document["reason"].as_str()), (12, Some(reason)), "{arguments:?}");
        assert_eq!(document["trusted"], false);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut changed = fs::read(sample("rsa.efi")).unwrap();
    changed[0x210] ^= 1;
    let path = folder.path().join("changed.efi");
    fs::write(&path, changed).unwrap();
    let (code, said, _) = lamboot(&[path.to_str().unwrap(), "--db", &rsa]);
    assert_eq!(code, 12);
    assert!(said.ends_with("refused: it was changed after it was signed\n"), "{said}");
}

#[test]
fn shim_takes_no_keys_for_kernel_modules() {
    let key = root("modules.der");
    assert_eq!(judged("modules.efi", &["--db", &key]).0, 0);
    let (code, document) = judged("modules.efi", &["--mok", &key]);
    assert_eq!((code, document["reason"].as_str()), (12, Some("kernel_modules_only")));
}

#[test]
fn a_section_of_sbat_that_cannot_be_read_is_refused_where_there_is_a_level() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let image = pe_image::Builder::new(pe_image::MACHINE_X64).section(".sbat", b"no generation");
    fs::write(at("x.efi"), image.build()).unwrap();
    fs::write(at("level"), b"sbat,1,2025051000\n").unwrap();
    fs::write(at("none.esl"), b"").unwrap();
    let verify = |arguments: &[&str]| {
        let (code, said, _) = lamboot(&[&[at("x.efi").as_str(), "--json"], arguments].concat());
        (code, serde_json::from_str::<serde_json::Value>(&said).unwrap())
    };
    let (code, document) = verify(&["--db", &at("none.esl")]);
    assert_eq!((code, document["reason"].as_str()), (12, Some("not_signed")));
    let hash = document["sha256"].as_str().unwrap();
    let mut list = b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28".to_vec();
    list.extend([28 + 48_u32, 0, 48].map(u32::to_le_bytes).concat());
    list.extend([0; 16]);
    list.extend((0..32).map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).unwrap()));
    fs::write(at("hash.esl"), list).unwrap();
    assert_eq!(verify(&["--db", &at("hash.esl")]).0, 0);
    let (code, document) = verify(&["--db", &at("hash.esl"), "--sbat-level", &at("level")]);
    assert_eq!((code, document["reason"].as_str()), (12, Some("sbat_no_generation")));
}

#[test]
fn lists_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("db.esl"), [list("ec-root.der"), list("rsa-root.der")].concat()).unwrap();
    variable(folder.path(), DB, &list("rsa-root.der"));
    let der = fs::read(sample("rsa-root.der")).unwrap();
    let text = base64(&der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n");
    fs::write(at("db.pem"), pem).unwrap();
    for name in ["db.esl", DB, "db.pem"] {
        assert_eq!(judged("rsa.efi", &["--db", &at(name)]).0, 0, "{name}");
    }
}

/// Lines of 64 characters (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().chain(&[0, 0]).take(3).fold(0, |all, byte| all << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = char::from(LETTERS[number >> (18 - 6 * place) & 63]);
            text.push(if place > group.len() { '=' } else { letter });
        }
        if text.len() % 65 == 64 {
            text.push('\n');
        }
    }
    text + "\n"
}

#[test]
fn the_machines_own_lists() {
    let folder = tempfile::tempdir().unwrap();
    let efivars = folder.path().to_str().unwrap();
    let arguments = ["--efivars", efivars];
    let (code, _, complaint) = lamboot(&[&root("rsa.efi"), "--efivars", efivars]);
    assert_eq!((code, complaint.contains("no UEFI variables")), (7, true), "{complaint}");
    variable(folder.path(), DB, &list("ec-root.der"));
    assert_eq!(judged("ec.efi", &arguments).0, 0);
    assert_eq!(judged("rsa.efi", &arguments).0, 12);
    variable(folder.path(), MOK, &list("ec-root.der"));
    variable(folder.path(), MOK_1, &list("rsa-root.der"));
    let (code, document) = judged("rsa.efi", &arguments);
    assert_eq!((code, document["list"].as_str()), (0, Some("MokListRT1")));
    variable(folder.path(), LEVEL, b"sbat,1,2025051000\n");
    let (code, document) = judged("rsa.efi", &arguments);
    assert_eq!((code, document["sbat"]["level"].as_str()), (0, Some("2025051000")));
    variable(folder.path(), LEVEL, b"sbat,2,2030010100\n");
    let (code, document) = judged("rsa.efi", &arguments);
    assert_eq!((code, document["reason"].as_str()), (12, Some("sbat_revoked")));
    variable(folder.path(), LEVEL, b"sbat,1,2025051000\n");
    variable(folder.path(), DBX, &list("ec-root.der"));
    assert_eq!(judged("ec.efi", &arguments).0, 12);
}

#[test]
fn what_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let (db, image) = (root("rsa-root.der"), root("rsa.efi"));
    let cut = fs::read(&image).unwrap();
    let cases = [
        (at("text", b"hello"), db.clone(), "the file ends before its headers do"),
        (at("cut", &cut[..cut.len() - 8]), db.clone(), "the certificate table goes on behind"),
        (folder.path().to_str().unwrap().to_owned(), db, "it is not a file"),
        (image.clone(), at("bad.esl", &[1; 40]), "signature list"),
        (image.clone(), at(DB, &[1; 3]), "four bytes of attributes"),
        (image.clone(), at("bad.pem", b"-----BEGIN CERTIFICATE-----"), "does not end"),
        ("/no/such/file".to_owned(), image, "signature list"),
    ];
    for (file, list, words) in cases {
        let (code, said, complaint) = lamboot(&[&file, "--db", &list]);
        assert_eq!((code, said.as_str()), (11, ""), "{complaint}");
        assert!(complaint.contains(words), "{complaint}");
    }
    let (code, ..) = lamboot(&["--no-such-option"]);
    assert_eq!(code, 1);
}
