// SPDX-License-Identifier: MIT OR Apache-2.0
//! An initrd of 700 MiB reaches Linux whole from an XFS volume.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, Ending, scenario};

const PADDING: u64 = 700 * 1024 * 1024;

#[test]
fn initrd_700_mib_from_xfs() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::with_padding(lab, &built, "boot", PADDING)?;
        let volume = lab.folder().join("boot.xfs");
        // `mkfs.xfs -p` writes over what is behind a group where a file does not fit into it, so groups are of 1 GiB.
        xfs::make_with_files(RHEL_9, 4096, boot.path(), &volume)?;
        std::fs::remove_dir_all(boot.path())?;
        let disk = lab.disk(disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&volume)?)?;
        std::fs::remove_file(&volume)?;
        let mut vm = lab.machine(Arch::X86_64).memory_mib(3072).disk(&disk).cold()?;
        vm.serial().wait_for(format!("LAMBOOT-TEST: padding {PADDING}"))?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        anyhow::ensure!(Records::read(&disk)?.report.metrics.initrd_bytes > PADDING);
        Ok(())
    })
}
