// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs start from a disk that refuses writes, and from one without a free cluster.

use lamboot_scenarios::LOADER_RETURNED;
use lamboot_vm::{Arch, DiskImage, Ending, scenario};

#[test]
fn read_only_disk_starts_programs() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image =
            DiskImage::gpt().file(Arch::X86_64.removable_path(), built.probe("returns-error")?).filled();
        let disk = lab.disk(image)?;
        let machine = lab.machine(Arch::X86_64);
        for machine in [machine.clone().read_only_disk(&disk), machine.disk(&disk)] {
            let mut vm = machine.resume()?;
            vm.serial().wait_for("LAUNCHER: returned ABORTED")?;
            anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(LOADER_RETURNED));
        }
        anyhow::ensure!(disk.esp()?.free_bytes()? == 0);
        Ok(())
    })
}
