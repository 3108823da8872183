// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images that `sbsign` and `osslsigncode` signed, with `sbverify` and `pesign` as judges.
//!
//! Runs when `LAMBOOT_REFEREES=1`.

mod support;

use anyhow::{Context as _, Result, ensure};
use authenticode::{DigestAlgorithm, ImageDigests, Refusal, SignatureDatabase, Verdict, Wanted};
use pe_image::{Builder, Headers, MACHINE_AA64};
use support::{AUTHORITY, SIGNER, Workshop, image, judge, referees};

fn of(certificate: &[u8]) -> SignatureDatabase<'_> {
    SignatureDatabase::of_certificate(certificate)
}

fn none() -> SignatureDatabase<'static> {
    SignatureDatabase::default()
}

/// What becomes of an image that is signed and judged: `Ok` with the list, or the refusal's token.
fn verdict(file: &[u8], db: &SignatureDatabase<'_>, dbx: &SignatureDatabase<'_>) -> Result<String> {
    Ok(match judge(file, db, dbx)?.verdict {
        Verdict::Trusted(trust) => trust.list,
        Verdict::Refused(refusal) => refusal.token().to_owned(),
    })
}

fn sha256(file: &[u8]) -> Result<Vec<u8>> {
    let ranges = Headers::parse(file, file.len() as u64)?.authenticode_ranges()?;
    let digests = ImageDigests::of(file, &ranges, Wanted::default()).context("too short")?;
    Ok(digests.get(DigestAlgorithm::Sha256).context("always there")?.to_vec())
}

#[test]
fn pesign_finds_the_same_hashes() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.certify("signer", "rsa:2048", None, &[SIGNER])?;
    let images = [
        image(),
        image().trailing([7; 16]),
        Builder::new(MACHINE_AA64).directories(16).new_header(4096).section(".a", [1; 9]),
        (0..40).fold(image(), |image, number| image.section(&format!(".s{number}"), vec![number; 999])),
        image().section_sized(".bss", [], 5000).section(".last", [3; 512]),
    ];
    for (number, builder) in images.iter().enumerate() {
        let (plain, signed) = (format!("{number}.efi"), format!("{number}.signed"));
        workshop.write(&plain, &builder.build())?;
        workshop.sign(&plain, &signed, "signer", &[])?;
        for name in [plain, signed] {
            let hash: String =
                sha256(&workshop.read(&name)?)?.iter().map(|byte| format!("{byte:02x}")).collect();
            let said = workshop.run("pesign", &format!("-h -i {name}"))?;
            ensure!(said.contains(&hash), "{name}: {hash} and {said}");
        }
    }
    Ok(())
}

/// Name, kind of key, issuer, extensions.
const CERTIFICATES: [(&str, &str, Option<&str>, &[&str]); 15] = [
    ("root", "rsa:2048", None, &[AUTHORITY]),
    ("other", "rsa:2048", None, &[AUTHORITY]),
    ("middle", "rsa:3072", Some("root"), &[AUTHORITY, "keyUsage=critical,keyCertSign"]),
    ("leaf", "rsa:2048", Some("root"), &[SIGNER]),
    ("deep", "rsa:4096", Some("middle"), &[SIGNER]),
    ("false", "rsa:2048", Some("root"), &[SIGNER]),
    ("below-false", "rsa:2048", Some("false"), &[SIGNER]),
    ("short", "rsa:2048", None, &["basicConstraints=critical,CA:TRUE,pathlen:0"]),
    ("too-low", "rsa:2048", Some("short"), &[AUTHORITY]),
    ("below-short", "rsa:2048", Some("too-low"), &[SIGNER]),
    ("unknown", "rsa:2048", Some("root"), &["1.2.3.4=critical,ASN1:NULL"]),
    ("weak", "rsa:1024", None, &[SIGNER]),
    ("huge", "rsa:8192", None, &[SIGNER]),
    ("p256", "ec:P-256", None, &[AUTHORITY]),
    ("p384", "ec:P-384", Some("p256"), &[SIGNER]),
];

/// Signer, authorities in the signature, certificate in `db`, what becomes of it, what `sbverify` says.
///
/// `sbverify` has no limits to the sizes of keys. It also takes a signature whose authority came with it and
/// leads nowhere; there `osslsigncode` is the judge.
const CASES: [(&str, &[&str], &str, &str, bool); 17] = [
    ("leaf", &[], "leaf", "db", true),
    ("leaf", &[], "root", "db", true),
    ("leaf", &[], "other", "not_in_lists", false),
    ("root", &[], "root", "db", true),
    ("deep", &["middle"], "root", "db", true),
    ("deep", &["root", "middle"], "root", "db", true),
    ("deep", &[], "root", "not_in_lists", false),
    ("deep", &[], "middle", "db", true),
    ("deep", &["middle"], "other", "not_in_lists", true),
    ("deep", &["root", "other", "middle", "leaf"], "leaf", "not_in_lists", false),
    ("below-false", &["false"], "root", "no_authority", false),
    ("below-short", &["too-low"], "short", "path_too_long", false),
    ("unknown", &[], "root", "unknown_critical_extension", false),
    ("weak", &[], "weak", "rsa_too_small", true),
    ("huge", &[], "huge", "rsa_too_large", true),
    ("p256", &[], "p256", "db", true),
    ("p384", &[], "p256", "db", true),
];

