// SPDX-License-Identifier: MIT OR Apache-2.0
//! A signature that is changed anywhere, or is any bytes: it is judged, and not trusted.
//!
//! The first byte chooses which signature; each three bytes after it change one, unless the signature is to be
//! all of them.
#![no_main]

use authenticode::{
    ImageDigests, Keeper, List, Lists, SignatureDatabase, Verdict, Wanted, judge, signatures,
};
use libfuzzer_sys::fuzz_target;
use pe_image::Headers;

const RSA: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/rsa.efi");
const RSA_ROOT: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/rsa-root.der");
const EC: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/ec.efi");
const EC_ROOT: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/ec-root.der");
const CIRCLE: &[u8] = include_bytes!("../../../lib/authenticode/tests/samples/circle.efi");

/// `dwLength`, `wRevision`, `wCertificateType`.
const HEADER: usize = 8;

/// A table of one signature.
fn table(signature: &[u8]) -> Vec<u8> {
    let mut table = u32::try_from(signature.len() + HEADER).unwrap().to_le_bytes().to_vec();
    table.extend([0, 2, 2, 0]);
    table.extend(signature);
    table
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    let (file, root) = [(RSA, RSA_ROOT), (EC, EC_ROOT), (CIRCLE, RSA_ROOT)][usize::from(choice % 3)];
    let ranges = Headers::parse(file, file.len() as u64).unwrap().authenticode_ranges().unwrap();
    let place = usize::try_from(ranges.certificates().unwrap().start).unwrap();
    let length = u32::from_le_bytes(*file[place..].first_chunk().unwrap());
    let good = file[place + HEADER..place + usize::try_from(length).unwrap()].to_vec();
    let mut changed = good.clone();
    if choice & 0x80 != 0 {
        changed = rest.to_vec();
    } else {
        for change in rest.chunks_exact(3).take(16) {
            let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % changed.len();
            changed[at] = change[2];
        }
    }
    let database = SignatureDatabase::of_certificate(root);
    let lists = [List { name: "db", keeper: Keeper::Shim, database: &database }];
    let digests = ImageDigests::of(file, &ranges, Wanted::default()).unwrap();
    let table = table(&changed);
    let Ok(signatures) = signatures(&table) else { return };
    let forbidden = if choice & 0x40 != 0 { &lists[..] } else { &[] };
    let judgement = judge(&signatures, &digests, &Lists { allowed: &lists, forbidden });
    assert!(!judgement.verdict.to_string().contains(char::is_control));
    if changed != good {
        assert!(matches!(judgement.verdict, Verdict::Refused(_)), "{}", judgement.verdict);
    }
});
