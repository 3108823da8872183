// SPDX-License-Identifier: MIT OR Apache-2.0
//! The firmware starts the removable path of an NVMe drive, and its variables outlive the machine.

use lamboot_scenarios::LOADER_RETURNED;
use lamboot_vm::{Arch, DiskBus, DiskImage, Ending, LaunchPlan, Uuid, scenario, uuid};

const VENDOR: Uuid = uuid!("c0ffee00-0000-4000-8000-000000000002");

#[test]
fn firmware_boots_from_nvme() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let store = lab.variable_store(Arch::X86_64)?;
        let first = LaunchPlan::new().set_variable(VENDOR, "Kept", b"x");
        let second = LaunchPlan::new();
        for plan in [first, second] {
            let plan = plan.program("/program").report_variable(VENDOR, "Kept");
            let image = DiskImage::gpt()
                .file(Arch::X86_64.removable_path(), built.probe("launcher")?)
                .file("/program", built.probe("returns-error")?)
                .launch(&plan);
            let machine = lab.machine(Arch::X86_64).bus(DiskBus::Nvme).disk(&lab.disk(image)?);
            let mut vm = machine.variable_store(&store).cold()?;
            vm.serial().wait_for("LAUNCHER: returned ABORTED")?;
            vm.serial().wait_for("LAUNCHER: variable Kept = 78")?;
            anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(LOADER_RETURNED));
        }
        Ok(())
    })
}
