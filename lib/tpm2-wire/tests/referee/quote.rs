// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a software TPM signs is judged by `tpm2_checkquote`: with the key, the PCR values and the data that were
//! asked for, and with others.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use base64ct::{Base64, Encoding as _};

use crate::swtpm::{Swtpm, asked};
use tpm2_wire::{Algorithm, Attest, Error, Key, P256Point, PcrSelection, PcrValues, Quote, Tpm};

/// The head of a key of P-256 as a `SubjectPublicKeyInfo` (RFC 5480): what it is, before its point.
const SPKI_HEAD: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\0";
const DATA: [u8; 32] = [0x5A; 32];

fn pem(point: &P256Point) -> String {
    let bytes = [SPKI_HEAD, &point.to_sec1()].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", Base64::encode_string(&bytes))
}

/// The file of values of tpm2-tools: structures of C as they lie in memory.
fn pcr_file(values: &PcrValues) -> Vec<u8> {
    let numbers: Vec<_> = values.selection().numbers().collect();
    let mask = numbers.iter().fold(0_u32, |mask, number| mask | 1 << number);
    let mut file = 1_u32.to_le_bytes().to_vec();
    file.extend(values.selection().bank.0.to_le_bytes());
    file.push(3);
    file.extend(mask.to_le_bytes());
    file.resize(132, 0);
    let lists = numbers.chunks(8);
    file.extend(u32::try_from(lists.len()).unwrap().to_le_bytes());
    for list in lists {
        file.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
        for place in 0..8 {
            let value = list.get(place).map_or(&[][..], |number| values.get(*number).unwrap().as_bytes());
            file.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
            file.extend(value);
            file.resize(file.len() + 64 - value.len(), 0);
        }
    }
    file
}

struct Evidence {
    key: String,
    message: Vec<u8>,
    signature: Vec<u8>,
    pcrs: Vec<u8>,
    data: [u8; 32],
}

/// Whether the referee accepts it.
fn accepts(evidence: &Evidence) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes);
    write("key.pem", evidence.key.as_bytes())?;
    write("message", &evidence.message)?;
    write("signature", &evidence.signature)?;
    write("pcrs", &evidence.pcrs)?;
    let data: String = evidence.data.iter().map(|byte| format!("{byte:02x}")).collect();
    run(folder.path(), &data)
}

fn run(folder: &Path, data: &str) -> Result<bool> {
    let output = Command::new("tpm2_checkquote")
        .args(["-u", "key.pem", "-m", "message", "-s", "signature", "-f", "pcrs", "-g", "sha256", "-q", data])
        .current_dir(folder)
        .output()
        .context("tpm2_checkquote")?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.status.success())
}

fn quote(tpm: &mut Tpm<'_>, selection: PcrSelection) -> Result<(P256Point, Quote)> {
    let mut key = Key::restricted_signing(tpm)?;
    let quote = key.quote(selection, &DATA)?;
    Ok((key.point().context("another kind of key")?, quote))
}

#[test]
fn a_quote_is_accepted_and_what_was_changed_is_not() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    for pcr in [0, 4, 7, 15] {
        tpm.pcr_extend(pcr, Algorithm::SHA256, &[pcr; 32])?;
    }
    let selection = PcrSelection::new(Algorithm::SHA256, &Vec::from_iter(0..16)).unwrap();
    let values = tpm.pcr_read(selection)?;
    let clock = tpm.read_clock()?;
    let (point, quote) = quote(&mut tpm, selection)?;
    let attest = Attest::parse(quote.attest.as_bytes()).unwrap();
    assert_eq!(attest.pcr_digest.as_bytes(), values.digest());
    assert_eq!((attest.pcrs.as_slice(), attest.clock.reset_count), (&[selection][..], clock.reset_count));
    let evidence = || Evidence {
        key: pem(&point),
        message: quote.attest.as_bytes().to_vec(),
        signature: quote.signature.to_tpmt().to_vec(),
        pcrs: pcr_file(&values),
        data: DATA,
    };
    ensure!(accepts(&evidence())?, "it is not accepted");
    let mut changed = evidence();
    // The clock's lowest bit: whatever else the referee compares stays as it is.
    let at = 6 + 2 + 34 + 2 + 32 + 7;
    changed.message[at] ^= 1;
    ensure!(!accepts(&changed)?, "a changed message is accepted");
    let mut changed = evidence();
    changed.signature[71] ^= 1;
    ensure!(!accepts(&changed)?, "a changed signature is accepted");
    let mut changed = evidence();
    changed.data[0] ^= 1;
    ensure!(!accepts(&changed)?, "other data are accepted");
    tpm.pcr_extend(5, Algorithm::SHA256, &[5; 32])?;
    let changed = Evidence { pcrs: pcr_file(&tpm.pcr_read(selection)?), ..evidence() };
    ensure!(!accepts(&changed)?, "other values are accepted");
    Ok(())
}

#[test]
fn only_what_a_tpm_can_take_is_asked_for() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let selection = PcrSelection::new(Algorithm::SHA256, &[0]).unwrap();
    let mut key = Key::restricted_signing(&mut tpm)?;
    for length in [0, 1, 32, 34] {
        key.quote(selection, &vec![1; length])?;
    }
    assert!(matches!(key.quote(selection, &[1; 35]), Err(Error::BadLength(_))));
    Ok(())
}
