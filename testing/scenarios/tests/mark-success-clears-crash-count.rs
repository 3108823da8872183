// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `lamboot mark-success` says in the running system, the next boot of the loader hears.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_linux};
use lamboot_vm::{Arch, Ending, Initramfs, scenario};

#[test]
fn mark_success_clears_crash_count() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let good = "LamBootLastGood-4c414d42-4f4f-5400-0000-000000000001";
        let initrd = Initramfs::new(&built)?
            .file("/usr/bin/lamboot", 0o755, built.host_program()?)
            .run("mount_efivars")
            .run("count() { variable LamBootCrashCount 4c414d42-4f4f-5400-0000-000000000001; }")
            .run("state() { variable LamBootState 4c414d42-4f4f-5400-0000-000000000001; }")
            .run(&format!("if [ -e $efivars/{good} ]; then say heard; count; exit; fi"))
            // The first boot fails: nobody marks it.
            .run("if [ ! -e $efivars/LamBootCrashCount-4c414d42-4f4f-5400-0000-000000000001 ]; then")
            .run("say first; sync; reboot -f; sleep 60; fi")
            .run("say second; count; lamboot mark-success; say marked $?; count; state")
            .run("sync; reboot -f; sleep 60")
            .build()?;
        let disk = lab.disk(disk_with_linux(&built, initrd)?.policy(HIDDEN_MENU))?;
        let store = lab.variable_store(Arch::X86_64)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).variable_store(&store).cold()?;
        vm.serial().wait_for("LAMBOOT-TEST: first")?;
        vm.serial().wait_for("LAMBOOT-TEST: second")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LamBootCrashCount = 0700000001")?;
        vm.serial().wait_for("LAMBOOT-TEST: marked 0")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LamBootCrashCount = 0700000000")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LamBootState = 0700000002")?;
        vm.serial().wait_for("LAMBOOT-TEST: heard")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LamBootCrashCount = 0700000000")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let health = Records::read(&disk)?.report.health;
        anyhow::ensure!(health.verdict == "good" && health.crash_count == 0, "{health:?}");
        Ok(())
    })
}
