// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image that gives control back is a failed attempt: the menu says so, and another entry starts.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn returns_to_menu_after_failed_image() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .file("/fails.efi", built.probe("returns-error")?)
            .file("/initrd", "something")
            .entry("fails.conf", "title Fails\nsort-key a\nlinux /fails.efi\ninitrd /initrd\n")
            .reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("Fails was not started: it gave control back with EFI_ABORTED")?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        anyhow::ensure!(vm.serial().text().contains("INITRD: none"), "the failed entry's initrd is gone");
        let records = Records::read(&disk)?;
        records.first(Event::ImageReturned)?;
        anyhow::ensure!(
            records.report.entry_id == "reader-1.conf" && records.report.metrics.crash_counter == 1
        );
        Ok(())
    })
}
