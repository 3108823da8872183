// SPDX-License-Identifier: MIT OR Apache-2.0
//! A program that returns to the firmware is reported with its status, and its variables can be read.

use lamboot_scenarios::LOADER_RETURNED;
use lamboot_vm::{Arch, DiskImage, Ending, LaunchPlan, Uuid, scenario, uuid};

const VENDOR: Uuid = uuid!("c0ffee00-0000-4000-8000-000000000001");

#[test]
fn launcher_reports_returned_status() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let plan = LaunchPlan::new()
            .set_variable(VENDOR, "Seen", &[1, 2, 0xff])
            .options("0x8000000000000003")
            .report_variable(VENDOR, "Seen")
            .report_variable(VENDOR, "Unseen");
        let image =
            DiskImage::gpt().file(Arch::X86_64.removable_path(), built.probe("returns-error")?).launch(&plan);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        vm.serial().wait_for("LAUNCHER: returned UNSUPPORTED")?;
        vm.serial().wait_for("LAUNCHER: variable Seen = 0102ff")?;
        vm.serial().wait_for("LAUNCHER: variable Unseen is not set")?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(LOADER_RETURNED));
        let debug = String::from_utf8(vm.debug_port()?)?;
        anyhow::ensure!(debug.contains("RETURNS: UNSUPPORTED"), "debug port: {debug}");
        Ok(())
    })
}
