// SPDX-License-Identifier: MIT OR Apache-2.0
//! A system whose root is the default subvolume starts from there, not by the files of the same paths above it.

use lamboot_fixtures::btrfs::{Shape, filled, subvolume};
use lamboot_fixtures::xfs::may_mount;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, scenario};
use std::fs;

/// As openSUSE lays it out.
const ROOT: &str = "@/.snapshots/1/snapshot";

#[test]
fn boots_from_btrfs_default_subvolume() -> anyhow::Result<()> {
    if !may_mount() {
        return Ok(());
    }
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let above = BootFolder::in_root(lab, &built, "above")?;
        let root = BootFolder::in_root(lab, &built, "default")?;
        let shape = Shape { devices: 1, mib: 512, mkfs: "", mount: "rw" };
        let (image, ()) = filled(lab.folder(), "root", shape, |mounted| {
            above.copy_to(&mounted.root())?;
            fs::write(mounted.root().join(above.kernel()), "nothing that starts")?;
            subvolume(mounted, &["create"], "@")?;
            subvolume(mounted, &["create"], "@/.snapshots")?;
            fs::create_dir(mounted.root().join("@/.snapshots/1"))?;
            subvolume(mounted, &["create"], ROOT)?;
            root.copy_to(&mounted.root().join(ROOT))?;
            subvolume(mounted, &["set-default"], ROOT)
        })?;
        let disk = disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&image.devices[0])?;
        let disk = lab.disk(disk)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        root.comes_up(&mut vm)?;
        Ok(())
    })
}
