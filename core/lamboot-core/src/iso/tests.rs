// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images as distributions make them, in outline, and what is started from them.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// An image in memory: paths to contents. Folders are there because files are in them.
#[derive(Clone, Debug, Default)]
struct Image {
    files: BTreeMap<String, String>,
    label: String,
}

impl Image {
    fn new(files: &[&str]) -> Self {
        let files = files.iter().map(|path| ((*path).to_owned(), String::new())).collect();
        Self { files, label: "LABEL".into() }
    }

    fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn labelled(mut self, label: &str) -> Self {
        label.clone_into(&mut self.label);
        self
    }
}

impl IsoFiles for Image {
    fn exists(&mut self, path: &str) -> bool {
        assert!(path.starts_with('/'), "{path}");
        let folder = format!("{path}/");
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    fn read(&mut self, path: &str, limit: usize) -> Option<Vec<u8>> {
        let text = self.files.get(path)?;
        (text.len() <= limit).then(|| text.clone().into_bytes())
    }

    fn names(&mut self, path: &str, limit: usize) -> Vec<String> {
        let folder = format!("{path}/");
        let below = self.files.keys().filter_map(|file| file.strip_prefix(&folder));
        let mut names: Vec<String> =
            below.map(|rest| rest.split('/').next().unwrap_or_default().to_owned()).collect();
        names.dedup();
        names.truncate(limit);
        names
    }

    fn label(&self) -> &str {
        &self.label
    }
}

const PLACE: Place<'_> =
    Place { path: "/isos/a.iso", volume_uuid: Some("1234-ABCD"), volume_label: Some("MY STICK") };

fn on(image: &Image, architecture: Architecture) -> Result<Vec<IsoEntry>, NotBootable> {
    entries(&mut image.clone(), &PLACE, architecture)
}

/// Each entry as one line.
fn lines(image: &Image) -> Vec<String> {
    let line = |entry: IsoEntry| {
        format!("{}: {} + {} | {}", entry.title, entry.kernel, entry.initrds.join(" "), entry.options)
    };
    on(image, Architecture::X64).unwrap().into_iter().map(line).collect()
}

fn token(image: &Image) -> &'static str {
    on(image, Architecture::X64).err().map_or("entries", |reason| reason.token())
}

// Images with a loopback.cfg

#[test]
fn ubuntu() {
    let image =
        Image::new(&["/casper/vmlinuz", "/casper/initrd", "/casper/hwe-vmlinuz", "/casper/hwe-initrd"]).with(
            LOOPBACK_CFG,
            r#"
menuentry "Try or Install Ubuntu" {
	set gfxpayload=keep
	linux	/casper/vmlinuz  iso-scan/filename=${iso_path} --- quiet splash
	initrd	/casper/initrd
}
menuentry "Ubuntu with the HWE kernel" {
	set gfxpayload=keep
	linux	/casper/hwe-vmlinuz  iso-scan/filename=${iso_path} ---
	initrd	/casper/hwe-initrd
}
if [ "$grub_platform" = "efi" ]; then
menuentry 'Boot from next volume' {
	exit 1
}
fi
"#,
        );
    let expected = [
        "Try or Install Ubuntu: /casper/vmlinuz + /casper/initrd | iso-scan/filename=/isos/a.iso --- quiet splash",
        "Ubuntu with the HWE kernel: /casper/hwe-vmlinuz + /casper/hwe-initrd | iso-scan/filename=/isos/a.iso ---",
    ];
    assert_eq!(lines(&image), expected);
}

#[test]
fn debian_live() {
    let image = Image::new(&["/live/vmlinuz-6.1.0-18-amd64", "/live/initrd.img-6.1.0-18-amd64"])
        .with(LOOPBACK_CFG, "source /boot/grub/grub.cfg\n")
        .with(
            "/boot/grub/grub.cfg",
            r#"source /boot/grub/config.cfg
menuentry "Live system (amd64)" --hotkey=l {
	linux	/live/vmlinuz-6.1.0-18-amd64 boot=live components quiet splash findiso=${iso_path}
	initrd	/live/initrd.img-6.1.0-18-amd64
}
# Advanced
submenu 'Advanced options...' --hotkey=a {
	set theme=/boot/grub/theme.txt
	menuentry "Fail-safe mode" {
		linux	/live/vmlinuz-6.1.0-18-amd64 boot=live components noapic \
			nolapic findiso=${iso_path}
		initrd	/live/initrd.img-6.1.0-18-amd64
	}
}
"#,
        )
        .with(
            "/boot/grub/config.cfg",
            r#"set default=0
if [ x$feature_default_font_path = xy ] ; then
   font=unicode
else
   font=$prefix/unicode.pf2
fi
if loadfont $font ; then
  set gfxmode=800x600
  insmod efi_gop
fi
"#,
        );
    let files = "/live/vmlinuz-6.1.0-18-amd64 + /live/initrd.img-6.1.0-18-amd64";
    let expected = [
        format!("Live system (amd64): {files} | boot=live components quiet splash findiso=/isos/a.iso"),
        format!(
            "Advanced options... > Fail-safe mode: {files} | boot=live components noapic nolapic findiso=/isos/a.iso"
        ),
    ];
    assert_eq!(lines(&image), expected);
}

