// SPDX-License-Identifier: MIT OR Apache-2.0
//! Restarting or opening firmware set-up from the menu is never counted as a failed boot.

use lamboot_scenarios::{Records, WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started};
use lamboot_vm::{Arch, Key, scenario};

#[test]
fn leaving_the_menu_is_not_a_crash() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            // One failure would be a crash loop.
            .policy(&format!("{WAITING_MENU}[security]\ncrash_threshold = 1\n"))
            .reading_entry(&built, "reader-1.conf", "1")?
            .reading_entry(&built, "reader-2.conf", "2")?;
        let disk = lab.disk(image)?;
        let store = lab.variable_store(Arch::X86_64)?;
        let mut vm = lab.machine(Arch::X86_64).vga().disk(&disk).variable_store(&store).cold()?;
        vm.serial().wait_for("> Reader 2")?;
        vm.press(Key::F(12))?;
        vm.serial().wait_for("> Reader 2")?;
        vm.press(Key::F(2))?;
        vm.serial().wait_for("Boot Maintenance Manager")?;
        vm.reset()?;
        vm.serial().wait_for("> Reader 2")?;
        vm.press(Key::Enter)?;
        expect_started(&mut vm, "2")?;
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.health.verdict == "first", "{:?}", records.report.health);
        anyhow::ensure!(records.report.health.crash_count == 0);
        Ok(())
    })
}
