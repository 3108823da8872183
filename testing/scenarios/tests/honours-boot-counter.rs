// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each start spends one try by renaming the entry's file; without tries left another one starts.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn honours_boot_counter() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(&format!("{HIDDEN_MENU}[security]\ncrash_threshold = 0\n"))
            .reading_entry(&built, "reader-new+2-0.conf", "2")?
            .reading_entry(&built, "reader-old.conf", "1")?;
        let disk = lab.disk(image)?;
        for (started, name_afterwards) in
            [("2", "reader-new+1-1.conf"), ("2", "reader-new+0-2.conf"), ("1", "reader-new+0-2.conf")]
        {
            let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
            expect_started(&mut vm, started)?;
            let mut names = disk.esp()?.list("/loader/entries")?;
            names.sort();
            anyhow::ensure!(names == [name_afterwards, "reader-old.conf"], "{names:?}");
        }
        let spent = Records::read(&disk)?.first(Event::BootCounterSpent)?.clone();
        anyhow::ensure!(spent.path.ends_with("reader-new+2-0.conf"), "{spent:?}");
        Ok(())
    })
}
