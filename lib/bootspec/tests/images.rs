// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unified kernel images, as distributions build them and as somebody hostile would.

use bootspec::uki::{self, PROFILES_MAX, Refusal, SECTION_MAX, TEXTS_MAX, Uki, UkiError, What};
use bootspec::{Architecture, State, UkiName};
use pe_image::{Builder, MACHINE_AA64, MACHINE_X64};
use proptest::prelude::*;

type Reads = Vec<(u64, usize)>;

fn name() -> UkiName {
    UkiName::parse("Fedora-6.17+3-1.efi").unwrap()
}

/// Reads from a file in memory, and tells what was asked for.
fn read(file: &[u8]) -> (Result<Uki, Refusal>, Reads) {
    let mut reads = Vec::new();
    let mut read_at = |offset: u64, length: usize| -> Result<Vec<u8>, ()> {
        reads.push((offset, length));
        let from = usize::try_from(offset).unwrap();
        Ok(file[from..from + length].to_vec())
    };
    let answer = uki::read(&name(), file.len() as u64, Architecture::X64, &mut read_at);
    let answer = answer.map_err(|error| match error {
        UkiError::Refused(refusal) => refusal,
        UkiError::Read(()) => panic!("memory can be read"),
    });
    (answer, reads)
}

fn entries(image: &Builder) -> Uki {
    read(&image.build()).0.unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn refused(image: &Builder) -> Refusal {
    read(&image.build()).0.unwrap_err()
}

fn x64() -> Builder {
    Builder::new(MACHINE_X64)
}

fn with_osrel(osrel: &str) -> Builder {
    x64().section(".osrel", osrel).section(".linux", [0; 100])
}

fn fedora() -> Builder {
    with_osrel("NAME=\"Fedora Linux\"\nPRETTY_NAME=\"Fedora Linux 43\"\nID=fedora\nVERSION_ID=43\n")
}

#[test]
fn an_image_without_profiles_is_one_entry() {
    let uki = entries(&fedora().section(".cmdline", "root=UUID=1  ro\n\0\0junk"));
    let [entry] = &uki.entries[..] else { panic!() };
    assert_eq!((entry.number, entry.id.as_str()), (None, "fedora-6.17.efi"));
    assert_eq!(entry.title, "Fedora Linux 43");
    assert_eq!((entry.version.as_deref(), entry.sort_key.as_deref()), (Some("43"), Some("fedora")));
    assert_eq!((entry.machine_id.as_deref(), entry.options.as_deref()), (None, Some("root=UUID=1  ro")));
    assert_eq!(uki.notes, []);
    let name = name();
    let place = entry.place(&name);
    assert_eq!((place.id, place.counter.map(|counter| counter.left.value)), ("fedora-6.17.efi", Some(3)));
    assert_eq!(name.state(), State::Indeterminate);
}

/// The example of UAPI.5.
#[test]
fn profiles_take_the_place_of_the_base() {
    let uki = entries(
        &fedora()
            .section(".cmdline", "quiet")
            .section(".profile", "ID=regular\nTITLE=\"Regular boot\"\n")
            .section(".profile", "ID=factory-reset\nTITLE='Reset'")
            .section(".cmdline", "quiet systemd.unit=factory-reset.target")
            .section(".profile", "ID=Storagetm")
            .section(".osrel", "NAME=Other\nIMAGE_ID=disk\nIMAGE_VERSION=7")
            .section_sized(".cmdline", [], 0)
            .section(".profile", "TITLE="),
    );
    let found: Vec<_> = uki
        .entries
        .iter()
        .map(|entry| {
            (
                entry.number.unwrap(),
                &entry.id[..],
                &entry.title[..],
                entry.options.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        (0, "fedora-6.17.efi", "Fedora Linux 43 (Regular boot)", "quiet"),
        (
            1,
            "fedora-6.17.efi@factory-reset",
            "Fedora Linux 43 (Reset)",
            "quiet systemd.unit=factory-reset.target",
        ),
        (2, "fedora-6.17.efi@Storagetm", "disk (Storagetm)", ""),
        (3, "fedora-6.17.efi@3", "Fedora Linux 43 (@3)", "quiet"),
    ];
    assert_eq!(found, expected);
    assert_eq!(uki.entries[2].version.as_deref(), Some("7"));
    assert_eq!(uki.notes, []);
}

#[test]
fn ids_of_profiles_are_harmless_and_different() {
    let long = format!("ID={}", "x".repeat(65));
    let ids =
        ["ID=first", "ID=a", "ID=A", "ID=1", "ID='a b'", "ID=a@b", r"ID=a\\b", "ID=../x", "ID=é", &long];
    let image = ids.iter().fold(fedora(), |image, id| image.section(".profile", id));
    let uki = entries(&image);
    let found: Vec<_> =
        uki.entries.iter().map(|entry| entry.id.trim_start_matches("fedora-6.17.efi")).collect();
    assert_eq!(found, ["", "@a", "@2", "@3", "@4", "@5", "@6", "@7", "@8", "@9"]);
    assert!(uki.notes.iter().map(|note| (note.profile, note.what)).eq((2..10).map(|n| (n, What::BadId))));
}

#[test]
fn a_profile_that_cannot_be_used_takes_no_other_along() {
    let osrel = "NAME=x";
    let image = x64()
        .section(".linux", [0; 9])
        .section(".profile", "ID=none")
        .section(".profile", "ID=good")
        .section(".osrel", osrel)
        .section(".profile", "ID=empty")
        .section(".osrel", "VERSION=1");
    let uki = entries(&image);
    assert_eq!(uki.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [Some(1)]);
    let notes: Vec<_> = uki.notes.iter().map(|note| (note.profile, note.what)).collect();
    let left_out = [(0, Refusal::NoOsRelease), (2, Refusal::NoTitle)];
    assert_eq!(notes, left_out.map(|(profile, refusal)| (profile, What::NotOffered(refusal))));
    let many = (0..=PROFILES_MAX).fold(fedora(), |image, _| image.section(".profile", "TITLE=t"));
    let uki = entries(&many);
    assert_eq!((uki.entries.len(), uki.notes[0].what), (PROFILES_MAX, What::TooMany));
    let kernel_in_profile = x64().section(".osrel", osrel).section(".profile", "").section(".linux", [1]);
    assert_eq!(entries(&kernel_in_profile).entries[0].number, Some(0));
}

#[test]
fn what_is_not_offered_says_why() {
    let base = || x64().section(".linux", [0; 9]);
    let text = "x".repeat(SECTION_MAX + 1);
    let aa64 = Refusal::Machine { found: MACHINE_AA64, wanted: Architecture::X64 };
    let cases = [
        (x64(), Refusal::NoKernel),
        (x64().section(".text", [1]), Refusal::NoKernel),
        (x64().section(".cmdline", "quiet"), Refusal::Addon),
        (x64().section(".dtbauto", "x"), Refusal::Addon),
        (fedora().subsystem(11), Refusal::Subsystem { found: 11 }),
        (Builder::new(MACHINE_AA64).section(".linux", [0]), aa64),
        (base(), Refusal::NoOsRelease),
        (base().section_sized(".osrel", "NAME=x", 0), Refusal::NoOsRelease),
        (base().section(".osrel", "VERSION=1\n"), Refusal::NoTitle),
        (x64().section_sized(".linux", [1], 0).section(".osrel", "NAME=x"), Refusal::NoKernel),
        (fedora().section(".osrel", ""), Refusal::Repeated { section: ".osrel" }),
        (
            fedora().section(".profile", "").section(".dtb", "").section(".dtb", ""),
            Refusal::Repeated { section: ".dtb" },
        ),
        (fedora().section(".cmdline", &text), Refusal::TooLarge { section: ".cmdline" }),
        (base().section(".osrel", &text), Refusal::TooLarge { section: ".osrel" }),
    ];
    for (image, refusal) in cases {
        assert_eq!(refused(&image), refusal, "{}", refusal.token());
        assert!(!refusal.to_string().is_empty());
    }
    assert_eq!(read(b"").0, Err(Refusal::Image(pe_image::Refusal::Truncated)));
    assert_eq!(read(&[b'#'; 100]).0, Err(Refusal::Image(pe_image::Refusal::NotPe)));
}

#[test]
fn sections_that_may_repeat_do() {
    let image = fedora()
        .section(".dtbauto", "1")
        .section(".dtbauto", "2")
        .section(".efifw", "1")
        .section(".efifw", "2");
    assert_eq!(entries(&image).entries.len(), 1);
}

#[test]
fn the_payload_is_never_read_and_the_calls_are_few() {
    let image = fedora()
        .section(".cmdline", "quiet")
        .section(".initrd", vec![1; 3 << 20])
        .section(".profile", "ID=a")
        .section(".profile", "ID=b")
        .section(".cmdline", "b")
        .build();
    let (answer, reads) = read(&image);
    assert_eq!(answer.unwrap().entries.len(), 2);
    assert_eq!(reads.len(), 2, "{reads:?}");
    assert_eq!(reads[0], (0, 4096));
    assert!(reads[1].0 > 3 << 20 && reads[1].1 < 4096);
    let small = fedora().build();
    assert_eq!(read(&small).1, [(0, small.len())]);
    let far = fedora().new_header(20_000).build();
    assert!(read(&far).0.is_ok() && read(&far).1.len() <= 4, "{:?}", read(&far).1);
}

#[test]
fn many_large_texts_are_bounded() {
    let text = "x".repeat(SECTION_MAX);
    let with = |count| {
        (0..count).fold(fedora(), |image, _| image.section(".profile", "").section(".cmdline", &text))
    };
    assert_eq!(entries(&with(10)).entries.len(), 10);
    assert_eq!(refused(&with(20)), Refusal::TooMuchText);
    let (_, reads) = read(&with(15).build());
    assert!(reads.iter().map(|(_, length)| length).sum::<usize>() <= TEXTS_MAX + 4096);
}

#[test]
fn what_reading_fails_with_is_passed_on() {
    let file = fedora().build();
    let size = file.len() as u64;
    let failing = uki::read(&name(), size, Architecture::X64, &mut |_, _| Err("no media"));
    assert_eq!(failing, Err(UkiError::Read("no media")));
    let short = uki::read(&name(), size, Architecture::X64, &mut |_, _| Ok::<_, ()>(file[..100].to_vec()));
    assert_eq!(short, Err(UkiError::Refused(Refusal::ShortRead)));
}

#[test]
fn control_characters_never_reach_a_menu() {
    let osrel = "PRETTY_NAME=\"a\x1b[2Jb\"\nNAME=safe\n";
    let uki = entries(
        &with_osrel(osrel).section(".cmdline", "a\x1b[2J\tb\u{9b}c").section(".profile", "TITLE=x\x07"),
    );
    assert_eq!(uki.entries[0].title, "safe");
    assert_eq!(uki.entries[0].options.as_deref(), Some("a [2J b c"));
}

proptest! {
    #[test]
    fn a_damaged_image_is_judged(
        changes in proptest::collection::vec((0_usize..1200, any::<u8>()), 0..6), cut in 0_usize..4000,
    ) {
        let mut file = fedora().section(".cmdline", "x").section(".profile", "ID=a").section(".profile", "").build();
        for (at, byte) in changes {
            file[at] = byte;
        }
        file.truncate(cut);
        let (answer, reads) = read(&file);
        prop_assert!(reads.len() <= 8);
        if let Ok(uki) = answer {
            prop_assert!(!uki.entries.is_empty());
            for entry in &uki.entries {
                let shown = [&entry.id, &entry.title, entry.options.as_ref().unwrap_or(&entry.id)];
                prop_assert!(shown.iter().all(|text| !text.contains(char::is_control)));
            }
        }
    }

    #[test]
    fn ids_are_never_the_same(ids in proptest::collection::vec("[aA01@ ]{0,2}", 1..8)) {
        let image = ids.iter().fold(fedora(), |image, id| image.section(".profile", format!("ID={id}")));
        let mut found: Vec<_> = entries(&image).entries.into_iter().map(|entry| entry.id.to_lowercase()).collect();
        found.sort();
        let all = found.len();
        found.dedup();
        prop_assert_eq!(found.len(), all);
    }
}
