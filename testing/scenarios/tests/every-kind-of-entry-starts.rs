// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk as owners have it: entries in Debian's and in Fedora's manner, Windows, a unified kernel image that
//! `ukify` made, and GRUB. The menu lists them all, and each starts.

use anyhow::{Context, ensure};
use lamboot_scenarios::ukify::Image;
use lamboot_scenarios::{
    HIDDEN_MENU, WAITING_MENU, WithLamboot, disk_with_lamboot, quiet_console, resume, starting_once,
};
use lamboot_vm::{Arch, Artifacts, DiskImage, Initramfs, Lab, scenario};
use std::path::PathBuf;

/// Id, how its title in the menu begins, and what is said by what was started.
const KINDS: [(&str, &str, &str); 5] = [
    ("debian.conf", "Debian GNU/Linux 12 (bookworm)", "LAMBOOT-TEST: entry=debian"),
    (FEDORA, "Fedora Linux (6.11.4-301.fc41.x86_64) 41", "LAMBOOT-TEST: entry=fedora"),
    ("debian-image.efi", "Debian as one image", "LAMBOOT-TEST: entry=uki"),
    ("auto-windows", "Windows Boot Manager", "INITRD: done"),
    ("auto-grub-debian", "GRUB (debian)", "LAMBOOT-TEST: entry=grub"),
];

/// Fedora's id is the machine's and the kernel's.
const FEDORA: &str = "0123456789abcdef0123456789abcdef-6.11.4-301.fc41.x86_64.conf";

#[test]
fn every_kind_of_entry_starts() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let disk = Owner::new(lab)?.disk(&lab.artifacts()?)?;
        let (vm, _) = resume(lab, &built, disk.clone().policy(WAITING_MENU))?;
        vm.serial().wait_for("GRUB (debian)")?;
        let menu = vm.serial().text();
        for (_, title, _) in KINDS {
            ensure!(menu.contains(title), "{title} is missing: {menu}");
        }
        vm.power_cut();
        for (id, _, said) in KINDS {
            let plan = starting_once(id);
            let (vm, _) = resume(lab, &built, disk.clone().policy(HIDDEN_MENU).launch(&plan))?;
            vm.serial().wait_for(said).with_context(|| format!("{id} did not start"))?;
        }
        Ok(())
    })
}

/// Files that are made for this disk.
struct Owner {
    initrd: PathBuf,
    image: PathBuf,
    options: String,
}

impl Owner {
    fn new(lab: &Lab) -> anyhow::Result<Self> {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let (initrd, options) = (lab.folder().join("initrd"), quiet_console(&built));
        Initramfs::new(&built)?.run("say $(grep -o 'entry=[a-z]*' /proc/cmdline)").build_file(&initrd)?;
        let os_release = "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian as one image\"\n";
        let image = Image::whole(lab, "image.efi", &initrd, os_release)?;
        let image = image.options(&format!("{options} entry=uki")).build()?;
        Ok(Self { initrd, image, options })
    }

    fn disk(&self, artifacts: &Artifacts) -> anyhow::Result<DiskImage> {
        let built = artifacts.arch(Arch::X86_64);
        let Self { initrd, image, options } = self;
        let grub = format!(
            "set timeout=0\nmenuentry Linux {{\n linux /debian/linux {options} entry=grub\n \
             initrd /debian/initrd.img\n}}\n"
        );
        let disk = disk_with_lamboot(&built)?
            .file("/debian/linux", built.kernel()?)
            .file("/debian/initrd.img", initrd.clone())
            .file("/EFI/Linux/debian-image.efi", image.clone())
            .file("/EFI/Microsoft/Boot/bootmgfw.efi", built.probe("reads-initrd")?)
            .file("/EFI/debian/grubx64.efi", artifacts.peer("grubx64.efi")?)
            .file("/EFI/debian/grub.cfg", grub)
            .entry("debian.conf", &debian(options))
            .entry(FEDORA, &fedora(options));
        Ok(disk)
    }
}

fn debian(options: &str) -> String {
    format!(
        "title Debian GNU/Linux 12 (bookworm)\nversion 6.1.0-40-amd64\nsort-key debian\nlinux /debian/linux\n\
         initrd /debian/initrd.img\noptions {options} entry=debian\n"
    )
}

/// As Fedora's installer and `kernel-install` write it, with what is GRUB's to fill in.
fn fedora(options: &str) -> String {
    format!(
        "title Fedora Linux (6.11.4-301.fc41.x86_64) 41 (Workstation Edition)\n\
         version 6.11.4-301.fc41.x86_64\nlinux /debian/linux\ninitrd /debian/initrd.img $tuned_initrd\n\
         options {options} entry=fedora $tuned_params\ngrub_users $grub_users\ngrub_arg --unrestricted\n\
         grub_class fedora\n"
    )
}
