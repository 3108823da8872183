// SPDX-License-Identifier: MIT OR Apache-2.0
//! An ESP without a free cluster is no reason not to boot: the menu and the variables still work.

use lamboot_scenarios::{WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::paths;
use lamboot_vm::{Arch, scenario};

#[test]
fn survives_full_esp() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .reading_entry(&built, "reader+3-0.conf", "1")?
            .filled();
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("cannot be written: no room left")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        let esp = disk.esp()?;
        anyhow::ensure!(esp.exists("/loader/entries/reader+2-1.conf")?, "a rename needs no room");
        anyhow::ensure!(esp.free_bytes()? == 0 && !esp.exists(paths::BOOT_REPORT)?);
        Ok(())
    })
}
