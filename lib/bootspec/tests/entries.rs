// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry texts, as distributions write them and as damage leaves them.

use bootspec::{
    Architecture, EspPath, FILES_MAX, Main, NOTES_MAX, Note, Oddity, PathError, Reason, TEXT_MAX, Type1,
};
use proptest::prelude::*;

fn parse(text: &str) -> Type1 {
    Type1::parse(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"))
}

fn refused(text: &str) -> (Option<u32>, Reason) {
    let refusal = Type1::parse(text.as_bytes()).expect_err(text);
    (refusal.line.map(Into::into), refusal.reason)
}

fn paths(paths: &[EspPath]) -> Vec<&str> {
    paths.iter().map(EspPath::as_str).collect()
}

fn notes(entry: &Type1) -> Vec<(u32, Oddity)> {
    entry.notes.iter().map(|note| (note.line.into(), note.what.clone())).collect()
}

#[test]
fn every_key_of_the_specification() {
    let entry = parse(
        "# Boot Loader Specification\n\
         title Fedora Linux 43\nversion 6.17.1\nmachine-id 4098b3f648d74c13b1f04ccfba7798e8\nsort-key fedora\n\
         linux /4098/6.17.1/linux\ninitrd /4098/6.17.1/ucode\ninitrd /4098/6.17.1/initrd\n\
         options root=UUID=1 quiet\noptions splash\ndevicetree dtb/a.dtb\n\
         devicetree-overlay /o/1.dtbo /o/2.dtbo\narchitecture aarch64\nextra /c/a.cred\nextra /c/b.sysext.raw\n",
    );
    assert_eq!(entry.title.as_deref(), Some("Fedora Linux 43"));
    assert_eq!(entry.version.as_deref(), Some("6.17.1"));
    assert_eq!(entry.machine_id.as_deref(), Some("4098b3f648d74c13b1f04ccfba7798e8"));
    assert_eq!(entry.sort_key.as_deref(), Some("fedora"));
    assert_eq!(entry.options, "root=UUID=1 quiet splash");
    assert_eq!(paths(&entry.extra), [r"\c\a.cred", r"\c\b.sysext.raw"]);
    assert!(entry.is_for(Architecture::Aa64) && !entry.is_for(Architecture::X64));
    let Main::Linux(linux) = &entry.main else { panic!("{:?}", entry.main) };
    assert_eq!(linux.kernel.as_str(), r"\4098\6.17.1\linux");
    assert_eq!(paths(&linux.initrds), [r"\4098\6.17.1\ucode", r"\4098\6.17.1\initrd"]);
    assert_eq!(linux.devicetree.as_ref().map(EspPath::as_str), Some(r"\dtb\a.dtb"));
    assert_eq!(paths(&linux.overlays), [r"\o\1.dtbo", r"\o\2.dtbo"]);
    assert_eq!(notes(&entry), []);
}

#[test]
fn what_is_started() {
    let main = |text| parse(text).main;
    let path = |text| EspPath::parse(text).unwrap();
    assert_eq!(main("efi /shellx64.efi"), Main::Efi(path("/shellx64.efi")));
    assert_eq!(main("uki /a.efi\nprofile 2"), Main::Uki { image: path("/a.efi"), profile: Some(2) });
    let url = || "https://example.org/a.efi".to_owned();
    assert_eq!(main("uki-url https://example.org/a.efi"), Main::UkiUrl { url: url(), profile: None });
    assert_eq!(main("uki-url :b.efi").file(), None);
    assert_eq!(main("efi /a b.efi").file(), Some(&path("/a b.efi")));
}

#[test]
fn an_entry_of_fedora_with_what_only_grub_understands() {
    let entry = parse(
        "title Fedora\nversion 6.17\nlinux /vmlinuz-6.17\ninitrd /initramfs-6.17.img $tuned_initrd\n\
         options $kernelopts ro $tuned_params quiet\ngrub_users $grub_users\ngrub_arg --unrestricted\n\
         grub_class fedora\n",
    );
    assert_eq!(entry.options, "ro quiet");
    let Main::Linux(linux) = &entry.main else { panic!() };
    assert_eq!(paths(&linux.initrds), [r"\initramfs-6.17.img"]);
    let expected = [
        (4, Oddity::Placeholder("$tuned_initrd".into())),
        (5, Oddity::Placeholder("$kernelopts".into())),
        (5, Oddity::Placeholder("$tuned_params".into())),
        (6, Oddity::UnknownKey("grub_users".into())),
        (7, Oddity::UnknownKey("grub_arg".into())),
        (8, Oddity::UnknownKey("grub_class".into())),
    ];
    assert_eq!(notes(&entry), expected);
}

#[test]
fn placeholders_go_in_every_form_of_slash() {
    for word in ["$tuned_initrd", "/$tuned_initrd", r"\$tuned_initrd", r"/\$tuned_initrd"] {
        let entry = parse(&format!("linux /l\ninitrd {word}\ninitrd /i"));
        let Main::Linux(linux) = entry.main else { panic!() };
        assert_eq!(paths(&linux.initrds), [r"\i"], "{word}");
    }
}

#[test]
fn windows_line_ends_tabs_and_a_missing_last_line_end_are_no_harm() {
    let entry = parse("title\tA \"B\" \r\nlinux \t /l\r\n\r\n\toptions  a  b");
    assert_eq!((entry.title.as_deref(), entry.options.as_str()), (Some("A \"B\""), "a  b"));
    assert_eq!(notes(&entry), []);
}

#[test]
fn the_last_of_a_single_key_counts_and_is_noted() {
    let entry = parse("title A\nlinux /a\ntitle B\nlinux /b\nversion\noptions\n");
    assert_eq!(entry.title.as_deref(), Some("B"));
    assert_eq!(entry.main.file().map(EspPath::as_str), Some(r"\b"));
    let expected = [
        (3, Oddity::Repeated("title")),
        (4, Oddity::Repeated("linux")),
        (5, Oddity::NoValue("version")),
        (6, Oddity::NoValue("options")),
    ];
    assert_eq!(notes(&entry), expected);
}

#[test]
fn keys_without_meaning_are_noted_in_the_order_of_lines() {
    let entry = parse("initrd /i\nprofile x\ndevicetree /d\nefi /e\noptions o\n");
    assert_eq!(entry.options, "o");
    let meaningless = [(1, "initrd"), (2, "profile"), (3, "devicetree")];
    assert_eq!(notes(&entry), meaningless.map(|(line, key)| (line, Oddity::Meaningless(key))));
    assert_eq!(notes(&parse("linux /l\nprofile 1")), [(2, Oddity::Meaningless("profile"))]);
    assert_eq!(notes(&parse("uki /u\ninitrd /i")), [(2, Oddity::Meaningless("initrd"))]);
}

#[test]
fn an_unknown_architecture_is_for_no_machine() {
    assert!(!parse("linux /l\narchitecture vax").is_for(Architecture::X64));
    assert!(parse("linux /l\narchitecture X86-64").is_for(Architecture::X64));
    assert!(parse("linux /l").is_for(Architecture::RiscV64));
}

#[test]
fn what_cannot_be_used_says_why_and_where() {
    let bad = |key, error| Reason::BadPath { key, error };
    let two = |first, second| Reason::TwoThingsToStart { first, second };
    let many = "linux /l\n".to_owned() + &"initrd /i\n".repeat(FILES_MAX + 1);
    let cases = [
        ("", None, Reason::Empty),
        ("\n", None, Reason::NothingToStart),
        ("title A\nversion 1\nlin", None, Reason::NothingToStart),
        ("linux", None, Reason::NothingToStart),
        ("LINUX /l", None, Reason::NothingToStart),
        ("linux /l\ntitle A\nefi /e\n", Some(3), two("linux", "efi")),
        ("uki-url :a\nuki /u\n", Some(2), two("uki-url", "uki")),
        ("title A\nlinux /../l\n", Some(2), bad("linux", PathError::DotComponent)),
        ("linux /l\ninitrd /a //b\n", Some(2), bad("initrd", PathError::EmptyComponent)),
        ("linux /l\ndevicetree /\n", Some(2), bad("devicetree", PathError::Empty)),
        ("linux /l\nextra a/./b\n", Some(2), bad("extra", PathError::DotComponent)),
        ("linux /a\tb\n", Some(1), bad("linux", PathError::ControlCharacter)),
        ("uki /u\nprofile -1\n", Some(2), Reason::BadProfile),
        ("uki /u\nprofile +1\n", Some(2), Reason::BadProfile),
        ("uki /u\nprofile 4294967296\n", Some(2), Reason::BadProfile),
        ("title A\nlinux /l\0\0\0", Some(2), Reason::ControlCharacter('\0')),
        (many.as_str(), Some(66), Reason::TooManyFiles { key: "initrd" }),
    ];
    for (text, line, reason) in cases {
        assert_eq!(refused(text), (line, reason), "{text:?}");
    }
}

#[test]
fn a_refusal_is_a_sentence_for_the_owner() {
    let sentence = |text: &str| Type1::parse(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        sentence("linux /a//b"),
        "line 1: `linux`: the path has two slashes together or one at its end"
    );
    assert_eq!(sentence("linux /l\n\0"), "line 2: there is a NUL; the file was not written to its end");
    assert_eq!(parse("linux /l\n\u{a0}x y").notes[0].to_string(), "line 2: unknown key `\u{a0}x` ignored");
}

#[test]
fn hostile_numbers_of_lines_stay_bounded() {
    let entry = parse(&("linux /l\n".to_owned() + &"x\n".repeat(30_000)));
    assert_eq!((entry.notes.len(), entry.notes_left_out), (NOTES_MAX, 30_000 - NOTES_MAX));
    let long = "linux /l\n".to_owned() + &"k".repeat(TEXT_MAX - 9);
    let Oddity::UnknownKey(key) = parse(&long).notes.remove(0).what else { panic!() };
    assert_eq!(key.len(), 64);
    assert_eq!(refused(&(long + "k")).1, Reason::TooLarge { bytes: TEXT_MAX + 1 });
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Type1::parse(&bytes);
    }

    #[test]
    fn any_lines_are_judged_and_bounded(
        lines in proptest::collection::vec(
            "(title|version|linux|efi|uki|uki-url|profile|initrd|options|extra|devicetree|devicetree-overlay|x)\
             [ \t]{0,2}[/a$.\" 1\\\\]{0,6}\r?",
            0..12,
        ),
    ) {
        let text = lines.join("\n");
        if let Ok(entry) = Type1::parse(text.as_bytes()) {
            prop_assert!(entry.options.len() <= text.len());
            prop_assert!(entry.notes.is_sorted_by_key(|note: &Note| note.line));
            prop_assert!(entry.notes.iter().all(|note| usize::try_from(note.line.get()).unwrap() <= lines.len()));
        }
    }

    #[test]
    fn what_is_written_is_read(
        title in "\\PC{1,20}", kernel in "[a-z]{1,8}", options in "[a-z=]{1,10}( [a-z=]{1,10}){0,3}",
    ) {
        let title = title.trim_matches(['\t', ' ', '\r']);
        prop_assume!(!title.is_empty());
        let entry = parse(&format!("title {title}\nlinux /{kernel}\noptions {options}\n"));
        prop_assert_eq!(entry.title.as_deref(), Some(title));
        prop_assert_eq!(entry.main.file().unwrap().file_name(), kernel);
        prop_assert_eq!(entry.options, options);
    }

    #[test]
    fn a_file_cut_short_is_refused_or_says_no_more_than_before(cut in 0_usize..90) {
        let whole = "title Debian\nversion 6.1\nlinux /vmlinuz-6.1\ninitrd /initrd-6.1\noptions root=/dev/sda1 ro\n";
        if let Ok(entry) = Type1::parse(&whole.as_bytes()[..cut.min(whole.len())]) {
            prop_assert!("root=/dev/sda1 ro".starts_with(&entry.options));
        }
    }
}
