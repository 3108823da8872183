// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes as a signature database: read in bounds, and an image is judged by it without harm, whether it
//! allows or forbids.
#![no_main]

use authenticode::{Keeper, List, Lists, SignatureDatabase, Verdict, verify};
use libfuzzer_sys::fuzz_target;

const RSA: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/rsa.efi");
const RSA_ROOT: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/rsa-root.der");
/// `EFI_CERT_X509_GUID`, as it is stored.
const X509: &[u8; 16] = b"\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
/// In front of each signature.
const OWNER: [u8; 16] = [0; 16];

/// A list of one certificate: any bytes in the form that leads furthest.
fn list_of(certificate: &[u8]) -> Vec<u8> {
    let size = u32::try_from(certificate.len() + OWNER.len()).unwrap();
    let sizes = [size + 28, 0, size].map(u32::to_le_bytes).concat();
    [&X509[..], &sizes, &OWNER, certificate].concat()
}

fuzz_target!(|input: (bool, bool, &[u8])| {
    let (as_certificate, forbids, bytes) = input;
    let bytes = if as_certificate { list_of(bytes) } else { bytes.to_vec() };
    let Ok(database) = SignatureDatabase::read(&bytes) else { return };
    assert!(database.entries().len() * (OWNER.len() + 1) <= bytes.len());
    let root = SignatureDatabase::of_certificate(RSA_ROOT);
    let list = |database| List { name: "list", keeper: Keeper::Firmware, database };
    let (allowed, forbidden) =
        if forbids { ([list(&root)], vec![list(&database)]) } else { ([list(&database)], vec![]) };
    let judgement = verify(RSA, &Lists { allowed: &allowed, forbidden: &forbidden }).unwrap();
    if !forbids && !bytes.windows(RSA_ROOT.len()).any(|part| part == RSA_ROOT) {
        let trusted = matches!(judgement.verdict, Verdict::Trusted(_));
        // Certificates of the signature itself, and the hash of the image, would be allowed.
        assert!(!trusted || bytes.len() > 40, "{}", judgement.verdict);
    }
});
