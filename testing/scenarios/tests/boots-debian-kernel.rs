// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's own kernel starts with its initrd and command line, and what happened is written down.

use lamboot_scenarios::{Records, disk_with_linux};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, Ending, Initramfs, scenario};

#[test]
fn boots_debian_kernel() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let version = built.kernel_version()?;
        let initrd = Initramfs::new(&built)?
            .run("say kernel $(uname -r) with $(cat /proc/cmdline)")
            .run("mount_efivars")
            .run("variable LoaderInfo 4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
            .run("variable LoaderEntrySelected 4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
            .run("variable LamBootState 4c414d42-4f4f-5400-0000-000000000001")
            .build()?;
        let disk = lab.disk(disk_with_linux(&built, initrd)?)?;
        // The whole way: firmware finds the loader by itself, and there is a TPM.
        let mut vm = lab.machine(Arch::X86_64).tpm().disk(&disk).cold()?;
        vm.serial().wait_for("> Debian")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for(format!("LAMBOOT-TEST: kernel {version} with console=ttyS0 quiet nokaslr"))?;
        // Attributes 6: volatile, for boot and run time. "LamBoot" in UTF-16.
        vm.serial().wait_for("LAMBOOT-TEST: variable LoaderInfo = 060000004c0061006d00")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LoaderEntrySelected = 06000000640065006200")?;
        vm.serial().wait_for("LAMBOOT-TEST: variable LamBootState = 0700000001")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.outcome == "handed_over", "{:?}", records.report);
        anyhow::ensure!(records.report.chosen_by == "owner");
        anyhow::ensure!(
            records.report.metrics.kernel_bytes == Some(std::fs::metadata(built.kernel()?)?.len())
        );
        anyhow::ensure!(records.report.metrics.tpm_extends == Some(1), "{:?}", records.report.metrics);
        anyhow::ensure!(records.report.metrics.boot_work_us > 0 && records.report.clock.hz > 1_000_000);
        records.first(Event::BootAttempt)?;
        records.first(Event::CmdlineMeasured)?;
        anyhow::ensure!(records.trust.iter().all(|record| record.boot_id == records.report.boot_id));
        Ok(())
    })
}
