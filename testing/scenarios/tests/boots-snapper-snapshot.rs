// SPDX-License-Identifier: MIT OR Apache-2.0
//! After an update that broke the kernel, its owner starts the system as an older snapshot by Snapper has it.

use lamboot_fixtures::btrfs::{Mounted, Shape, filled, subvolume};
use lamboot_fixtures::xfs::may_mount;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{Records, WAITING_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, Ending, scenario};
use std::fs;

/// As openSUSE lays it out.
const ROOT: &str = "@/.snapshots/1/snapshot";

#[test]
fn boots_snapper_snapshot() -> anyhow::Result<()> {
    if !may_mount() {
        return Ok(());
    }
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let root = BootFolder::in_root(lab, &built, "root")?;
        let shape = Shape { devices: 1, mib: 512, mkfs: "", mount: "rw" };
        let (image, ()) = filled(lab.folder(), "root", shape, |mounted| {
            subvolume(mounted, &["create"], "@")?;
            subvolume(mounted, &["create"], "@/.snapshots")?;
            fs::create_dir(mounted.root().join("@/.snapshots/1"))?;
            subvolume(mounted, &["create"], ROOT)?;
            root.copy_to(&mounted.root().join(ROOT))?;
            subvolume(mounted, &["set-default"], ROOT)?;
            snapshot(mounted, 2, "before the update")?;
            fs::write(mounted.root().join(ROOT).join(root.kernel()), "an update went wrong")?;
            snapshot(mounted, 3, "after the update")
        })?;
        let disk = disk_with_lamboot(&built)?.policy(WAITING_MENU).partition(&image.devices[0])?;
        let disk = lab.disk(disk)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        vm.serial().wait_for("> Rocky Linux")?;
        vm.serial().send(b"j")?;
        vm.serial().wait_for("> Snapshots of Rocky Linux")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("> #3 2026-11-23 10:15 UTC after the update")?;
        vm.serial().send(b"j")?;
        vm.serial().wait_for("> #2 2026-11-22 10:15 UTC before the update")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for(format!("{} rootflags=subvol=@/.snapshots/2/snapshot", root.marker()))?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let report = Records::read(&disk)?.report;
        anyhow::ensure!(report.entry_id.ends_with("-snapshots-2-snapshot"), "{}", report.entry_id);
        anyhow::ensure!(report.rejected.is_empty(), "{:?}", report.rejected);
        Ok(())
    })
}

/// A snapshot of the root, as `snapper create` makes it.
fn snapshot(mounted: &Mounted, number: u32, description: &str) -> anyhow::Result<()> {
    let folder = mounted.root().join(format!("@/.snapshots/{number}"));
    fs::create_dir(&folder)?;
    let root = mounted.root().join(ROOT).display().to_string();
    subvolume(mounted, &["snapshot", "-r", &root], &format!("@/.snapshots/{number}/snapshot"))?;
    let text = format!(
        "<?xml version=\"1.0\"?>\n<snapshot>\n  <type>single</type>\n  <num>{number}</num>\n  \
         <date>2026-11-2{number} 10:15:01</date>\n  <description>{description}</description>\n</snapshot>\n"
    );
    Ok(fs::write(folder.join("info.xml"), text)?)
}