fn arch_image() -> Image {
    Image::new(&[
        "/arch/boot/x86_64/vmlinuz-linux",
        "/arch/boot/x86_64/initramfs-linux.img",
        "/arch/boot/intel-ucode.img",
        "/arch/boot/amd-ucode.img",
        "/boot/memtest86+/memtest.efi",
    ])
}

#[test]
fn arch() {
    let image = arch_image().with(
        LOOPBACK_CFG,
        r#"
search --no-floppy --set=img_dev_name --file "${iso_path}"
probe --set img_dev_id --fs-uuid "${img_dev_name}"
if [ "${grub_platform}" == 'efi' ]; then
    platform='UEFI'
    if [ "${grub_cpu}" == 'x86_64' ]; then
        machine='x64'
    elif [ "${grub_cpu}" == 'arm64' ]; then
        machine='aa64'
    fi
elif [ "${grub_platform}" == 'pc' ]; then
    platform='BIOS'
else
    platform="${grub_cpu}-${grub_platform}"
fi
timeout=15
menuentry "Install medium (x86_64, ${platform}, ${machine})" --class arch --id 'archlinux' {
    set gfxpayload=keep
    linux /arch/boot/x86_64/vmlinuz-linux archisobasedir=arch img_dev=UUID=${img_dev_id} img_loop="${iso_path}"
    initrd /arch/boot/intel-ucode.img /arch/boot/amd-ucode.img /arch/boot/x86_64/initramfs-linux.img
}
if [ "${grub_platform}" == 'efi' -a "${grub_cpu}" == 'x86_64' -a -f '/boot/memtest86+/memtest.efi' ]; then
    menuentry 'Memory test' --class memtest {
        linux /boot/memtest86+/memtest.efi
    }
fi
menuentry 'System shutdown' {
    halt
}
"#,
    );
    let expected = [
        "Install medium (x86_64, UEFI, x64): /arch/boot/x86_64/vmlinuz-linux + /arch/boot/intel-ucode.img \
         /arch/boot/amd-ucode.img /arch/boot/x86_64/initramfs-linux.img | archisobasedir=arch \
         img_dev=UUID=1234-ABCD img_loop=/isos/a.iso",
        "Memory test: /boot/memtest86+/memtest.efi +  | ",
    ];
    assert_eq!(lines(&image), expected);
}

#[test]
fn fedora_with_a_search_by_label() {
    let image = Image::new(&["/boot/x86_64/loader/linux", "/boot/x86_64/loader/initrd", "/LiveOS/squashfs.img"])
        .labelled("Fedora-WS-Live-44")
        .with(
            LOOPBACK_CFG,
            r#"
set isolabel="Fedora-WS-Live-44"
search --no-floppy --set=root -l "$isolabel"
menuentry 'Start Fedora Live' --class fedora --class gnu-linux {
    linux ($root)/boot/x86_64/loader/linux root=live:CDLABEL=$isolabel rd.live.image "iso-scan/filename=$iso_path" quiet
    initrd ($root)/boot/x86_64/loader/initrd
}
"#,
        );
    let expected = ["Start Fedora Live: /boot/x86_64/loader/linux + /boot/x86_64/loader/initrd | \
                     root=live:CDLABEL=Fedora-WS-Live-44 rd.live.image iso-scan/filename=/isos/a.iso quiet"];
    assert_eq!(lines(&image), expected);
}

