// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot loaders that are measured, each set up to boot the same kernel at once.

use std::path::Path;

use lamboot_vm::{Arch, Artifacts, DiskImage, LaunchPlan, Result};

use crate::Initrd;

/// The kernel command line of every case.
const OPTIONS: &str = "console=ttyS0 quiet nokaslr";

/// What starts the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// Nothing: the kernel's EFI stub is started itself, and reads the initrd.
    Floor,
    /// LamBoot, with a hidden menu.
    LamBoot,
    /// rEFInd, with one entry and no scan.
    Refind,
    /// GRUB, as the distribution builds it.
    Grub,
    /// systemd-boot.
    SystemdBoot,
}

impl Case {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 5] = [Self::Floor, Self::LamBoot, Self::Refind, Self::Grub, Self::SystemdBoot];

    /// The name in figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::LamBoot => "lamboot",
            Self::Refind => "refind",
            Self::Grub => "grub",
            Self::SystemdBoot => "systemd-boot",
        }
    }

    /// Whether a boot leaves files that the next one finds, so that a first boot says little.
    pub(crate) fn leaves_files(self) -> bool {
        self == Self::LamBoot
    }

    /// A disk with this loader and, behind the EFI system partition, a volume with everything else: the
    /// kernel, an initrd, and for LamBoot the entry. GRUB looks for the kernel on every volume.
    pub(crate) fn disk_with_volume(self, built: &Artifacts, volume: &Path) -> Result<DiskImage> {
        let disk = DiskImage::gpt().partition(volume)?;
        match self {
            Self::Grub => grub(disk, built, "search --no-floppy --set=root --file /vmlinuz\n"),
            _ => lamboot(disk, built),
        }
    }

    /// A disk that boots the kernel by way of this loader, without a menu and without waiting. With
    /// more than one entry, all others stand behind the one that is booted, and name the same kernel.
    pub(crate) fn disk(self, built: &Artifacts, initrd: Initrd, entries: u32) -> Result<DiskImage> {
        let kernel = built.arch(Arch::X86_64).kernel()?;
        let disk = DiskImage::gpt().file("/vmlinuz", kernel).file("/initrd.img", initrd.archive()?);
        let disk = (1..entries).fold(disk, |disk, number| {
            disk.file(&format!("/loader/entries/other-{number:04}.conf"), other(number))
        });
        match self {
            Self::Floor => Ok(disk.launch(&floor())),
            Self::LamBoot => Ok(lamboot(disk, built)?.file("/loader/entries/linux.conf", entry())),
            Self::Refind => refind(disk, built),
            Self::Grub => grub(disk, built, ""),
            Self::SystemdBoot => systemd_boot(disk, built),
        }
    }
}

/// A disk on which LamBoot shows its menu for a second, with this many entries, and then boots the kernel.
pub(crate) fn menu_disk(built: &Artifacts, initrd: Initrd, entries: u32) -> Result<DiskImage> {
    Ok(Case::LamBoot
        .disk(built, initrd, entries)?
        .file("/EFI/LamBoot/policy.toml", "default_timeout_ms = 1000\n"))
}

fn removable() -> &'static str {
    Arch::X86_64.removable_path()
}

fn floor() -> LaunchPlan {
    LaunchPlan::new().program("/vmlinuz").options(&format!(r"initrd=\initrd.img {OPTIONS}"))
}

/// A Boot Loader Specification entry, for the two loaders that read those.
pub(crate) fn entry() -> String {
    format!("title Linux\nsort-key a\nlinux /vmlinuz\ninitrd /initrd.img\noptions {OPTIONS}\n")
}

/// One of many entries that are not booted.
fn other(number: u32) -> String {
    format!(
        "title Linux {number}\nsort-key b\nversion 6.{number}\nmachine-id 0123456789abcdef0123456789abcdef\n\
         linux /vmlinuz\ninitrd /initrd.img\noptions {OPTIONS} number={number}\n"
    )
}

fn lamboot(disk: DiskImage, built: &Artifacts) -> Result<DiskImage> {
    let loader = built.arch(Arch::X86_64).loader()?;
    Ok(disk.file(removable(), loader).file("/EFI/LamBoot/policy.toml", "[ui]\nmenu = \"hidden\"\n"))
}

fn systemd_boot(disk: DiskImage, built: &Artifacts) -> Result<DiskImage> {
    Ok(disk
        .file(removable(), built.peer("systemd-bootx64.efi")?)
        .file("/loader/loader.conf", "timeout 0\n")
        .file("/loader/entries/linux.conf", entry()))
}

/// The image looks for its configuration where its distribution's installer puts it.
fn grub(disk: DiskImage, built: &Artifacts, before: &str) -> Result<DiskImage> {
    let configuration = format!(
        "{before}set timeout=0\nset default=0\nmenuentry Linux {{\n linux /vmlinuz {OPTIONS}\n initrd /initrd.img\n}}\n"
    );
    let disk = disk.file(removable(), built.peer("grubx64.efi")?);
    let folders = ["/EFI/debian", "/EFI/ubuntu", "/EFI/BOOT"];
    Ok(folders
        .iter()
        .fold(disk, |disk, folder| disk.file(&format!("{folder}/grub.cfg"), configuration.as_str())))
}

/// A timeout of -1 starts the default entry at once.
fn refind(disk: DiskImage, built: &Artifacts) -> Result<DiskImage> {
    let configuration = format!(
        "timeout -1\ntextonly\nscanfor manual\nmenuentry Linux {{\n loader /vmlinuz\n \
         initrd /initrd.img\n options \"{OPTIONS}\"\n}}\n"
    );
    Ok(disk.file(removable(), built.peer("refind_x64.efi")?).file("/EFI/BOOT/refind.conf", configuration))
}
