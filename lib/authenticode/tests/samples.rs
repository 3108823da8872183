// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that are kept beside this test, so that it needs no tool. `samples/README.md` says what they are.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use authenticode::{DigestAlgorithm, Entry, How, Refusal, SignatureDatabase, SignedData, Verdict, verify};
use authenticode::{Keeper, List, Lists, VERIFICATIONS_MAX};
use pe_image::{Certificates, Headers};
use proptest::prelude::*;
use support::{AUTHORITY, SIGNER, Workshop, image, judge};

const RSA: &[u8] = include_bytes!("samples/rsa.efi");
const RSA_ROOT: &[u8] = include_bytes!("samples/rsa-root.der");
const IMPOSTOR: &[u8] = include_bytes!("samples/impostor.der");
const EC: &[u8] = include_bytes!("samples/ec.efi");
const EC_ROOT: &[u8] = include_bytes!("samples/ec-root.der");
const MODULES: &[u8] = include_bytes!("samples/modules.efi");
const MODULES_KEY: &[u8] = include_bytes!("samples/modules.der");
const CIRCLE: &[u8] = include_bytes!("samples/circle.efi");

/// `CheckSum` of all samples: the only bytes of an image that are neither signed nor looked at.
const CHECK_SUM: std::ops::Range<usize> = 152..156;
/// The lowest byte of `dwLength` of all samples.
const LENGTH: usize = 2048;

