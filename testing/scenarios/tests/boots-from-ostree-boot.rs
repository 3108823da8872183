// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system that `OSTree` deploys starts by the entry behind the link `loader`, and is listed once.

use lamboot_fixtures::ext;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_from_ostree_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::of_ostree(lab, &built, "boot")?;
        let volume = lab.folder().join("boot.ext4");
        ext::make_with_files("-t ext4", 256, boot.path(), &volume)?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        boot.comes_up(&mut vm)?;
        let report = Records::read(&disk)?.report;
        anyhow::ensure!(report.rejected.is_empty(), "{:?}", report.rejected);
        Ok(())
    })
}
