// SPDX-License-Identifier: MIT OR Apache-2.0
//! An initrd of 600 MiB reaches Linux whole.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_linux};
use lamboot_vm::{Arch, Ending, Initramfs, scenario};

const PADDING: u64 = 600 * 1024 * 1024;

#[test]
fn boots_600_mib_initrd() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = lab.folder().join("initrd");
        Initramfs::new(&built)?
            .padding(PADDING)
            .run("say padding $(stat -c %s /padding)")
            .build_file(&initrd)?;
        let disk = lab.disk(disk_with_linux(&built, initrd)?.esp(720).policy(HIDDEN_MENU))?;
        let mut vm = lab.machine(Arch::X86_64).memory_mib(3072).disk(&disk).cold()?;
        vm.serial().wait_for(format!("LAMBOOT-TEST: padding {PADDING}"))?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        anyhow::ensure!(Records::read(&disk)?.report.metrics.initrd_bytes > PADDING);
        Ok(())
    })
}
