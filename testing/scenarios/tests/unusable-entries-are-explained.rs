// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entries that cannot be started say why, behind a key, and do not stop the others.

use lamboot_scenarios::{Records, WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_vm::{Arch, scenario};

#[test]
fn unusable_entries_are_explained() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .folder("/folder")
            .file("/text", "#!/bin/sh")
            .entry("a-folder.conf", "title Folder\nsort-key a\nlinux /folder\n")
            .entry("a-missing.conf", "title Missing\nsort-key b\nlinux /gone\n")
            .entry("a-text.conf", "title Text\nsort-key c\nlinux /text\n")
            .entry("half.conf", "title Half\nlin")
            .entry("other.conf", "title Other\narchitecture aa64\nlinux /x\n")
            .file("/loader/entries/latin1.conf", b"title K\xf6ln\nlinux /x\n".to_vec());
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("5 not offered")?;
        vm.serial().send(b"n")?;
        for words in [
            r"a-folder.conf: \folder: there is no such file",
            r"a-missing.conf: \gone: there is no such file",
            "half.conf: nothing to start",
            "latin1.conf: line 1",
            "other.conf: it is for aa64",
        ] {
            vm.serial().wait_for(words)?;
        }
        vm.serial().send(b"x")?;
        vm.serial().wait_for("> Text")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for(r"Text was not started: \text: is not an EFI image")?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        anyhow::ensure!(Records::read(&disk)?.report.rejected.len() == 5);
        Ok(())
    })
}