/// Makes the samples anew, when `LAMBOOT_KEEP_SAMPLES=1`.
#[test]
fn samples_are_made_by_this() -> Result<()> {
    if std::env::var_os("LAMBOOT_KEEP_SAMPLES").is_none_or(|value| value != "1") {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    workshop.certify("rsa-root", "rsa:2048", None, &[AUTHORITY])?;
    workshop.certify("rsa-leaf", "rsa:2048", Some("rsa-root"), &[SIGNER])?;
    workshop.sign("plain.efi", "rsa.efi", "rsa-leaf", &[])?;
    workshop.certify("ec-root", "ec:P-384", None, &[AUTHORITY])?;
    workshop.certify("ec-leaf", "ec:P-256", Some("ec-root"), &[SIGNER])?;
    workshop.sign("plain.efi", "ec.efi", "ec-leaf", &[])?;
    workshop.certify("one", "rsa:2048", None, &[AUTHORITY])?;
    workshop.certify("two", "rsa:2048", None, &[AUTHORITY])?;
    workshop.certify_key("one-by-two", "one", Some("two"), &[AUTHORITY])?;
    workshop.certify_key("two-by-one", "two", Some("one"), &[AUTHORITY])?;
    workshop.certify("leaf", "rsa:2048", Some("one"), &[SIGNER])?;
    workshop.sign("plain.efi", "circle.efi", "leaf", &["one-by-two", "two-by-one"])?;
    let purpose = "extendedKeyUsage=codeSigning,1.3.6.1.4.1.2312.16.1.2";
    workshop.certify("modules", "rsa:2048", None, &[SIGNER, purpose])?;
    workshop.sign("plain.efi", "modules.efi", "modules", &[])?;
    let elsewhere = Workshop::new()?;
    workshop.write("impostor.der", &elsewhere.certify("rsa-root", "rsa:2048", None, &[AUTHORITY])?)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let images = ["rsa.efi", "ec.efi", "circle.efi", "modules.efi"];
    for name in images.into_iter().chain(["rsa-root.der", "impostor.der", "ec-root.der", "modules.der"]) {
        std::fs::write(folder.join(name), workshop.read(name)?)?;
    }
    Ok(())
}

fn verdict(file: &[u8], root: &[u8]) -> Option<Verdict> {
    let db = SignatureDatabase::of_certificate(root);
    judge(file, &db, &SignatureDatabase::default()).ok().map(|judgement| judgement.verdict)
}

fn is_trusted(file: &[u8], root: &[u8]) -> bool {
    matches!(verdict(file, root), Some(Verdict::Trusted(_)))
}

/// The signature in a sample.
fn signature(file: &[u8]) -> Vec<u8> {
    let ranges = Headers::parse(file, file.len() as u64).unwrap().authenticode_ranges().unwrap();
    let table = &file[ranges.certificates().unwrap().start as usize..];
    Certificates::new(table).next().unwrap().unwrap().pkcs7().unwrap().to_vec()
}

#[test]
fn good_ones_are_trusted_and_say_by_what() {
    for (file, root, name) in [(RSA, RSA_ROOT, "rsa"), (EC, EC_ROOT, "ec")] {
        let Some(Verdict::Trusted(trust)) = verdict(file, root) else { panic!("{name}") };
        let How::Signature { signer, authority } = &trust.how else { panic!("{trust:?}") };
        assert_eq!(signer.subject, format!("O=LamBoot-tests, CN={name}-leaf"));
        assert_eq!(authority.subject, format!("O=LamBoot-tests, CN={name}-root"));
        assert!(trust.to_string().ends_with("is in db"), "{trust}");
    }
    let refused = verdict(RSA, EC_ROOT).unwrap();
    let words = "refused: no list has its signer or O=LamBoot-tests, CN=rsa-root";
    assert_eq!(refused.to_string(), words);
}

#[test]
fn no_byte_can_be_changed() {
    for (file, root) in [(RSA, RSA_ROOT), (EC, EC_ROOT)] {
        assert!(is_trusted(file, root));
        // What fills up the certificate table is not looked at.
        let length = u32::from_le_bytes(*file[LENGTH..].first_chunk().unwrap());
        for at in 0..LENGTH + length as usize {
            let mut changed = file.to_vec();
            changed[at] ^= 1 << (at % 8);
            // The length of the signature's entry may count what fills it up, or not.
            if at == LENGTH {
                continue;
            }
            assert_eq!(is_trusted(&changed, root), CHECK_SUM.contains(&at), "byte {at}");
        }
    }
}

#[test]
fn no_part_can_be_left_out() {
    for size in 0..RSA.len() {
        assert!(!is_trusted(&RSA[..size], RSA_ROOT), "{size}");
    }
    assert!(!is_trusted(&[RSA, &[0; 8]].concat(), RSA_ROOT));
}

#[test]
fn shim_starts_nothing_by_keys_for_kernel_modules() {
    let database = SignatureDatabase::of_certificate(MODULES_KEY);
    let by = |keeper| {
        let list = List { name: "MokListRT", keeper, database: &database };
        verify(MODULES, &Lists { allowed: &[list], forbidden: &[] }).unwrap().verdict
    };
    assert!(matches!(by(Keeper::Firmware), Verdict::Trusted(_)));
    let refused = by(Keeper::Shim);
    assert!(matches!(refused, Verdict::Refused(Refusal::KernelModulesOnly { .. })), "{refused}");
}

#[test]
fn circles_end() {
    let started = Instant::now();
    let refused = verdict(CIRCLE, RSA_ROOT).unwrap();
    assert!(matches!(refused, Verdict::Refused(Refusal::NotInLists { .. })), "{refused}");
    assert!(started.elapsed() < Duration::from_secs(5));
    // A certificate that came with it is an authority where a list has it.
    let inside = certificates(CIRCLE);
    assert_eq!(inside.iter().filter(|certificate| is_trusted(CIRCLE, certificate)).count(), 3);
}

/// `SignatureType`s, as they are stored.
const CERT_SHA512: &[u8; 16] = b"\xae\x0f\x3e\x09\xc4\xa6\x50\x4f\x9f\x1b\xd4\x1e\x2b\x89\xc1\x9a";
const CERT_X509_SHA512: &[u8; 16] = b"\x63\xbf\x6d\x44\x02\x25\xda\x4c\xbc\xfa\x24\x65\xd2\xb0\xfe\x9d";

/// A list of one signature (UEFI 2.10, section 32.4.1).
fn list(kind: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let size = data.len() as u32 + 16;
    [&kind[..], &[size + 28, 0, size].map(u32::to_le_bytes).concat(), &[0; 16], data].concat()
}

#[test]
fn a_hash_by_another_function_is_found_too() {
    let ranges = Headers::parse(RSA, RSA.len() as u64).unwrap().authenticode_ranges().unwrap();
    let hashed = ranges.hashed().iter().flat_map(|range| &RSA[range.start as usize..range.end as usize]);
    let hash = sha512(&hashed.copied().collect::<Vec<u8>>());
    let list = list(CERT_SHA512, &hash);
    let hashes = SignatureDatabase::read(&list).unwrap();
    assert_eq!(hashes.entries(), [Entry::Image(DigestAlgorithm::Sha512, &hash)]);
    let refused = judge(RSA, &SignatureDatabase::of_certificate(RSA_ROOT), &hashes).unwrap().verdict;
    assert_eq!(refused, Verdict::Refused(Refusal::ForbiddenImage { list: "dbx".into() }));
    let Verdict::Trusted(trust) = judge(RSA, &hashes, &SignatureDatabase::default()).unwrap().verdict else {
        panic!()
    };
    assert_eq!(trust.how, How::ImageDigest(DigestAlgorithm::Sha512));
}

/// The certificates in a signature.
fn certificates(file: &[u8]) -> Vec<Vec<u8>> {
    let signed = signature(file);
    let places = (0..signed.len()).filter(|at| signed[*at..].starts_with(&[0x30, 0x82]));
    let elements = places.filter_map(|at| {
        let size = signed.get(at + 2..at + 4)?.try_into().ok().map(u16::from_be_bytes)?;
        signed.get(at..at + 4 + usize::from(size))
    });
    let has_names = |element: &&[u8]| element.windows(12).any(|bytes| bytes == b"LamBoot-test");
    // A certificate begins with what is signed, which begins with its version.
    elements
        .filter(|element| element.get(8..13) == Some(&[0xA0, 3, 2, 1, 2]))
        .filter(has_names)
        .map(<[u8]>::to_vec)
        .collect()
}

/// The list that forbids an image, and the certificate's subject.
fn revoked(file: &[u8], db: &[u8], dbx: &SignatureDatabase<'_>) -> Option<String> {
    match judge(file, &SignatureDatabase::of_certificate(db), dbx).unwrap().verdict {
        Verdict::Refused(Refusal::Revoked { subject, .. }) => Some(subject),
        _ => None,
    }
}

#[test]
fn what_is_forbidden_is_asked_all_the_way_up() {
    let [leaf] = &certificates(RSA)[..] else { panic!() };
    let of = SignatureDatabase::of_certificate;
    let (signer, root) = ("O=LamBoot-tests, CN=rsa-leaf", "O=LamBoot-tests, CN=rsa-root");
    assert_eq!(revoked(RSA, RSA_ROOT, &of(EC_ROOT)), None);
    assert_eq!(revoked(RSA, RSA_ROOT, &of(IMPOSTOR)), None);
    assert_eq!(revoked(RSA, RSA_ROOT, &of(leaf)).as_deref(), Some(signer));
    assert_eq!(revoked(RSA, RSA_ROOT, &of(RSA_ROOT)).as_deref(), Some(root));
    // The signer's own certificate is allowed, and the authority above it is forbidden.
    assert_eq!(revoked(RSA, leaf, &of(RSA_ROOT)).as_deref(), Some(root));
    for (certificate, subject) in [(leaf.as_slice(), signer), (RSA_ROOT, root)] {
        // What is signed, behind four bytes of tag and length.
        let size = 4 + usize::from(u16::from_be_bytes([certificate[6], certificate[7]]));
        let hash = sha512(&certificate[4..4 + size]);
        for time in [[0; 16], [7; 16]] {
            let list = list(CERT_X509_SHA512, &[&hash[..], &time].concat());
            let dbx = SignatureDatabase::read(&list).unwrap();
            assert_eq!(revoked(RSA, RSA_ROOT, &dbx).as_deref(), Some(subject));
        }
    }
}

#[test]
fn a_second_signature_that_is_forbidden_forbids_the_image() {
    // All samples are the same image.
    let ranges = Headers::parse(CIRCLE, CIRCLE.len() as u64).unwrap().authenticode_ranges().unwrap();
    let table = |file: &[u8]| file[ranges.certificates().unwrap().start as usize..].to_vec();
    let first = &certificates(CIRCLE)[0];
    let none = SignatureDatabase::default();
    let forbidden = SignatureDatabase::of_certificate(first);
    let mut damaged = table(CIRCLE);
    // In the signature itself, which is the end of the last element.
    let near_end = damaged.len() - 20;
    damaged[near_end] ^= 1;
    for tables in [[table(RSA), table(CIRCLE)], [table(CIRCLE), table(RSA)], [table(RSA), damaged]] {
        let file = image().certificates(tables.concat()).build();
        assert!(is_trusted(&file, RSA_ROOT));
        assert_eq!(revoked(&file, RSA_ROOT, &none), None);
        assert!(revoked(&file, RSA_ROOT, &forbidden).is_some());
    }
}

/// The hash without the crate's own help.
fn sha512(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha512::digest(bytes).to_vec()
}

/// Certificates with the authority's name and other keys, which each cost a verification; in as many signatures
/// as an image may have.
#[test]
fn work_is_bounded() {
    let file = sixteen_times(RSA);
    let impostor = SignatureDatabase::of_certificate(IMPOSTOR);
    let lists = vec![List { name: "many", keeper: Keeper::Firmware, database: &impostor }; 10_000];
    let started = Instant::now();
    for lists in [Lists { allowed: &lists, forbidden: &[] }, Lists { allowed: &[], forbidden: &lists }] {
        let judgement = verify(&file, &lists).unwrap();
        assert_eq!(judgement.signatures.len(), 16);
        assert_eq!(judgement.verdict, Verdict::Refused(Refusal::TooMuchWork));
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let few = &lists[..VERIFICATIONS_MAX / 2];
    let root = SignatureDatabase::of_certificate(RSA_ROOT);
    let allowed = [few, &[List { name: "db", keeper: Keeper::Firmware, database: &root }]].concat();
    let judgement = verify(RSA, &Lists { allowed: &allowed, forbidden: &[] }).unwrap();
    assert!(matches!(judgement.verdict, Verdict::Trusted(_)), "{}", judgement.verdict);
}

/// The sample with its entry of the certificate table sixteen times.
fn sixteen_times(file: &[u8]) -> Vec<u8> {
    let ranges = Headers::parse(file, file.len() as u64).unwrap().authenticode_ranges().unwrap();
    let table = ranges.certificates().unwrap();
    let entry = &file[table.start as usize..];
    let mut longer = [&file[..table.start as usize], &entry.repeat(16)].concat();
    let size = (entry.len() * 16) as u32;
    longer[236..240].copy_from_slice(&size.to_le_bytes());
    longer
}

proptest! {
    #[test]
    fn any_bytes_are_no_signature(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(SignedData::read(&bytes).is_err());
    }

    /// Several bytes changed, put in or taken out: judged, and never trusted.
    #[test]
    fn a_signature_that_was_changed_is_not_trusted(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..5),
    ) {
        let original = signature(RSA);
        let mut changed = original.clone();
        for (place, byte, how) in changes {
            let at = place.index(changed.len());
            match how {
                0 => changed[at] = byte,
                1 => changed.insert(at, byte),
                _ => { changed.remove(at); }
            }
        }
        prop_assume!(changed != original);
        let mut table = (changed.len() as u32 + 8).to_le_bytes().to_vec();
        table.extend([0, 2, 2, 0]);
        table.extend(changed);
        table.resize(table.len().next_multiple_of(8), 0);
        prop_assert!(is_trusted(RSA, RSA_ROOT));
        let file = image().certificates(table).build();
        prop_assert!(!is_trusted(&file, RSA_ROOT));
    }
}
