// SPDX-License-Identifier: MIT OR Apache-2.0
//! A virtual machine that went back in time, or was cloned, holds nothing against its entries.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, WithVariable, disk_with_lamboot, expect_started};
use lamboot_schema::variables::{CRASH_COUNT, HealthState, LAST_ENTRY, STATE, VM_GENERATION_ID};
use lamboot_vm::{Arch, LaunchPlan, scenario, uuid};

#[test]
fn restored_snapshot_is_not_a_crash() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        // One failure more would be a crash loop, were this the same machine as before.
        let plan = LaunchPlan::new()
            .with(&STATE, &HealthState::Booting)
            .with(&CRASH_COUNT, &2)
            .with(&LAST_ENTRY, &"reader-2.conf".to_owned())
            .with(&VM_GENERATION_ID, &[7; 16]);
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .launch(&plan)
            .reading_entry(&built, "reader-1.conf", "1")?
            .reading_entry(&built, "reader-2.conf", "2")?;
        let disk = lab.disk(image)?;
        let machine = lab.machine(Arch::X86_64).disk(&disk);
        let mut vm = machine.generation_id(uuid!("11223344-5566-7788-99aa-bbccddeeff00")).resume()?;
        expect_started(&mut vm, "2")?;
        let health = Records::read(&disk)?.report.health;
        anyhow::ensure!(health.verdict == "restored" && health.crash_count == 0, "{health:?}");
        Ok(())
    })
}
