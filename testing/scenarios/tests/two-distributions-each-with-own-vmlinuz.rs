// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two systems whose kernels, initrds and entries have the same names each start from their own volume.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{WAITING_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn two_distributions_each_with_own_vmlinuz() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut image = disk_with_lamboot(&built)?.policy(WAITING_MENU);
        let mut boots = Vec::new();
        for name in ["first", "second"] {
            let boot = BootFolder::new(lab, &built, name)?;
            let volume = lab.folder().join(name).with_extension("xfs");
            xfs::make_with_files(RHEL_9, 320, boot.path(), &volume)?;
            image = image.partition(&volume)?;
            boots.push(boot);
        }
        let disk = lab.disk(image)?;
        for (boot, keys) in boots.iter().zip([&b"\r"[..], b"j\r"]) {
            let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
            vm.serial().wait_for("> Rocky Linux")?;
            vm.serial().send(keys)?;
            boot.comes_up(&mut vm)?;
        }
        Ok(())
    })
}
