// SPDX-License-Identifier: MIT OR Apache-2.0
//! The whole way without LamBoot: power on, boot order, removable path, Linux's EFI stub, `/init`.
//!
//! It shows that kernel, initramfs and machine fit together, and how long that takes; when this fails,
//! other scenarios cannot be right.

use lamboot_scenarios::quiet_console;
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, LaunchPlan, scenario};

#[test]
fn kernel_stub_boots_from_cold() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = Initramfs::new(&built)?
            .run("mount_efivars && say efivars $(ls $efivars | wc -l)")
            .run("mount_esp /mnt && say initrd $(wc -c < /mnt/initrd)")
            .run("variable BootOrder 8be4df61-93ca-11d2-aa0d-00e098032b8c")
            .run("say kernel $(uname -r)")
            .build()?;
        let size = initrd.len();
        let plan = LaunchPlan::new()
            .program("/linux")
            .options(&format!(r"initrd=\initrd {}", quiet_console(&built)));
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), built.probe("launcher")?)
            .file("/linux", built.kernel()?)
            .file("/initrd", initrd)
            .launch(&plan);
        let mut vm = lab.machine(Arch::X86_64).disk(&lab.disk(image)?).cold()?;
        let variables = vm.serial().wait_for(lamboot_vm::Regex::new(r"LAMBOOT-TEST: efivars \d\d")?)?;
        anyhow::ensure!(!variables.contains("LAUNCHER"), "{variables}");
        vm.serial().wait_for(format!("LAMBOOT-TEST: initrd {size}"))?;
        vm.serial().wait_for("LAMBOOT-TEST: variable BootOrder = 07000000")?;
        vm.serial().wait_for(format!("LAMBOOT-TEST: kernel {}", built.kernel_version()?))?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        Ok(())
    })
}