#[test]
fn opensuse_with_a_function_and_a_loop() {
    let image = Image::new(&["/boot/x86_64/loader/linux", "/boot/x86_64/loader/initrd"]).with(
        LOOPBACK_CFG,
        r#"
function load_video {
  for module in efi_gop efi_uga ; do
    insmod $module
  done
}
if [ -z "${iso_path}" ]; then echo "no path"; fi
extra="splash=silent quiet"
menuentry $"openSUSE Live" --class os --unrestricted {
  load_video
  set gfxpayload=keep
  echo Loading kernel...
  linuxefi ($root)/boot/x86_64/loader/linux ${extra} ${none} root=live:CDLABEL=LABEL iso-scan/filename=${iso_path}
  initrdefi ($root)/boot/x86_64/loader/initrd
}
"#,
    );
    let expected = ["openSUSE Live: /boot/x86_64/loader/linux + /boot/x86_64/loader/initrd | \
                     splash=silent quiet root=live:CDLABEL=LABEL iso-scan/filename=/isos/a.iso"];
    assert_eq!(lines(&image), expected);
}

#[test]
fn grml() {
    let image = Image::new(&["/boot/grml64/vmlinuz", "/boot/grml64/initrd.img", "/live/grml64/a.squashfs"])
        .with(LOOPBACK_CFG, "source /boot/grub/header.cfg\nsource /boot/grub/grml64_default.cfg\n")
        .with(
            "/boot/grub/header.cfg",
            r#"
if loadfont unicode ; then
   insmod png
   if [ "${grub_platform}" == "pc" ] ; then
     insmod vbe
   fi
fi
if [ "${iso_path}" != "" ] ; then
    set loopback="findiso=${iso_path}"
    export loopback
fi
"#,
        )
        .with(
            "/boot/grub/grml64_default.cfg",
            r#"menuentry "Grml 64" {
    linux   /boot/grml64/vmlinuz apm=power-off "${loopback}" ${kernelopts} nomce
    initrd  /boot/grml64/initrd.img
}
"#,
        );
    let expected =
        ["Grml 64: /boot/grml64/vmlinuz + /boot/grml64/initrd.img | apm=power-off findiso=/isos/a.iso nomce"];
    assert_eq!(lines(&image), expected);
}

#[test]
fn system_rescue() {
    let image = Image::new(&[
        "/sysresccd/boot/x86_64/vmlinuz",
        "/sysresccd/boot/x86_64/sysresccd.img",
        "/sysresccd/boot/intel_ucode.img",
        "/sysresccd/boot/amd_ucode.img",
    ])
    .with(
        LOOPBACK_CFG,
        r#"
if [ -z "$iso_path" ]
then
	echo "Warning: 'iso_path' is not set."
elif search --file --set=grub_dev --no-floppy $iso_path
then
	if probe --fs-uuid --set=fs_id $grub_dev
	then
		param="img_dev=/dev/disk/by-uuid/$fs_id img_loop=$iso_path"
	else
		echo "Warning: no UUID."
	fi
fi
source /boot/grub/grubsrcd.cfg
"#,
    )
    .with(
        "/boot/grub/grubsrcd.cfg",
        r#"
if [ -n "$param" ]; then export param; else param="archisolabel=RESCUE"; fi
menuentry "Boot with default options" {
	linux /sysresccd/boot/x86_64/vmlinuz archisobasedir=sysresccd $param iomem=relaxed
	initrd /sysresccd/boot/intel_ucode.img /sysresccd/boot/amd_ucode.img /sysresccd/boot/x86_64/sysresccd.img
}
"#,
    );
    let expected =
        ["Boot with default options: /sysresccd/boot/x86_64/vmlinuz + /sysresccd/boot/intel_ucode.img \
         /sysresccd/boot/amd_ucode.img /sysresccd/boot/x86_64/sysresccd.img | archisobasedir=sysresccd \
         img_dev=/dev/disk/by-uuid/1234-ABCD img_loop=/isos/a.iso iomem=relaxed"];
    assert_eq!(lines(&image), expected);
    let place = Place { volume_uuid: None, ..PLACE };
    let without = loopback::entries(&mut image.clone(), &place, Architecture::X64);
    assert_eq!(without[0].options, "archisobasedir=sysresccd archisolabel=RESCUE iomem=relaxed");
}

/// What a `loopback.cfg` of these commands offers, in an image with `/k`, `/i` and `/j`.
fn script(text: &str) -> Vec<String> {
    let mut image = Image::new(&["/k", "/i", "/j"]).with(LOOPBACK_CFG, text);
    let entries = loopback::entries(&mut image, &PLACE, Architecture::X64);
    let line = |entry: IsoEntry| {
        format!("{}:{}+{}|{}", entry.title, entry.kernel, entry.initrds.join("+"), entry.options)
    };
    entries.into_iter().map(line).collect()
}

