// SPDX-License-Identifier: MIT OR Apache-2.0
//! After a crash the log of an XFS volume has the newest entry: it is offered, the one that the log removed
//! is not, the log of decisions says why, and the boot goes on.

use lamboot_scenarios::boot_volume::dirty_xfs;
use lamboot_scenarios::{Records, WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn dirty_xfs_log_is_reported() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let volume = lab.folder().join("boot.xfs");
        dirty_xfs(&volume)?;
        let image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .partition(&volume)?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("> Reader 1")?;
        // The last line of the picture.
        vm.serial().wait_for("Enter start")?;
        let screen = vm.serial().screen();
        anyhow::ensure!(screen.contains("New") && !screen.contains("Old"), "{screen}");
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        let records = Records::read(&disk)?;
        let record = records.first(Event::VolumeRecovered)?;
        let note = record.note.clone().unwrap_or_default();
        anyhow::ensure!(note.contains("its log was replayed in memory"), "{note}");
        Ok(())
    })
}