#[test]
fn sbverify_trusts_the_same() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    for (name, kind, issuer, extensions) in CERTIFICATES {
        workshop.certify(name, kind, issuer, extensions)?;
    }
    for (signer, authorities, list, expected, theirs) in CASES {
        let case = format!("{signer} with {authorities:?} by {list}");
        let signed = workshop.sign("plain.efi", "signed.efi", signer, authorities)?;
        let certificate = workshop.read(&format!("{list}.der"))?;
        ensure!(
            verdict(&signed, &of(&certificate), &none())? == expected,
            "{case}: {:?}",
            judge(&signed, &of(&certificate), &none())
        );
        ensure!(workshop.sbverify("signed.efi", list)? == theirs, "{case}: sbverify");
        if expected == "not_in_lists" {
            let asked = workshop.ask("osslsigncode", &format!("verify -CAfile {list}.pem -in signed.efi"))?;
            ensure!(!asked.status.success(), "{case}: osslsigncode");
        }
        // What is in both is forbidden, and so is what leads there.
        if expected == "db" {
            ensure!(verdict(&signed, &of(&certificate), &of(&certificate))? == "revoked", "{case}: in dbx");
        }
    }
    Ok(())
}

#[test]
fn a_chain_ends_at_its_limit() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    let names: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    workshop.certify("c0", "ec:P-256", None, &[AUTHORITY])?;
    for pair in names.windows(2) {
        workshop.certify(&pair[1], "ec:P-256", Some(&pair[0]), &[AUTHORITY])?;
    }
    // The signer's certificate and those between it and the list's.
    for (signer, expected) in [(8, "db"), (9, "chain_too_long")] {
        let between: Vec<&str> = names[1..signer].iter().map(String::as_str).collect();
        let signed = workshop.sign("plain.efi", "signed.efi", &names[signer], &between)?;
        let root = workshop.read("c0.der")?;
        let said = verdict(&signed, &of(&root), &none())?;
        ensure!(said == expected, "{signer}: {said}");
        ensure!(workshop.sbverify("signed.efi", "c0")?, "{signer}: sbverify has no such limit");
    }
    Ok(())
}

#[test]
fn a_key_counts_under_its_own_name_only() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    workshop.certify("root", "rsa:2048", None, &[AUTHORITY])?;
    workshop.certify("leaf", "rsa:2048", Some("root"), &[SIGNER])?;
    let same_key = format!("req -x509 -new -key root.key -subj /CN=alias -addext {AUTHORITY} -out alias.pem");
    workshop.run("openssl", &same_key)?;
    let alias = workshop.der("alias")?;
    let signed = workshop.sign("plain.efi", "signed.efi", "leaf", &[])?;
    ensure!(verdict(&signed, &of(&alias), &none())? == "not_in_lists");
    ensure!(!workshop.sbverify("signed.efi", "alias")?);
    Ok(())
}

#[test]
fn programs_disagree_about_bytes_between_sections() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.certify("signer", "rsa:2048", None, &[SIGNER])?;
    // The first of three sections is said to be shorter than the way to the second.
    let mut file = image().section(".more", [5; 512]).build();
    let size_of_raw_data = 64 + 24 + 112 + 128 + 16;
    file[size_of_raw_data..size_of_raw_data + 4].copy_from_slice(&0x200_u32.to_le_bytes());
    workshop.write("plain.efi", &file)?;
    let signed = workshop.sign("plain.efi", "signed.efi", "signer", &[])?;
    ensure!(workshop.sbverify("signed.efi", "signer")?);
    let other = workshop.ask("osslsigncode", "verify -CAfile signer.pem -in signed.efi")?;
    ensure!(String::from_utf8_lossy(&other.stdout).contains("MISMATCH"), "{other:?}");
    let refused = Headers::parse(&signed, signed.len() as u64)?.authenticode_ranges();
    ensure!(
        refused.as_ref().is_err_and(|refusal| refusal.token() == "bytes_between_sections"),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn every_hash_function_that_is_trusted() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    let certificate = workshop.certify("signer", "rsa:2048", None, &[AUTHORITY])?;
    for (hash, expected) in [("sha256", "db"), ("sha384", "db"), ("sha512", "db"), ("sha1", "weak_digest")] {
        let signed = workshop.sign_by(hash, "plain.efi", "signed.efi", "signer")?;
        let said = verdict(&signed, &of(&certificate), &none())?;
        ensure!(said == expected, "{hash}: {said}");
        let theirs = workshop.ask("osslsigncode", "verify -CAfile signer.pem -in signed.efi")?;
        ensure!(theirs.status.success(), "{hash}: {theirs:?}");
    }
    Ok(())
}

#[test]
fn dates_do_not_count() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    let certificate = workshop.expired("expired")?;
    let signed = workshop.sign("plain.efi", "signed.efi", "expired", &[])?;
    ensure!(verdict(&signed, &of(&certificate), &none())? == "db");
    ensure!(workshop.run("openssl", "x509 -in expired.pem -noout -enddate")?.contains("2016"));
    Ok(())
}

