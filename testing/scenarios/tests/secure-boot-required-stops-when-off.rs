// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where policy requires Secure Boot and the firmware has it off, nothing starts: not by itself, and not by hand.

use lamboot_scenarios::{WithLamboot, disk_with_lamboot, resume};
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_vm::{Arch, scenario};

#[test]
fn secure_boot_required_stops_when_off() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy("[ui]\nmenu = \"hidden\"\n[security]\nsecure_boot_required = true\n")
            .reading_entry(&built, "reader-1.conf", "1")?;
        let (vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("policy requires Secure Boot")?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("was not started")?;
        anyhow::ensure!(!vm.serial().text().contains("INITRD:"), "{}", vm.serial().text());
        vm.power_cut();
        let log = disk.esp()?.text(paths::TRUST_LOG)?;
        let trust: Vec<Record> = log.lines().filter_map(|line| Record::from_line(line).ok()).collect();
        let refused = trust.iter().find(|record| record.status == Status::Rejected);
        anyhow::ensure!(refused.is_some_and(|record| record.event == Event::ImageVerified), "{log}");
        Ok(())
    })
}
