// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Arm firmware starts what lies at its removable path, and Linux after it.

use lamboot_scenarios::quiet_console;
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, LaunchPlan, scenario};

#[test]
fn aarch64_firmware_starts_the_removable_path() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::Aarch64);
        let initrd = Initramfs::new(&built)?.run("mount_esp /mnt && say machine $(uname -m)").build()?;
        let plan = LaunchPlan::new()
            .program("/linux")
            .options(&format!(r"initrd=\initrd {}", quiet_console(&built)));
        let image = DiskImage::gpt()
            .file(Arch::Aarch64.removable_path(), built.probe("launcher")?)
            .file("/linux", built.kernel()?)
            .file("/initrd", initrd)
            .launch(&plan);
        let mut vm = lab.machine(Arch::Aarch64).disk(&lab.disk(image)?).cold()?;
        vm.serial().wait_for("LAMBOOT-TEST: machine aarch64")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        Ok(())
    })
}
