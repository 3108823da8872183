// SPDX-License-Identifier: MIT OR Apache-2.0
//! What another loader left in non-volatile memory under the names of the Boot Loader Interface is replaced
//! by LamBoot's own, which is gone at the next start of the machine.

use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_linux, vendor};
use lamboot_schema::variables as schema;
use lamboot_vm::{Arch, Ending, Initramfs, LaunchPlan, scenario};

#[test]
fn variables_of_another_loader_become_volatile() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let vendor = vendor(&schema::LOADER_INFO);
        let names = [
            schema::LOADER_INFO.id.name,
            schema::LOADER_ENTRY_SELECTED.id.name,
            schema::LOADER_DEVICE_PART_UUID.id.name,
            schema::LOADER_FEATURES.id.name,
            schema::LOADER_ENTRIES.id.name,
        ];
        let mut initrd = Initramfs::new(&built)?.run("mount_efivars");
        // The launcher's variables are non-volatile; "old" in UTF-16.
        let mut plan = LaunchPlan::new();
        for name in names {
            initrd = initrd.run(&format!("variable {name} {vendor}"));
            plan = plan.set_variable(vendor, name, b"o\0l\0d\0\0\0");
        }
        let image = disk_with_linux(&built, initrd.build()?)?.policy(HIDDEN_MENU).launch(&plan);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        vm.serial().wait_for("LAMBOOT-TEST: finished")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let text = vm.serial().text();
        anyhow::ensure!(!text.contains("LAUNCHER: cannot set"), "{text}");
        for name in names {
            // Attributes 6: volatile, for boot and run time.
            anyhow::ensure!(
                text.contains(&format!("LAMBOOT-TEST: variable {name} = 06000000")),
                "{name}: {text}"
            );
            anyhow::ensure!(!text.contains(&format!("{name} = 060000006f006c006400")), "{name}: {text}");
        }
        Ok(())
    })
}