#[test]
fn rules_of_the_script() {
    for (text, expected) in [
        // Variables are as they are at the menu's end, and an entry's own stay in it.
        ("set a=1\nmenuentry T { linux /k $a }\nset a=2", &["T:/k+|2"][..]),
        ("menuentry T { set a=1; linux /k }\nmenuentry U { linux /k $a }", &["T:/k+|", "U:/k+|"]),
        ("submenu S { set a=1; menuentry T { linux /k $a } }", &["S > T:/k+|1"]),
        // Whole or not at all.
        ("menuentry T { linux /k; initrd /i /j }", &["T:/k+/i+/j|"]),
        ("menuentry T { linux /k; initrd /i /gone }", &[]),
        ("menuentry T { linux /gone; initrd /i }", &[]),
        ("menuentry T { initrd /i }", &[]),
        ("menuentry T { linux /k; initrd newc:a:/i }", &[]),
        ("menuentry T { linux k }", &[]),
        ("menuentry T { linux /k a; linux /k b }", &["T:/k+|b"]),
        // Files on the volume are not in the image.
        ("menuentry T { linux (hd0)/k }", &[]),
        ("search --set=root --file /isos/a.iso\nmenuentry T { linux /k }", &[]),
        ("search --set=root --file /isos/a.iso\nset root=(loop)\nmenuentry T { linux /k }", &["T:/k+|"]),
        ("search --set root -l 'MY STICK'\nmenuentry T { linux ($root)/k }", &[]),
        ("search --set=root --file /k\nmenuentry T { linux ($root)/k }", &["T:/k+|"]),
        ("if search --fs-uuid --set=d 1234-ABCD; then linux /k $d; fi", &["LABEL:/k+|hd0"]),
        ("if search --file /gone; then linux /k; fi", &[]),
        ("probe --set=x --label (loop)\nlinux /k $x $rootuuid", &["LABEL:/k+|LABEL 1234-ABCD"]),
        ("if probe --set=x --fs-uuid (loop); then linux /k; fi", &[]),
        // What is not understood does not hold.
        ("if frobnicate; then linux /k a; else linux /k b; fi", &["LABEL:/k+|b"]),
        ("if ! frobnicate; then linux /k a; fi", &["LABEL:/k+|a"]),
        ("if [ a ~ a ]; then linux /k a; else linux /k b; fi", &["LABEL:/k+|b"]),
        ("if true; false; then linux /k a; fi", &[]),
        // Quoting, titles.
        (
            "menuentry 'A \"b\" {c}' --class x { linux /k \"a b\" 'c\"d e' \"\" }",
            &["A \"b\" {c}:/k+|\"a b\" c\"d e"],
        ),
        ("menuentry --class x --id y T { linux /k }", &["T:/k+|"]),
        ("menuentry T{ linux /k }", &["T:/k+|"]),
        ("menuentry \"\u{1b}[2JT\" { linux /k }", &["[2JT:/k+|"]),
        ("menuentry T { linux /k '\u{1b}' }", &[]),
        // A file that ends in the middle.
        ("menuentry T { linux /k }\nmenuentry U { linux /k", &["T:/k+|"]),
        ("source /boot/grub/loopback.cfg\nmenuentry T { linux /k }", &["T:/k+|"; 4]),
        (
            "menuentry T { configfile /boot/grub/loopback.cfg }\nmenuentry U { linux /k }",
            &["T > T > T > T > U:/k+|", "T > T > T > U:/k+|", "T > T > U:/k+|", "T > U:/k+|", "U:/k+|"][1..],
        ),
    ] {
        assert_eq!(script(text), expected, "{text}");
    }
}

#[test]
fn limits() {
    assert_eq!(script(&"menuentry T { linux /k }\n".repeat(200)).len(), ENTRIES_MAX);
    assert_eq!(script(&format!("{}linux /k", " ".repeat(loopback::FILE_MAX))).len(), 0);
    let nested = |depth| format!("{}linux /k{}", "submenu S { ".repeat(depth), " }".repeat(depth));
    assert_eq!(script(&nested(4)).len(), 1);
    assert_eq!(script(&nested(5)).len(), 0);
    assert_eq!(script(&format!("linux /k {}", "x".repeat(OPTIONS_MAX))).len(), 1);
    assert_eq!(script(&format!("linux /k {}", "x".repeat(OPTIONS_MAX + 1))).len(), 0);
    assert_eq!(script(&format!("{}linux /k", "true\n".repeat(9000))).len(), 0);
}

