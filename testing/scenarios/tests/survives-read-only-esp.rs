// SPDX-License-Identifier: MIT OR Apache-2.0
//! A medium that cannot be written is no reason not to boot.

use lamboot_scenarios::{WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started};
use lamboot_schema::paths;
use lamboot_vm::{Arch, scenario};

#[test]
fn survives_read_only_esp() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image =
            disk_with_lamboot(&built)?.policy(WAITING_MENU).reading_entry(&built, "reader+3-0.conf", "1")?;
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).read_only_disk(&disk).resume()?;
        vm.serial().wait_for("cannot be written: is read-only")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        let esp = disk.esp()?;
        anyhow::ensure!(esp.exists("/loader/entries/reader+3-0.conf")? && !esp.exists(paths::TRUST_LOG)?);
        Ok(())
    })
}