#[test]
fn one_of_several_signatures_is_enough_and_none_may_be_forbidden() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    let certificates: Result<Vec<Vec<u8>>> = ["one", "two", "three"]
        .iter()
        .map(|name| workshop.certify(name, "rsa:2048", None, &[SIGNER]))
        .collect();
    let [one, two, three] = certificates?.try_into().ok().context("three")?;
    workshop.sign("plain.efi", "once.efi", "one", &[])?;
    let twice = workshop.sign("once.efi", "twice.efi", "two", &[])?;
    ensure!(judge(&twice, &of(&one), &none())?.signatures.len() == 2);
    for (db, dbx, expected) in [
        (of(&one), none(), "db"),
        (of(&two), none(), "db"),
        (of(&three), none(), "not_in_lists"),
        (of(&one), of(&two), "revoked"),
        (of(&two), of(&one), "revoked"),
        (of(&two), of(&three), "db"),
    ] {
        ensure!(verdict(&twice, &db, &dbx)? == expected, "{expected}");
    }
    for (name, theirs) in [("one", true), ("two", true), ("three", false)] {
        ensure!(workshop.sbverify("twice.efi", name)? == theirs, "{name}");
    }
    Ok(())
}

#[test]
fn lists_of_every_kind() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    workshop.certify("root", "rsa:2048", None, &[AUTHORITY])?;
    workshop.certify("leaf", "rsa:2048", Some("root"), &[SIGNER])?;
    let signed = workshop.sign("plain.efi", "signed.efi", "leaf", &[])?;
    workshop.run("cert-to-efi-sig-list", "root.pem root.esl")?;
    workshop.run("hash-to-efi-sig-list", "plain.efi image.esl")?;
    workshop.run("hash-to-efi-sig-list", "signed.efi signed.esl")?;
    let lists: Result<Vec<Vec<u8>>> =
        ["root.esl", "image.esl", "signed.esl"].map(|name| workshop.read(name)).into_iter().collect();
    let [root, image, signed_hash] = lists?.try_into().ok().context("three")?;
    let plain = workshop.read("plain.efi")?;
    let read = SignatureDatabase::read;
    let (root, image, signed_hash) = (read(&root)?, read(&image)?, read(&signed_hash)?);
    ensure!(verdict(&signed, &root, &none())? == "db");
    ensure!(verdict(&plain, &image, &none())? == "db");
    ensure!(verdict(&signed, &signed_hash, &none())? == "db");
    ensure!(verdict(&plain, &root, &none())? == "not_signed");
    ensure!(verdict(&signed, &root, &signed_hash)? == "forbidden_image");
    for (certificate, options, since) in
        [("leaf", "", None), ("root", "", None), ("leaf", "-t 2020-02-03T04:05:06", Some((2020, 2, 3)))]
    {
        for bits in [256, 384, 512] {
            workshop
                .run("cert-to-efi-hash-list", &format!("-s {bits} {options} {certificate}.pem hash.esl"))?;
            let bytes = workshop.read("hash.esl")?;
            let revoked = judge(&signed, &root, &SignatureDatabase::read(&bytes)?)?.verdict;
            let Verdict::Refused(Refusal::Revoked { since: said, subject, .. }) = revoked else {
                anyhow::bail!("{certificate} {bits}: {revoked:?}");
            };
            ensure!(said.is_some() == since.is_some() && subject.contains(certificate), "{said:?} {subject}");
            ensure!(since.is_none() || said == since, "{said:?}");
        }
    }
    Ok(())
}

#[test]
fn nothing_that_was_changed_is_trusted() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let workshop = Workshop::new()?;
    workshop.write("plain.efi", &image().build())?;
    let certificate = workshop.certify("signer", "rsa:2048", None, &[SIGNER])?;
    let signed = workshop.sign("plain.efi", "signed.efi", "signer", &[])?;
    let check_sum = 64 + 24 + 64..64 + 24 + 68;
    let directory = 64 + 24 + 112 + 32..64 + 24 + 112 + 40;
    let headers = 0x200;
    for at in (0..headers).chain((headers..signed.len()).step_by(37)) {
        let mut changed = signed.clone();
        changed[at] ^= 0x01;
        let ours = verdict(&changed, &of(&certificate), &none()).is_ok_and(|said| said == "db");
        ensure!(ours == check_sum.contains(&at), "{at}");
        // Theirs is a program, so not every one of them. It takes a certificate table that goes on behind
        // the end of the file.
        if at % 7 == 0 && !ours && !directory.contains(&at) {
            workshop.write("changed.efi", &changed)?;
            ensure!(!workshop.sbverify("changed.efi", "signer")?, "{at}: sbverify");
        }
    }
    for size in (0..signed.len()).step_by(61) {
        let said = verdict(&signed[..size], &of(&certificate), &none());
        ensure!(said.is_err() || said.is_ok_and(|said| said != "db"), "{size}");
    }
    Ok(())
}
