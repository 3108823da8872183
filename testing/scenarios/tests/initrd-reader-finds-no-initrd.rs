// SPDX-License-Identifier: MIT OR Apache-2.0
//! The stand-in kernel reports its options and device path, and that nobody offers an initrd.

use lamboot_scenarios::PROBE_DONE;
use lamboot_vm::{Arch, DiskImage, Ending, LaunchPlan, scenario};

#[test]
fn initrd_reader_finds_no_initrd() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let plan = LaunchPlan::new().program("/kernel.efi").options("root=LABEL=x quiet");
        let image = DiskImage::gpt().file("/kernel.efi", built.probe("reads-initrd")?).launch(&plan);
        let mut vm = lab.machine(Arch::X86_64).disk(&lab.disk(image)?).resume()?;
        vm.serial().wait_for(r#"INITRD: options "root=LABEL=x quiet""#)?;
        vm.serial().wait_for("INITRD: device path present")?;
        vm.serial().wait_for("INITRD: none")?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        Ok(())
    })
}