// Images without one

#[test]
fn families() {
    let label = "A LABEL";
    for (files, expected) in [
        (
            &[
                "/arch/boot/x86_64/vmlinuz-linux",
                "/arch/boot/x86_64/initramfs-linux.img",
                "/arch/boot/amd-ucode.img",
            ][..],
            "/arch/boot/x86_64/vmlinuz-linux + /arch/boot/amd-ucode.img /arch/boot/x86_64/initramfs-linux.img | \
             img_dev=/dev/disk/by-uuid/1234-ABCD img_loop=/isos/a.iso archisobasedir=arch archisolabel=A\\x20LABEL",
        ),
        (
            &["/casper/vmlinuz", "/casper/initrd.lz"],
            "/casper/vmlinuz + /casper/initrd.lz | boot=casper iso-scan/filename=/isos/a.iso",
        ),
        (
            &[
                "/live/vmlinuz-6.9.1",
                "/live/initrd.img-6.9.1",
                "/live/vmlinuz-6.10.1",
                "/live/initrd.img-6.10.1",
            ],
            "/live/vmlinuz-6.10.1 + /live/initrd.img-6.10.1 | boot=live findiso=/isos/a.iso",
        ),
        (
            &["/LiveOS/squashfs.img", "/images/pxeboot/vmlinuz", "/images/pxeboot/initrd.img"],
            "/images/pxeboot/vmlinuz + /images/pxeboot/initrd.img | \
             root=live:CDLABEL=A\\x20LABEL rd.live.image iso-scan/filename=/isos/a.iso",
        ),
        (
            &["/LiveOS/squashfs.img", "/boot/x86_64/loader/linux", "/boot/x86_64/loader/initrd"],
            "/boot/x86_64/loader/linux + /boot/x86_64/loader/initrd | \
             root=live:CDLABEL=A\\x20LABEL rd.live.image iso-scan/filename=/isos/a.iso",
        ),
        (
            &["/boot/x86_64/loader/linux", "/boot/x86_64/loader/initrd", "/boot/x86_64/root"],
            "/boot/x86_64/loader/linux + /boot/x86_64/loader/initrd | install=hd:/isos/a.iso",
        ),
    ] {
        let image = Image::new(files).labelled(label);
        assert_eq!(lines(&image), [format!("A LABEL: {expected}")]);
    }
}

#[test]
fn families_on_arm() {
    let kernel =
        |files: &[&str]| on(&Image::new(files), Architecture::Aa64).map(|entries| entries[0].kernel.clone());
    let fedora = ["/LiveOS/squashfs.img", "/boot/aarch64/loader/linux", "/boot/aarch64/loader/initrd"];
    assert_eq!(kernel(&fedora).unwrap(), "/boot/aarch64/loader/linux");
    assert_eq!(kernel(&["/boot/aarch64/linux", "/boot/aarch64/initrd"]).unwrap(), "/boot/aarch64/linux");
    assert_eq!(kernel(&["/casper/vmlinuz", "/casper/initrd"]).unwrap(), "/casper/vmlinuz");
    let arch = ["/arch/boot/aarch64/Image", "/arch/boot/aarch64/initramfs-linux.img"];
    assert_eq!(kernel(&arch), Err(NotBootable::Incomplete { family: "Arch Linux" }));
    let other = ["/arch/boot/x86_64/vmlinuz-linux", "/arch/boot/x86_64/initramfs-linux.img"];
    assert_eq!(kernel(&other), Err(NotBootable::Incomplete { family: "Arch Linux" }));
}

