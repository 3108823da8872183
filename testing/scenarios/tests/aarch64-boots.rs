// SPDX-License-Identifier: MIT OR Apache-2.0
//! On 64-bit Arm, Debian's own kernel starts with its initrd.

use lamboot_scenarios::{Records, WithLamboot, disk_with_linux};
use lamboot_vm::{Arch, Ending, Initramfs, scenario};

#[test]
fn aarch64_boots() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::Aarch64);
        let version = built.kernel_version()?;
        let initrd = Initramfs::new(&built)?.run("say kernel $(uname -r) on $(uname -m)").build()?;
        let disk = lab.disk(disk_with_linux(&built, initrd)?.policy("default_timeout_ms = 500\n"))?;
        let mut vm = lab.machine(Arch::Aarch64).memory_mib(1024).disk(&disk).cold()?;
        vm.serial().wait_for("> Debian")?;
        vm.serial().wait_for(format!("LAMBOOT-TEST: kernel {version} on aarch64"))?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let report = Records::read(&disk)?.report;
        anyhow::ensure!(
            report.lamboot_arch == "aarch64" && report.clock.source == "generic_timer",
            "{report:?}"
        );
        Ok(())
    })
}
