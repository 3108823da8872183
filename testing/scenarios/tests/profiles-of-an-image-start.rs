// SPDX-License-Identifier: MIT OR Apache-2.0
//! A unified kernel image with several profiles, as `ukify` joins them, is an entry for each: the menu lists
//! them, and each starts with its own command line.

use anyhow::{Context, ensure};
use lamboot_scenarios::ukify::Image;
use lamboot_scenarios::{
    HIDDEN_MENU, WAITING_MENU, WithLamboot, disk_with_lamboot, quiet_console, resume, starting_once,
};
use lamboot_vm::{Arch, DiskImage, Initramfs, Lab, scenario};

/// Id, title in the menu, and what its command line makes the system say.
const PROFILES: [(&str, &str, &str); 3] = [
    ("debian.efi", "Debian as one image (Main)", "LAMBOOT-TEST: entry=main"),
    ("debian.efi@rescue", "Debian as one image (Rescue)", "LAMBOOT-TEST: entry=rescue"),
    ("debian.efi@2", "Debian as one image (Without an id)", "LAMBOOT-TEST: entry=third"),
];

#[test]
fn profiles_of_an_image_start() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let disk = disk(lab)?;
        let (vm, _) = resume(lab, &built, disk.clone().policy(WAITING_MENU))?;
        vm.serial().wait_for("F1 help")?;
        let menu = vm.serial().text();
        for (_, title, _) in PROFILES {
            ensure!(menu.contains(title), "{title} is missing: {menu}");
        }
        vm.power_cut();
        for (id, _, said) in PROFILES {
            let plan = starting_once(id);
            let (vm, _) = resume(lab, &built, disk.clone().policy(HIDDEN_MENU).launch(&plan))?;
            vm.serial().wait_for(said).with_context(|| format!("{id} did not start"))?;
        }
        Ok(())
    })
}

fn disk(lab: &Lab) -> anyhow::Result<DiskImage> {
    let built = lab.artifacts()?.arch(Arch::X86_64);
    let initrd = lab.folder().join("initrd");
    Initramfs::new(&built)?.run("say $(grep -o 'entry=[a-z]*' /proc/cmdline)").build_file(&initrd)?;
    let options = |name: &str| format!("{} entry={name}", quiet_console(&built));
    let part = |name: &str, profile: &str| {
        Image::part(lab, &format!("{name}.efi"))?.options(&options(name)).profile(profile).build()
    };
    let os_release = "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian as one image\"\n";
    let image = Image::whole(lab, "debian.efi", &initrd, os_release)?
        .options(&options("main"))
        .profile("ID=main\nTITLE=Main\n")
        .join(&part("rescue", "ID=rescue\nTITLE=Rescue\n")?)
        .join(&part("third", "TITLE=Without an id\n")?)
        .build()?;
    Ok(disk_with_lamboot(&built)?.file("/EFI/Linux/debian.efi", image))
}