#[test]
fn images_that_cannot_be_started() {
    assert_eq!(token(&Image::new(&["/install.amd/vmlinuz"])), "iso_unknown");
    assert_eq!(token(&Image::new(&["/apks/x86_64/a.apk", "/boot/vmlinuz-lts"])), "iso_not_from_a_file");
    assert_eq!(token(&Image::new(&["/live/filesystem.squashfs"])), "iso_incomplete");
    let fedora = Image::new(&["/LiveOS/squashfs.img", "/isolinux/vmlinuz", "/isolinux/initrd.img"]);
    assert_eq!(token(&fedora.labelled("")), "iso_no_name");
    let others = Image::new(&["/casper/vmlinuz", "/casper/initrd", "/EFI/boot/bootaa64.efi"]);
    assert_eq!(token(&others), "iso_other_architecture");
    let both = others.with("/EFI/boot/BOOTX64.EFI", "");
    assert_eq!(token(&both), "entries");
    for reason in [NotBootable::Path, NotBootable::Unknown, NotBootable::NotFromAFile { family: "X" }] {
        assert!(!reason.to_string().is_empty() && reason.token().starts_with("iso_"));
    }
}

#[test]
fn where_the_image_is() {
    let on_path = |path, uuid, label| {
        let place = Place { path, volume_uuid: uuid, volume_label: label };
        let mut image = arch_image();
        entries(&mut image, &place, Architecture::X64).map(|entries| entries[0].options.clone())
    };
    for path in ["/isos/a b.iso", "isos/a.iso", "/a\".iso", "/a\u{a0}b.iso", "/a\n.iso", "\\isos\\a.iso"] {
        assert_eq!(on_path(path, Some("1"), None), Err(NotBootable::Path), "{path}");
    }
    assert!(on_path("/isos/ä.iso", Some("1"), None).is_ok());
    assert!(on_path("/a.iso", None, Some("A B/C")).unwrap().contains("by-label/A\\x20B\\x2fC "));
    assert_eq!(on_path("/a.iso", None, None), Err(NotBootable::NoName { family: "Arch Linux" }));
}

/// As an image of Linux Mint 21.3 had it: its menu is that of a disc.
#[test]
fn a_menu_that_does_not_say_where_the_image_is_comes_second() {
    let image = Image::new(&["/casper/vmlinuz", "/casper/initrd"])
        .with(LOOPBACK_CFG, "menuentry Disc { linux /casper/vmlinuz boot=casper; initrd /casper/initrd }");
    assert_eq!(
        lines(&image),
        [
            "LABEL: /casper/vmlinuz + /casper/initrd | boot=casper iso-scan/filename=/isos/a.iso",
            "Disc: /casper/vmlinuz + /casper/initrd | boot=casper",
        ]
    );
    let other = Image::new(&["/k"]).with(LOOPBACK_CFG, "menuentry Test { linux /k }");
    assert_eq!(lines(&other), ["Test: /k +  | "]);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "(menuentry|submenu) [a-c\"' ]{0,4} ?\\{\n?",
        "(linux|initrd|source|set|search|probe|\\[|if|then|else|fi|for|do|done|!) ?",
        "[ /$a-c{}\"'\\\\;\n=()-]{0,6}",
        "(/k|/i|/boot/grub/loopback\\.cfg|\\$\\{iso_path\\}|a=\\$a\\$a|\\})[ \n]",
    ]
}

proptest! {
    #[test]
    fn any_script_gives_entries_that_can_be_started(
        pieces in proptest::collection::vec(piece(), 0..80)
    ) {
        let mut image = Image::new(&["/k", "/i"]).with(LOOPBACK_CFG, &pieces.concat());
        let entries = loopback::entries(&mut image, &PLACE, Architecture::X64);
        prop_assert!(entries.len() <= ENTRIES_MAX);
        for entry in entries {
            prop_assert!(image.exists(&entry.kernel));
            prop_assert!(entry.initrds.iter().all(|path| image.exists(path)));
            prop_assert!(entry.options.len() <= OPTIONS_MAX);
            prop_assert!(!entry.options.contains(char::is_control) && !entry.title.contains(char::is_control));
        }
    }

    #[test]
    fn any_files_are_a_family_or_none(
        files in proptest::collection::vec(
            "/(arch/boot|casper|live|LiveOS|boot|apks)(/x86_64|/loader)?/(vmlinuz|linux|initrd|squashfs)[-0-9.]{0,4}(img)?",
            0..8,
        ),
        label in "[A-Za-z /\\\\é]{0,10}",
    ) {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let mut image = Image::new(&files).labelled(&label);
        if let Ok(entries) = entries(&mut image, &PLACE, Architecture::X64) {
            for entry in entries {
                prop_assert!(image.exists(&entry.kernel) && !entry.initrds.is_empty());
                prop_assert!(entry.options.contains(PLACE.path));
                prop_assert!(!entry.options.contains("  "));
            }
        }
    }
}
