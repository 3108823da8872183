// SPDX-License-Identifier: MIT OR Apache-2.0
//! Linux starts from a saved state, on a machine with a TPM and a generation id.

use lamboot_scenarios::quiet_console;
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, LaunchPlan, scenario, uuid};

#[test]
fn kernel_stub_boots_from_saved_state() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = Initramfs::new(&built)?
            .run("mount -t securityfs securityfs /sys/kernel/security")
            .run("say log $(wc -c < /sys/kernel/security/tpm0/binary_bios_measurements)")
            .run("mount_esp /mnt && echo from-linux > /mnt/note && umount /mnt")
            .build()?;
        let plan = LaunchPlan::new()
            .program("/linux")
            .options(&format!(r"initrd=\initrd {}", quiet_console(&built)));
        let image = DiskImage::gpt().file("/linux", built.kernel()?).file("/initrd", initrd).launch(&plan);
        let disk = lab.disk(image)?;
        let machine = lab.machine(Arch::X86_64).tpm().disk(&disk);
        let mut vm = machine.generation_id(uuid!("11223344-5566-7788-99aa-bbccddeeff00")).resume()?;
        vm.serial().wait_for(lamboot_vm::Regex::new(r"LAMBOOT-TEST: log \d{4}")?)?;
        vm.serial().wait_for("LAMBOOT-TEST: finished")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        anyhow::ensure!(disk.esp()?.text("/note")? == "from-linux\n");
        Ok(())
    })
}
