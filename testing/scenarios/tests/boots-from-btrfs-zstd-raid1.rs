// SPDX-License-Identifier: MIT OR Apache-2.0
//! A compressed kernel on two disks starts where each disk has lost a part of it that the other has.

use anyhow::Context as _;
use lamboot_fixtures::btrfs::{Image, Place, Run, Shape, filled};
use lamboot_fixtures::xfs::may_mount;
use lamboot_scenarios::boot_volume::BootFolder;
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, DiskImage, scenario};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;

#[test]
fn boots_from_btrfs_zstd_raid1() -> anyhow::Result<()> {
    if !may_mount() {
        return Ok(());
    }
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let boot = BootFolder::in_root(lab, &built, "root")?;
        let shape =
            Shape { devices: 2, mib: 512, mkfs: "-d raid1 -m raid1", mount: "rw,compress-force=zstd" };
        let (image, runs) = filled(lab.folder(), "root", shape, |mounted| {
            boot.copy_to(&mounted.root())?;
            mounted.runs(&boot.kernel())
        })?;
        let compressed: Vec<&Run> = runs.iter().filter(|run| run.compressed).collect();
        let (first, last) = compressed.first().zip(compressed.last()).context("nothing is compressed")?;
        anyhow::ensure!(first != last, "{runs:?}");
        // Each disk would fail alone.
        damage(&image, on(first, 0)?)?;
        damage(&image, on(last, 1)?)?;
        let disk = disk_with_lamboot(&built)?.policy(HIDDEN_MENU).partition(&image.devices[0])?;
        let disk = lab.disk(disk)?;
        let other = lab.disk(DiskImage::gpt().partition(&image.devices[1])?)?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).disk(&other).cold()?;
        boot.comes_up(&mut vm)?;
        Ok(())
    })
}

/// The copy on this device.
fn on(run: &Run, device: usize) -> anyhow::Result<Place> {
    run.copies.iter().copied().find(|copy| copy.device == device).context("no copy there")
}

fn damage(image: &Image, place: Place) -> anyhow::Result<()> {
    let device = OpenOptions::new().write(true).open(&image.devices[place.device])?;
    Ok(device.write_all_at(&[0x5A; 512], place.at)?)
}
