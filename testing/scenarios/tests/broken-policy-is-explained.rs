// SPDX-License-Identifier: MIT OR Apache-2.0
//! A mistake in policy.toml is named with line and column, in the menu and in the log.

use lamboot_scenarios::{Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn broken_policy_is_explained() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy("default_timeout_ms = 1500\n[ui]\nmneu = \"hidden\"\n")
            .reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("policy.toml line 3 column 1: unknown key ui.mneu")?;
        // The default boots all the same, after the time that the rest of the file says.
        expect_started(&mut vm, "1")?;
        let found = Records::read(&disk)?.first(Event::PolicyInvalid)?.clone();
        anyhow::ensure!(found.note.as_deref() == Some("policy.toml line 3 column 1: unknown key ui.mneu"));
        Ok(())
    })
}

#[test]
fn a_broken_policy_that_asks_for_secure_boot_stops_in_the_menu() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy("default_timeout_ms = 1\n[security]\nsecure_boot_required = yes\n")
            .reading_entry(&built, "reader-1.conf", "1")?;
        let (vm, _disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("Nothing starts by itself: policy.toml has a mistake")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("policy requires Secure Boot, and it is not on")?;
        anyhow::ensure!(!vm.serial().text().contains("INITRD:"), "nothing was started");
        Ok(())
    })
}
