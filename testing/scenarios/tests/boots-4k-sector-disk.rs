// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system on a disk with sectors of 4096 bytes starts: its GPT, its EFI system partition and the XFS of its
//! `/boot` have them, too.

use lamboot_fixtures::xfs;
use lamboot_scenarios::boot_volume::{BootFolder, RHEL_9};
use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_4k_sector_disk() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::new(lab, &built, "large-sectors")?;
        let volume = lab.folder().join("boot.xfs");
        xfs::make_with_files(&format!("{RHEL_9} -s size=4096"), 320, boot.path(), &volume)?;
        let image = disk_with_lamboot(&built)?.policy(HIDDEN_MENU).large_sectors().esp(300);
        let disk = lab.disk(image.partition(&volume)?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).cold()?;
        boot.comes_up(&mut vm)?;
        anyhow::ensure!(Records::read(&disk)?.first(Event::BootAttempt).is_ok(), "nothing was recorded");
        Ok(())
    })
}
