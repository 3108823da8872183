// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry on the extended boot loader partition, as Fedora's `kernel-install` writes it, stands in the
//! menu with those of the ESP, and its kernel and initrd come from its own partition (UAPI.1).

use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot, quiet_console};
use lamboot_vm::{Arch, Ending, Initramfs, scenario};

#[test]
fn extended_boot_partition_entries_start() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let version = format!("{}.fc41.x86_64", built.kernel_version()?);
        let (machine, options) = ("0123456789abcdef0123456789abcdef", quiet_console(&built));
        let entry = format!(
            "title Fedora Linux ({version}) 41 (Workstation Edition)\nversion {version}\n\
             linux /vmlinuz-{version}\ninitrd /initramfs-{version}.img $tuned_initrd\n\
             options root=UUID=0a3407de-014b-458b-b5c1-848e92a327a3 ro {options} entry=fedora $tuned_params\n\
             grub_users $grub_users\ngrub_arg --unrestricted\ngrub_class fedora\n"
        );
        let initrd = Initramfs::new(&built)?.run("say $(cat /proc/cmdline)").build()?;
        let kernel = built.kernel()?;
        // Files of the same names on the ESP, which are no kernel and no initrd, must stay unread.
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .file(&format!("/vmlinuz-{version}"), "of the ESP")
            .file(&format!("/initramfs-{version}.img"), "of the ESP")
            .xbootldr(|boot| {
                boot.size(64)
                    .file(&format!("/loader/entries/{machine}-{version}.conf"), entry)
                    .file(&format!("/vmlinuz-{version}"), kernel)
                    .file(&format!("/initramfs-{version}.img"), initrd)
            });
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        let marker =
            format!("LAMBOOT-TEST: root=UUID=0a3407de-014b-458b-b5c1-848e92a327a3 ro {options} entry=fedora");
        vm.serial().wait_for(marker)?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        Ok(())
    })
}
