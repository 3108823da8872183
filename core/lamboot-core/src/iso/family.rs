// SPDX-License-Identifier: MIT OR Apache-2.0
//! Live images without a `loopback.cfg`: which family is it, and how is it told where the image is?
//!
//! | family | known by | told by | who reads it |
//! |---|---|---|---|
//! | Arch Linux | `/arch/boot` | `img_dev=`, `img_loop=` | mkinitcpio-archiso |
//! | Ubuntu | `/casper` | `iso-scan/filename=` | casper(7) |
//! | Debian Live | `/live` | `findiso=` | live-boot(7) |
//! | Fedora, and what kiwi makes | `/LiveOS/squashfs.img` | `iso-scan/filename=` | dracut.cmdline(7) |
//! | openSUSE's installer | `/boot/x86_64/loader`, `/boot/aarch64/linux` | `install=hd:` | linuxrc |
//! | Alpine Linux | `/apks` | nothing: it looks at devices only | alpine-bootparams(7) |

use super::pairs::{newest, parent};
use super::{IsoEntry, IsoFiles, NAMES_MAX, NotBootable, Place};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bootspec::Architecture;

/// Names of microcode archives, those for the machine's processor being found by the kernel.
const MICROCODE: [&str; 5] =
    ["intel-ucode.img", "intel_ucode.img", "amd-ucode.img", "amd_ucode.img", "early_ucode.cpio"];

/// A family. `{arch}` in a path stands for the architecture's folder.
struct Family {
    name: &'static str,
    markers: &'static [&'static str],
    folders: &'static [&'static str],
    kernels: &'static [&'static str],
    initrds: &'static [&'static str],
    options: Options,
}

type Options = fn(&'static str, &Place<'_>, &str) -> Result<String, NotBootable>;

/// In the order in which they are looked for.
const FAMILIES: [Family; 6] = [
    Family {
        name: "Arch Linux",
        markers: &["/arch/boot"],
        folders: &["/arch/boot/{arch}"],
        kernels: &["vmlinuz", "Image"],
        initrds: &["initramfs", "archiso"],
        options: arch,
    },
    Family {
        name: "Ubuntu",
        markers: &["/casper"],
        folders: &["/casper"],
        kernels: &["vmlinuz"],
        initrds: &["initrd"],
        options: |_, place, _| Ok(format!("boot=casper iso-scan/filename={}", place.path)),
    },
    Family {
        name: "Debian Live",
        markers: &["/live"],
        folders: &["/live"],
        kernels: &["vmlinuz"],
        initrds: &["initrd"],
        options: |_, place, _| Ok(format!("boot=live findiso={}", place.path)),
    },
    Family {
        name: "Fedora",
        markers: &["/LiveOS/squashfs.img"],
        folders: &["/boot/{arch}/loader", "/images/pxeboot", "/isolinux"],
        kernels: &["vmlinuz", "linux"],
        initrds: &["initrd"],
        options: dracut,
    },
    Family {
        name: "openSUSE",
        markers: &["/boot/{arch}/loader", "/boot/{arch}/linux"],
        folders: &["/boot/{arch}/loader", "/boot/{arch}"],
        kernels: &["linux", "vmlinuz"],
        initrds: &["initrd"],
        options: |_, place, _| Ok(format!("install=hd:{}", place.path)),
    },
    Family {
        name: "Alpine Linux",
        markers: &["/apks"],
        folders: &[],
        kernels: &[],
        initrds: &[],
        options: |family, _, _| Err(NotBootable::NotFromAFile { family }),
    },
];

/// The entry of the family that the image is of: its newest kernel.
///
/// # Errors
///
/// It is of none, or its entry cannot be made; says why.
pub fn entry(
    iso: &mut dyn IsoFiles,
    place: &Place<'_>,
    architecture: Architecture,
) -> Result<IsoEntry, NotBootable> {
    let arch = folder_of(architecture);
    let is_there = |family: &&Family| family.markers.iter().any(|path| iso.exists(&with(path, arch)));
    let family = FAMILIES.iter().find(is_there).ok_or(NotBootable::Unknown)?;
    let options = (family.options)(family.name, place, iso.label())?;
    let (kernel, initrds) = family.files(iso, arch).ok_or(NotBootable::Incomplete { family: family.name })?;
    Ok(IsoEntry { title: title(family.name, iso.label()), kernel, initrds, options })
}

/// The image's own name, where it has one: families make images for each other.
fn title(family: &str, label: &str) -> String {
    let name = if label.is_empty() { family } else { label };
    name.replace(char::is_control, "")
}

impl Family {
    fn files(&self, iso: &mut dyn IsoFiles, arch: &str) -> Option<(String, Vec<String>)> {
        self.folders.iter().find_map(|folder| {
            let folder = with(folder, arch);
            let names = iso.names(&folder, NAMES_MAX);
            let (kernel, initrd) = newest(&names, self.kernels, self.initrds)?;
            let mut initrds = microcode(iso, &folder);
            initrds.push(format!("{folder}/{initrd}"));
            Some((format!("{folder}/{kernel}"), initrds))
        })
    }
}

/// Microcode beside the kernel or in the folder above.
fn microcode(iso: &mut dyn IsoFiles, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in MICROCODE {
        for place in [folder, parent(folder)] {
            let path = format!("{place}/{name}");
            if iso.exists(&path) {
                found.push(path);
            }
        }
    }
    found
}

fn arch(family: &'static str, place: &Place<'_>, label: &str) -> Result<String, NotBootable> {
    let device = match (place.volume_uuid, place.volume_label) {
        (Some(uuid), _) => format!("/dev/disk/by-uuid/{uuid}"),
        (None, Some(name)) => format!("/dev/disk/by-label/{}", escaped(name)),
        (None, None) => return Err(NotBootable::NoName { family }),
    };
    let path = place.path;
    let mut options = format!("img_dev={device} img_loop={path} archisobasedir=arch");
    if !label.is_empty() {
        options.push_str(&format!(" archisolabel={}", escaped(label)));
    }
    Ok(options)
}

fn dracut(family: &'static str, place: &Place<'_>, label: &str) -> Result<String, NotBootable> {
    if label.is_empty() {
        return Err(NotBootable::NoName { family });
    }
    Ok(format!("root=live:CDLABEL={} rd.live.image iso-scan/filename={}", escaped(label), place.path))
}

/// A label as udev writes it into `/dev/disk/by-label`: what would end a word or a name is `\xNN`.
fn escaped(label: &str) -> String {
    let mut text = String::new();
    for c in label.chars() {
        let is_kept = c.is_ascii_alphanumeric() || !c.is_ascii() || "#+-.:=@_".contains(c);
        match u8::try_from(c) {
            Ok(byte) if !is_kept => text.push_str(&format!("\\x{byte:02x}")),
            _ => text.push(c),
        }
    }
    text
}

fn folder_of(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Ia32 => "i686",
        Architecture::X64 => "x86_64",
        Architecture::Arm => "arm",
        Architecture::Aa64 => "aarch64",
        Architecture::RiscV64 => "riscv64",
        Architecture::LoongArch64 => "loongarch64",
    }
}

fn with(path: &str, arch: &str) -> String {
    path.replace("{arch}", arch)
}
