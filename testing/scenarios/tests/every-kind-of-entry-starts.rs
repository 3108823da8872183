// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk as owners have it: entries in Debian's and in Fedora's manner, Windows, a unified kernel image that
//! `ukify` made, and GRUB. The menu lists them all, and each starts.

use anyhow::{Context, ensure};
use lamboot_scenarios::{
    HIDDEN_MENU, WAITING_MENU, WithLamboot, disk_with_lamboot, quiet_console, resume, vendor,
};
use lamboot_schema::variables::LOADER_ENTRY_ONE_SHOT;
use lamboot_vm::{Arch, Artifacts, DiskImage, Initramfs, Lab, LaunchPlan, scenario};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

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
            let once = LOADER_ENTRY_ONE_SHOT.encode(&id.into());
            let (owner, name) = (vendor(&LOADER_ENTRY_ONE_SHOT), LOADER_ENTRY_ONE_SHOT.id.name);
            let plan = LaunchPlan::new().set_variable(owner, name, &once);
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
        let artifacts = lab.artifacts()?;
        let built = artifacts.arch(Arch::X86_64);
        let (initrd, image) = (lab.folder().join("initrd"), lab.folder().join("image.efi"));
        let options = quiet_console(&built);
        Initramfs::new(&built)?.run("say $(grep -o 'entry=[a-z]*' /proc/cmdline)").build_file(&initrd)?;
        let os_release = "os-release";
        fs::write(
            lab.folder().join(os_release),
            "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian as one image\"\n",
        )?;
        // The distribution's own Python has the module that ukify reads images with.
        let made = Command::new("/usr/bin/python3")
            .arg(artifacts.ukify("ukify")?)
            .arg("build")
            .arg("--linux")
            .arg(built.kernel()?)
            .arg("--initrd")
            .arg(&initrd)
            .arg(format!("--os-release=@{}", lab.folder().join(os_release).display()))
            .args([format!("--cmdline={options} entry=uki"), format!("--uname={}", built.kernel_version()?)])
            .arg("--stub")
            .arg(artifacts.ukify("linuxx64.efi.stub")?)
            .arg("--output")
            .arg(&image)
            .output()?;
        ensure!(made.status.success(), "ukify: {}", String::from_utf8_lossy(&made.stderr));
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
