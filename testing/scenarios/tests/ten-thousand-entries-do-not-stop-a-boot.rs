// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ten thousand files in `loader/entries`, some with odd names: the boot goes on, and says what it left out.

use anyhow::ensure;
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_vm::{Arch, scenario};

#[test]
fn ten_thousand_entries_do_not_stop_a_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .entry("linux-6.12~rc1.conf", "title Candidate\nlinux /1/reader.efi\n")
            .entry("two..dots.conf", "title Dots\nlinux /1/reader.efi\n")
            .entry("auto-mine.conf", "title Mine\nlinux /1/reader.efi\n");
        for number in 0..10_000 {
            image = image.entry(&format!("z{number:05}.conf"), "title Z\nlinux /1/reader.efi\n");
        }
        let (mut vm, disk) = resume(lab, &built, image)?;
        expect_started(&mut vm, "1")?;
        let records = Records::read(&disk)?;
        let reasons: Vec<&str> =
            records.report.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        for reason in ["only the first 4096 files", "two dots together"] {
            ensure!(reasons.iter().any(|given| given.contains(reason)), "{reason}: {reasons:?}");
        }
        ensure!(records.report.metrics.bls_found <= 1025, "{:?}", records.report.metrics);
        println!("looked for entries for {} ms", records.report.metrics.bls_scan_us / 1000);
        Ok(())
    })
}
