// SPDX-License-Identifier: MIT OR Apache-2.0
//! After as many failed boots as the threshold says, another entry than the failed one starts.

use lamboot_scenarios::{
    HIDDEN_MENU, Records, WithLamboot, WithVariable, disk_with_lamboot, expect_started, resume,
};
use lamboot_schema::trust_log::Event;
use lamboot_schema::variables::{CRASH_COUNT, HealthState, LAST_ENTRY, STATE};
use lamboot_vm::{Arch, LaunchPlan, scenario};

#[test]
fn crash_loop_falls_back_to_other_entry() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let plan = LaunchPlan::new()
            .with(&STATE, &HealthState::Booting)
            .with(&CRASH_COUNT, &2)
            .with(&LAST_ENTRY, &"reader-3.conf".to_owned());
        let image = disk_with_lamboot(&built)?
            .policy(&format!("{HIDDEN_MENU}[security]\nfallback_order = ['reader-3', 'reader-1']\n"))
            .launch(&plan)
            .reading_entry(&built, "reader-1.conf", "1")?
            .reading_entry(&built, "reader-2.conf", "2")?
            .reading_entry(&built, "reader-3.conf", "3")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("Crash loop: reader-3.conf did not come up 3 times in a row.")?;
        // Nobody presses a key.
        expect_started(&mut vm, "1")?;
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.chosen_by == "crash_loop_fallback");
        anyhow::ensure!(
            records.report.health.verdict == "crash_loop" && records.report.health.crash_count == 3
        );
        records.first(Event::CrashLoopFallback)?;
        Ok(())
    })
}
