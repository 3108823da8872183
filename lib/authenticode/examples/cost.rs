// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a verdict costs, beside hashing the image:
//!
//! ```sh
//! cargo run --release -p authenticode --example cost
//! ```
//!
//! The images are those that are kept beside the tests. What is judged of them does not depend on their size, so
//! hashing is measured with as many bytes as a kernel has.

use std::time::{Duration, Instant};

use authenticode::{
    ImageDigests, ImageHasher, Keeper, List, Lists, SignatureDatabase, Wanted, judge, signatures,
};
use pe_image::Headers;

const KERNEL: usize = 14 * 1024 * 1024;
/// Hashes in `dbx`: more than Microsoft's list has.
const FORBIDDEN: usize = 500;
/// Certificates in `db`, of which the last is the one.
const AUTHORITIES: usize = 10;
const TIMES: u32 = 100;

const SAMPLES: [(&str, &[u8], &[u8]); 2] = [
    (
        "RSA-2048, by RSA-2048",
        include_bytes!("../tests/samples/rsa.efi"),
        include_bytes!("../tests/samples/rsa-root.der"),
    ),
    (
        "P-256, by P-384",
        include_bytes!("../tests/samples/ec.efi"),
        include_bytes!("../tests/samples/ec-root.der"),
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kernel = vec![0x90; KERNEL];
    let hashing = median(|| {
        let mut hasher = ImageHasher::new(Wanted::default());
        hasher.update(&kernel);
        std::hint::black_box(hasher.finish());
    });
    println!("hashing {KERNEL} bytes: {hashing:?}");
    for (name, file, root) in SAMPLES {
        println!("verdict, {name}: {:?}", verdict(file, root)?);
    }
    Ok(())
}

fn verdict(file: &[u8], root: &[u8]) -> Result<Duration, Box<dyn std::error::Error>> {
    let ranges = Headers::parse(file, u64::try_from(file.len())?)?.authenticode_ranges()?;
    let table = ranges.certificates().ok_or("not signed")?;
    let table = file.get(usize::try_from(table.start)?..).ok_or("short")?;
    let hashes = hash_list();
    let (certificate, dbx) = (SignatureDatabase::of_certificate(root), SignatureDatabase::read(&hashes)?);
    let other = SignatureDatabase::of_certificate(SAMPLES.map(|(.., root)| root)[0]);
    let list = |name, database| List { name, keeper: Keeper::Firmware, database };
    let mut allowed = vec![list("db", &other); AUTHORITIES - 1];
    allowed.push(list("db", &certificate));
    let forbidden = [list("dbx", &dbx)];
    let lists = Lists { allowed: &allowed, forbidden: &forbidden };
    let digests = ImageDigests::of(file, &ranges, Wanted::default()).ok_or("short")?;
    Ok(median(|| {
        let signatures = signatures(table).unwrap_or_default();
        let verdict = judge(&signatures, &digests, &lists).verdict;
        assert!(matches!(verdict, authenticode::Verdict::Trusted(_)), "{verdict}");
    }))
}

/// A list with hashes of other images (UEFI 2.10, section 32.4.1).
fn hash_list() -> Vec<u8> {
    let mut bytes = b"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28".to_vec();
    let size = u32::try_from(28 + 48 * FORBIDDEN).unwrap_or(u32::MAX);
    for number in [size, 0, 48] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(28 + 48 * FORBIDDEN, 1);
    bytes
}

fn median(mut measured: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let started = Instant::now();
            measured();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
